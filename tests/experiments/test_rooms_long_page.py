"""The page about long instructions in apartments says what the code says."""

from pathlib import Path

from handeye.envs.long_rooms import KINDS
from handeye.experiments.rooms_long_page import BEGIN, END, RoomsLongPageConfig, render, run
from handeye.experiments.tables import insert

PAGE = Path(__file__).parents[2] / "docs" / "rooms_long.md"


def test_the_page_shows_what_the_code_says() -> None:
    text = PAGE.read_text()
    wanted = insert(text, render(), BEGIN, END)
    assert text == wanted, "run `python -m handeye.experiments.rooms_long_page`"
    assert all(f"`{name}`" in text for name in KINDS)


def test_the_command_writes_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nOUTDATED\n{END}\nafter\n")
    assert run(RoomsLongPageConfig(page)) == 0
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "OUTDATED" not in text
