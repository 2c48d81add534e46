"""Rates and their intervals, each small enough to check by hand.

One policy is reported as k/n with its Wilson interval, several tasks of a fixed suite as a macro
mean with a stratified one. Comparisons of policies are in `significance.py` and `betting.py`.
SciPy loads its parts when they are first used: workers record episodes and never wait for them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import scipy


@dataclass(frozen=True)
class Rate:
    """k successes in n episodes with the Wilson 95 % interval.

    Attributes:
        k: successes.
        n: episodes judged (lost episodes are not among them).
        wilson95: (low, high), both in [0, 1]; (0, 1) when n is 0.
    """

    k: int
    n: int
    wilson95: tuple[float, float]

    @classmethod
    def of(cls, successes: Sequence[bool]) -> "Rate":
        """The rate of a list of outcomes."""
        return cls.counted(sum(map(bool, successes)), len(successes))

    @classmethod
    def counted(cls, k: int, n: int) -> "Rate":
        """The rate of k successes in n."""
        return cls(k, n, wilson_interval(k, n))

    @property
    def rate(self) -> float:
        """k / n; NaN when n is 0."""
        return self.k / self.n if self.n else math.nan

    def to_dict(self) -> dict[str, Any]:
        """`{k, n, rate, wilson95}` for JSON; the rate of no episodes is null."""
        return {
            "k": self.k,
            "n": self.n,
            "rate": self.rate if self.n else None,
            "wilson95": list(self.wilson95),
        }


def wilson_interval(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for k successes in n trials (Wilson 1927), (0, 1) for n = 0."""
    if not 0 <= k <= n:
        raise ValueError(f"k = {k} successes of n = {n} trials is impossible: need 0 <= k <= n")
    if n == 0:
        return 0.0, 1.0
    return score_interval(k / n, n, confidence)


@dataclass(frozen=True)
class MacroMean:
    """The mean of per-task rates, every task weighing the same, with its 95 % interval."""

    mean: float
    interval95: tuple[float, float]
    tasks: int

    def to_dict(self) -> dict[str, Any]:
        """`{mean, interval95, tasks}` for JSON."""
        return {"mean": self.mean, "interval95": list(self.interval95), "tasks": self.tasks}


def macro_mean(values: Mapping[str, Sequence[float]]) -> MacroMean:
    """Macro mean over the tasks of a fixed suite, with a stratified interval.

    Args:
        values: per task one value in [0, 1] per episode, success or a share such as SPL; tasks
            without an episode are left out.
    """
    strata = [Stratum.of(one) for one in values.values() if len(one)]
    if not strata:
        return MacroMean(math.nan, (0.0, 1.0), 0)
    mean = sum(one.mean for one in strata) / len(strata)
    return MacroMean(mean, stratified_interval(strata), len(strata))


class Stratum(NamedTuple):
    """Episodes of one task.

    Attributes:
        n: how many.
        mean: of their values.
        variance: of their values, unbiased; of a single value that of a coin with its mean.
    """

    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Stratum":
        """Return the stratum of values in [0, 1]."""
        array = np.asarray(values, dtype=np.float64)
        mean = float(array.mean())
        if len(array) == 1:
            return cls(1, mean, mean * (1 - mean))
        return cls(len(array), mean, float(array.var(ddof=1)))


def stratified_interval(strata: Sequence[Stratum], confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of the mean of the strata's means, at the effective sample size.

    That size is the one at which a single binomial rate would vary as much as the mean does (Korn
    & Graubard 1998; Dean & Pagano 2015 find it the best with Wilson's interval). Of one task's
    successes it is n. Where all tasks are certain it is what equal rates would give. Coverage:
    `checks/interval_coverage.py`.
    """
    tasks = len(strata)
    mean = sum(one.mean for one in strata) / tasks
    equal = tasks**2 / sum(1 / one.n for one in strata)
    variance = sum(one.variance / one.n for one in strata) / tasks**2
    size = equal
    if variance > 0 and equal > 1:
        size = mean * (1 - mean) * equal / (equal - 1) / variance
    return score_interval(min(max(mean, 0.0), 1.0), size, confidence)


def score_interval(rate: float, n: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a rate of n trials, which need not be whole numbers."""
    z = _normal_quantile(0.5 + confidence / 2)
    shrink = 1 + z * z / n
    centre = (rate + z * z / (2 * n)) / shrink
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrink
    # At rates 0 and 1 the bound is exact; rounding must not leave it at 1e-17.
    return (0.0 if rate == 0 else centre - half), (1.0 if rate == 1 else centre + half)


@cache
def _normal_quantile(share: float) -> float:
    return float(scipy.stats.norm.ppf(share))
