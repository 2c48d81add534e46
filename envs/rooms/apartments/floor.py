"""Rooms and doors on the floor: rectangles that share their edges, and the walls between them.

World frame: x and y in m on the floor, z up. A wall of `WALL_M` stands on every edge of a room,
half of it on either side, except where a door is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

WALL_M = 0.10
WALL_HEIGHT_M = 2.5
DOOR_M = 1.0
GRID_M = 0.05  # every edge lies on a multiple, so that an occupancy grid is exact
ROOM_KINDS = (
    "hallway",
    "living room",
    "kitchen",
    "bedroom",
    "bathroom",
    "study",
    "dining room",
    "storage room",
    "playroom",
)


class Rect(NamedTuple):
    """An axis-aligned rectangle on the floor, m."""

    x0: float
    y0: float
    x1: float
    y1: float

    def grown(self, by_m: float) -> "Rect":
        """With every side moved outwards (inwards if negative)."""
        return Rect(self.x0 - by_m, self.y0 - by_m, self.x1 + by_m, self.y1 + by_m)

    def overlaps(self, other: "Rect") -> bool:
        """Return whether the two share more than an edge."""
        margin = 1e-6
        return (
            self.x0 < other.x1 - margin
            and other.x0 < self.x1 - margin
            and self.y0 < other.y1 - margin
            and other.y0 < self.y1 - margin
        )

    def contains(self, x: float, y: float) -> bool:
        """Return whether the point lies inside or on the edge."""
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def area_m2(self) -> float:
        """Width times depth."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)


class Edge(NamedTuple):
    """A piece of a straight line along a wall: at x = `at_m` if `axis` is 0, at y = `at_m` if 1."""

    axis: int
    at_m: float
    low_m: float  # along the other axis
    high_m: float

    @property
    def length_m(self) -> float:
        """How long it is."""
        return self.high_m - self.low_m


@dataclass(frozen=True)
class Room:
    """One room. Its name is its kind, which no other room of the apartment has."""

    kind: str
    floor: Rect


@dataclass(frozen=True)
class Door:
    """An open doorway of `DOOR_M` between two rooms, by their index; `centre_m` on their wall."""

    rooms: tuple[int, int]
    centre_m: tuple[float, float]


def edges(floor: Rect) -> Iterator[Edge]:
    """The four sides of a room."""
    for at in (floor.x0, floor.x1):
        yield Edge(0, at, floor.y0, floor.y1)
    for at in (floor.y0, floor.y1):
        yield Edge(1, at, floor.x0, floor.x1)


def shared_edge(a: Rect, b: Rect) -> Edge | None:
    """Where two rooms stand wall to wall, or None."""
    for one in edges(a):
        for other in edges(b):
            low, high = max(one.low_m, other.low_m), min(one.high_m, other.high_m)
            if one.axis == other.axis and abs(one.at_m - other.at_m) < 1e-6 and high - low > 1e-6:
                return Edge(one.axis, one.at_m, low, high)
    return None


def inner_wall(floor: Rect, facing: int) -> Edge:
    """The surface of the wall of a room that faces into it `facing` quarter turns from +x."""
    axis, low_side = facing % 2, facing < 2
    at = (floor.x0, floor.y0, floor.x1, floor.y1)[facing]
    low, high = (floor.y0, floor.y1) if axis == 0 else (floor.x0, floor.x1)
    half = WALL_M / 2
    return Edge(axis, at + half if low_side else at - half, low + half, high - half)


def door_gap(rooms: Sequence[Room], door: Door) -> Edge:
    """The gap that a door leaves in the wall between its rooms.

    Raises:
        ValueError: a room of it does not exist, or its rooms share no wall there.
    """
    if len(door.rooms) != 2 or not all(0 <= index < len(rooms) for index in door.rooms):
        raise ValueError(
            f"the door at {door.centre_m} joins rooms {door.rooms}; there are 0 to {len(rooms) - 1}"
        )
    first, second = (rooms[index] for index in door.rooms)
    wall = shared_edge(first.floor, second.floor)
    if wall is not None:
        at, along = door.centre_m if wall.axis == 0 else door.centre_m[::-1]
        gap = Edge(wall.axis, wall.at_m, along - DOOR_M / 2, along + DOOR_M / 2)
        inside = wall.low_m - 1e-6 <= gap.low_m and gap.high_m <= wall.high_m + 1e-6
        if abs(at - wall.at_m) < 1e-6 and inside:
            return gap
    raise ValueError(
        f"the door at {door.centre_m} is in no wall that {first.kind} and {second.kind} share"
    )


def wall_footprints(floors: Iterable[Rect], gaps: Iterable[Edge]) -> list[Rect]:
    """What the walls around the floors cover, doorways left open."""
    lines: dict[tuple[int, float], list[tuple[float, float]]] = {}
    for floor in floors:
        for edge in edges(floor):
            line = lines.setdefault((edge.axis, round(edge.at_m, 6)), [])
            line.append((edge.low_m, edge.high_m))
    open_m: dict[tuple[int, float], list[tuple[float, float]]] = {}
    for gap in gaps:
        open_m.setdefault((gap.axis, round(gap.at_m, 6)), []).append((gap.low_m, gap.high_m))
    return [
        _wall(axis, at, low, high)
        for (axis, at), spans in sorted(lines.items())
        for low, high in _without(_united(spans), open_m.get((axis, at), []))
    ]


def check_rooms(rooms: Sequence[Room]) -> None:
    """Refuse rooms that are unknown, flat, twice there or in one another.

    Raises:
        ValueError: which room, and why.
    """
    for room in rooms:
        floor = np.array(room.floor)
        if (
            room.kind not in ROOM_KINDS
            or not np.isfinite(floor).all()
            or (floor[2:] <= floor[:2]).any()
        ):
            raise ValueError(
                f"room {room.kind!r} with floor {room.floor} is unknown or has no area"
            )
    for a, b in combinations(rooms, 2):
        if a.kind == b.kind:
            raise ValueError(f"two rooms are a {a.kind}: instructions could not tell them apart")
        if a.floor.overlaps(b.floor):
            raise ValueError(f"the walls of {a.kind} and {b.kind} overlap")


def _united(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Intervals joined where they touch, in order, each half a wall longer at its ends."""
    united: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if united and low <= united[-1][1] + 1e-6:
            united[-1] = (united[-1][0], max(united[-1][1], high))
        else:
            united.append((low, high))
    return [(low - WALL_M / 2, high + WALL_M / 2) for low, high in united]  # corners are filled


def _without(
    spans: list[tuple[float, float]], gaps: list[tuple[float, float]]
) -> Iterator[tuple[float, float]]:
    """What the gaps leave of the intervals."""
    for low, high in spans:
        start = low
        for gap_low, gap_high in sorted(
            g for g in gaps if low - 1e-6 <= g[0] and g[1] <= high + 1e-6
        ):
            if gap_low > start:
                yield start, gap_low
            start = gap_high
        if high > start:
            yield start, high


def _wall(axis: int, at: float, low: float, high: float) -> Rect:
    across = at - WALL_M / 2, at + WALL_M / 2
    if axis == 0:
        return Rect(across[0], low, across[1], high)
    return Rect(low, across[0], high, across[1])
