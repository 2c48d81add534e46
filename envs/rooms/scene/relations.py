"""Where on the floor of an apartment "between", "next to" and "in front of" are."""

import math
from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rooms.apartments.floor import Rect
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M, RoomScene, RoomsObject
from handeye.envs.rooms.scene.viewpoints import NOT_IN_DOOR_M, reachable, viewpoints, with_room

RELATIONS = ("between", "next to", "in front of")
GAP_M = (1.2, 4.0)  # least and most between two things for a robot to stop between them
MIDDLE_SHARE = 0.6  # of the line between two things that is between them
NEAR_MIDDLE_M = 1.0  # of that line
BESIDE_LINE_M = 0.75
FRONT_M = 1.2  # as far as that from a front is in front of it
FRONT_MARGIN_M = 0.3  # to either side of the front
FRONTED = (
    *("armchair", "bed", "cabinet", "desk", "fridge", "shelf"),
    *("picture", "sink", "sofa", "stove", "toilet", "wardrobe", "window"),
)  # kinds of things whose front is plain to see


class Gap(NamedTuple):
    """The shortest line between two footprints, in the middle of where they face each other, m."""

    start: tuple[float, float]
    end: tuple[float, float]

    @property
    def length_m(self) -> float:
        """How far the two stand apart."""
        return math.dist(self.start, self.end)

    def point_m(self, share: float, aside_m: float = 0.0) -> tuple[float, float]:
        """The point after a share of the line, and to the left of it."""
        (x0, y0), (x1, y1), length = self.start, self.end, self.length_m
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        return x - aside_m * (y1 - y0) / length, y + aside_m * (x1 - x0) / length

    def holds(self, x: float, y: float) -> bool:
        """Return whether a point is between the two: near middle and line, not at an end."""
        (x0, y0), (x1, y1), length = self.start, self.end, self.length_m
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length**2
        aside_m = abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) / length
        near = math.dist((x, y), self.point_m(0.5)) <= NEAR_MIDDLE_M
        return near and abs(along - 0.5) <= MIDDLE_SHARE / 2 and aside_m <= BESIDE_LINE_M


def gap_between(a: Rect, b: Rect) -> Gap:
    """The gap from one footprint to another; its length is 0 where they overlap."""
    (x0, x1), (y0, y1) = _nearest(a.x0, a.x1, b.x0, b.x1), _nearest(a.y0, a.y1, b.y0, b.y1)
    return Gap((x0, y0), (x1, y1))


def front_of(thing: RoomsObject) -> Rect:
    """The floor in front of a thing: `FRONT_M` deep, a bit wider than the thing."""
    x0, y0, x1, y1 = thing.footprint
    across = FRONT_MARGIN_M
    return (
        Rect(x1, y0 - across, x1 + FRONT_M, y1 + across),
        Rect(x0 - across, y1, x1 + across, y1 + FRONT_M),
        Rect(x0 - FRONT_M, y0 - across, x0, y1 + across),
        Rect(x0 - across, y0 - FRONT_M, x1 + across, y0),
    )[thing.quarter_turns]


def stands(scene: RoomScene, relation: str, names: Sequence[str], x: float, y: float) -> bool:
    """Return whether a point on the floor has a relation of `RELATIONS` to the things named."""
    things = [scene.things[name] for name in names]
    if relation == "between":
        return gap_between(things[0].footprint, things[1].footprint).holds(x, y)
    if relation == "in front of":
        return front_of(things[0]).contains(x, y)
    return things[0].distance_m(x, y) <= STOP_WITHIN_M


def standing_places(scene: RoomScene, relation: str, names: Sequence[str]) -> NDArray[np.float64]:
    """Free points (G, 2) well within a relation that can be reached from the scene's start."""
    things = [scene.things[name] for name in names]
    if relation == "next to":
        return viewpoints(scene, names[0])
    if relation == "between":
        gap = gap_between(things[0].footprint, things[1].footprint)
        points = [gap.point_m(*step) for step in product((0.4, 0.5, 0.6), (-0.3, 0.0, 0.3))]
    else:
        x0, y0, x1, y1 = front_of(things[0]).grown(-FRONT_MARGIN_M)
        points = list(product(np.linspace(x0, x1, 4).tolist(), np.linspace(y0, y1, 4).tolist()))
    places = np.array(points)
    places = places[scene.inside(things[0].room, places, NOT_IN_DOOR_M)]
    return reachable(scene, with_room(scene, places))


def _nearest(a0: float, a1: float, b0: float, b1: float) -> tuple[float, float]:
    """Of two intervals the ends that face each other, or twice the middle of what they share."""
    if a1 < b0:
        return a1, b0
    if b1 < a0:
        return a0, b1
    middle = (max(a0, b0) + min(a1, b1)) / 2
    return middle, middle
