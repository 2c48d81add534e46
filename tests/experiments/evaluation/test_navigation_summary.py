"""Figures of navigation from records worked out by hand."""

import json
from dataclasses import replace
from typing import Any

import pytest

from handeye.experiments.evaluation.navigation_summary import navigation_summary
from handeye.experiments.records.episode import EpisodeRecord, NavigationRecord
from handeye.experiments.records.statistics import macro_mean, wilson_interval


def walked(
    task: str,
    solved: bool,
    length_m: float,
    *,
    shortest_m: float = 4.0,
    collisions: int = 0,
    ndtw: float | None = None,
    passed: bool = False,
) -> EpisodeRecord:
    way = NavigationRecord(shortest_m, ((0.0, 0.0),), collisions, ndtw, passed or solved)
    return EpisodeRecord(
        f"{task}/1000000/true", "rooms", task, "unseen", 1_000_000, "true", "oracle",
        success=solved, path_length_m=length_m, navigation=way,
    )  # fmt: skip


RECORDS = [
    walked("object_goal", True, 4.0),
    walked("object_goal", True, 8.0, collisions=3),
    walked("object_goal", False, 12.0, collisions=9, passed=True),
    walked("object_goal", False, 0.0),
    walked("route", True, 5.0, ndtw=0.9),
    walked("route", False, 5.0, ndtw=0.4),
]


def summary(records: list[EpisodeRecord]) -> dict[str, Any]:
    return navigation_summary(records, ("object_goal", "route"))


def test_a_task_by_hand() -> None:
    row = summary(RECORDS)["per_task"]["object_goal"]
    assert row["n"] == 4
    assert row["success"]["rate"] == 0.5
    assert row["success"]["wilson95"] == list(wilson_interval(2, 4))
    assert row["spl"]["mean"] == pytest.approx((1 + 0.5 + 0 + 0) / 4)
    assert (row["oracle_success"]["k"], row["oracle_success"]["n"]) == (3, 4)
    assert row["collisions_per_m"] == pytest.approx(12 / 24)
    assert row["length_ratio"] == pytest.approx(1.5)  # the median of 0, 1, 2 and 3
    assert row["ndtw"] is None
    assert row["sdtw"] is None


def test_a_task_with_reference_paths_by_hand() -> None:
    row = summary(RECORDS)["per_task"]["route"]
    assert row["ndtw"]["mean"] == pytest.approx(0.65)
    assert row["sdtw"]["mean"] == pytest.approx(0.45)  # the failure counts 0
    assert row["spl"]["mean"] == pytest.approx((4 / 5) / 2)


def test_overall_weighs_tasks_alike() -> None:
    row = summary(RECORDS)["overall"]
    assert row["n"] == 6
    assert (row["success"]["mean"], row["success"]["tasks"]) == (0.5, 2)
    assert row["spl"]["mean"] == pytest.approx((0.375 + 0.4) / 2)
    assert row["oracle_success"]["mean"] == pytest.approx((0.75 + 0.5) / 2)
    assert (row["sdtw"]["mean"], row["sdtw"]["tasks"]) == (pytest.approx(0.45), 1)
    assert row["collisions_per_m"] == pytest.approx(0.25)
    assert row["length_ratio"] == pytest.approx((1.5 + 1.25) / 2)
    low, high = row["spl"]["interval95"]
    assert 0.0 <= low < row["spl"]["mean"] < high <= 1.0


def test_success_has_the_interval_of_the_success_table() -> None:
    outcomes = {"object_goal": [True, True, False, False], "route": [True, False]}
    table = macro_mean(outcomes)
    assert summary(RECORDS)["overall"]["success"] == table.to_dict()


def test_the_overall_row_is_over_the_tasks_named() -> None:
    row = navigation_summary(RECORDS, ("route",))
    assert set(row["per_task"]) == {"object_goal", "route"}
    assert (row["overall"]["n"], row["overall"]["success"]["tasks"]) == (2, 1)


def test_only_true_words_and_episodes_that_ran_count() -> None:
    lost = replace(RECORDS[0], worker_lost=True, success=False)
    blank = replace(RECORDS[0], condition="blank", success=False)
    assert summary([*RECORDS, lost, blank]) == summary(RECORDS)


def test_no_navigation_no_figures() -> None:
    assert summary([replace(RECORDS[0], navigation=None)]) == {}


def test_nothing_moved_is_no_rate_of_collisions() -> None:
    row = summary([walked("object_goal", False, 0.0)])["overall"]
    assert row["collisions_per_m"] is None
    assert row["spl"]["interval95"] == list(wilson_interval(0, 1))


def test_the_summary_is_json_and_repeats() -> None:
    first = summary(RECORDS)
    assert json.loads(json.dumps(first, allow_nan=False)) == first == summary(RECORDS)
