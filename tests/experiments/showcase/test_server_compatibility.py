"""The conformance matrix is what the tapes say, and the docs show it."""

from pathlib import Path
from typing import Any

import pytest

from handeye.base.json_reader import read_json
from handeye.experiments.showcase.server_compatibility import (
    BEGIN,
    END,
    ConformanceConfig,
    findings,
    run,
    table,
    with_table,
)

ROOT = Path(__file__).parents[3]
TAPES = ROOT / "tests" / "agents" / "exchanges"


@pytest.mark.slow
def test_docs_and_results_show_what_the_tapes_say(tmp_path: Path) -> None:
    page = ROOT / "docs" / "language_models.md"
    (tmp_path / "page.md").write_text(page.read_text())
    config = ConformanceConfig(TAPES, tmp_path / "found.json", tmp_path / "page.md")
    assert run(config) == 0
    assert (tmp_path / "page.md").read_text() == page.read_text()
    assert read_json(tmp_path / "found.json", Any) == read_json(
        ROOT / "results" / "conformance.json", Any
    )


def test_the_matrix_stands_between_its_marks() -> None:
    page = with_table(f"before\n{BEGIN}\nold\n{END}\nafter\n", "new")
    assert page == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    with pytest.raises(ValueError, match="needs the lines"):
        with_table("no marks", "new")


def test_a_server_is_a_column() -> None:
    found = [
        {"server": name, "model": "m", "weights_sha256": "abcdef0123456789",
         "abilities": {"tools": True, "images": False}, "behaviour": {"`stream`": "kept"}}
        for name in ("one", "two")
    ]  # fmt: skip
    lines = table(found).splitlines()
    assert lines[0] == "| asked for | one | two |"
    assert "| `stream` | kept | kept |" in lines
    assert "tools | tools |" in lines[3]
    assert lines[-1] == "Served: m (weights sha256 abcdef012345)."


def test_no_tapes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="make test-servers"):
        findings(tmp_path)
