"""Simulate how often the sequential test says that one policy is better, looked at all the time.

    python -m handeye.experiments.checks.sequential_test

Runs of pairs are drawn for policies that are equally good, and for better ones. A McNemar test that
is read after every pair stands beside it: so often it is wrong when one stops as soon as it is
significant.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from scipy import special, stats

from handeye.experiments.records.betting import PRIOR, Wager
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import write_json_atomic
from handeye.experiments.records.significance import ALPHA

# Share of pairs that only A solves, and that only B solves.
EQUAL = {"both 50 %": (0.25, 0.25), "both 90 %": (0.08, 0.08), "both 99 %": (0.01, 0.01)}
BETTER = {"5 points better": (0.05, 0.10), "10 points better": (0.05, 0.15),
          "20 points better": (0.05, 0.25)}  # fmt: skip


@dataclass(frozen=True)
class SequentialTestConfig:
    """What to simulate.

    Attributes:
        runs: of each kind.
        pairs: at most, in a run.
        result: JSON file that gets the figures.
        picture: SVG file that gets the plot.
        seed: of the simulation.
    """

    runs: int = 2000
    pairs: int = 1000
    result: Path = Path("results/sequential.json")
    picture: Path = Path("docs/pictures/sequential.svg")
    seed: int = 0


def simulate(config: SequentialTestConfig) -> dict[str, Any]:
    """Return the contents of the result file."""
    rng = np.random.default_rng(config.seed)
    return {
        **measured_with(),
        "runs": config.runs,
        "pairs": config.pairs,
        "alpha": ALPHA,
        "equal": {name: looked_at(rng, *share, config) for name, share in EQUAL.items()},
        "better": {name: looked_at(rng, *share, config) for name, share in BETTER.items()},
    }


def looked_at(
    rng: np.random.Generator, only_a: float, only_b: float, config: SequentialTestConfig
) -> dict[str, Any]:
    """Return how runs end that stop at the first look which decides.

    Returns:
        `decided` and `mcnemar`, the shares of runs that the bet and a McNemar test call decided at
        some look; `by_pairs`, both shares by the number of pairs, at 50 of them; `pairs_to_decide`,
        the median over the decided runs, None where there are none; `share_missed`, of runs whose
        confidence sequence leaves out B's true share at the last look.
    """
    luck = rng.random((config.runs, config.pairs))
    a = np.cumsum(luck < only_a, axis=1)
    b = np.cumsum((luck >= only_a) & (luck < only_a + only_b), axis=1)
    bet = first_look(log_e_values(a, b) >= -np.log(ALPHA))
    test = first_look(mcnemar_p_values(a, b) < ALPHA)
    marks = np.unique(np.linspace(1, config.pairs, 50).astype(int))
    ends = [Wager(int(k), int(m)) for k, m in zip(a[:, -1], b[:, -1], strict=True)]
    truth = only_b / (only_a + only_b)
    decided = bet[bet <= config.pairs]
    return {
        "only_a": only_a,
        "only_b": only_b,
        "decided": float((bet <= config.pairs).mean()),
        "mcnemar": float((test <= config.pairs).mean()),
        "pairs_to_decide": float(np.median(decided)) if len(decided) else None,
        "share_missed": float(np.mean([one.excludes(truth) for one in ends])),
        "by_pairs": [[int(n), float((bet <= n).mean()), float((test <= n).mean())] for n in marks],
    }


def log_e_values(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the log of `Wager.e_value` for counts of any shape."""
    won = special.betaln(PRIOR + a, PRIOR + b) - special.betaln(PRIOR, PRIOR)
    return np.asarray(won + (a + b) * np.log(2))


def mcnemar_p_values(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return exact two-sided p-values for counts of any shape."""
    return np.minimum(1.0, 2 * stats.binom.cdf(np.minimum(a, b), a + b, 0.5))


def first_look(decided: np.ndarray) -> np.ndarray:
    """Return after how many pairs each run, (runs, pairs), is decided first; pairs + 1 if never."""
    return np.where(decided.any(axis=1), decided.argmax(axis=1) + 1, decided.shape[1] + 1)


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Write the plot: wrong answers by the number of looks, of the bet and of a repeated test."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "handeye", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7.5, 3.6), layout="constrained")
        axes = figure.add_subplot()
        axes.axhline(found["alpha"], color="#55626f", linewidth=1, linestyle=":")
        for (name, row), colour in zip(
            found["equal"].items(), ("#3d7edb", "#1a7f4b", "#b86e0b"), strict=True
        ):
            n, bet, test = np.array(row["by_pairs"]).T
            axes.plot(n, bet, color=colour, label=f"bet, {name}")
            axes.plot(n, test, color=colour, linestyle="--", label=f"McNemar's test, {name}")
        axes.set(ylim=(0, None), xlabel="pairs, looked at after each one",
                 ylabel="runs that call equals different")  # fmt: skip
        axes.legend(fontsize=7)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None})


def main() -> int:
    """Simulate, write; return 1 where more equals are called different than alpha allows."""
    config = tyro.cli(SequentialTestConfig, description=__doc__, use_underscores=True)
    found = simulate(config)
    write_json_atomic(config.result, found)
    draw(found, config.picture)
    for name, row in {**found["equal"], **found["better"]}.items():
        print(f"{name}: decided {row['decided']:.1%}, McNemar's test {row['mcnemar']:.1%}")
    return int(any(row["decided"] > found["alpha"] for row in found["equal"].values()))


if __name__ == "__main__":
    sys.exit(main())
