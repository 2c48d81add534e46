"""The page about long instructions says what the code says."""

from pathlib import Path

from handeye.envs.long_tasks import KINDS
from handeye.experiments.long_instructions import (
    BEGIN,
    END,
    LongInstructionsConfig,
    example,
    render,
    run,
)

PAGE = Path(__file__).parents[2] / "docs" / "tabletop_long.md"


def test_the_page_is_what_the_code_says() -> None:
    told = PAGE.read_text().split(BEGIN)[1].split(END)[0].strip()
    assert told == render(), "run python -m handeye.experiments.long_instructions"


def test_every_kind_has_an_example_in_each_vagueness() -> None:
    rows = [line for line in render().splitlines() if line.startswith("| `")]
    assert len(rows) > len(KINDS)
    assert example("stow", "vague") == example("stow", "vague")


def test_the_command_writes_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert run(LongInstructionsConfig(page)) == 0
    text = page.read_text()
    assert text.startswith("before")
    assert text.endswith("after\n")
    assert "`stow_and_close`" in text
    assert "old" not in text.split(BEGIN)[1].split("|")[0]
