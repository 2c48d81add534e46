"""A furnished apartment as plain data: rooms, doors and furniture. Walls follow from these.

World frame: x and y in m on the floor, z up. Rooms are rectangles that share their edges; a wall of
`WALL_M` stands on every edge, half of it in either room, except where a door is.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from handeye.envs.scene import COLOURS

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


class Piece(NamedTuple):
    """Outer size of a kind of furniture; its front faces its own +x."""

    depth_m: float  # along x
    width_m: float  # along y
    height_m: float


PIECES: dict[str, Piece] = {
    "armchair": Piece(0.80, 0.80, 0.85),
    "bathtub": Piece(0.75, 1.60, 0.55),
    "bed": Piece(2.00, 1.50, 0.55),
    "box": Piece(0.40, 0.40, 0.40),
    "cabinet": Piece(0.45, 1.00, 0.90),
    "chair": Piece(0.45, 0.45, 0.90),
    "desk": Piece(0.60, 1.20, 0.75),
    "fridge": Piece(0.65, 0.65, 1.80),
    "lamp": Piece(0.35, 0.35, 1.60),
    "plant": Piece(0.40, 0.40, 1.10),
    "shelf": Piece(0.30, 0.90, 1.80),
    "sink": Piece(0.50, 0.60, 0.90),
    "sofa": Piece(0.85, 1.80, 0.80),
    "stove": Piece(0.60, 0.60, 0.90),
    "table": Piece(0.80, 1.20, 0.75),
    "toilet": Piece(0.65, 0.40, 0.80),
    "wardrobe": Piece(0.60, 1.20, 2.00),
}


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
        """Whether the two share more than an edge."""
        margin = 1e-6
        return (
            self.x0 < other.x1 - margin
            and other.x0 < self.x1 - margin
            and self.y0 < other.y1 - margin
            and other.y0 < self.y1 - margin
        )

    def contains(self, x: float, y: float) -> bool:
        """Whether the point lies inside or on the edge."""
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


@dataclass(frozen=True)
class Furniture:
    """One piece. `quarter_turns` counter-clockwise from facing world +x."""

    name: str
    kind: str
    colour: str
    room: int
    centre_m: tuple[float, float]
    quarter_turns: int

    @property
    def footprint(self) -> Rect:
        """What it covers of the floor."""
        piece = PIECES[self.kind]
        depth, width = piece.depth_m, piece.width_m
        if self.quarter_turns % 2:
            depth, width = width, depth
        x, y = self.centre_m
        return Rect(x - depth / 2, y - width / 2, x + depth / 2, y + width / 2)


@dataclass(frozen=True)
class Apartment:
    """Rooms, doors and furniture that fit together.

    Raises:
        ValueError: rooms or furniture overlap, a door is in no common wall, a name is unknown.
    """

    rooms: tuple[Room, ...]
    doors: tuple[Door, ...]
    furniture: tuple[Furniture, ...] = ()

    def __post_init__(self) -> None:
        if not self.rooms:
            raise ValueError("an apartment needs at least one room")
        _check_rooms(self.rooms)
        for door in self.doors:
            self.door_edge(door)
        _check_furniture(self)

    def room_at(self, x: float, y: float) -> int:
        """Index of the room that holds the point, or -1."""
        return next((i for i, room in enumerate(self.rooms) if room.floor.contains(x, y)), -1)

    @property
    def bounds(self) -> Rect:
        """The rectangle around all rooms."""
        corners = np.array([room.floor for room in self.rooms])
        low, high = corners[:, :2].min(0), corners[:, 2:].max(0)
        return Rect(*low.tolist(), *high.tolist())

    def door_edge(self, door: Door) -> Edge:
        """The gap that a door leaves in its wall.

        Raises:
            ValueError: its rooms share no wall there.
        """
        first, second = (self.rooms[index] for index in door.rooms)
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

    def walls(self) -> list[Rect]:
        """Footprints of all walls, doorways left open."""
        lines: dict[tuple[int, float], list[tuple[float, float]]] = {}
        for room in self.rooms:
            for edge in edges(room.floor):
                line = lines.setdefault((edge.axis, round(edge.at_m, 6)), [])
                line.append((edge.low_m, edge.high_m))
        gaps = [self.door_edge(door) for door in self.doors]
        return [
            _wall(axis, at, low, high)
            for (axis, at), spans in sorted(lines.items())
            for low, high in _without(
                _united(spans),
                [(g.low_m, g.high_m) for g in gaps if (g.axis, round(g.at_m, 6)) == (axis, at)],
            )
        ]

    def to_dict(self) -> dict[str, Any]:
        """The apartment as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Apartment":
        """The inverse of `to_dict`.

        Raises:
            ValueError: a field is missing or of a wrong kind, or the parts do not fit together.
        """
        try:
            rooms = tuple(Room(r["kind"], Rect(*r["floor"])) for r in data["rooms"])
            doors = tuple(Door(tuple(d["rooms"]), tuple(d["centre_m"])) for d in data["doors"])
            furniture = tuple(
                Furniture(**{**f, "centre_m": tuple(f["centre_m"])}) for f in data["furniture"]
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an apartment: {error}; write with Apartment.to_dict") from error
        return cls(rooms, doors, furniture)


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


def _check_rooms(rooms: tuple[Room, ...]) -> None:
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


def _check_furniture(apartment: Apartment) -> None:
    names = [piece.name for piece in apartment.furniture]
    if len(set(names)) != len(names):
        raise ValueError(f"furniture needs names of its own, got {sorted(names)}")
    for piece in apartment.furniture:
        if piece.kind not in PIECES or piece.colour not in COLOURS:
            raise ValueError(
                f"{piece.name!r} has the unknown kind {piece.kind!r} or {piece.colour!r}"
            )
        if not 0 <= piece.room < len(apartment.rooms):
            raise ValueError(f"{piece.name!r} stands in room {piece.room}, which does not exist")
        room, foot = apartment.rooms[piece.room], piece.footprint
        inside = room.floor.grown(1e-6 - WALL_M / 2)
        if not (inside.contains(foot.x0, foot.y0) and inside.contains(foot.x1, foot.y1)):
            raise ValueError(f"{piece.name!r} stands in a wall of the {room.kind}")
    for a, b in combinations(apartment.furniture, 2):
        if a.room == b.room and a.footprint.overlaps(b.footprint):
            raise ValueError(f"{a.name!r} and {b.name!r} stand in one another")


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
