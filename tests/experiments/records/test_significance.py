"""Comparisons against hand-worked, published and brute-force figures."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from handeye.experiments.records.significance import (
    barnard,
    episodes_needed,
    holm,
    mcnemar,
    minimum_detectable_paired,
    minimum_detectable_unpaired,
    paired_difference,
    pairs_needed,
    unpaired_difference,
)


def pairs(both: int, only_a: int, only_b: int, neither: int) -> tuple[list[bool], list[bool]]:
    a = [True] * both + [True] * only_a + [False] * only_b + [False] * neither
    b = [True] * both + [False] * only_a + [True] * only_b + [False] * neither
    return a, b


def solved(k: int, n: int) -> list[bool]:
    return [True] * k + [False] * (n - k)


def test_mcnemar_counts_discordant_pairs() -> None:
    result = mcnemar(*pairs(10, 6, 1, 3))
    assert (result.only_a, result.only_b, result.n) == (6, 1, 20)
    assert result.discordant_share == 0.35
    # Two-sided exact: 2 * (C(7,0) + C(7,1)) / 2^7 = 16 / 128.
    assert result.p_value == pytest.approx(0.125)


def test_mcnemar_is_brute_force() -> None:
    for n in range(1, 13):
        tosses = [sum(one) for one in itertools.product((0, 1), repeat=n)]
        for k in range(n + 1):
            p_value = mcnemar(*pairs(3, k, n - k, 2)).p_value
            as_far = sum(abs(2 * one - n) >= abs(2 * k - n) for one in tosses)
            assert p_value == pytest.approx(as_far / 2**n, abs=1e-9)


def test_mcnemar_of_twins_and_of_unequal_lists() -> None:
    assert mcnemar([True, False], [True, False]).p_value == 1.0
    assert mcnemar([], []).discordant_share == 0.0
    with pytest.raises(ValueError, match="one seed set"):
        mcnemar([True], [True, False])


def brute_force_barnard(k_a: int, n_a: int, k_b: int, n_b: int) -> float:
    """Largest chance, over the common rate, of a pooled z as far out as the one observed."""

    def statistic(i: int, j: int) -> float:
        rate = (i + j) / (n_a + n_b)
        spread = math.sqrt(rate * (1 - rate) * (1 / n_a + 1 / n_b))
        return abs(i / n_a - j / n_b) / spread if spread else 0.0

    far = statistic(k_a, k_b) - 1e-9
    out = [(i, j) for i in range(n_a + 1) for j in range(n_b + 1) if statistic(i, j) >= far]
    rates = np.linspace(0, 1, 2001)
    chances = sum(stats.binom.pmf(i, n_a, rates) * stats.binom.pmf(j, n_b, rates) for i, j in out)
    return float(np.max(chances))


@pytest.mark.parametrize("counts", [(3, 7, 5, 7), (0, 5, 4, 6), (2, 12, 9, 12), (6, 8, 1, 12)])
def test_barnard_is_brute_force(counts: tuple[int, int, int, int]) -> None:
    assert barnard(*counts) == pytest.approx(brute_force_barnard(*counts), abs=1e-5)


def test_barnard_on_published_tables() -> None:
    # scipy's worked example (Mato & Andres): 7 of 15 against 12 of 15.
    assert barnard(7, 15, 12, 15) == pytest.approx(0.0682, abs=1e-3)
    assert barnard(5, 10, 5, 10) == pytest.approx(1.0)
    assert barnard(0, 0, 1, 2) == 1.0
    assert barnard(60, 60, 60, 60) == 1.0


@pytest.mark.parametrize("counts", [(7, 12, 8, 10), (3, 11, 9, 12), (40, 60, 52, 61)])
def test_barnard_is_that_of_scipy(counts: tuple[int, int, int, int]) -> None:
    k_a, n_a, k_b, n_b = counts
    theirs = stats.barnard_exact([[k_a, k_b], [n_a - k_a, n_b - k_b]], n=128).pvalue
    assert barnard(*counts) == pytest.approx(theirs, abs=1e-6)


def test_holm_by_hand() -> None:
    # Sorted .01 .02 .03 .04 times 4 3 2 1, made monotone: .04 .06 .06 .06.
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        ((36, 12, 2, 0), 0.0569, 0.3404),  # Newcombe 1998 (paired), table of examples, method 10
        ((20, 12, 2, 16), 0.0562, 0.3292),
    ],
)
def test_paired_difference_is_newcombes(
    table: tuple[int, int, int, int], low: float, high: float
) -> None:
    a, b = pairs(*table)
    found = paired_difference({"t": b}, {"t": a})
    assert found.value == pytest.approx(0.2)
    assert found.interval95 == pytest.approx((low, high), abs=6e-5)
    turned = paired_difference({"t": a}, {"t": b})
    assert turned.interval95 == pytest.approx((-found.interval95[1], -found.interval95[0]))


def test_unpaired_difference_is_newcombes() -> None:
    # Newcombe 1998 (unpaired): 56 of 70 against 48 of 80 is 0.0524 to 0.3339.
    found = unpaired_difference({"t": solved(48, 80)}, {"t": solved(56, 70)})
    assert found.interval95 == pytest.approx((0.0524, 0.3339), abs=6e-5)


def test_differences_of_several_tasks() -> None:
    a = {"easy": solved(48, 50), "hard": solved(10, 50)}
    b = {"easy": solved(49, 50), "hard": solved(20, 50)}
    paired, unpaired = paired_difference(a, b), unpaired_difference(a, b)
    assert paired.value == unpaired.value == pytest.approx(0.11)
    assert np.ptp(paired.interval95) < np.ptp(unpaired.interval95)
    assert paired.interval95[0] > 0
    equal = {"t": [True] * 30}
    low, high = paired_difference(equal, equal).interval95
    assert low == -high
    assert 0.05 < high < 0.2


def test_minimum_detectable_paired() -> None:
    # Connor: d sqrt(n) = 1.96 sqrt(s) + 0.8416 sqrt(s - d^2), s = 0.2, n = 200.
    difference = minimum_detectable_paired(200, 0.2)
    right = 1.95996 * math.sqrt(0.2) + 0.84162 * math.sqrt(0.2 - difference**2)
    assert difference * math.sqrt(200) == pytest.approx(right, rel=1e-4)
    assert pairs_needed(difference, 0.2) == pytest.approx(200)
    assert minimum_detectable_paired(800, 0.2) < difference < minimum_detectable_paired(50, 0.2)
    assert minimum_detectable_paired(0, 0.2) == minimum_detectable_paired(1, 0.2) == 1.0


def test_minimum_detectable_unpaired_matches_the_protocol() -> None:
    # Telling 95 from 97 % at 80 % power takes about 1,500 episodes an arm.
    assert minimum_detectable_unpaired(0.97, 1500) == pytest.approx(0.02, abs=0.001)
    assert episodes_needed(0.95, 0.97) == pytest.approx(1500, rel=0.02)
    assert minimum_detectable_unpaired(0.5, 0) == 1.0
