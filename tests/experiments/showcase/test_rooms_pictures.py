"""The page about navigation says what the code says, and its example runs."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from handeye.envs.rooms.tasks import ROOM_SPLITS, ROOM_TASKS
from handeye.experiments.actors.load_policy import BASELINES
from handeye.experiments.records.markdown import insert
from handeye.experiments.showcase.rooms_pictures import (
    BEGIN,
    END,
    RoomsPicturesConfig,
    example,
    render,
    run,
)

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "rooms.md"
MOST_BYTES = 120_000


@pytest.mark.slow
def test_the_page_shows_what_the_code_says() -> None:
    text = PAGE.read_text()
    wanted = insert(text, render(), BEGIN, END)
    assert text == wanted, "run `python -m handeye.experiments.showcase.rooms_pictures`"


def test_every_task_split_and_baseline_is_on_the_page() -> None:
    text = PAGE.read_text()
    for name in (*ROOM_TASKS, *ROOM_SPLITS, *BASELINES):
        assert f"`{name}`" in text, name
    assert "detector from truth" in text


def test_the_examples_differ_by_split() -> None:
    assert example("object_goal", "seen") != example("object_goal", "phrasing")
    assert example("object_goal", "seen") == example("object_goal", "seen")


def test_pictures_of_the_page_are_there_and_light() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", PAGE.read_text())
    assert len(shown) == 3
    for link in shown:
        picture = PAGE.parent / link
        assert 5_000 < picture.stat().st_size <= MOST_BYTES, link


def test_links_lead_somewhere() -> None:
    for page in (PAGE, ROOT / "README.md"):
        for link in re.findall(r"\]\(((?!http)[^)#]+)\)", page.read_text()):
            assert (page.parent / link).exists(), (page.name, link)


@pytest.mark.slow
def test_pictures_and_page_are_written(tmp_path: Path) -> None:
    page = tmp_path / "rooms.md"
    page.write_text(f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    config = RoomsPicturesConfig(page, tmp_path / "pictures", height_px=64, frames=2)
    assert run(config) == 0
    strip = cv2.imread(str(tmp_path / "pictures" / "rooms_ego.png"))
    assert strip is not None
    assert strip.shape == (64, 2 * 64 + 4, 3)
    assert np.abs(strip[:, :64].astype(int) - strip[:, 68:]).mean() > 5  # it went somewhere
    assert (tmp_path / "pictures" / "rooms_map.svg").read_text().startswith("<svg")
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("# Before\n")
    assert text.endswith("After.\n")


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    exec(compile(code, str(PAGE), "exec"), {})
    printed = capsys.readouterr().out
    assert "(128, 128, 3)" in printed
    assert "False" in printed
