"""Rates, intervals and tests for success counts, each small enough to check by hand.

One policy is reported as k/n with its Wilson interval, several tasks as a macro mean with a
bootstrap clustered by task, two policies on the same seeds by an exact McNemar test, unpaired ones
by Barnard's exact test, families of tests by Holm. Everything random takes a `Generator`.
SciPy loads its parts when they are first used: workers record episodes and never wait for them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

ADAPTIVE_WIDTH = 0.14
ADAPTIVE_MAX_EPISODES = 200


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
        k, n = sum(map(bool, successes)), len(successes)
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
    z = float(scipy.stats.norm.ppf(0.5 + confidence / 2))
    p, shrink = k / n, 1 + z * z / n
    centre = (p + z * z / (2 * n)) / shrink
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / shrink
    # At k = 0 and k = n the bound is exact; rounding must not leave it at 1e-17.
    return (0.0 if k == 0 else centre - half), (1.0 if k == n else centre + half)


@dataclass(frozen=True)
class MacroMean:
    """The mean of per-task rates, every task weighing the same, with its 95 % interval."""

    mean: float
    interval95: tuple[float, float]
    tasks: int

    def to_dict(self) -> dict[str, Any]:
        """`{mean, interval95, tasks}` for JSON."""
        return {"mean": self.mean, "interval95": list(self.interval95), "tasks": self.tasks}


def macro_mean(
    outcomes: Mapping[str, Sequence[bool]],
    rng: np.random.Generator,
    resamples: int = 2000,
) -> MacroMean:
    """Macro mean over tasks with a bootstrap clustered by task (Davison & Hinkley 1997, 3.8).

    Each resample draws tasks with replacement, then episodes within each drawn task, so that the
    interval holds the spread between tasks as well as within them. When all episodes ended alike
    there is nothing to resample; then the interval is Wilson's of the pooled episodes.

    Args:
        outcomes: successes per task; tasks without an episode are left out.
        rng: source of the resamples.
        resamples: bootstrap repetitions.
    """
    rates = [(np.mean(v), len(v)) for v in outcomes.values() if len(v)]
    if not rates:
        return MacroMean(math.nan, (0.0, 1.0), 0)
    p = np.array([rate for rate, _ in rates], dtype=np.float64)
    n = np.array([count for _, count in rates])
    if p.min() == p.max() and p[0] in (0.0, 1.0):
        total = int(n.sum())
        return MacroMean(float(p[0]), wilson_interval(round(p[0] * total), total), len(p))
    drawn = rng.integers(len(p), size=(resamples, len(p)))
    # Redrawing n outcomes of a task with replacement is a binomial draw at its observed rate.
    means = (rng.binomial(n[drawn], p[drawn]) / n[drawn]).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return MacroMean(float(p.mean()), (float(low), float(high)), len(p))


def macro_mean_of_shares(
    shares: Mapping[str, Sequence[float]],
    rng: np.random.Generator,
    resamples: int = 2000,
) -> MacroMean:
    """`macro_mean` where an episode gives a share such as its SPL instead of success or failure.

    Of one task this is the plain bootstrap over its episodes. Where all shares are 0, or all 1, it
    is again Wilson's interval, since nothing can be resampled.

    Args:
        shares: per task one value in [0, 1] per episode; tasks without any are left out.
        rng: source of the resamples.
        resamples: bootstrap repetitions.
    """
    tasks = [np.array(values, dtype=np.float64) for values in shares.values() if len(values)]
    if not tasks:
        return MacroMean(math.nan, (0.0, 1.0), 0)
    pooled = np.concatenate(tasks)
    if pooled.min() == pooled.max() and pooled[0] in (0.0, 1.0):
        interval = wilson_interval(round(pooled.sum()), len(pooled))
        return MacroMean(float(pooled[0]), interval, len(tasks))
    drawn = rng.integers(len(tasks), size=(resamples, len(tasks)))
    sums = np.zeros(resamples)
    for index, values in enumerate(tasks):
        rows = np.nonzero(drawn == index)[0]  # a row once for every time that it drew this task
        again = rng.integers(len(values), size=(len(rows), len(values)))
        np.add.at(sums, rows, values[again].mean(axis=1))
    low, high = np.quantile(sums / len(tasks), [0.025, 0.975])
    mean = float(np.mean([values.mean() for values in tasks]))
    return MacroMean(mean, (float(low), float(high)), len(tasks))


def beta_interval(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Equal-tailed credible interval of a rate under a flat Beta(1, 1) prior."""
    if not 0 <= k <= n:
        raise ValueError(f"k = {k} successes of n = {n} trials is impossible: need 0 <= k <= n")
    tail = (1 - confidence) / 2
    posterior = scipy.stats.beta(1 + k, 1 + n - k)
    return float(posterior.ppf(tail)), float(posterior.ppf(1 - tail))


