"""A small simulation of what the script simulates at length."""

import numpy as np
import pytest

from handeye.experiments.checks.interval_coverage import (
    INTERVALS,
    LAYOUTS,
    coverage,
    of_rate,
    paired_coverage,
)
from handeye.experiments.records.statistics import Stratum


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rates", "tasks", "episodes"),
    [("0.95 to 1", 8, 50), ("from hard to easy", 5, 50), ("all near 0.5", 4, 20)],
)
def test_stratified_intervals_hold_as_often_as_they_say(
    rates: str, tasks: int, episodes: int
) -> None:
    rng = np.random.default_rng(0)
    assert 0.93 <= coverage(LAYOUTS[rates], tasks, episodes, 3000, rng) <= 0.97


@pytest.mark.slow
def test_intervals_of_differences_hold_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    assert 0.92 <= paired_coverage(LAYOUTS["0.8 to 1"], 4, 50, 600, rng) <= 0.98


def test_every_interval_that_is_simulated_holds_the_mean() -> None:
    assert of_rate(0.75, 4) == Stratum.of([1, 1, 1, 0])
    for interval in INTERVALS.values():
        low, high = interval([of_rate(0.5, 10), of_rate(0.9, 10)])
        assert low < 0.7 < high
