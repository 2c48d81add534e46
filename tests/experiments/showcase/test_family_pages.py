"""The pages of families say what the code says, of every family."""

from pathlib import Path

import pytest

from handeye.experiments.showcase.family_pages import COMMAND, RESULT, pages, rows_of
from handeye.perception.families.registry import FAMILIES

ROOT = Path(__file__).parents[3]
MOST_LINES = 150  # of a family's file


@pytest.mark.slow
def test_the_pages_show_what_the_code_says() -> None:
    for name, text in pages(rows_of(ROOT / RESULT)).items():
        assert (ROOT / "docs" / name).read_text() == text, f"run `{COMMAND}`"


def test_every_family_has_a_page_and_a_short_file() -> None:
    for name, where in FAMILIES.items():
        text = (ROOT / "docs" / "families" / f"{name}.md").read_text()
        assert "arXiv" in text
        module = where.partition(":")[0].removeprefix("handeye.").replace(".", "/")
        assert len((ROOT / f"{module}.py").read_text().splitlines()) <= MOST_LINES
