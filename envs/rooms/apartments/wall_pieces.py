"""What hangs on the walls of an apartment: windows, pictures, and signs that name rooms.

Landmarks for instructions and questions. A sign hangs beside a door and says, in capitals, which
room lies behind it ("KITCHEN").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.floor import (
    WALL_HEIGHT_M,
    WALL_M,
    Edge,
    Rect,
    Room,
    edges,
    inner_wall,
)


class WallSize(NamedTuple):
    """Outer size of a kind of wall piece, and how high it usually hangs."""

    width_m: float  # along the wall
    height_m: float
    centre_height_m: float  # of its middle above the floor


WALL_PIECES: dict[str, WallSize] = {
    "window": WallSize(1.20, 1.20, 1.50),
    "picture": WallSize(0.60, 0.50, 1.60),
    "sign": WallSize(0.60, 0.20, 1.40),
}


@dataclass(frozen=True)
class WallPiece:
    """One thing on a wall.

    Attributes:
        name: its own in the apartment.
        kind: a key of `WALL_PIECES`.
        colour: a key of `COLOURS`; of a window the frame's.
        room: index of the room that it is seen from.
        centre_m: x, y, z of its middle, on that room's surface of the wall.
        facing: quarter turns counter-clockwise of its normal from world +x, 0 to 3; the normal
            points into the room.
        text: what a sign says; "" for everything else.
    """

    name: str
    kind: str
    colour: str
    room: int
    centre_m: tuple[float, float, float]
    facing: int
    text: str = ""

    @property
    def edge(self) -> Edge:
        """What it covers of the wall's surface, seen from above."""
        axis, half = self.facing % 2, WALL_PIECES[self.kind].width_m / 2
        along = self.centre_m[1 - axis]
        return Edge(axis, self.centre_m[axis], along - half, along + half)

    @property
    def low_m(self) -> float:
        """Height of its lower edge."""
        return self.centre_m[2] - WALL_PIECES[self.kind].height_m / 2

    @property
    def high_m(self) -> float:
        """Height of its upper edge."""
        return self.centre_m[2] + WALL_PIECES[self.kind].height_m / 2

    def front(self, depth_m: float) -> Rect:
        """The strip of floor in front of it: where something tall would hide it."""
        axis, at, low, high = self.edge
        near, far = sorted((at, at + depth_m if self.facing < 2 else at - depth_m))
        return Rect(near, low, far, high) if axis == 0 else Rect(low, near, high, far)


def outer_spans(floor: Rect, facing: int, others: Sequence[Rect]) -> list[tuple[float, float]]:
    """Where the wall of a room has no other room behind it: intervals along it, m."""
    surface = inner_wall(floor, facing)
    at = surface.at_m - WALL_M / 2 if facing < 2 else surface.at_m + WALL_M / 2
    behind = [
        (edge.low_m, edge.high_m)
        for other in others
        for edge in edges(other)
        if edge.axis == surface.axis and abs(edge.at_m - at) < 1e-6
    ]
    return free_spans(surface, behind)


def free_spans(wall: Edge, taken: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """What the taken intervals, which may overlap or lie outside, leave of a wall."""
    spans, start = [], wall.low_m
    for low, high in sorted(taken):
        if low > start:
            spans.append((start, min(low, wall.high_m)))
        start = max(start, high)
    spans.append((start, wall.high_m))
    return [(low, high) for low, high in spans if high - low > 1e-6]


def check_wall_pieces(
    pieces: Sequence[WallPiece], rooms: Sequence[Room], gaps: Sequence[Edge]
) -> None:
    """Refuse what does not hang on a free stretch of a wall of its room.

    Args:
        pieces: to be checked.
        rooms: of the apartment.
        gaps: its doorways, on the middle line of their walls.

    Raises:
        ValueError: which piece, and why.
    """
    for piece in pieces:
        _check_words(piece, len(rooms))
        _check_place(piece, rooms, gaps)
    for a, b in combinations(pieces, 2):
        same_wall = (a.room, a.facing) == (b.room, b.facing)
        if same_wall and _overlap(a.edge, b.edge) and a.low_m < b.high_m and b.low_m < a.high_m:
            raise ValueError(f"{a.name!r} and {b.name!r} hang in one another")


def _check_words(piece: WallPiece, room_count: int) -> None:
    if piece.kind not in WALL_PIECES or piece.colour not in COLOURS:
        raise ValueError(f"{piece.name!r} has the unknown kind {piece.kind!r} or {piece.colour!r}")
    if not 0 <= piece.room < room_count:
        raise ValueError(f"{piece.name!r} hangs in room {piece.room}, which does not exist")
    if piece.facing not in range(4):
        raise ValueError(f"{piece.name!r} faces {piece.facing} quarter turns; give 0 to 3")
    if (piece.kind == "sign") != bool(piece.text):
        raise ValueError(f"{piece.name!r} is a {piece.kind} with the text {piece.text!r}")
    if len(piece.centre_m) != 3 or not np.isfinite(piece.centre_m).all():
        raise ValueError(f"{piece.name!r} needs a finite x, y and z, not {piece.centre_m}")


def _check_place(piece: WallPiece, rooms: Sequence[Room], gaps: Sequence[Edge]) -> None:
    room, edge = rooms[piece.room], piece.edge
    wall = inner_wall(room.floor, piece.facing)
    on_it = wall.low_m - 1e-6 <= edge.low_m and edge.high_m <= wall.high_m + 1e-6
    if abs(edge.at_m - wall.at_m) > 1e-6 or not on_it:
        raise ValueError(f"{piece.name!r} hangs on no wall of the {room.kind}")
    if piece.low_m < -1e-6 or piece.high_m > WALL_HEIGHT_M + 1e-6:
        raise ValueError(f"{piece.name!r} reaches into the floor or the ceiling")
    for gap in gaps:
        here = gap.axis == edge.axis and abs(gap.at_m - edge.at_m) < WALL_M
        if here and _overlap(gap, edge):
            raise ValueError(f"{piece.name!r} hangs in a doorway of the {room.kind}")
    if piece.kind == "window":
        others = [other.floor for other in rooms if other is not room]
        outer = outer_spans(room.floor, piece.facing, others)
        if not any(low - 1e-6 <= edge.low_m and edge.high_m <= high + 1e-6 for low, high in outer):
            raise ValueError(f"{piece.name!r} is a window in an inner wall of the {room.kind}")


def _overlap(a: Edge, b: Edge) -> bool:
    """Return whether two edges on one line share more than a point."""
    return a.low_m < b.high_m - 1e-6 and b.low_m < a.high_m - 1e-6
