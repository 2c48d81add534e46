"""Things as a map shows them: connected cells that look of one colour, and how large they are.

What one look takes for a chair is a table at the next, but its place and its colour stay. All looks
at a cell add up on a `FloorMap`; what its pieces are is decided once, from all of them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.plan_from_map import wall_angle

STANDS_ODDS = 0.45  # that anything stands on a cell
LEAST_LOOKS = 8  # points that a cell is known by
LEAST_CELLS = 4  # of a piece of one colour
THING_CELLS = 8  # of a thing, which is one or several pieces that look alike,
BESIDE_M = 0.4  # each with so much around it
LARGER_M, SMALLER_M = 0.15, 0.4  # by which a piece may well be larger, or less in view, than a kind
UNSIZED = 1.0  # nats against kinds of many sizes, beside the one that fits best
MOST_AGAINST = 6.0  # nats: a size may be wrong
FAINTEST = 0.01  # odds of a kind are taken to be at least that
EDGE_SHARE = 3.0  # percent of the cells at each side that do not count for a size
ALL_AROUND = np.ones((3, 3), np.bool_)


class MappedObject(NamedTuple):
    """One thing.

    Attributes:
        kinds: odds (K,) that it is of each kind; they add up to 1.
        colours: odds (C,), likewise.
        points_m: (N, 2) middles of its cells on the map.
    """

    kinds: NDArray[np.float32]
    colours: NDArray[np.float32]
    points_m: NDArray[np.float64]


def things_on_map(floor: FloorMap, first: int, sizes_m: NDArray[np.float64]) -> list[MappedObject]:
    """All things on a map, those of one colour together.

    Args:
        floor: with the odds of K kinds in its channels from `first` on, those of colours after
            them; a cell without a thing has low ones in all.
        first: channel of the first kind.
        sizes_m: (K, 2) the shorter and the longer side of each kind, seen from above; nan for
            kinds of many sizes.
    """
    scores = floor.scores[..., first:]
    kinds, colours = scores[..., : len(sizes_m)], scores[..., len(sizes_m) :]
    counts = floor.looks
    stands = (kinds.sum(-1) > STANDS_ODDS) & (counts >= LEAST_LOOKS)
    walls = floor.points_of(np.argwhere(floor.walls))
    angle = wall_angle(walls) if len(walls) else 0.0
    found: list[MappedObject] = []
    for colour in range(colours.shape[-1]):
        filled = stands & (colours.argmax(-1) == colour)
        odds = np.zeros_like(kinds)
        for cells in _pieces(filled, 1, LEAST_CELLS):
            at = tuple(cells.T)
            looks = (kinds[at] * counts[at][:, None]).sum(0)
            odds[at] = _sized(looks, floor.points_of(cells), angle, sizes_m)
        best = np.where(odds.any(-1), odds.argmax(-1), -1)
        for kind in np.unique(best[best >= 0]):
            for cells in _pieces(best == kind, round(BESIDE_M / floor.cell_m), THING_CELLS):
                at = tuple(cells.T)
                tints = _shares(colours[at].sum(0))
                found.append(MappedObject(odds[at].mean(0), tints, floor.points_of(cells)))
    return found


def _pieces(cells: NDArray[np.bool_], reach: int, least: int) -> list[NDArray[np.int64]]:
    """Cells (N, 2) of each connected piece, over gaps of up to twice `reach` cells."""
    grown = ndimage.binary_dilation(cells, ALL_AROUND if reach > 1 else None, reach)
    labels, _ = ndimage.label(grown, ALL_AROUND)
    found = []
    for number, box in enumerate(ndimage.find_objects(labels), 1):
        inside = np.argwhere(cells[box] & (labels[box] == number))
        if len(inside) >= least:
            found.append(inside + [side.start for side in box])
    return found


def _sized(
    looks: NDArray[np.float32],
    points: NDArray[np.float64],
    angle: float,
    sizes_m: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Odds (K,) of kinds from their looks (K,) and from the size of what is at points (N, 2)."""
    cos, sin = np.cos(angle), np.sin(angle)
    turned = points @ np.array([(cos, -sin), (sin, cos)])
    low, high = np.percentile(turned, (EDGE_SHARE, 100 - EDGE_SHARE), axis=0)
    off = np.sort(high - low) - sizes_m
    against = (np.where(off > 0, off / LARGER_M, off / SMALLER_M) ** 2).sum(1) / 2
    sized = np.isfinite(against)
    against[~sized] = against[sized].min(initial=MOST_AGAINST) + UNSIZED
    return _shares((_shares(looks) + FAINTEST) * np.exp(-np.minimum(against, MOST_AGAINST)))


def _shares(amounts: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(amounts / max(float(amounts.sum()), 1e-9), np.float32)
