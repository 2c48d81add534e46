"""Chains evaluated: the folder, the figures, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handeye.experiments.evaluation.chain_summary import average_interval, chain_summary
from handeye.experiments.evaluation.config import EvaluateConfig, PolicyFlags
from handeye.experiments.evaluation.evaluate import evaluate
from handeye.experiments.evaluation.plan import plan_evaluation
from handeye.experiments.records.chain import ChainRecord, SubtaskRecord
from handeye.experiments.records.episode import EpisodeRecord

TASKS = ("reach", "pick_up", "stack", "press_button", "move_drawer")
DONE = SubtaskRecord("reach", "reach it", True, True, (), (), "terminate", 2)


def chain(done: int) -> EpisodeRecord:
    """An episode in which so many instructions were carried out."""
    subtasks = [replace(DONE, task=task) for task in TASKS[:done]]
    if done < len(TASKS):
        subtasks.append(replace(DONE, task=TASKS[done], success=False, ended_by="limit"))
    record = ChainRecord(TASKS, tuple(subtasks))
    return EpisodeRecord(
        f"chain/{done}/true", "tabletop-chains", "chain", "seen", done, "true", "x", chain=record
    )


def test_figures_of_chains() -> None:
    records = [chain(0), chain(2), chain(5), chain(5)]
    figures = chain_summary(records, np.random.default_rng(0))
    assert figures is not None
    assert [rate["k"] for rate in figures["success_at"]] == [3, 3, 2, 2, 2]
    assert figures["average_length"] == sum(r["rate"] for r in figures["success_at"]) == 3.0
    assert figures["per_task"]["stack"]["causes"] == {"ran out of steps": 1}
    assert figures["per_task"]["reach"]["k"] == 3
    low, high = figures["interval95"]
    assert low < 3.0 < high
    assert chain_summary([replace(records[0], chain=None)], np.random.default_rng(0)) is None


def test_the_interval_is_that_of_a_mean() -> None:
    done = np.random.default_rng(1).integers(0, 6, 400)
    low, high = average_interval(done, np.random.default_rng(0))
    assert high - low == pytest.approx(2 * 1.96 * done.std() / 20, rel=0.05)


def test_a_side_effect_is_a_cause_where_the_goal_was_reached() -> None:
    spoilt = replace(DONE, success=False, side_effects=("moved red block 4 cm",))
    assert spoilt.cause == "side effect"
    assert replace(spoilt, goal_reached=False).cause == "said that it was done"
    assert DONE.cause == ""


@pytest.mark.slow
def test_the_oracle_carries_out_chains(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    config = EvaluateConfig(
        PolicyFlags("oracle"), folder, suite="tabletop-chains", episodes=1, workers=0, films=0
    )
    info = evaluate(config).info
    assert info["chains"]["average_length"] == 5.0
    assert (folder / "plots" / "survival.png").exists()
    assert "Instructions in a row" in (folder / "report.html").read_text()
    line = json.loads((folder / "episodes.jsonl").read_text())
    record = EpisodeRecord.from_dict(line)
    assert record.chain is not None
    assert record.goal_conditions == (5, 5)
    assert record.instruction.count("; ") >= 4


def test_the_instruction_test_is_for_single_instructions(tmp_path: Path) -> None:
    config = EvaluateConfig(
        PolicyFlags("oracle"), tmp_path, suite="tabletop-chains", necessity_episodes=2
    )
    with pytest.raises(ValueError, match="tabletop-mixed"):
        plan_evaluation(config)
