"""The pages about long instructions say what the code says."""

from pathlib import Path

import pytest

from handeye.envs.rooms import long as long_rooms
from handeye.envs.tabletop.long import KINDS
from handeye.experiments.showcase.long_pages import BEGIN, END, PAGES, LongPagesConfig, example, run

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_what_the_code_says(name: str) -> None:
    told = (DOCS / name).read_text().split(BEGIN)[1].split(END)[0].strip()
    assert told == PAGES[name](), "run python -m handeye.experiments.showcase.long_pages"


@pytest.mark.parametrize(
    ("name", "kinds"), [("tabletop_long.md", KINDS), ("rooms_long.md", long_rooms.KINDS)]
)
def test_every_kind_is_listed(name: str, kinds: dict[str, object]) -> None:
    text = PAGES[name]()
    assert all(f"| `{kind}` |" in text for kind in kinds)


def test_examples_are_the_same_every_time() -> None:
    assert example("stow", "vague") == example("stow", "vague")


@pytest.mark.slow
def test_the_command_writes_between_the_markers(tmp_path: Path) -> None:
    for name in PAGES:
        (tmp_path / name).write_text(f"before\n{BEGIN}\nOUTDATED\n{END}\nafter\n")
    assert run(LongPagesConfig(tmp_path)) == 0
    for name, render in PAGES.items():
        text = (tmp_path / name).read_text()
        assert text.startswith("before\n")
        assert text.endswith("after\n")
        assert render() in text
        assert "OUTDATED" not in text
