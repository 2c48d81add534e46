"""The tables of docs/trust.md."""

import pytest

from handeye.experiments.records.provenance import ROOT
from handeye.experiments.showcase.result_pages import load_results
from handeye.experiments.showcase.trust_page import BEGIN, END, adversaries_tables, trust_page


def row(task: str, adversary: str, k: int, verdict: str = "within") -> dict[str, object]:
    return {
        "suite": "rooms" if task == "patrol" else "table", "task": task, "adversary": adversary,
        "k": k, "n": 20, "chance": 0.25, "verdict": verdict,
    }  # fmt: skip


MEASURED = {
    "rows": [
        row("reach", "sweeper", 1),
        row("reach", "random", 0),
        row("sort", "sweeper", 18, "beats chance"),
        row("patrol", "tour", 20, "shown"),
    ],
    "command": "python -m it",
    "commit": "abc",
}


def test_who_wins_is_named_and_bold() -> None:
    text = adversaries_tables(MEASURED)
    assert "Of 3 pairs of an adversary and a task that tests words, 1 beat chance" in text
    assert "until they are mended: sweeper in sort." in text
    assert "words say everything: patrol." in text
    assert "| task | n | chance | sweeper | random |" in text
    assert "| reach | 20 | 25.0 % | 5.0 % | 0.0 % |" in text
    assert "| sort | 20 | 25.0 % | **90.0 %** |  |" in text
    assert "| patrol | 20 | 25.0 % | 100.0 % |" in text
    assert "`python -m it`, commit abc." in text


def test_the_page_needs_its_markers_and_says_where_nothing_is_measured() -> None:
    assert "Nothing has been measured yet." in trust_page(f"{BEGIN}\n{END}", {})
    with pytest.raises(ValueError, match="needs the lines"):
        trust_page("# Trust", {})


def test_the_page_is_what_the_recorded_files_give() -> None:
    page = (ROOT / "docs" / "trust.md").read_text()
    assert trust_page(page, load_results(ROOT / "results").files) == page
