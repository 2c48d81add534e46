"""Drawn long instructions, and what is on their tables, for tests to compare."""

import numpy as np

from handeye.envs.tabletop.long import LongSample, sample_long_goal
from handeye.envs.tabletop.long.casting import GRASPABLE
from handeye.envs.tabletop.long.goal import Length
from handeye.envs.tabletop.long.words import PLURALS
from handeye.envs.tabletop.world.scene import ObjectSpec

SINGULAR = {plural: kind for kind, plural in PLURALS.items()}


def draws(kind: str, count: int = 8, length: Length | None = None) -> list[LongSample]:
    """Some instructions of a kind."""
    return [
        sample_long_goal(np.random.default_rng(seed), kinds=(kind,), length=length)
        for seed in range(count)
    ]


def slots(sample: LongSample, name: str) -> tuple[object, ...]:
    """What fills the slots of the clause of that name."""
    return next(clause.slots for clause in sample.goal.clauses if clause.name == name)


def moves(sample: LongSample) -> dict[int, int]:
    """Thing -> where it is put last."""
    return {s.item: s.target for s in sample.goal.subgoals if s.skill in ("put", "push")}


def loose(sample: LongSample, **wanted: str) -> set[int]:
    """Things that can be moved and have these properties."""
    return {
        i for i, thing in enumerate(sample.layout.things)
        if thing.kind in GRASPABLE and all(getattr(thing, k) == v for k, v in wanted.items())
    }  # fmt: skip


def of(sample: LongSample, index: int) -> ObjectSpec:
    """The thing of that number."""
    return sample.layout.things[index]


def so_many(sample: LongSample, plural: object) -> int:
    """How many things of a shape are on the table."""
    return sum(thing.kind == SINGULAR[str(plural)] for thing in sample.layout.things)