def enough_episodes(
    k: int, n: int, width: float = ADAPTIVE_WIDTH, max_episodes: int = ADAPTIVE_MAX_EPISODES
) -> bool:
    """Whether to stop drawing: the Beta posterior is `width` narrow, or n reached its cap."""
    low, high = beta_interval(k, n)
    return n >= max_episodes or high - low <= width


@dataclass(frozen=True)
class PairedTest:
    """Two policies on the same seeds.

    Attributes:
        only_a: episodes that only policy A solved.
        only_b: episodes that only policy B solved.
        n: pairs.
        p_value: exact two-sided McNemar.
        detectable: difference of rates found with 80 % power at this n and discordance.
    """

    only_a: int
    only_b: int
    n: int
    p_value: float
    detectable: float


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
    p_value = float(scipy.stats.binomtest(only_a, discordant).pvalue) if discordant else 1.0
    share = discordant / len(a) if a else 0.0
    return PairedTest(only_a, only_b, len(a), p_value, minimum_detectable_paired(len(a), share))


def minimum_detectable_paired(
    n: int, discordant_share: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Smallest difference of paired rates seen with this power (Connor 1987), in [0, 1].

    `discordant_share` is the share of pairs on which the policies disagree; a difference can not
    be larger than it, so with few disagreements the answer is the one that n itself allows.
    """
    if n == 0:
        return 1.0
    za, zb = float(scipy.stats.norm.ppf(1 - alpha / 2)), float(scipy.stats.norm.ppf(power))

    def _shortfall(difference: float) -> float:
        share = max(discordant_share, difference)
        spread = za * math.sqrt(share) + zb * math.sqrt(max(share - difference**2, 0.0))
        return difference * math.sqrt(n) - spread

    return float(scipy.optimize.brentq(_shortfall, 0.0, 1.0)) if _shortfall(1.0) > 0 else 1.0


def barnard(k_a: int, n_a: int, k_b: int, n_b: int) -> float:
    """Two-sided p-value of Barnard's exact test (Barnard 1945) for two unpaired rates."""
    if n_a == 0 or n_b == 0:
        return 1.0
    table = [[k_a, k_b], [n_a - k_a, n_b - k_b]]
    return float(scipy.stats.barnard_exact(table, alternative="two-sided").pvalue)


def minimum_detectable_unpaired(
    rate: float, n: int, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Smallest change from `rate` that two arms of n episodes each tell apart with this power.

    Normal approximation with unequal variances (Fleiss 1981); the change is taken towards 0.5,
    where a difference is hardest to see.
    """
    if n == 0:
        return 1.0
    z = float(scipy.stats.norm.ppf(1 - alpha / 2) + scipy.stats.norm.ppf(power))
    side = -1.0 if rate > 0.5 else 1.0

    def _shortfall(difference: float) -> float:
        other = rate + side * difference
        variance = rate * (1 - rate) + other * (1 - other)
        return difference - z * math.sqrt(max(variance, 0.0) / n)

    reach = rate if side < 0 else 1 - rate
    return float(scipy.optimize.brentq(_shortfall, 0.0, reach)) if _shortfall(reach) > 0 else reach


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's (1979) adjusted p-values, in the order given: comparable with alpha directly."""
    adjusted = [0.0] * len(p_values)
    floor = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = floor
    return adjusted
