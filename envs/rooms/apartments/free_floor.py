"""The free floor of one room while it is being furnished: what fits, and what keeps it walkable.

Walkable means: the middle of a disc of `DISC_M` (the robot and a margin) can go, on a grid of
`GRID_M`, from every door of the room to every other, to the free place nearest to the middle of the
room and to within 0.9 m of every piece. Doorways stay open, so then it can also go from any room
to any other.
"""

from collections.abc import Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rooms.apartments.flood_kernel import reachable
from handeye.envs.rooms.apartments.floor import GRID_M, WALL_M, Edge, Rect, wall_footprints

DISC_M = 0.25  # the robot's radius and a margin
APART_M = 0.05  # least distance of two pieces
FROM_WALL_M = 0.02  # of everything, so that no two faces lie in one plane
APPROACH_DEPTH_M = 1.0
APPROACH_MARGIN_M = 0.1  # on either side of a door
NEAR_M = 0.62  # along x and along y: at most 0.9 m over a corner
SPOTS_CHECKED = 8  # of those that fit, how many are tried for walkability

Mask = NDArray[np.bool_]


def approach(floor_rect: Rect, gap: Edge) -> Rect:
    """The part of a room in front of one of its doors that stays empty."""
    low, high = gap.low_m - APPROACH_MARGIN_M, gap.high_m + APPROACH_MARGIN_M
    inwards = gap.at_m < floor_rect.centre[gap.axis]
    far = gap.at_m + APPROACH_DEPTH_M if inwards else gap.at_m - APPROACH_DEPTH_M
    near, far = sorted((gap.at_m, far))
    return Rect(near, low, far, high) if gap.axis == 0 else Rect(low, near, high, far)


class RoomSpace:
    """One room and what stands in it so far.

    Attributes:
        inner: where footprints may be.
        footprints: of the pieces, in order of their arrival.
        zones: rectangles that stay empty.
    """

    def __init__(self, floor_rect: Rect, gaps: Sequence[Edge]) -> None:
        self.floor = floor_rect
        self.inner = floor_rect.grown(-WALL_M / 2 - FROM_WALL_M)
        self.zones = [approach(floor_rect, gap) for gap in gaps]
        self.footprints: list[Rect] = []
        self._near: list[tuple[slice, slice]] = []
        columns = round((floor_rect.x1 - floor_rect.x0) / GRID_M)
        rows = round((floor_rect.y1 - floor_rect.y0) / GRID_M)
        self._x = floor_rect.x0 + GRID_M * (np.arange(columns) + 0.5)  # of the cells' middles, m
        self._y = floor_rect.y0 + GRID_M * (np.arange(rows) + 0.5)
        self._free = np.ones((rows, columns), bool)
        for wall in wall_footprints([floor_rect], gaps):
            self._cover(self._free, wall)
        x, y = floor_rect.centre
        self._from_centre = np.hypot(self._x - x, (self._y - y)[:, None])
        self._doors = [self._door_cell(gap) for gap in gaps]
        if self._reached(self._free) is None:
            raise ValueError(f"the empty room on {floor_rect} is too narrow for the robot")

    def fitting(self, rects: NDArray[np.float64], tall_zones: Sequence[Rect]) -> list[int]:
        """Indices of the footprints (N, 4) that overlap nothing and leave the doors clear."""
        taken = [foot.grown(APART_M) for foot in self.footprints]
        others = np.array([*taken, *self.zones, *tall_zones]).reshape(-1, 4)
        below = rects[:, None, :2] < others[:, 2:] - 1e-6
        above = others[:, :2] + 1e-6 < rects[:, None, 2:]
        overlapping = np.all(below & above, axis=2)
        low, high = np.array(self.inner[:2]) - 1e-6, np.array(self.inner[2:]) + 1e-6
        inside = np.all((rects[:, :2] >= low) & (rects[:, 2:] <= high), axis=1)
        return np.flatnonzero(inside & ~np.any(overlapping, axis=1)).tolist()

    def put(self, rects: NDArray[np.float64], tall_zones: Sequence[Rect] = ()) -> int | None:
        """Take the first of the footprints (N, 4), m, that fits and leaves the room walkable.

        Args:
            rects: candidates, best first.
            tall_zones: more rectangles that this piece may not stand in.

        Returns:
            Its index, or None if there is none among the first few that fit.
        """
        for index in self.fitting(rects, tall_zones)[:SPOTS_CHECKED]:
            foot = Rect(*rects[index].tolist())
            free = self._free.copy()
            self._cover(free, foot)
            reached = self._reached(free)
            near = self._window(foot, NEAR_M)
            if reached is not None and all(
                np.any(reached[window]) for window in (*self._near, near)
            ):
                self._free = free
                self._near.append(near)
                self.footprints.append(foot)
                return index
        return None

    def _reached(self, free: Mask) -> Mask | None:
        """Cells that can be reached from the middle of the room, or None if a door cannot."""
        middle = int(np.where(free, self._from_centre, np.inf).argmin())
        reached = reachable(free, *divmod(middle, free.shape[1]))
        joined = reached.any() and all(reached[door] for door in self._doors)
        return reached if joined else None

    def _cover(self, free: Mask, rect: Rect) -> None:
        """Clear the cells from which the disc would touch the rectangle."""
        rows, columns = self._window(rect, DISC_M)
        x, y = self._x[columns], self._y[rows]
        dx = np.maximum(np.maximum(rect.x0 - x, x - rect.x1), 0.0)
        dy = np.maximum(np.maximum(rect.y0 - y, y - rect.y1), 0.0)
        free[rows, columns] &= dx**2 + dy[:, None] ** 2 > (DISC_M - 1e-6) ** 2

    def _window(self, rect: Rect, by_m: float) -> tuple[slice, slice]:
        """Rows and columns of the cells whose middle is that near to the rectangle."""
        near = rect.grown(by_m)
        columns = _cells(near.x0 - self.floor.x0, near.x1 - self.floor.x0)
        return _cells(near.y0 - self.floor.y0, near.y1 - self.floor.y0), columns

    def _door_cell(self, gap: Edge) -> tuple[int, int]:
        """Row and column of the cell in the middle of a doorway, on this room's side."""
        middle = (gap.low_m + gap.high_m) / 2
        x, y = (gap.at_m, middle) if gap.axis == 0 else (middle, gap.at_m)
        return int(np.abs(self._y - y).argmin()), int(np.abs(self._x - x).argmin())


def _cells(low_m: float, high_m: float) -> slice:
    """Cells whose middle lies between the two, measured from the first cell's edge."""
    return slice(max(0, ceil(low_m / GRID_M - 0.5)), max(0, floor(high_m / GRID_M + 0.5)))
