r"""Let adversaries that never read act in every task, and test that none beats chance.

    python -m handeye.experiments.checks.adversaries --episodes 200 --workers 2

Chance is the best that one deed can win without the words, averaged over the scenes played. An
adversary fails a task if its successes are significantly more than chance + 5 points would give
(binomial, one-sided, 5 %, Holm over all pairs of an adversary and a task). Episodes are appended to
a file as they end: the command goes on where it was stopped.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import tyro
from scipy import stats

from handeye.envs.suites import WORLDS, tasks_of, world_of
from handeye.experiments.adversaries.registry import adversaries_of
from handeye.experiments.checks.adversary_trials import Played, Trial, play
from handeye.experiments.checks.trial_lines import finish_trials
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import write_json_atomic
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED
from handeye.experiments.records.significance import holm
from handeye.experiments.records.statistics import wilson_interval

MARGIN = 0.05  # above chance, which is allowed
ALPHA = 0.05
SIMPLE = ("blind", "random")  # baselines that stand beside the adversaries


@dataclass(frozen=True)
class AdversariesConfig:
    """Who acts where.

    Attributes:
        suites: suites or tasks; none: all suites.
        adversaries: names; none: all that have something to do there, with blind and random.
        episodes: of each adversary in each task.
        seed: of the first episode; the others follow.
        workers: processes; 0 runs in this one.
        split: of the suites.
        result: JSON file of the rows; the episodes are kept beside it.
    """

    suites: tuple[str, ...] = ()
    adversaries: tuple[str, ...] = ()
    episodes: int = 200
    seed: int = FIRST_EVALUATION_SEED
    workers: int = 2
    split: str = "seen"
    result: Path = Path("results/adversaries.json")


@dataclass(frozen=True)
class Row:
    """An adversary in a task.

    Attributes:
        suite, task, adversary: which.
        k: strict successes.
        reached: episodes in which the goal held at some step.
        n: episodes.
        wilson95: of the successes.
        chance: mean over the scenes.
        p: one-sided, against chance + `MARGIN`.
        p_holm: adjusted for all rows of tasks that test words.
        verdict: "within", "beats chance", or "shown" where the words say "everything".
    """

    suite: str
    task: str
    adversary: str
    k: int
    reached: int
    n: int
    wilson95: tuple[float, float]
    chance: float
    p: float
    p_holm: float
    verdict: Literal["within", "beats chance", "shown"]


def judged(played: Iterable[Played]) -> list[Row]:
    """Return a row for each adversary in each task, in the order in which they came."""
    groups: dict[tuple[str, str, str], list[Played]] = {}
    for episode in played:
        key = (episode.suite, episode.task, episode.adversary)
        groups.setdefault(key, []).append(episode)
    found = {key: beats_chance(episodes) for key, episodes in groups.items()}
    tested = [key for key in groups if world_of(key[0]).registry.tasks[key[1]].tests_words]
    adjusted = dict(zip(tested, holm([found[key] for key in tested]), strict=True))
    return [_row(key, groups[key], found[key], adjusted.get(key)) for key in groups]


def beats_chance(episodes: Sequence[Played]) -> float:
    """Return the one-sided p-value of so many successes where chance + `MARGIN` is what wins."""
    k, n = sum(e.success for e in episodes), len(episodes)
    bar = min(1.0, float(np.mean([e.chance for e in episodes])) + MARGIN)
    return float(stats.binom.sf(k - 1, n, bar))


def _row(
    key: tuple[str, str, str], episodes: Sequence[Played], p: float, p_holm: float | None
) -> Row:
    k, n = sum(e.success for e in episodes), len(episodes)
    return Row(
        *key,
        k=k,
        reached=sum(e.goal_reached for e in episodes),
        n=n,
        wilson95=wilson_interval(k, n),
        chance=float(np.mean([e.chance for e in episodes])),
        p=p,
        p_holm=1.0 if p_holm is None else p_holm,
        verdict="shown" if p_holm is None else "beats chance" if p_holm < ALPHA else "within",
    )


def trials(config: AdversariesConfig) -> list[Trial]:
    """Return every episode to play, seed by seed, so that a run that is stopped is balanced.

    Raises:
        UnknownName: there is no such suite or task.
    """
    suites = config.suites or tuple(name for world in WORLDS for name in world.suites)
    found = []
    for seed in range(config.seed, config.seed + config.episodes):
        for suite in suites:
            names = config.adversaries or (*adversaries_of(world_of(suite)), *SIMPLE)
            fitting = [name for name in names if _fits(name, suite)]
            found += [
                Trial(suite, task, name, seed, config.split)
                for task in tasks_of(suite, config.split)
                for name in fitting
            ]
    return found


def _fits(name: str, suite: str) -> bool:
    world = world_of(suite)
    return name in SIMPLE or name in adversaries_of(world)


def run(config: AdversariesConfig) -> int:
    """Play what is missing, judge, write; exit code 0 if no adversary beats chance."""
    episodes, lost = finish_trials(Played, play, trials(config), config.result, config.workers)
    rows = judged(episodes)
    wins = [row for row in rows if row.verdict == "beats chance"]
    found = {"rows": [asdict(row) for row in rows], "lost": lost}
    write_json_atomic(config.result, {**found, **measured_with()})
    for row in wins:
        print(
            f"{row.adversary} beats chance in {row.task} of {row.suite}: {row.k} of {row.n}, "
            f"chance {row.chance:.0%}, p {row.p_holm:.2g}"
        )
    told = f", {lost} episodes were lost" if lost else ""
    print(f"{len(rows)} pairs of an adversary and a task, {len(wins)} beat chance{told}")
    return 1 if wins else 0


if __name__ == "__main__":
    sys.exit(run(tyro.cli(AdversariesConfig, description=__doc__, use_underscores=True)))
