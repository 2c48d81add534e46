"""Rates and intervals against hand-worked and published figures."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.experiments.records.statistics import (
    Rate,
    Stratum,
    macro_mean,
    stratified_interval,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (25, 50, 0.366, 0.634),  # protocols: n = 50 at 50 % gives 37 to 63 %
        (100, 200, 0.431, 0.569),
        (475, 500, 0.927, 0.966),
        (0, 10, 0.0, 0.278),  # z^2 / (n + z^2) = 3.8415 / 13.8415
        (10, 10, 0.722, 1.0),
        (81, 263, 0.255, 0.366),  # Newcombe 1998, table I
        (1, 29, 0.006, 0.172),
    ],
)
def test_wilson(k: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(k, n) == pytest.approx((low, high), abs=6e-4)


def test_wilson_of_nothing_and_nonsense() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(0, 7)[0] == 0.0
    assert wilson_interval(7, 7)[1] == 1.0
    with pytest.raises(ValueError, match="k = 3 successes of n = 2"):
        wilson_interval(3, 2)


@pytest.mark.slow
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_rate_and_mirrors(counts: tuple[int, int]) -> None:
    k, n = counts
    low, high = wilson_interval(k, n)
    assert 0.0 <= low <= k / n <= high <= 1.0
    assert wilson_interval(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_rate_to_json() -> None:
    assert Rate.of([True, False, True, True]).to_dict()["rate"] == 0.75
    empty = Rate.of([])
    assert math.isnan(empty.rate)
    assert empty.to_dict() == {"k": 0, "n": 0, "rate": None, "wilson95": [0.0, 1.0]}


def test_macro_mean_weighs_tasks_alike() -> None:
    result = macro_mean({"a": [True] * 10, "b": [False] * 30, "none": []})
    assert (result.mean, result.tasks) == (0.5, 2)


def test_macro_mean_of_one_task_is_wilsons() -> None:
    for k in range(13):
        solved = [True] * k + [False] * (12 - k)
        assert macro_mean({"a": solved}).interval95 == pytest.approx(wilson_interval(k, 12))


def test_macro_mean_of_equal_tasks_is_as_wide_as_the_binomial() -> None:
    outcomes = {name: [True, False] * 50 for name in "abcd"}
    assert macro_mean(outcomes).interval95 == pytest.approx(wilson_interval(200, 400), abs=1e-3)


def test_tasks_are_not_resampled() -> None:
    """Half of the tasks certain, half hopeless: more episodes make it sharper, not more tasks."""
    outcomes = {name: [name in "ab"] * 100 + [name not in "ab"] for name in "abcd"}
    low, high = macro_mean(outcomes).interval95
    assert high - low < 0.03


def test_shares_vary_less_than_successes() -> None:
    shares = macro_mean({"a": [0.4, 0.6] * 50})
    solved = macro_mean({"a": [0.0, 1.0] * 50})
    assert shares.mean == pytest.approx(solved.mean)
    assert np.ptp(shares.interval95) < np.ptp(solved.interval95) / 4


def test_macro_mean_of_episodes_that_all_ended_alike_is_not_certain() -> None:
    solved = macro_mean({"a": [True] * 5, "b": [True] * 5})
    assert (solved.mean, solved.interval95) == (1.0, wilson_interval(10, 10))
    failed = macro_mean({"a": [0.0] * 4, "b": [0.0]})
    assert failed.mean == failed.interval95[0] == 0.0
    assert failed.interval95[1] > wilson_interval(0, 5)[1]  # The task of one weighs as much.


def test_macro_mean_of_nothing() -> None:
    assert math.isnan(macro_mean({}).mean)
    assert macro_mean({"a": []}).interval95 == (0.0, 1.0)
    assert macro_mean({"a": [True]}).interval95 == wilson_interval(1, 1)
    assert macro_mean({"a": [True], "b": [False]}).interval95 == wilson_interval(1, 2)


@given(st.lists(st.integers(1, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
                min_size=1, max_size=6))  # fmt: skip
def test_macro_intervals_hold_the_mean(counts: list[tuple[int, int]]) -> None:
    outcomes = {str(i): [True] * k + [False] * (n - k) for i, (k, n) in enumerate(counts)}
    result = macro_mean(outcomes)
    low, high = result.interval95
    assert 0.0 <= low <= result.mean + 1e-12
    assert result.mean - 1e-12 <= high <= 1.0
    turned = macro_mean({name: [not one for one in row] for name, row in outcomes.items()})
    assert turned.interval95 == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_more_confidence_is_wider() -> None:
    strata = [Stratum.of([True, False, True]), Stratum.of([True, True, False, True])]
    low, high = stratified_interval(strata, 0.99)
    inner_low, inner_high = stratified_interval(strata)
    assert low < inner_low < inner_high < high
