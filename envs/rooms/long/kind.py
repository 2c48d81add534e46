"""What a kind of instruction is: how its goals are drawn, and the phrasings they are put in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from handeye.envs.rooms.long.goals import (
    ANSWER,
    CANNOT,
    GO_BACK,
    STOP_AT_START,
    Condition,
    Length,
    Subgoal,
)
from handeye.envs.rooms.long.symbolic_home import SymbolicHome


class Draft(NamedTuple):
    """A goal before it has words; the fields are those of `LongGoal`."""

    places: tuple[str, ...]
    conditions: tuple[Condition, ...]
    subgoals: tuple[Subgoal, ...]
    answer: str = ""
    what: str = ""
    number: int = 0
    meant: tuple[Subgoal, ...] = ()


Draw = Callable[[SymbolicHome, int, np.random.Generator], Draft | None]
"""(home, size, generator) -> a goal of that size; None if the home, or chance, has none."""


@dataclass(frozen=True)
class Kind:
    """One kind of instruction.

    Templates are filled by `words.say`, which lists their slots.

    Attributes:
        summary: what has to be done, for tables.
        draw: a goal in a home.
        sizes: length -> sizes that give it.
        templates: training phrasings.
        vague: training phrasings that say less plainly what is wanted.
        held_out: phrasings of the split `phrasing`.
        lacking: how many of the first places may be one that is not there.
    """

    summary: str
    draw: Draw
    sizes: Mapping[Length, tuple[int, ...]]
    templates: tuple[str, ...]
    vague: tuple[str, ...]
    held_out: tuple[str, ...]
    lacking: int = 1


def go_to(*places: str) -> tuple[Subgoal, ...]:
    """One after the other."""
    return tuple(Subgoal("go_to", place) for place in places)


def count(what: str, *rooms: str) -> tuple[Subgoal, ...]:
    """The same things in one room after the other."""
    return tuple(Subgoal("count", room, what) for room in rooms)


def reported(
    places: tuple[str, ...],
    been: tuple[Condition, ...],
    done: tuple[Subgoal, ...],
    answer: str,
    what: str = "",
) -> Draft:
    """A goal that ends with coming back to the start and saying something."""
    return Draft(places, (*been, STOP_AT_START, ANSWER), (*done, GO_BACK), answer, what)


def infeasible(draft: Draft, which: int, absent: str) -> Draft:
    """The same goal with a place that is not there: right is to search, then to say so."""
    places = (*draft.places[:which], absent, *draft.places[which + 1 :])
    searched = (Subgoal("explore", absent),)
    meant = tuple(
        replace(step, place=absent) if step.place == draft.places[which] else step
        for step in draft.subgoals
    )
    return draft._replace(
        places=places, conditions=(ANSWER,), subgoals=searched, answer=CANNOT, meant=meant
    )
