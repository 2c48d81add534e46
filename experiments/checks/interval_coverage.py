"""Simulate how often the intervals of macro means and of differences hold the truth.

    python -m handeye.experiments.checks.interval_coverage

A cell is a way in which the rates of a suite's tasks lie, a number of tasks and of episodes a task.
In each repetition the rates are drawn anew within their bands, then the episodes. Besides the
interval in use, cells are simulated for intervals that others use; none covers as evenly.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from scipy import stats

from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import write_json_atomic
from handeye.experiments.records.significance import paired_difference
from handeye.experiments.records.statistics import Stratum, score_interval, stratified_interval

BAND = (0.935, 0.965)
TASKS, EPISODES = (4, 7, 10), (10, 25, 50, 100, 200)
PAIRED_CELLS = ((4, 25), (8, 50), (8, 200))
Rates = Callable[[np.random.Generator, int], np.ndarray]
Interval = Callable[[list[Stratum]], tuple[float, float]]


@dataclass(frozen=True)
class IntervalCoverageConfig:
    """What to simulate.

    Attributes:
        repetitions: of each cell.
        result: JSON file that gets every cell.
        picture: SVG file that gets the plot.
        seed: of the simulation.
    """

    repetitions: int = 10_000
    result: Path = Path("results/interval_coverage.json")
    picture: Path = Path("docs/pictures/interval_coverage.svg")
    seed: int = 0


def between(low: float, high: float) -> Rates:
    """Return how to draw the rates of some tasks, (tasks,), alike and independently."""
    return lambda rng, tasks: rng.uniform(low, high, tasks)


def spread_out(rng: np.random.Generator, tasks: int) -> np.ndarray:
    """Return rates from hard to easy, (tasks,)."""
    return np.clip(np.linspace(0.02, 0.98, tasks) + rng.uniform(-0.02, 0.02, tasks), 0, 1)


def one_hard(rng: np.random.Generator, tasks: int) -> np.ndarray:
    """Return rates near 1 but for one, (tasks,)."""
    return np.array([rng.uniform(0.2, 0.4), *rng.uniform(0.97, 1, tasks - 1)])


def hard_and_easy(rng: np.random.Generator, tasks: int) -> np.ndarray:
    """Return rates of which half are near 0 and half near 1, (tasks,)."""
    near = rng.uniform(0, 0.05, tasks)
    return np.where(np.arange(tasks) % 2 == 0, near, 1 - near)


LAYOUTS: dict[str, Rates] = {
    "all near 0.5": between(0.4, 0.6),
    "all near 0.9": between(0.85, 0.95),
    "0.95 to 1": between(0.95, 1),
    "0.98 to 1": between(0.98, 1),
    "0 to 0.05": between(0, 0.05),
    "0 to 1": between(0, 1),
    "0.8 to 1": between(0.8, 1),
    "from hard to easy": spread_out,
    "one hard, others near 1": one_hard,
    "half near 0, half near 1": hard_and_easy,
}


def sum_of_wilson(strata: list[Stratum]) -> tuple[float, float]:
    """Return the sum of the tasks' own Wilson intervals (Zou, Huang & Zhang 2009)."""
    bounds = [score_interval(one.mean, one.n) for one in strata]
    mean = sum(one.mean for one in strata) / len(strata)
    below = sum((one.mean - low) ** 2 for one, (low, _) in zip(strata, bounds, strict=True))
    above = sum((high - one.mean) ** 2 for one, (_, high) in zip(strata, bounds, strict=True))
    return mean - below**0.5 / len(strata), mean + above**0.5 / len(strata)


def adjusted_wald(strata: list[Stratum]) -> tuple[float, float]:
    """Return the interval after 2 / tasks more successes and failures (Price & Bonett 2004)."""
    more = 2 / len(strata)
    sizes = [one.n + 2 * more for one in strata]
    rates = [(one.mean * one.n + more) / n for one, n in zip(strata, sizes, strict=True)]
    variance = sum(p * (1 - p) / n for p, n in zip(rates, sizes, strict=True)) / len(strata) ** 2
    mean = sum(rates) / len(rates)
    return mean - 1.96 * variance**0.5, mean + 1.96 * variance**0.5


def jeffreys(strata: list[Stratum]) -> tuple[float, float]:
    """Return the Beta posterior of the mean that has the moments of the tasks' posteriors."""
    pairs = [(one.mean * one.n + 0.5, (1 - one.mean) * one.n + 0.5) for one in strata]
    mean = sum(a / (a + b) for a, b in pairs) / len(pairs)
    variance = sum(a * b / ((a + b) ** 2 * (a + b + 1)) for a, b in pairs) / len(pairs) ** 2
    size = mean * (1 - mean) / variance - 1
    posterior = stats.beta(mean * size, (1 - mean) * size)
    return float(posterior.ppf(0.025)), float(posterior.ppf(0.975))


