"""Published figures are recorded anew when the code has changed, and only then."""

import json
from pathlib import Path

import pytest

from handeye.experiments.showcase import record_rows
from handeye.experiments.showcase.record_rows import (
    ROWS,
    RecordRowsConfig,
    Row,
    is_recorded,
    read_rows,
    run,
)


def test_every_row_has_a_name_of_its_own_and_a_command_that_takes_a_folder() -> None:
    rows = read_rows(ROWS)
    assert len({row.name for row in rows}) == len(rows) > 40
    for row in rows:
        words = row.arguments(Path("runs") / row.name, Path("results") / f"{row.name}.json")
        assert f"results/{row.name}.json" in words
        assert ("--resume" in words) == (row.command.split()[0] == "evaluate")


def test_a_figure_of_other_code_is_due(tmp_path: Path) -> None:
    row = Row("nano", "evaluate")
    assert not is_recorded(tmp_path, row, "now")
    for content, there in (({"fingerprint": "now"}, True), ({"commit": "a"}, False), ([], False)):
        (tmp_path / "nano.json").write_text(json.dumps(content))
        assert is_recorded(tmp_path, row, "now") == there
    (tmp_path / "nano.json").write_text(json.dumps({"fingerprint": "before"}))
    assert not is_recorded(tmp_path, row, "now")


@pytest.mark.slow
def test_rows_are_recorded_once_and_a_failure_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.toml"
    rows.write_text(
        '[one]\nreach = "evaluate --policy.path oracle --suite reach --episodes 1 --workers 0"\n'
        'wrong = "evaluate --policy.path nobody"\n'
    )
    monkeypatch.setattr(record_rows, "ROWS", rows)
    config = RecordRowsConfig(results=tmp_path / "results", output_dir=tmp_path / "runs")
    assert run(config) == 1
    assert "wrong failed" in capsys.readouterr().err
    assert json.loads((tmp_path / "results" / "reach.json").read_text())["success"]["k"] == 1
    assert run(RecordRowsConfig("re*", tmp_path / "results", tmp_path / "runs")) == 0
    assert "1 of 1 rows are recorded" in capsys.readouterr().out
    with pytest.raises(ValueError, match="no row is named"):
        run(RecordRowsConfig("x"))
