"""The bet that may be read at any time: its fortune by hand, its bounds, its mistakes."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from handeye.experiments.checks.sequential_test import SequentialTestConfig, looked_at
from handeye.experiments.records.betting import Wager


def test_the_fortune_is_a_mixture_of_all_fixed_bets() -> None:
    a, b = 2, 5

    def bet(share: float) -> float:
        return float(share**b * (1 - share) ** a * 2 ** (a + b) * stats.beta.pdf(share, 0.5, 0.5))

    mixed, _ = integrate.quad(bet, 0, 1)
    assert Wager(a, b).e_value == pytest.approx(mixed, rel=1e-6)


def test_a_fortune_by_hand() -> None:
    # After n wins in a row the bet of Krichevsky and Trofimov holds (2n)! / (n! n! 2^n).
    for n in (1, 2, 8):
        by_hand = math.factorial(2 * n) / (math.factorial(n) ** 2 * 2**n)
        assert Wager(0, n).e_value == pytest.approx(by_hand)
        assert Wager(n, 0).e_value == pytest.approx(by_hand)


def test_its_expectation_under_a_fair_coin_is_one() -> None:
    n = 12
    mean = sum(stats.binom.pmf(k, n, 0.5) * Wager(k, n - k).e_value for k in range(n + 1))
    assert mean == pytest.approx(1.0)


def test_equal_outcomes_change_nothing() -> None:
    wager = Wager().after(True, True).after(False, False)
    assert wager == Wager()
    assert wager.after(False, True).after(True, False) == Wager(1, 1)


def test_it_decides_at_one_over_alpha() -> None:
    undecided, decided = Wager(0, 6), Wager(0, 7)
    assert undecided.e_value < 20 < decided.e_value
    assert not undecided.decided()
    assert decided.decided()
    assert not decided.decided(alpha=0.01)


def test_the_bounds_are_where_the_fortune_is_one_over_alpha() -> None:
    low, high = Wager(10, 40).share_of_b()
    assert 0.5 < low < 0.8 < high < 1.0
    turned = Wager(40, 10).share_of_b()
    assert turned == pytest.approx((1 - high, 1 - low), abs=1e-9)
    assert Wager().share_of_b() == (0.0, 1.0)
    assert Wager(0, 9).share_of_b()[1] == 1.0
    assert (Wager(0, 7).share_of_b()[0] > 0.5) is Wager(0, 7).decided()


@pytest.mark.slow
def test_looking_all_the_time_is_wrong_in_at_most_one_run_of_twenty() -> None:
    config = SequentialTestConfig(runs=2000, pairs=100)
    equal = looked_at(np.random.default_rng(1), 0.25, 0.25, config)
    assert equal["decided"] <= 0.05 < equal["mcnemar"]
    assert equal["share_missed"] <= 0.05
    better = looked_at(np.random.default_rng(2), 0.05, 0.35, SequentialTestConfig(200, 100))
    assert better["decided"] > 0.9
    assert better["pairs_to_decide"] < 60
