"""Chains: goals of distinct core tasks, each of which the ones before it leave feasible."""

from typing import NamedTuple

import numpy as np

from handeye.envs.core.task import SceneSamplingError
from handeye.envs.tabletop.chains.situation import (
    CATEGORIES,
    SLIDES_M,
    Situation,
    after,
    feasible_goals,
)
from handeye.envs.tabletop.chains.tables import mixed_table
from handeye.envs.tabletop.tasks import Goal, pursuable

LENGTH = 5  # subtasks of a chain, as in CALVIN
TRIES = 300
WALKS = 4  # tried on a table before another one is laid


class Chain(NamedTuple):
    """What is asked one after the other, and what is true before each.

    Attributes:
        goals: N of them, of distinct tasks.
        situations: N + 1; the last is what all of them leave behind.
    """

    goals: tuple[Goal, ...]
    situations: tuple[Situation, ...]


def sample_chain(
    rng: np.random.Generator, split: str, length: int = LENGTH, last: str | None = None
) -> tuple[Chain, int]:
    """Return a chain on a table of its own, and how many draws were rejected.

    Args:
        rng: the only source of randomness.
        split: of objects, places and words.
        length: how many goals.
        last: the task of the last goal, or None for any.

    Raises:
        SceneSamplingError: none in `TRIES` draws.
    """
    for rejected in range(TRIES):
        try:
            scene = mixed_table(rng, split)
        except SceneSamplingError:
            continue
        drawers = [i for i, thing in enumerate(scene.objects) if thing.kind == "drawer"]
        slides = {i: list(SLIDES_M)[int(rng.integers(len(SLIDES_M)))] for i in drawers}
        situation = Situation(scene, slides)
        if not all(feasible_goals(situation, task) for task in CATEGORIES):
            continue
        for _ in range(WALKS):
            chain = _walk(situation, rng, split, length, last)
            if chain is not None:
                return chain, rejected
    raise SceneSamplingError(f"no chain of {length} goals in {TRIES} draws")


def _walk(
    situation: Situation, rng: np.random.Generator, split: str, length: int, last: str | None
) -> Chain | None:
    """A random walk over what can be asked; None where it comes to an end too early."""
    goals: list[Goal] = []
    situations = [situation]
    while len(goals) < length:
        used = {goal.task for goal in goals}
        final = len(goals) == length - 1
        wanted = [last] if final and last else [c for c in CATEGORIES if c not in {*used, last}]
        offers = (_offered(situations[-1], wanted[i], split) for i in rng.permutation(len(wanted)))
        found = next(filter(None, offers), None)
        if found is None:
            return None
        goals.append(found[int(rng.integers(len(found)))])
        situations.append(after(situations[-1], goals[-1]))
    return Chain(tuple(goals), tuple(situations))


def _offered(situation: Situation, task: str, split: str) -> list[Goal]:
    goals = feasible_goals(situation, task)
    return [goals[i] for i in pursuable(situation.scene, goals, split)]
