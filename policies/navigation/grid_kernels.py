"""The compiled half of `grid_planner.py`: clearance, cheapest ways and lines of sight on a grid."""

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled

NEVER = np.int32(2**30)
NOWHERE = np.int32(-1)
OBSTACLE = 2  # as in `floor_map.py`


@compiled
def squared_clearance(grid: NDArray[np.uint8], limit: int) -> NDArray[np.int32]:
    """Squared distance (R, C), in cells, from each cell to the nearest obstacle within `limit`.

    Beyond the limit it is `limit` squared plus 1. Only obstacles with another cell beside them are
    looked at.
    """
    rows, columns = grid.shape
    squared = np.full((rows, columns), limit * limit + 1, np.int32)
    for i in range(rows):
        for j in range(columns):
            if grid[i, j] != OBSTACLE:
                continue
            squared[i, j] = 0
            inner = (
                0 < i < rows - 1
                and 0 < j < columns - 1
                and grid[i - 1, j] == OBSTACLE
                and grid[i + 1, j] == OBSTACLE
                and grid[i, j - 1] == OBSTACLE
                and grid[i, j + 1] == OBSTACLE
            )
            if inner:
                continue
            for di in range(max(-limit, -i), min(limit, rows - 1 - i) + 1):
                for dj in range(max(-limit, -j), min(limit, columns - 1 - j) + 1):
                    away = di * di + dj * dj
                    if away < squared[i + di, j + dj]:
                        squared[i + di, j + dj] = away
    return squared


@compiled
def cheapest_ways(
    weights: NDArray[np.int32], sources: NDArray[np.int64], until: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Dijkstra's algorithm from all sources at once, in buckets of equal cost (Dial 1969).

    Args:
        weights: (R, C) costs of crossing a cell, in fifths of a cell's side; 0 is impassable.
        sources: (S,) flat indices of cells; they cost nothing whatever their weight.
        until: flat index of a cell after which to stop; -1 for none.

    Returns:
        Costs (R * C,) in tenths, `NEVER` where unreached, and the next cell towards a source.
    """
    rows, columns = weights.shape
    flat = weights.ravel()
    costs, toward = np.full(flat.size, NEVER, np.int32), np.full(flat.size, NOWHERE, np.int32)
    buckets = 7 * max(1, int(flat.max())) + 2
    heads = np.full(buckets, -1, np.int32)  # a linked list of entries per bucket
    cells, following = np.empty(9 * flat.size, np.int32), np.empty(9 * flat.size, np.int32)
    count, waiting, cost = 0, 0, 0
    for source in sources:
        costs[source] = 0
        cells[count], following[count], heads[0] = source, heads[0], count
        count, waiting = count + 1, waiting + 1
    while waiting > 0:
        bucket = cost % buckets
        while heads[bucket] >= 0:
            entry = heads[bucket]
            heads[bucket], waiting = following[entry], waiting - 1
            here = cells[entry]
            if costs[here] != cost:
                continue  # a cheaper way was found since
            if here == until:
                return costs, toward
            i, j = here // columns, here % columns
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    a, b = i + di, j + dj
                    if (di == 0 and dj == 0) or not (0 <= a < rows and 0 <= b < columns):
                        continue
                    there = a * columns + b
                    if flat[there] == 0:
                        continue
                    # a source may be impassable itself: then the step costs as its other end
                    pair = flat[there] + (flat[here] if flat[here] > 0 else flat[there])
                    new = cost + (7 if di != 0 and dj != 0 else 5) * pair // 2
                    if new < costs[there]:
                        costs[there], toward[there] = new, here
                        slot = new % buckets
                        cells[count], following[count], heads[slot] = there, heads[slot], count
                        count, waiting = count + 1, waiting + 1
        cost += 1
    return costs, toward


@compiled
def in_sight(weights: NDArray[np.int32], path: NDArray[np.int64], limit: float) -> int:
    """Return how far along a path of cells (K, 2) one may head straight from its start: an index.

    The straight line must cross no cell that weighs more than the path does up to there, and be no
    longer than `limit` cells. At least 1 where there is a second cell.
    """
    best = min(1, len(path) - 1)
    heaviest = weights[path[0, 0], path[0, 1]]
    for k in range(1, len(path)):
        heaviest = max(heaviest, weights[path[k, 0], path[k, 1]])
        di, dj = path[k, 0] - path[0, 0], path[k, 1] - path[0, 1]
        length = np.hypot(di, dj)
        if length > limit:
            break
        samples, clear = int(2 * length) + 1, True
        for s in range(1, samples):
            i = int(np.floor(path[0, 0] + 0.5 + di * s / samples))
            j = int(np.floor(path[0, 1] + 0.5 + dj * s / samples))
            if weights[i, j] == 0 or weights[i, j] > heaviest:
                clear = False
                break
        if clear:
            best = k
    return best
