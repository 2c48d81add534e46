"""Published figures are recorded anew when the code has changed, and only then."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import tyro

from handeye.experiments.evaluation.config import EvaluateConfig
from handeye.experiments.evaluation.plan import plan_evaluation
from handeye.experiments.records.episode_lines import episode_lines_path, read_episode_lines
from handeye.experiments.records.schemas import EVALUATION_FORMAT
from handeye.experiments.showcase import record_rows
from handeye.experiments.showcase.record_rows import (
    ROWS,
    RecordRowsConfig,
    Row,
    is_recorded,
    read_rows,
    run,
)

ROOT = Path(__file__).parents[3]


def evaluations() -> list[Path]:
    """Return published evaluations that were judged strictly; older ones have no episodes."""
    return [path for path in sorted((ROOT / "results").glob("*.json")) if is_strict(path)]


def is_strict(path: Path) -> bool:
    """Return whether a file is an evaluation of the present schema."""
    info = json.loads(path.read_text())
    return isinstance(info, dict) and info.get("format") == EVALUATION_FORMAT


def test_every_row_has_a_name_of_its_own_and_a_command_that_takes_a_folder() -> None:
    rows = read_rows(ROWS)
    assert len({row.name for row in rows}) == len(rows) > 40
    for row in rows:
        words = row.arguments(Path("runs") / row.name, Path("results") / f"{row.name}.json")
        assert f"results/{row.name}.json" in words
        assert ("--resume" in words) == (row.command.split()[0] == "evaluate")


@pytest.mark.slow
def test_every_evaluation_among_the_rows_can_be_planned(tmp_path: Path) -> None:
    for row in read_rows(ROWS):
        command, *flags = row.command.split()
        if command != "evaluate":
            continue
        args = [*flags, "--output_dir", str(tmp_path / row.name)]
        config = tyro.cli(EvaluateConfig, args=args, use_underscores=True)
        assert plan_evaluation(config).jobs, row.name


def test_a_figure_of_other_code_is_due(tmp_path: Path) -> None:
    row = Row("nano", "evaluate")
    assert not is_recorded(tmp_path, row, "now")
    for content, there in (({"fingerprint": "now"}, True), ({"commit": "a"}, False), ([], False)):
        (tmp_path / "nano.json").write_text(json.dumps(content))
        assert is_recorded(tmp_path, row, "now") == there
    (tmp_path / "nano.json").write_text(json.dumps({"fingerprint": "before"}))
    assert not is_recorded(tmp_path, row, "now")


@pytest.mark.heavy
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
    waiting = tmp_path / "results" / "next" / "reach.json"  # for the row that failed
    assert json.loads(waiting.read_text())["success"]["k"] == 1
    assert run(RecordRowsConfig("re*", tmp_path / "results", tmp_path / "runs")) == 0
    assert "1 of 1 rows are recorded" in capsys.readouterr().out
    with pytest.raises(ValueError, match="no row is named"):
        run(RecordRowsConfig("x"))
    rows.write_text(rows.read_text().splitlines()[0] + "\n" + rows.read_text().splitlines()[1])
    assert run(RecordRowsConfig(results=tmp_path / "results", output_dir=tmp_path / "runs")) == 0
    published = tmp_path / "results" / "reach.json"
    assert not waiting.parent.exists()
    assert recomputed(published) == json.loads(published.read_text())["success"]["rate"] == 1.0


def recomputed(result: Path) -> float:
    """Return the macro mean of a row's episodes, as docs/trust.md recomputes it."""
    with gzip.open(result.parent / "episodes" / f"{result.stem}.jsonl.gz", "rt") as lines:
        records = [one for one in map(json.loads, lines) if not one["worker_lost"]]
    true = [one for one in records if one["condition"] == "true"]
    tasks = {one["task"] for one in true}
    rates = [np.mean([one["success"] for one in true if one["task"] == task]) for task in tasks]
    return float(np.mean(rates))


@pytest.mark.parametrize("result", evaluations(), ids=lambda path: path.stem)
def test_every_published_rate_can_be_recomputed_from_its_episodes(result: Path) -> None:
    info = json.loads(result.read_text())
    records = read_episode_lines(episode_lines_path(result))
    true = [r for r in records if r.condition == "true" and not r.worker_lost]
    assert (sum(r.success for r in true), len(true)) == (info["success"]["k"], info["success"]["n"])
    for task, rate in info["per_task"].items():
        assert sum(r.success for r in true if r.task == task) == rate["k"]
    assert {r.suite for r in true} == {info["suite"]}
