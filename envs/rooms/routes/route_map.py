"""What the words of a route mean on the map: doors counted from where one stands, turns, passing.

Shared by what describes a route (`routes.py`) and what follows one (`route_executor.py`), so that
"the second door on your left" is the same door to both.
"""

import math
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rooms.apartments.contents import FREE_STANDING
from handeye.envs.rooms.apartments.floor import Edge, Rect, door_gap
from handeye.envs.rooms.scene.geodesic import GoalField
from handeye.envs.rooms.scene.scene import RoomScene, RoomsObject

# The turns, `AHEAD_M` and `APART_M` are repeated by those who follow routes
# (`policies.modular.door_belief` and `route_follower`); `tests/test_twins.py` compares them.
TURNS = {"go straight": 0, "turn left": 1, "turn around": 2, "turn right": 3}  # quarters, leftwards
SIDES = ("left", "right", "ahead")
BESIDE_M = 0.5  # from a thing to where somebody stops at it
AROUND_POINTS = 4  # places along each side of a free-standing thing
AHEAD_M = 0.25  # a door further on than this is still to come
APART_M = 0.6  # doors this far apart along the way have an order even on opposite sides
SAMPLE_M = 0.1  # along a path, where distances to things are taken


class Where(NamedTuple):
    """Where a walker stands and looks, in which room, and the door it came through (-1: none)."""

    x_m: float
    y_m: float
    yaw_rad: float
    room: int
    door: int = -1

    @property
    def xy(self) -> tuple[float, float]:
        """Its place."""
        return self.x_m, self.y_m

    @property
    def quarter(self) -> int:
        """Quarter turns from world +x to the nearest of the four directions of walls."""
        return round(self.yaw_rad / (math.pi / 2)) % 4

    @property
    def askew_rad(self) -> float:
        """How far the look is off that direction, 0 to pi / 4."""
        return abs(math.remainder(self.yaw_rad, math.pi / 2))


class Passing(NamedTuple):
    """How a path goes by a thing at its nearest.

    Attributes:
        distance_m: from the path to the footprint.
        aside_m: of the footprint's middle from the path, positive to the left.
        share: of the path's length where it is nearest, 0 to 1.
    """

    distance_m: float
    aside_m: float
    share: float

    @property
    def side(self) -> str:
        """On which side of the path the thing is."""
        return "left" if self.aside_m > 0 else "right"


class RouteMap:
    """An apartment with the robot's start pose, as somebody sees it who walks by words."""

    def __init__(self, scene: RoomScene) -> None:
        self.scene = scene
        self.apartment = scene.apartment
        rooms = self.apartment.rooms
        self.gaps: list[Edge] = [door_gap(rooms, door) for door in self.apartment.doors]
        self.doors_of: list[list[int]] = [
            [number for number, door in enumerate(self.apartment.doors) if index in door.rooms]
            for index in range(len(rooms))
        ]

    @cached_property
    def start(self) -> Where:
        """Where the robot starts."""
        start = self.scene.start
        return Where(*start.xy, start.yaw_rad, self.apartment.room_at(*start.xy))

    def beyond(self, door: int, room: int) -> int:
        """The room on the other side of a door of `room`."""
        a, b = self.apartment.doors[door].rooms
        return b if room == a else a

    def outward(self, door: int, room: int) -> int:
        """Quarter turns from +x of the direction in which one leaves `room` by the door."""
        gap = self.gaps[door]
        low_side = gap.at_m < self.apartment.rooms[room].floor.centre[gap.axis]
        return gap.axis + 2 if low_side else gap.axis

    def through(self, here: Where, door: int) -> Where:
        """In the doorway, about to step into the room behind it."""
        yaw = self.outward(door, here.room) * math.pi / 2
        return Where(*self.apartment.doors[door].centre_m, yaw, self.beyond(door, here.room), door)

    def exits(self, here: Where) -> list[int]:
        """Doors by which to leave: not the one just come through, unless there is no other."""
        doors = self.doors_of[here.room]
        return [door for door in doors if door != here.door] or doors

    def way(self, here: Where, to: tuple[float, float]) -> NDArray[np.float64] | None:
        """The shortest path (K >= 2, 2) between the two with room to spare, None if none."""
        if not self.scene.free.is_free(*to) or np.isinf(self._from(here).distance_m(*to)):
            return None
        return self._from(here).path(*to)[::-1]

    def doors_on(self, here: Where, turn: str, side: str) -> list[int]:
        """Doors in the order in which they are come to, by someone who turns and walks along walls.

        Args:
            here: where the walk begins.
            turn: a key of `TURNS`, or "" for straight on.
            side: of `SIDES`, or "" for left and right counted together, as far as their order is
                clear. Ahead is the far wall.
        """
        quarter = (here.quarter + TURNS.get(turn, 0)) % 4
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
        wanted = {"left": (1,), "right": (3,), "ahead": (0,), "": (1, 3)}[side]
        found = []
        for door in self.doors_of[here.room]:
            x, y = self.apartment.doors[door].centre_m
            along = cos * (x - here.x_m) + sin * (y - here.y_m)
            wall = (self.outward(door, here.room) - quarter) % 4
            if door != here.door and wall in wanted and along > AHEAD_M:
                found.append((along, door))
        found.sort()
        if side:
            return [door for _, door in found]
        return [door for _, door in found[: _clear_order([along for along, _ in found])]]

    def counted_door(self, here: Where, turn: str, ordinal: int, side: str) -> int | None:
        """The door that is meant; ordinal 0 is the only one on that side. None if there is none."""
        doors = self.doors_on(here, turn, side)
        if ordinal == 0:
            return doors[0] if len(doors) == 1 else None
        return doors[ordinal - 1] if ordinal <= len(doors) else None

    def place_in(self, room: int) -> tuple[float, float] | None:
        """The middle of a room, or the free place nearest to it."""
        floor = self.apartment.rooms[room].floor
        try:
            x, y = self.scene.free.nearest_free(*floor.centre)
        except ValueError:
            return None
        return (x, y) if floor.contains(x, y) else None

    def place_at(self, here: Where, name: str) -> tuple[float, float] | None:
        """Where somebody who comes from `here` stops at a thing; None where nobody can.

        In front of what has a front; beside anything else, where it is come to first.
        """
        room = self.apartment.rooms[self.scene.things[name].room].floor
        free = self.scene.free.is_free
        places = [p for p in self._beside(name) if room.contains(*p) and free(*p)]
        if not places:
            return None
        distances = self._from(here).distances_m(places)
        nearest = int(distances.argmin())
        return places[nearest] if np.isfinite(distances[nearest]) else None

    def _from(self, here: Where) -> GoalField:
        """Distances from there: paths can be gone both ways. The free space remembers the field."""
        free = self.scene.free
        return free.field_to(free.nearest_free(*here.xy))

    def _beside(self, name: str) -> list[tuple[float, float]]:
        thing = self.scene.things[name]
        foot = thing.footprint
        if thing.kind in FREE_STANDING:
            return _around(foot)
        x, y = foot.centre
        ring = foot.grown(BESIDE_M)
        return [((ring.x1, y), (x, ring.y1), (ring.x0, y), (x, ring.y0))[thing.quarter_turns]]


