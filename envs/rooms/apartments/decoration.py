"""Hang signs beside the doors of an apartment, windows and pictures where nothing hides them."""

from collections.abc import Mapping, Sequence

import numpy as np

from handeye.envs.rooms.apartments.apartment import PIECES, Furniture
from handeye.envs.rooms.apartments.floor import WALL_M, Door, Edge, Rect, Room, door_gap, inner_wall
from handeye.envs.rooms.apartments.wall_pieces import (
    WALL_PIECES,
    WallPiece,
    free_spans,
    outer_spans,
)

SIGN_GAP_M = 0.10  # between a doorway and its sign
OTHER_DOOR_GAP_M = 0.25  # between a sign and any other doorway: it must be clear whose it is
PIECE_GAP_M = 0.15  # between two things on a wall, and between them and a doorway
FRONT_M = 0.7  # how far in front of a wall piece nothing stands that is taller than its lower edge
WINDOWS, PICTURES = (1, 2), (0, 2)  # least and most in a room

Span = tuple[float, float]


def door_signs(rooms: Sequence[Room], doors: Sequence[Door], colour: str) -> tuple[WallPiece, ...]:
    """A sign in either room of each door, to the right of it or else to the left.

    Where the wall has no place for it on either side there is none.
    """
    gaps = [door_gap(rooms, door) for door in doors]
    signs: list[WallPiece] = []
    for door, gap in zip(doors, gaps, strict=True):
        others = [other for other in gaps if other is not gap]
        for here, there in (door.rooms, door.rooms[::-1]):
            facing = gap.axis if gap.at_m < rooms[here].floor.centre[gap.axis] else gap.axis + 2
            beside = [sign for sign in signs if (sign.room, sign.facing) == (here, facing)]
            wall = inner_wall(rooms[here].floor, facing)
            taken = _taken(wall, others, beside)
            along = _beside(wall, facing, gap, taken)
            if along is not None:
                name, text = f"{colour}_sign_{len(signs)}", rooms[there].kind.upper()
                centre = _centre("sign", wall, along)
                signs.append(WallPiece(name, "sign", colour, here, centre, facing, text))
    return tuple(signs)


def decorate(
    rng: np.random.Generator,
    rooms: Sequence[Room],
    doors: Sequence[Door],
    furniture: Sequence[Furniture],
    colours: Mapping[str, Sequence[str]],
) -> tuple[WallPiece, ...]:
    """Signs, all of one colour, then windows in outer walls and pictures, none behind tall pieces.

    Args:
        rng: the only source of randomness.
        rooms: of the apartment.
        doors: of the apartment.
        furniture: what stands in it.
        colours: kind of wall piece -> colours that it may have.
    """
    sign_colour = colours["sign"][int(rng.integers(len(colours["sign"])))]
    hung = list(door_signs(rooms, doors, sign_colour))
    gaps = [door_gap(rooms, door) for door in doors]
    for index in range(len(rooms)):
        for kind, (least, most) in (("window", WINDOWS), ("picture", PICTURES)):
            count = int(rng.integers(least, most + 1))
            for colour in map(str, rng.permutation(list(colours[kind]))[:count]):
                spans = {
                    facing: _open_spans(kind, rooms, index, facing, gaps, furniture, hung)
                    for facing in range(4)
                }
                drawn = _draw_span(rng, WALL_PIECES[kind].width_m, spans)
                if drawn is not None:
                    facing, along = drawn
                    centre = _centre(kind, inner_wall(rooms[index].floor, facing), along)
                    name = f"{colour}_{kind}_{len(hung)}"
                    hung.append(WallPiece(name, kind, colour, index, centre, facing))
    return tuple(hung)


def _beside(wall: Edge, facing: int, gap: Edge, taken: Sequence[Span]) -> float | None:
    """Where along the wall the middle of a sign goes: right of the door, left of it, or nowhere."""
    width = WALL_PIECES["sign"].width_m
    away = SIGN_GAP_M + width / 2
    sides = (
        gap.high_m + away,
        gap.low_m - away,
    )  # who looks along -x or +y has +y, +x on the right
    for along in sides if facing in (0, 3) else sides[::-1]:
        low, high = along - width / 2, along + width / 2
        if any(a <= low and high <= b for a, b in free_spans(wall, taken)):
            return along
    return None


def _taken(wall: Edge, gaps: Sequence[Edge], pieces: Sequence[WallPiece]) -> list[Span]:
    """Stretches of a wall that doorways and other pieces take, with what stays free around them."""
    on_it = [g for g in gaps if g.axis == wall.axis and abs(g.at_m - wall.at_m) < WALL_M]
    doors = [(g.low_m - OTHER_DOOR_GAP_M, g.high_m + OTHER_DOOR_GAP_M) for g in on_it]
    edges = [piece.edge for piece in pieces]
    return doors + [(e.low_m - PIECE_GAP_M, e.high_m + PIECE_GAP_M) for e in edges]


def _open_spans(
    kind: str,
    rooms: Sequence[Room],
    index: int,
    facing: int,
    gaps: Sequence[Edge],
    furniture: Sequence[Furniture],
    hung: Sequence[WallPiece],
) -> list[Span]:
    """Where on one wall of a room a piece of that kind can hang and be seen."""
    floor, size = rooms[index].floor, WALL_PIECES[kind]
    wall = inner_wall(floor, facing)
    beside = [piece for piece in hung if (piece.room, piece.facing) == (index, facing)]
    taken = _taken(wall, gaps, beside)
    lower_edge = size.centre_height_m - size.height_m / 2
    for piece in furniture:
        if piece.room == index and PIECES[piece.kind].height_m > lower_edge:
            taken += _shadow(wall, piece.footprint)
    spans = free_spans(wall, taken)
    if kind == "window":
        outer = outer_spans(floor, facing, [r.floor for i, r in enumerate(rooms) if i != index])
        both = [(max(a, c), min(b, d)) for a, b in spans for c, d in outer]
        spans = [(low, high) for low, high in both if high > low]
    return spans


def _shadow(wall: Edge, foot: Rect) -> list[Span]:
    """The stretch of a wall that something near to it hides."""
    low, high = foot[wall.axis], foot[wall.axis + 2]
    away = max(low - wall.at_m, wall.at_m - high, 0.0)
    return [(foot[1 - wall.axis], foot[3 - wall.axis])] if away < FRONT_M else []


def _draw_span(
    rng: np.random.Generator, width_m: float, spans: Mapping[int, Sequence[Span]]
) -> tuple[int, float] | None:
    """A wall (its facing) and a middle along it, uniform over all where the width fits."""
    fits = [(f, a, b - a - width_m) for f, s in spans.items() for a, b in s if b - a >= width_m]
    if not fits:
        return None
    slack = np.array([room for _, _, room in fits]) + 1e-3  # an exact fit has a chance as well
    facing, low, room = fits[int(rng.choice(len(fits), p=slack / slack.sum()))]
    return facing, low + width_m / 2 + float(rng.uniform(0.0, room))


def _centre(kind: str, wall: Edge, along: float) -> tuple[float, float, float]:
    """The middle of a piece on the surface of a wall, its height being its kind's."""
    x, y = (wall.at_m, along) if wall.axis == 0 else (along, wall.at_m)
    return round(x, 6), round(y, 6), WALL_PIECES[kind].centre_height_m
