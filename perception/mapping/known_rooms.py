"""Rooms on a `FloorMap` whose channels hold how much each cell looks like a room."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handeye.perception.mapping.floor_map import FREE, FloorMap

ROOM_SCORE = 0.5
LEAST_ROOM_M2 = 1.0
INTO_ROOM_M = 0.75  # from where a room's known floor ends
AROUND = 3  # cells around what is looked at


def is_known(floor: FloorMap, channel: int) -> bool:
    """Return whether enough of a room shows to go there."""
    return room_cells(floor, channel) is not None


def room_cells(floor: FloorMap, channel: int) -> NDArray[np.bool_] | None:
    """The known part (R, C) of the room of a channel; None as long as little of it shows."""
    inside = floor.scores_of(channel) >= ROOM_SCORE
    if inside.sum() * floor.cell_m**2 < LEAST_ROOM_M2 / 16:  # the usual case, told at once
        return None
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    shown = (
        slice(max(0, rows[0] - AROUND), rows[-1] + AROUND + 1),
        slice(max(0, columns[0] - AROUND), columns[-1] + AROUND + 1),
    )  # what is outside costs time and changes nothing
    labels, _ = ndimage.label(ndimage.binary_closing(inside[shown], iterations=2))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    if sizes.max() * floor.cell_m**2 < LEAST_ROOM_M2:
        return None
    found = np.zeros_like(inside)
    found[shown] = labels == int(sizes.argmax())
    return found


def floor_inside(floor: FloorMap, channel: int) -> NDArray[np.float64] | None:
    """Free places (N, 2) well inside the known part of a room, m; None if there is none."""
    known = room_cells(floor, channel)
    if known is None:
        return None
    from_edge = ndimage.distance_transform_cdt(np.pad(known, 1), "taxicab")[1:-1, 1:-1]
    return _free(floor, from_edge > round(INTO_ROOM_M / floor.cell_m))


def floor_seen(floor: FloorMap, channel: int) -> NDArray[np.float64] | None:
    """All free places (N, 2) in the known part of a room, m; None if there is none."""
    known = room_cells(floor, channel)
    return None if known is None else _free(floor, known)


def _free(floor: FloorMap, where: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    cells = np.argwhere(where & (floor.grid == FREE))
    return floor.points_of(cells) if len(cells) else None