def turn_angle(here: Where, to: tuple[float, float]) -> float:
    """How far to turn to look at a point, rad, positive to the left, within [-pi, pi)."""
    bearing = math.atan2(to[1] - here.y_m, to[0] - here.x_m)
    return (bearing - here.yaw_rad + math.pi) % (2 * math.pi) - math.pi


def fits_turn(turn: str, angle_rad: float, slack_rad: float) -> bool:
    """Return whether a turn by that angle may be called so.

    It may within 60 degrees of left or right, within 30 of straight or around, and `slack_rad`
    more.
    """
    wide = math.radians(60.0 if turn in ("turn left", "turn right") else 30.0) + slack_rad
    off = angle_rad - TURNS[turn] * math.pi / 2
    return abs((off + math.pi) % (2 * math.pi) - math.pi) <= wide


def passings(path: NDArray[np.float64], things: Sequence[RoomsObject]) -> list[Passing]:
    """How a path (K >= 2, 2) goes by each of the things."""
    points, ways, shares = _sampled(path)
    found = []
    for thing in things:
        distances = thing.distances_m(points)
        nearest = int(distances.argmin())
        to_middle = thing.footprint.centre - points[nearest]
        aside = ways[nearest, 0] * to_middle[1] - ways[nearest, 1] * to_middle[0]
        found.append(Passing(float(distances[nearest]), float(aside), float(shares[nearest])))
    return found


def _sampled(
    path: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Points every `SAMPLE_M`, the unit direction at each, and its share of the length."""
    steps = np.diff(path, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    ends = np.cumsum(lengths)
    at = np.linspace(0.0, ends[-1], max(2, math.ceil(ends[-1] / SAMPLE_M)))
    leg = np.minimum(np.searchsorted(ends, at), len(lengths) - 1)
    ways = steps[leg] / np.maximum(lengths[leg], 1e-9)[:, None]
    points = path[leg] + ways * (at - (ends - lengths)[leg])[:, None]
    return points, ways, at / max(float(ends[-1]), 1e-9)


def _around(foot: Rect) -> list[tuple[float, float]]:
    """Places `BESIDE_M` from a footprint, on all four sides."""
    ring = foot.grown(BESIDE_M)
    across = np.linspace(foot.x0, foot.x1, AROUND_POINTS).tolist()
    along = np.linspace(foot.y0, foot.y1, AROUND_POINTS).tolist()
    points = [(x, y) for x in across for y in (ring.y0, ring.y1)]
    return points + [(x, y) for y in along for x in (ring.x0, ring.x1)]


def _clear_order(along: list[float]) -> int:
    """How many of the sorted distances come before the first two that are too close to tell."""
    for index in range(1, len(along)):
        if along[index] - along[index - 1] < APART_M:
            return index - 1
    return len(along)
