r"""Measure honest walks and those of a tour beside the caps of apartments.

    python -m handeye.experiments.checks.path_caps --episodes 40 --workers 2

A cap is right where it lets almost every walk pass that does what the words say, and where a tour
through all rooms wins no more than chance + 5 points. Honest are the oracle, `frontier` and
`handeye-rooms-nano` in `rooms`, the oracle and its planner with tools in `rooms-long`; of theirs,
walks count at whose end the goal holds. Walks are appended to a file as they end: the command goes
on where it was stopped. Raw lengths are kept, so other caps can be tried on the same walks.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from scipy import stats

from handeye.envs.core.registry import KIND_SPLIT
from handeye.envs.rooms.tasks.task import EXPLORING_M, WAY_ON_M, WAY_ON_SHARE, WAY_SHARE
from handeye.envs.suites import tasks_of, world_of
from handeye.experiments.checks.path_walks import PLANNER, Trial, Walk, measure
from handeye.experiments.checks.trial_lines import finish_trials
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import write_json_atomic
from handeye.experiments.records.seeds import FIRST_SELECTION_SEED, check_selection_seeds
from handeye.experiments.records.statistics import Rate

HONEST: dict[str, tuple[str, ...]] = {
    "rooms": ("oracle", "frontier", "handeye-rooms-nano"),
    "rooms-long": ("oracle", PLANNER),
}
WANDERING = ("tour", "sweeper")
MARGIN = 0.05  # above chance, which is allowed


@dataclass(frozen=True)
class PathCapsConfig:
    """Who walks where.

    Attributes:
        tasks: names; none: all of both suites.
        actors: names; none: all.
        episodes: of each actor in each task.
        seed: of the first episode; the others follow.
        workers: processes; 0 runs in this one.
        split: of the suites; kinds that are held out are asked for in their own.
        result: JSON file of the figures; the walks are kept beside it.
    """

    tasks: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    episodes: int = 40
    seed: int = FIRST_SELECTION_SEED
    workers: int = 2
    split: str = "unseen"
    result: Path = Path("results/path_caps.json")


def trials(config: PathCapsConfig) -> list[Trial]:
    """Return every walk to be measured, seed by seed, so that a run that is stopped is balanced.

    Raises:
        ValueError: seeds that are not for choosing.
    """
    seeds = check_selection_seeds(config.seed, config.episodes)
    return [
        Trial(suite, task, actor, seed, split)
        for seed in seeds
        for suite, honest in HONEST.items()
        for split in _splits(suite, config.split)
        for task in tasks_of(suite, split)
        if not config.tasks or task in config.tasks
        for actor in (*honest, *WANDERING)
        if not config.actors or actor in config.actors
    ]


def _splits(suite: str, usual: str) -> tuple[str, ...]:
    """Return the usual split and, where a suite has kinds that only one split shows, that one."""
    known = world_of(suite).registry.splits_of(suite)
    return (usual, KIND_SPLIT) if KIND_SPLIT in known else (usual,)


def figures(walks: Iterable[Walk]) -> list[dict[str, Any]]:
    """Return for each task how many honest successes are within the caps, and what wanderers win.

    `within` counts honest walks at whose end the goal holds; each of `wandering` has its strict
    successes, the chance of its scenes, and p, one-sided, against chance + `MARGIN`.
    """
    groups: dict[tuple[str, str], list[Walk]] = {}
    for walk in walks:
        groups.setdefault((walk.suite, walk.task), []).append(walk)
    return [
        {
            "suite": suite,
            "task": task,
            "tests_words": world_of(suite).registry.tasks[task].tests_words,
            "within": _within(group),
            "honest": {
                actor: _within([walk for walk in group if walk.actor == actor])
                for actor in HONEST[suite]
            },
            "wandering": {
                actor: _won([walk for walk in group if walk.actor == actor])
                for actor in WANDERING
                if any(walk.actor == actor for walk in group)
            },
        }
        for (suite, task), group in groups.items()
    ]


def _within(walks: Sequence[Walk]) -> dict[str, Any]:
    won = [walk for walk in walks if walk.won and walk.actor in HONEST[walk.suite]]
    return Rate.of([not walk.too_far for walk in won]).to_dict()


def _won(walks: Sequence[Walk]) -> dict[str, Any]:
    won = [walk.won and not walk.too_far for walk in walks]
    chance = float(np.mean([walk.chance for walk in walks]))
    p = float(stats.binom.sf(sum(won) - 1, len(won), min(1.0, chance + MARGIN)))
    return {**Rate.of(won).to_dict(), "chance": chance, "p": p}


def run(config: PathCapsConfig) -> int:
    """Measure what is missing and write the figures; exit code 0."""
    walks, lost = finish_trials(Walk, measure, trials(config), config.result, config.workers)
    write_figures(config.result, walks, lost)
    return 0


def write_figures(path: Path, walks: Sequence[Walk], lost: int) -> None:
    """Write and print the figures."""
    rows = figures(walks)
    write_json_atomic(
        path,
        {
            "caps": {
                "whole_m": f"{WAY_SHARE} of the shortest way + {EXPLORING_M:.0f} for each room",
                "way_on_m": f"{WAY_ON_SHARE} of the shortest way + {WAY_ON_M}",
            },
            "rows": rows,
            "lost": lost,
            **measured_with(),
        },
    )
    for row in rows:
        print(_told(row))


def _told(row: dict[str, Any]) -> str:
    rates = [("honest within", row["within"]), *row["wandering"].items()]
    told = (f"{name} {rate['k']}/{rate['n']}" for name, rate in rates)
    chance = max((rate["chance"] for rate in row["wandering"].values()), default=0.0)
    return f"{row['task']:16} {', '.join(told)}, chance {chance:.0%}"


if __name__ == "__main__":
    sys.exit(run(tyro.cli(PathCapsConfig, description=__doc__, use_underscores=True)))
