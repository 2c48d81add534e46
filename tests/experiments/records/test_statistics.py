"""Statistics against figures worked out by hand or published with the methods."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.experiments.records.statistics import (
    Rate,
    barnard,
    beta_interval,
    enough_episodes,
    holm,
    macro_mean,
    macro_mean_of_shares,
    mcnemar,
    minimum_detectable_paired,
    minimum_detectable_unpaired,
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
    outcomes = {"reach": [True] * 90 + [False] * 10, "stack": [True, False], "none": []}
    result = macro_mean(outcomes, np.random.default_rng(0))
    assert result.mean == pytest.approx((0.9 + 0.5) / 2)
    assert result.tasks == 2
    low, high = result.interval95
    assert low < result.mean < high


def test_macro_mean_of_equal_tasks_is_as_wide_as_the_binomial() -> None:
    # 16 tasks of 25 at 80 %: sd of the mean is sqrt(.8 * .2 / 400) = 0.02; clusters add little.
    outcomes = {str(i): [True] * 20 + [False] * 5 for i in range(16)}
    low, high = macro_mean(outcomes, np.random.default_rng(1), resamples=20_000).interval95
    assert (high - low) / (2 * 1.96) == pytest.approx(0.02, rel=0.05)


def test_macro_mean_knows_the_spread_between_tasks() -> None:
    # Half the tasks always succeed and half never: all the uncertainty is which tasks were drawn.
    outcomes = {str(i): [i % 2 == 0] * 100 for i in range(8)}
    low, high = macro_mean(outcomes, np.random.default_rng(2)).interval95
    assert high - low > 0.5


def test_shares_that_are_successes_have_the_macro_mean_of_successes() -> None:
    solved = {str(i): [True] * 20 + [False] * (i + 1) for i in range(6)}
    shares = {task: [float(one) for one in values] for task, values in solved.items()}
    theirs = macro_mean(solved, np.random.default_rng(0), resamples=20_000)
    ours = macro_mean_of_shares(shares, np.random.default_rng(1), resamples=20_000)
    assert (ours.mean, ours.tasks) == (pytest.approx(theirs.mean), 6)
    assert ours.interval95 == pytest.approx(theirs.interval95, abs=0.004)


def test_shares_of_one_task_are_as_wide_as_their_standard_error() -> None:
    # sd of 0.2 and 0.8 in equal parts is 0.3; of the mean of 100 it is 0.03.
    alone = macro_mean_of_shares({"a": [0.2, 0.8] * 50, "none": []}, np.random.default_rng(0))
    low, high = alone.interval95
    assert (alone.mean, alone.tasks) == (pytest.approx(0.5), 1)
    assert (high - low) / (2 * 1.96) == pytest.approx(0.03, rel=0.1)


def test_shares_that_are_all_alike_are_not_certain() -> None:
    lost = macro_mean_of_shares({"a": [0.0] * 4, "b": [0.0]}, np.random.default_rng(0))
    assert (lost.mean, lost.interval95) == (0.0, wilson_interval(0, 5))
    assert math.isnan(macro_mean_of_shares({"a": []}, np.random.default_rng(0)).mean)


def test_macro_mean_of_episodes_that_all_ended_alike_is_not_certain() -> None:
    solved = macro_mean({"a": [True] * 5, "b": [True] * 5}, np.random.default_rng(0))
    assert (solved.mean, solved.interval95) == (1.0, wilson_interval(10, 10))
    failed = macro_mean({"a": [False] * 4, "b": [False]}, np.random.default_rng(0))
    assert (failed.mean, failed.interval95) == (0.0, wilson_interval(0, 5))


def test_macro_mean_same_seed_same_interval() -> None:
    outcomes = {"a": [True, False, True], "b": [False, False, True]}
    assert macro_mean(outcomes, np.random.default_rng(3)) == macro_mean(
        outcomes, np.random.default_rng(3)
    )
    assert math.isnan(macro_mean({}, np.random.default_rng(0)).mean)


def test_beta_interval() -> None:
    # Beta(1, 1) is uniform; Beta(2, 1) has cdf x^2, so its quantile is sqrt(q).
    assert beta_interval(0, 0) == pytest.approx((0.025, 0.975))
    assert beta_interval(1, 1) == pytest.approx((math.sqrt(0.025), math.sqrt(0.975)))
    with pytest.raises(ValueError, match="impossible"):
        beta_interval(-1, 3)


def test_adaptive_stop() -> None:
    assert not enough_episodes(0, 0)
    assert not enough_episodes(20, 20)  # Beta(21, 1): from 0.839 to 0.999
    assert enough_episodes(30, 30)  # Beta(31, 1): from 0.888 to 0.999
    assert not enough_episodes(90, 180)
    assert enough_episodes(98, 196)  # half rate is 14 points wide at about 192
    assert enough_episodes(100, 200)


def test_mcnemar_counts_discordant_pairs() -> None:
    a = [True] * 6 + [False] * 1 + [True] * 10 + [False] * 3
    b = [False] * 6 + [True] * 1 + [True] * 10 + [False] * 3
    result = mcnemar(a, b)
    assert (result.only_a, result.only_b, result.n) == (6, 1, 20)
    # Two-sided exact: 2 * (C(7,0) + C(7,1)) / 2^7 = 16 / 128.
    assert result.p_value == pytest.approx(0.125)


def test_mcnemar_of_twins_and_of_unequal_lists() -> None:
    assert mcnemar([True, False], [True, False]).p_value == 1.0
    assert mcnemar([], []).detectable == 1.0
    with pytest.raises(ValueError, match="one seed set"):
        mcnemar([True], [True, False])


def test_minimum_detectable_paired() -> None:
    # Connor: d sqrt(n) = 1.96 sqrt(s) + 0.8416 sqrt(s - d^2), s = 0.2, n = 200.
    difference = minimum_detectable_paired(200, 0.2)
    right = 1.95996 * math.sqrt(0.2) + 0.84162 * math.sqrt(0.2 - difference**2)
    assert difference * math.sqrt(200) == pytest.approx(right, rel=1e-4)
    assert minimum_detectable_paired(800, 0.2) < difference < minimum_detectable_paired(50, 0.2)


def test_minimum_detectable_unpaired_matches_the_protocol() -> None:
    # Telling 95 from 97 % at 80 % power takes about 1,500 episodes an arm.
    assert minimum_detectable_unpaired(0.97, 1500) == pytest.approx(0.02, abs=0.001)
    assert minimum_detectable_unpaired(0.5, 0) == 1.0


def test_barnard_on_published_tables() -> None:
    # scipy's worked example (Mato & Andres): 7 of 15 against 12 of 15.
    assert barnard(7, 15, 12, 15) == pytest.approx(0.0682, abs=1e-3)
    assert barnard(5, 10, 5, 10) == pytest.approx(1.0)
    assert barnard(0, 0, 1, 2) == 1.0


def test_holm_by_hand() -> None:
    # Sorted .01 .02 .03 .04 times 4 3 2 1, made monotone: .04 .06 .06 .06.
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
