"""Two policies compared: exact tests, intervals of the difference, and what n can and cannot tell.

On the same seeds an exact McNemar test, on different ones Barnard's, families of tests by Holm;
differences of rates with Newcombe's intervals, over several tasks in their stratified form.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from handeye.experiments.records.statistics import Stratum, macro_mean

ALPHA, POWER = 0.05, 0.8
COMMON_RATES = 501  # At which the exact test is worked out, before it is refined at the best.
TIE = 1e-9  # Within which two values of z are one.
Outcomes = Mapping[str, Sequence[bool]]  # Task -> successes.


@dataclass(frozen=True)
class PairedTest:
    """Two policies on the same seeds.

    Attributes:
        only_a: episodes that only policy A solved.
        only_b: episodes that only policy B solved.
        n: pairs.
        p_value: exact two-sided McNemar.
    """

    only_a: int
    only_b: int
    n: int
    p_value: float

    @property
    def discordant_share(self) -> float:
        """The share of pairs on which the policies disagree; 0 of none."""
        return (self.only_a + self.only_b) / self.n if self.n else 0.0


def mcnemar(a: Sequence[bool], b: Sequence[bool]) -> PairedTest:
    """Exact McNemar test (McNemar 1947): the discordant pairs against a fair coin.

    Args:
        a: successes of policy A, one per seed.
        b: successes of policy B on the same seeds in the same order.
    """
    if len(a) != len(b):
        raise ValueError(f"paired test of {len(a)} and {len(b)} episodes: run both on one seed set")
    only_a = sum(bool(x) and not y for x, y in zip(a, b, strict=True))
    only_b = sum(bool(y) and not x for x, y in zip(a, b, strict=True))
    discordant = only_a + only_b
    p_value = float(stats.binomtest(only_a, discordant).pvalue) if discordant else 1.0
    return PairedTest(only_a, only_b, len(a), p_value)


def barnard(k_a: int, n_a: int, k_b: int, n_b: int) -> float:
    """Two-sided p-value of Barnard's exact test (Barnard 1945) for two unpaired rates.

    The chance, at the common rate where it is largest, of tables whose pooled z is at least as far
    from 0. Tables of equal z count alike; scipy's test loses some of them by rounding.
    """
    if n_a == 0 or n_b == 0:
        return 1.0
    a, b = np.arange(n_a + 1), np.arange(n_b + 1)
    pooled = (a[:, None] + b) / (n_a + n_b)
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
    apart = np.abs(a[:, None] / n_a - b / n_b)
    z = np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0)
    as_far = (z >= z[k_a, k_b] - TIE).astype(np.float64)

    def _chances(rates: np.ndarray) -> np.ndarray:
        ours = stats.binom.pmf(a[:, None], n_a, rates)
        theirs = stats.binom.pmf(b[:, None], n_b, rates)
        return np.asarray((ours * (as_far @ theirs)).sum(axis=0))

    rates = np.linspace(0, 1, COMMON_RATES)
    best = int(_chances(rates).argmax())
    near = rates[max(best - 1, 0)], rates[min(best + 1, COMMON_RATES - 1)]
    found = optimize.minimize_scalar(
        lambda rate: -float(_chances(np.array([rate]))[0]), bounds=near, method="bounded",
        options={"xatol": 1e-9},
    )  # fmt: skip
    return float(min(1.0, max(-found.fun, _chances(rates[[best]])[0])))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the order given: comparable with alpha directly."""
    adjusted = [0.0] * len(p_values)
    floor = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = floor
    return adjusted


@dataclass(frozen=True)
class Difference:
    """Macro mean of B minus macro mean of A, from -1 to 1, with its 95 % interval."""

    value: float
    interval95: tuple[float, float]


def paired_difference(a: Outcomes, b: Outcomes) -> Difference:
    """Difference of rates on the same seeds, in [-1, 1].

    Of one task this is Newcombe's (1998, Statistics in Medicine 17:2635) method 10; of several the
    same formula with the stratified intervals and the correlation of the macro means.

    Args:
        a: task -> successes of policy A; every task has some.
        b: those of policy B, on the same seeds in the same order.
    """
    shared = sum(_covariance(a[task], b[task]) / len(a[task]) for task in a)
    spread = math.sqrt(_spread(a) * _spread(b))
    return _difference(a, b, shared / spread if spread > 0 else 0.0)


