"""Probabilities of a room's doors to be the one that a route means, from what is known by now.

A route says that one door leads to a kind of room, and often how the way there goes: by a turn, or
past a thing. Each door's odds are what its room looks like, if that shows, times how well the way
to it fits the words; of a door behind which nothing shows yet only the way counts.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.perception.instructions.navigation_program import ProgramStep

# The same as in `envs.rooms.routes.route_map`; `tests/test_twins.py` compares them.
TURNS = {"go straight": 0, "turn left": 1, "turn around": 2, "turn right": 3}  # quarters, leftwards
TURN_WITHIN_RAD = {"turn left": math.radians(75), "turn right": math.radians(75)}
STRAIGHT_WITHIN_RAD = math.radians(45)  # of straight on, and of around
PASS_WITHIN_M = 1.8  # a thing that is said to be passed is no further from the straight way
ASIDE_M = 0.2  # nearer to the way than this a thing's side cannot be told
UNFIT = 0.1  # of a way that does not go as told; what is seen of things and doors may mislead
ROOM_KINDS = 8  # that a room may be of: the odds of one that nothing is known about
DOUBT = 0.02  # no look is surer than this that a room is of a kind, or not


class From(NamedTuple):
    """Place and heading at which the way to a door begins."""

    x_m: float
    y_m: float
    yaw_rad: float


class Told(NamedTuple):
    """A step that tells how the way goes, and where a thing that it passes is, if that shows."""

    step: ProgramStep
    points: NDArray[np.float64] | None = None  # (N, 2), m


def door_beliefs(likenesses: Sequence[float | None], fits: Sequence[float]) -> list[float]:
    """Probability of each door that it is the one; they sum to 1.

    Args:
        likenesses: of the room behind each to the kind that is sought, None where little shows.
        fits: of the way to each, see `fit_of`.
    """
    odds = [fit * _odds(seen) for seen, fit in zip(likenesses, fits, strict=True)]
    return [share / sum(odds) for share in odds]


def _odds(likeness: float | None) -> float:
    if likeness is None:
        return 1.0
    sure = min(max(likeness, DOUBT), 1 - DOUBT)
    return sure / (1 - sure) * (ROOM_KINDS - 1)


def fit_of(told: Sequence[Told], start: From, to: tuple[float, float]) -> float:
    """Return how well the straight way to a place fits what is told of it, in (0, 1]."""
    fit = 1.0
    for step, points in told:
        if step.op in TURNS:
            fit *= 1.0 if _turns(step.op, start, to) else UNFIT
        elif points is not None:
            fit *= 1.0 if _passes(step.side, points.mean(0), start, to) else UNFIT
    return fit


def _turns(turn: str, start: From, to: tuple[float, float]) -> bool:
    bearing = math.atan2(to[1] - start.y_m, to[0] - start.x_m) - start.yaw_rad
    off = (bearing - TURNS[turn] * math.pi / 2 + math.pi) % math.tau - math.pi
    return abs(off) <= TURN_WITHIN_RAD.get(turn, STRAIGHT_WITHIN_RAD)


def _passes(side: str, thing: NDArray[np.float64], start: From, to: tuple[float, float]) -> bool:
    way, there = np.array(to) - start[:2], thing - start[:2]
    length = max(float(np.hypot(*way)), 1e-6)
    ahead = float(way @ there) / length
    aside = float(way[0] * there[1] - way[1] * there[0]) / length  # to the left
    beside = 0.0 <= ahead <= length and abs(aside) <= PASS_WITHIN_M
    wrong_side = (
        abs(aside) > ASIDE_M and side in ("left", "right") and (aside > 0) != (side == "left")
    )
    return beside and not wrong_side