def clustered_bootstrap(strata: list[Stratum]) -> tuple[float, float]:
    """Return the percentile bootstrap that draws tasks, then episodes within them."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(strata), size=(400, len(strata)))
    n, p = np.array([one.n for one in strata]), np.array([one.mean for one in strata])
    means = (rng.binomial(n[drawn], p[drawn]) / n[drawn]).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


IN_USE = "Wilson at the effective sample size"
INTERVALS: dict[str, Interval] = {
    IN_USE: stratified_interval,
    "sum of the tasks' Wilson intervals": sum_of_wilson,
    "adjusted Wald": adjusted_wald,
    "Jeffreys posterior": jeffreys,
    "bootstrap clustered by task": clustered_bootstrap,
}


def coverage(
    rates: Rates,
    tasks: int,
    episodes: int,
    repetitions: int,
    rng: np.random.Generator,
    interval: Interval = stratified_interval,
) -> float:
    """Return the share of repetitions whose interval holds the mean of the true rates."""
    held = 0
    for _ in range(repetitions):
        truth = rates(rng, tasks)
        solved = rng.binomial(episodes, truth) / episodes
        low, high = interval([of_rate(float(p), episodes) for p in solved])
        held += low <= truth.mean() <= high
    return held / repetitions


def of_rate(p: float, n: int) -> Stratum:
    """Return the stratum of p n successes and the rest failures, n > 1."""
    return Stratum(n, p, p * (1 - p) * n / (n - 1))


def paired_coverage(
    rates: Rates, tasks: int, episodes: int, repetitions: int, rng: np.random.Generator
) -> float:
    """Return the share of repetitions whose interval holds the true difference of two policies.

    Both draw on the same numbers in half of the episodes, so that their outcomes are correlated.
    """
    held = 0
    for _ in range(repetitions):
        one, other = rates(rng, tasks), rates(rng, tasks)
        luck = rng.random((2, tasks, episodes))
        luck[1] = np.where(rng.random((tasks, episodes)) < 0.5, luck[0], luck[1])
        a = {str(task): luck[0, task] < one[task] for task in range(tasks)}
        b = {str(task): luck[1, task] < other[task] for task in range(tasks)}
        low, high = paired_difference(a, b).interval95
        held += low <= (other - one).mean() <= high
    return held / repetitions


def simulate(config: IntervalCoverageConfig) -> dict[str, Any]:
    """Return the contents of the result file."""
    rng = np.random.default_rng(config.seed)
    cells: list[dict[str, Any]] = [
        {"rates": name, "tasks": tasks, "episodes": n,
         "coverage": coverage(rates, tasks, n, config.repetitions, rng)}
        for name, rates in LAYOUTS.items()
        for tasks in TASKS
        for n in EPISODES
    ]  # fmt: skip
    few = max(config.repetitions // 20, 1)
    others = {
        name: [
            coverage(rates, 7, n, few, rng, interval)
            for rates in LAYOUTS.values()
            for n in (10, 50, 200)
        ]
        for name, interval in INTERVALS.items()
    }
    paired = [
        {"rates": name, "tasks": tasks, "episodes": n,
         "coverage": paired_coverage(rates, tasks, n, config.repetitions // 5, rng)}
        for name, rates in LAYOUTS.items()
        for tasks, n in PAIRED_CELLS
    ]  # fmt: skip
    inside = [cell for cell in cells if BAND[0] <= cell["coverage"] <= BAND[1]]
    return {
        **measured_with(),
        "repetitions": config.repetitions,
        "band": list(BAND),
        "mean": float(np.mean([cell["coverage"] for cell in cells])),
        "inside": len(inside),
        "outside": [cell for cell in cells if cell not in inside],
        "cells": cells,
        "intervals": {
            name: {"lowest": min(found), "mean": float(np.mean(found)), "highest": max(found)}
            for name, found in others.items()
        },
        "paired_differences": paired,
    }


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Write the plot: coverage by episodes a task, one line for each layout of 7 tasks."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "handeye", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7.5, 4), layout="constrained")
        axes = figure.add_subplot()
        axes.axhspan(*BAND, color="#dbe8fb")
        for name in LAYOUTS:
            line = [c for c in found["cells"] if c["rates"] == name and c["tasks"] == TASKS[1]]
            axes.plot(
                [c["episodes"] for c in line], [c["coverage"] for c in line], marker="o",
                markersize=3, linewidth=1, label=name,
            )  # fmt: skip
        axes.set(xscale="log", ylim=(0.9, 1.0), xlabel="episodes a task",
                 ylabel="coverage of the 95 % interval", xticks=EPISODES)  # fmt: skip
        axes.set_xticklabels(map(str, EPISODES))
        axes.minorticks_off()
        axes.legend(fontsize=7, ncols=2, title="rates of 7 tasks", title_fontsize=7)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None})


def main() -> int:
    """Simulate, write, and tell what lies outside the band."""
    config = tyro.cli(IntervalCoverageConfig, description=__doc__, use_underscores=True)
    found = simulate(config)
    write_json_atomic(config.result, found)
    draw(found, config.picture)
    print(f"{found['inside']} of {len(found['cells'])} cells within {BAND}; outside:")
    for cell in found["outside"]:
        print(f"  {cell['rates']}, {cell['tasks']} tasks of {cell['episodes']}: "
              f"{cell['coverage']:.3f}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