def unpaired_difference(a: Outcomes, b: Outcomes) -> Difference:
    """Difference of rates on different seeds: Newcombe's (1998, 17:873) method 10, stratified."""
    return _difference(a, b, 0.0)


def _difference(a: Outcomes, b: Outcomes, correlation: float) -> Difference:
    """Newcombe's formula: distances of both rates from their bounds, as correlated errors."""
    one, other = macro_mean(a), macro_mean(b)
    a_below, a_above = one.mean - one.interval95[0], one.interval95[1] - one.mean
    b_below, b_above = other.mean - other.interval95[0], other.interval95[1] - other.mean
    value = other.mean - one.mean
    low = value - _joint(b_below, a_above, correlation)
    high = value + _joint(b_above, a_below, correlation)
    return Difference(value, (max(low, -1.0), min(high, 1.0)))


def _joint(x: float, y: float, correlation: float) -> float:
    return math.sqrt(max(x * x - 2 * correlation * x * y + y * y, 0.0))


def _covariance(a: Sequence[bool], b: Sequence[bool]) -> float:
    """Return the covariance of a pair, its excess over chance lessened as method 10 does."""
    n = len(a)
    both = sum(bool(x) and bool(y) for x, y in zip(a, b, strict=True))
    neither = sum(not x and not y for x, y in zip(a, b, strict=True))
    only_a, only_b = sum(map(bool, a)) - both, sum(map(bool, b)) - both
    agreement = float(both * neither - only_a * only_b)
    if agreement > 0:
        agreement = max(agreement - n / 2, 0.0)
    return agreement / n**2


def _spread(outcomes: Outcomes) -> float:
    """Return the sum over tasks of p (1 - p) / n."""
    strata = [Stratum.of(values) for values in outcomes.values()]
    return sum(one.mean * (1 - one.mean) / one.n for one in strata)


def minimum_detectable_paired(
    n: int, discordant_share: float, alpha: float = ALPHA, power: float = POWER
) -> float:
    """Smallest difference of paired rates seen with this power (Connor 1987), in [0, 1].

    `discordant_share` is the share of pairs on which the policies disagree; a difference can not
    be larger than it, so with few disagreements the answer is the one that n itself allows.
    """
    if n == 0:
        return 1.0

    def _shortfall(difference: float) -> float:
        share = max(discordant_share, difference)
        return n - pairs_needed(difference, share, alpha, power)

    return float(optimize.brentq(_shortfall, 1e-9, 1.0)) if _shortfall(1.0) > 0 else 1.0


def pairs_needed(
    difference: float, discordant_share: float, alpha: float = ALPHA, power: float = POWER
) -> float:
    """Return how many pairs show a difference of rates with this power (Connor 1987).

    Args:
        difference: not 0; its sign does not count.
        discordant_share: of pairs, at least as large as the difference.
        alpha: of the two-sided test.
        power: the chance that the test finds it.
    """
    za, zb = float(stats.norm.ppf(1 - alpha / 2)), float(stats.norm.ppf(power))
    spread = math.sqrt(max(discordant_share - difference**2, 0.0))
    return float((za * math.sqrt(discordant_share) + zb * spread) ** 2 / difference**2)


def minimum_detectable_unpaired(
    rate: float, n: int, alpha: float = ALPHA, power: float = POWER
) -> float:
    """Smallest change from `rate` that two arms of n episodes each tell apart with this power.

    Normal approximation with unequal variances (Fleiss 1981); the change is taken towards 0.5,
    where a difference is hardest to see.
    """
    if n == 0:
        return 1.0
    side = -1.0 if rate > 0.5 else 1.0

    def _shortfall(difference: float) -> float:
        return n - episodes_needed(rate, rate + side * difference, alpha, power)

    reach = rate if side < 0 else 1 - rate
    return float(optimize.brentq(_shortfall, 1e-9, reach)) if _shortfall(reach) > 0 else reach


def episodes_needed(a: float, b: float, alpha: float = ALPHA, power: float = POWER) -> float:
    """Return how many episodes each of two unpaired arms needs to tell rates a and b apart."""
    z = float(stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(power))
    return float(z**2 * (a * (1 - a) + b * (1 - b)) / (a - b) ** 2)
