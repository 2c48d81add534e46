"""From records of navigation to its figures: success, SPL, likeness to the reference, collisions.

Success is final: the goal held when the robot stopped. Figures of a task are over its episodes, the
overall ones are macro means over tasks; the metrics themselves are in `navigation_metrics.py`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from handeye.experiments.evaluation.navigation_metrics import weighted_success
from handeye.experiments.records.episode import EpisodeRecord, NavigationRecord
from handeye.experiments.records.statistics import MacroMean, Rate, macro_mean

Walked = tuple[EpisodeRecord, NavigationRecord]


def navigation_summary(
    records: Sequence[EpisodeRecord], averaged: Collection[str]
) -> dict[str, dict[str, Any]]:
    """Figures per task and overall; episodes that were lost or got other words count nowhere.

    Args:
        records: of an evaluation; those without a navigation part are left out.
        averaged: the tasks that the overall figures are over.

    Returns:
        Nothing if no record is of navigation, else `{per_task: {task: row}, overall: row}`. A row
        holds `n`; `success` and `oracle_success`, of a task `{k, n, rate, wilson95}`, overall
        `{mean, interval95, tasks}`; `spl`, `ndtw` and `sdtw` as `{mean, interval95, tasks}`, the
        last two None where no task has a reference path; `collisions_per_m`, control ticks in
        contact per metre, None where nothing moved; `length_ratio`, the median of path length /
        shortest path over all episodes, failed ones too (overall the mean of the tasks' medians).
    """
    tasks: dict[str, list[Walked]] = {}
    for record in records:
        counted = record.condition == "true" and not record.worker_lost
        if counted and record.navigation is not None:
            tasks.setdefault(record.task, []).append((record, record.navigation))
    if not tasks:
        return {}
    overall = _overall({task: walked for task, walked in tasks.items() if task in averaged})
    rows = {task: _row({task: walked}) for task, walked in tasks.items()}
    for task, row in rows.items():
        row["success"] = Rate.of(_solved(tasks[task])).to_dict()
        row["oracle_success"] = Rate.of(_passed(tasks[task])).to_dict()
    return {"per_task": rows, "overall": overall}


def _overall(tasks: Mapping[str, Sequence[Walked]]) -> dict[str, Any]:
    success = macro_mean({task: _solved(walked) for task, walked in tasks.items()})
    passed = macro_mean({task: _passed(walked) for task, walked in tasks.items()})
    row = _row(tasks)
    return {**row, "success": success.to_dict(), "oracle_success": passed.to_dict()}


def _row(tasks: Mapping[str, Sequence[Walked]]) -> dict[str, Any]:
    """What a row says besides success."""
    spl = macro_mean({task: _spl(walked) for task, walked in tasks.items()})
    alike = macro_mean({task: _ndtw(walked) for task, walked in tasks.items()})
    solved = macro_mean({task: _sdtw(walked) for task, walked in tasks.items()})
    return {
        "n": sum(map(len, tasks.values())),
        "success": {},
        "oracle_success": {},
        "spl": spl.to_dict(),
        "ndtw": _unless_empty(alike),
        "sdtw": _unless_empty(solved),
        "collisions_per_m": _mean_of_known([_collisions_per_m(w) for w in tasks.values()]),
        "length_ratio": _mean_of_known([_length_ratio(w) for w in tasks.values()]),
    }


def _solved(walked: Sequence[Walked]) -> list[bool]:
    return [record.success for record, _ in walked]


def _passed(walked: Sequence[Walked]) -> list[bool]:
    """Oracle success: who stops at the goal has been there, whatever the record says."""
    return [record.success or way.oracle_success for record, way in walked]


def _spl(walked: Sequence[Walked]) -> list[float]:
    return [
        weighted_success(record.success, way.shortest_m, record.path_length_m)
        for record, way in walked
    ]


def _ndtw(walked: Sequence[Walked]) -> list[float]:
    return [way.ndtw for _, way in walked if way.ndtw is not None]


def _sdtw(walked: Sequence[Walked]) -> list[float]:
    return [way.ndtw * record.success for record, way in walked if way.ndtw is not None]


def _collisions_per_m(walked: Sequence[Walked]) -> float:
    """All ticks in contact over all metres; NaN where nothing moved."""
    moved_m = sum(record.path_length_m for record, _ in walked)
    return sum(way.collisions for _, way in walked) / moved_m if moved_m > 0 else math.nan


def _length_ratio(walked: Sequence[Walked]) -> float:
    """Median over episodes; NaN where every episode starts at its goal."""
    ratios = [record.path_length_m / way.shortest_m for record, way in walked if way.shortest_m > 0]
    return float(np.median(ratios)) if ratios else math.nan


def _unless_empty(mean: MacroMean) -> dict[str, Any] | None:
    return mean.to_dict() if mean.tasks else None


def _mean_of_known(values: Sequence[float]) -> float | None:
    known = [value for value in values if math.isfinite(value)]
    return float(np.mean(known)) if known else None
