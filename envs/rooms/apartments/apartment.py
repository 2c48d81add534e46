"""A furnished apartment as plain data: rooms, doors, furniture, and what hangs on the walls.

World frame: x and y in m on the floor, z up. Rooms are rectangles that share their edges; a wall of
`WALL_M` stands on every edge, half of it in either room, except where a door is. The rooms
themselves are in `floor.py`, what hangs on walls in `wall_pieces.py`.
"""

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.floor import (
    WALL_M,
    Door,
    Rect,
    Room,
    check_rooms,
    door_gap,
    wall_footprints,
)
from handeye.envs.rooms.apartments.wall_pieces import WallPiece, check_wall_pieces


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
# The furniture of shipped suites, in the order in which it counts. Frozen: a kind that is added to
# `PIECES` may stand in scenes of one's own, and changes no shipped episode.
SUITE_FURNITURE: tuple[str, ...] = (
    *("armchair", "bathtub", "bed", "box", "cabinet", "chair", "desk", "fridge", "lamp"),
    *("plant", "shelf", "sink", "sofa", "stove", "table", "toilet", "wardrobe"),
)


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
    """Rooms, doors, furniture and wall pieces that fit together.

    Raises:
        ValueError: rooms or furniture overlap, a door is in no common wall, something hangs where
            it cannot, a name is unknown or twice there.
    """

    rooms: tuple[Room, ...]
    doors: tuple[Door, ...]
    furniture: tuple[Furniture, ...] = ()
    wall_pieces: tuple[WallPiece, ...] = ()

    def __post_init__(self) -> None:
        if not self.rooms:
            raise ValueError("an apartment needs at least one room")
        check_rooms(self.rooms)
        gaps = [door_gap(self.rooms, door) for door in self.doors]
        names = [piece.name for piece in self.furniture]
        names += [piece.name for piece in self.wall_pieces]
        if len(set(names)) != len(names):
            raise ValueError(f"furniture needs names of its own, got {sorted(names)}")
        _check_furniture(self)
        check_wall_pieces(self.wall_pieces, self.rooms, gaps)

    def room_at(self, x: float, y: float) -> int:
        """Index of the room that holds the point, or -1."""
        return next((i for i, room in enumerate(self.rooms) if room.floor.contains(x, y)), -1)

    @property
    def bounds(self) -> Rect:
        """The rectangle around all rooms."""
        corners = np.array([room.floor for room in self.rooms])
        low, high = corners[:, :2].min(0), corners[:, 2:].max(0)
        return Rect(*low.tolist(), *high.tolist())

    def walls(self) -> list[Rect]:
        """Footprints of all walls, doorways left open."""
        gaps = [door_gap(self.rooms, door) for door in self.doors]
        return wall_footprints([room.floor for room in self.rooms], gaps)

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
            wall_pieces = tuple(
                WallPiece(**{**w, "centre_m": tuple(w["centre_m"])}) for w in data["wall_pieces"]
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an apartment: {error}; write with Apartment.to_dict") from error
        return cls(rooms, doors, furniture, wall_pieces)


def _check_furniture(apartment: Apartment) -> None:
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
