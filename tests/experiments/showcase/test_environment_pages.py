"""The pages of environments say what the docstrings say, of every task."""

from pathlib import Path

import gymnasium
import pytest

import handeye.envs  # noqa: F401 - registers the ids
from handeye.envs.core.documentation import SECTIONS, sections
from handeye.experiments.showcase.environment_pages import (
    COMMAND,
    PAGES,
    EnvironmentPagesConfig,
    camel_case,
    render,
    run,
)

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_show_what_the_docstrings_say(name: str) -> None:
    text = (ROOT / "docs" / "environments" / name).read_text()
    assert text == render(PAGES[name]), f"run `{COMMAND}`"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_every_section_suite_and_task(name: str) -> None:
    page = PAGES[name]
    text = render(page)
    assert set(sections(page.env)) == set(SECTIONS)
    for heading in SECTIONS:
        assert f"\n## {heading}\n" in text
    for world in page.worlds:
        for suite, tasks in world.suites.items():
            assert f"### Suite `{suite}`" in text
            for task in tasks:
                assert f"#### `{task}`" in text
                told = f"`handeye/{camel_case(task)}-v1`. " in text
                assert told == (f"handeye/{camel_case(task)}-v1" in gymnasium.registry)
    assert "STOP_WITHIN_M" not in text


def test_the_pages_are_written(tmp_path: Path) -> None:
    assert run(EnvironmentPagesConfig(tmp_path)) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(PAGES)
