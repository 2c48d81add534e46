"""How much room a round robot has beside the obstacles on a straight line: exact, corners round."""

import math

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled


@compiled
def clearances_m(
    start: NDArray[np.float64], ends: NDArray[np.float64], boxes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Least distance (E,) of the lines from `start` (2,) to `ends` (E, 2) to any box.

    `boxes` are rectangles (N, 4) x0 y0 x1 y1, m; the distance is 0 where a line meets one.
    """
    found = np.empty(len(ends))
    for e in range(len(ends)):
        ax, ay, bx, by = start[0], start[1], ends[e, 0], ends[e, 1]
        dx, dy = bx - ax, by - ay
        length2 = dx * dx + dy * dy
        least = np.inf
        for x0, y0, x1, y1 in boxes:
            low, high = 0.0, 1.0  # part of the line inside the box, by slabs
            for p, d, side0, side1 in ((ax, dx, x0, x1), (ay, dy, y0, y1)):
                if abs(d) < 1e-12:
                    if p < side0 or p > side1:
                        high = -1.0
                else:
                    t0, t1 = (side0 - p) / d, (side1 - p) / d
                    low, high = max(low, min(t0, t1)), min(high, max(t0, t1))
            if low <= high:
                least = 0.0
                break
            for px, py in ((ax, ay), (bx, by)):  # an end of the line to the box
                ox, oy = max(x0 - px, 0.0, px - x1), max(y0 - py, 0.0, py - y1)
                least = min(least, math.sqrt(ox * ox + oy * oy))
            if length2 > 0.0:
                for px, py in ((x0, y0), (x0, y1), (x1, y0), (x1, y1)):  # a corner to the line
                    t = min(max(((px - ax) * dx + (py - ay) * dy) / length2, 0.0), 1.0)
                    ox, oy = ax + t * dx - px, ay + t * dy - py
                    least = min(least, math.sqrt(ox * ox + oy * oy))
        found[e] = least
    return found
