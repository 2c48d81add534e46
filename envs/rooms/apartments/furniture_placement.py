"""Candidate places for a piece of furniture: with its back to a wall, at a table, or anywhere.

All candidates of a piece are drawn at once, as arrays: `Placements`. Coordinates are whole
centimetres.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rooms.apartments.floor import Rect

CORNER_SHARE = 0.3  # of the candidates at walls that are pushed into a corner
SEAT_GAP_M = 0.10  # between a chair and its table
STRIP_M = 0.25  # how near to a wall is near; every other one of those touches it


class Placements(NamedTuple):
    """N candidates, best first."""

    footprints: NDArray[np.float64]  # (N, 4): x0, y0, x1, y1 in m
    quarter_turns: NDArray[np.int64]  # (N,): from facing world +x


NOWHERE = Placements(np.zeros((0, 4)), np.zeros(0, np.int64))


def against_walls(
    rng: np.random.Generator, inner: Rect, size_m: tuple[float, float], count: int
) -> Placements:
    """Backs to the walls of `inner`, facing away from them; `size_m` is (depth, width)."""
    turns = rng.integers(0, 4, count)
    extent = _extent(turns, size_m)
    share = rng.random((count, 2))
    corner = rng.random(count) < CORNER_SHARE
    share[corner] = share[corner].round()
    rows = np.arange(count)
    share[rows, turns % 2] = turns >= 2  # facing +x or +y, it stands at the low side
    return _within(inner, extent, share, turns)


def anywhere(
    rng: np.random.Generator,
    inner: Rect,
    size_m: tuple[float, float],
    count: int,
    near_wall_share: float = 0.0,
) -> Placements:
    """Free-standing, any way round; a share of them within `STRIP_M` of a wall."""
    turns = rng.integers(0, 4, count)
    extent = _extent(turns, size_m)
    share = rng.random((count, 2))
    if near_wall_share:
        slack = np.maximum(np.array(inner[2:]) - inner[:2] - extent, 1e-6)
        side = rng.integers(0, 2, count)
        strip = rng.uniform(-STRIP_M, STRIP_M, count).clip(0) / slack[np.arange(count), side]
        near = rng.random(count) < near_wall_share
        strip = np.where(rng.random(count) < 0.5, strip, 1 - strip).clip(0, 1)
        rows = np.flatnonzero(near)
        share[rows, side[rows]] = strip[rows]
    return _within(inner, extent, share, turns)


def at_tables(
    rng: np.random.Generator, tables: list[tuple[Rect, int | None]], side_m: float, count: int
) -> Placements:
    """Square seats of `side_m` facing a table.

    Args:
        rng: the only source of randomness.
        tables: footprints, each with the only side that can be sat at (quarter turns) or None.
        side_m: of the seat.
        count: how many.
    """
    if not tables:
        return NOWHERE
    which = rng.integers(0, len(tables), count)
    rects = np.array([rect for rect, _ in tables])[which]
    only = np.array([-1 if side is None else side for _, side in tables])[which]
    sides = np.where(only < 0, rng.integers(0, 4, count), only)
    along = (rects[:, 2:] - rects[:, :2] - side_m) / 2  # a seat does not stick out at the end
    share = rng.uniform(-1, 1, count)
    return Placements(
        _beside(rects, sides, SEAT_GAP_M, np.maximum(along, 0), share, side_m), (sides + 2) % 4
    )


def next_to(
    rng: np.random.Generator, others: list[Rect], side_m: float, gap_m: float, count: int
) -> Placements:
    """Square things of `side_m` that stand `gap_m` away from one of the other footprints."""
    if not others:
        return NOWHERE
    rects = np.array(others)[rng.integers(0, len(others), count)]
    sides, turns = rng.integers(0, 4, count), rng.integers(0, 4, count)
    along = (rects[:, 2:] - rects[:, :2] + side_m) / 2
    return Placements(_beside(rects, sides, gap_m, along, rng.uniform(-1, 1, count), side_m), turns)


def joined(*spots: Placements) -> Placements:
    """All candidates, the first ones first."""
    turns = np.concatenate([each.quarter_turns for each in spots])
    return Placements(np.concatenate([each.footprints for each in spots]), turns)


def _beside(
    rects: NDArray[np.float64],
    sides: NDArray[np.int64],
    gap_m: float,
    along_m: NDArray[np.float64],
    share: NDArray[np.float64],
    side_m: float,
) -> NDArray[np.float64]:
    """Squares (N, 4) on one side (quarter turns) of each of the rectangles (N, 4).

    `along_m` (N, 2) is how far they may be shifted along x or y, `share` (N,) in -1..1 by how much.
    """
    rows, axis = np.arange(len(rects)), sides % 2
    half = (rects[:, 2:] - rects[:, :2]) / 2
    centres = rects[:, :2] + half
    away = half[rows, axis] + gap_m + side_m / 2
    centres[rows, axis] += np.where(sides < 2, away, -away)
    centres[rows, 1 - axis] += share * along_m[rows, 1 - axis]
    low = (centres - side_m / 2).round(2)
    return np.hstack([low, low + side_m])


def _extent(turns: NDArray[np.int64], size_m: tuple[float, float]) -> NDArray[np.float64]:
    """Size (N, 2) along x and y of a piece of (depth, width) turned so."""
    size = np.array(size_m)
    return np.where((turns % 2 == 1)[:, None], size[::-1], size)


def _within(
    inner: Rect,
    extent: NDArray[np.float64],
    share: NDArray[np.float64],
    turns: NDArray[np.int64],
) -> Placements:
    """Footprints at a share (N, 2) of the way from the low to the high sides of `inner`."""
    low, high = np.array(inner[:2]), np.array(inner[2:])
    start = (low + share * (high - low - extent)).round(2)
    fits = (high - low - extent >= 0).all(1)
    return Placements(np.hstack([start, start + extent])[fits], turns[fits])
