"""A map of the floor from depth images: where something stands, where it is free, what is unknown.

Frame of the start pose: x ahead, y left, m. The map starts small and grows as the robot comes near
its edge: an apartment is up to 16 m long and may be entered at any corner, so a fixed map would
have to be four times as large as what is ever seen of it. Cells of 0.05 m: the robot has 0.07 m to
spare in the narrowest passages.
"""

import math

import numpy as np
from numpy.typing import NDArray

from handeye.perception.mapping.ego_camera import EgoCamera, require_depth
from handeye.perception.mapping.map_kernels import (
    FREE_TO,
    OBSTACLE_FROM,
    SURE_OBSTACLE,
    DepthView,
    Grid,
    add_scores,
    add_view,
    stand_on,
)

UNKNOWN, FREE, OBSTACLE = range(3)
GROWTH_M = 4.0  # by which the map grows at a side at least
LEAST_WALL_PX = 2  # in a cell of a wall: a single wrong pixel makes none
STANDING_RADIUS_M = 0.15  # a little less than the robot's


class FloorMap:
    """The floor around the start, as far as depth images have shown it.

    A single wrong pixel makes no obstacle, and a single wrong image does not close floor that was
    seen free before. Floor counts as free where it is seen itself: a ray to the wall that passes
    over a low box says nothing about the floor under it. Below the frame, within 0.6 m of the
    robot, floor never seen is taken to be free until something tells otherwise.

    Args:
        camera: what the depth images come from.
        cell_m: side of a cell.
        range_m: what is farther away on the floor than this is left out: pixels grow too coarse.
        channels: number of score channels K; a cell keeps a running mean of its points' scores.
    """

    def __init__(
        self,
        camera: EgoCamera | None = None,
        *,
        cell_m: float = 0.05,
        range_m: float = 6.0,
        channels: int = 0,
    ) -> None:
        if not (cell_m > 0 and range_m > cell_m):
            raise ValueError(f"a map needs 0 < cell_m < range_m, got {cell_m} and {range_m}")
        self.camera = camera or EgoCamera()
        self.cell_m, self.range_m, self.channels = cell_m, range_m, channels
        side = 2 * math.ceil((range_m + GROWTH_M / 2) / cell_m)
        shape = (side, side)
        self._low = (-side // 2, -side // 2)  # first row and column, counted from the start
        self._evidence = np.zeros(shape, np.float32)
        self._hits = np.zeros(shape, np.int16)
        self._walls = np.zeros(shape, np.uint8)
        self.images = 0  # that were added
        self._scores = np.zeros((*shape, channels), np.float32)
        self._weights = np.zeros(shape, np.float32)  # of the scores

    @property
    def grid(self) -> NDArray[np.uint8]:
        """(R, C) of `UNKNOWN`, `FREE` and `OBSTACLE`; row 0 at the lowest y; a copy."""
        known = self._evidence
        return np.uint8(OBSTACLE) * (known >= OBSTACLE_FROM) + np.uint8(FREE) * (known <= FREE_TO)

    @property
    def scores(self) -> NDArray[np.float32]:
        """(R, C, K) scores; 0 where no point with scores was seen; a copy."""
        return self._scores.copy()

    def scores_of(self, channel: int) -> NDArray[np.float32]:
        """(R, C) scores of one channel; a copy."""
        return self._scores[..., channel].copy()

    def set_scores(self, cells: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        """Put scores (N, K) that are known better in the place of those of cells (N, 2)."""
        self._scores[tuple(cells.T)] = scores

    @property
    def scored(self) -> NDArray[np.bool_]:
        """(R, C) where points with scores were seen."""
        return self._weights > 0

    @property
    def looks(self) -> NDArray[np.float32]:
        """(R, C) how many points with scores each cell's are the mean of; a copy."""
        return self._weights.copy()

    @property
    def walls(self) -> NDArray[np.bool_]:
        """(R, C) where something as high as only a wall is was seen, from 1.5 m away or more."""
        return self._walls >= LEAST_WALL_PX

    def cell_of(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the cell that holds a point; may lie outside the map."""
        row = math.floor(y / self.cell_m) - self._low[0]
        return row, math.floor(x / self.cell_m) - self._low[1]

    def points_of(self, cells: NDArray[np.integer]) -> NDArray[np.float64]:
        """Middles (N, 2), x and y in m, of cells (N, 2), row and column."""
        return np.asarray((cells[:, ::-1] + self._low[::-1] + 0.5) * self.cell_m)

    def state_at(self, x: float, y: float) -> int:
        """`UNKNOWN`, `FREE` or `OBSTACLE`."""
        row, column = self.cell_of(x, y)
        rows, columns = self._evidence.shape
        if not (0 <= row < rows and 0 <= column < columns):
            return UNKNOWN
        known = self._evidence[row, column]
        return OBSTACLE if known >= OBSTACLE_FROM else FREE if known <= FREE_TO else UNKNOWN

    def update(
        self,
        depth: NDArray[np.float32],
        x: float,
        y: float,
        yaw: float,
        scores: NDArray[np.float32] | None = None,
    ) -> None:
        """Add what one depth image shows.

        Args:
            depth: (H, W) float32 m along the optical axis, 0 where nothing is within reach.
            x: of the robot, m.
            y: of the robot, m.
            yaw: of the robot, rad.
            scores: (h, w, K) float32, a coarse picture whose cells cover the frame evenly.

        Raises:
            ValueError: no depth image (`require_depth`), a pose that is not finite, or scores of
                another shape.
        """
        require_depth(depth)
        if not math.isfinite(x + y + yaw):
            raise ValueError(f"a depth image is from a finite pose, got {x}, {y}, {yaw}")
        self.include(x, y, self.range_m + 2 * self.cell_m)
        lens = self.camera.lens(depth.shape[1], depth.shape[0])
        image = np.ascontiguousarray(depth, np.float32)
        view = DepthView(image, lens, x, y, math.cos(yaw), math.sin(yaw), self.range_m)
        grid = self._arrays()
        self.images += 1
        add_view(view, grid)
        stand_on(x, y, STANDING_RADIUS_M, grid)
        if scores is not None:
            if scores.ndim != 3 or scores.shape[2] != self.channels:
                raise ValueError(f"this map takes scores (h, w, {self.channels}): {scores.shape}")
            add_scores(np.ascontiguousarray(scores, np.float32), view, grid)

    def scores_near(self, x: float, y: float, within_m: float) -> NDArray[np.float32]:
        """Mean scores (K,) of the cells around a point that have any; 0 if none has."""
        (top, left), reach = self.cell_of(x, y), math.ceil(within_m / self.cell_m)
        near = (
            slice(max(0, top - reach), max(0, top + reach + 1)),
            slice(max(0, left - reach), max(0, left + reach + 1)),
        )
        scored = self._weights[near] > 0
        if not scored.any():
            return np.zeros(self.channels, np.float32)
        return np.asarray(self._scores[near][scored].mean(0))

    def mark_obstacle(self, x: float, y: float) -> None:
        """Something stands there for sure: the robot has run into it."""
        self.include(x, y)
        self._evidence[self.cell_of(x, y)] = SURE_OBSTACLE

    def mark_free(self, x: float, y: float) -> None:
        """Nothing is known to stand there any more."""
        self.include(x, y)
        self._evidence[self.cell_of(x, y)] = FREE_TO

    def include(self, x: float, y: float, margin_m: float = 0.0) -> None:
        """Grow the map so that it holds a point and all around it within the margin."""
        low, high = (
            self.cell_of(x - margin_m, y - margin_m),
            self.cell_of(x + margin_m, y + margin_m),
        )
        growth, pads = math.ceil(GROWTH_M / self.cell_m), []
        for first, last, size in zip(low, high, self._evidence.shape, strict=True):
            before, after = max(0, -first), max(0, last + 1 - size)
            pads.append((before and max(before, growth), after and max(after, growth)))
        if not any(map(any, pads)):
            return
        self._low = (self._low[0] - pads[0][0], self._low[1] - pads[1][0])
        self._evidence = np.pad(self._evidence, pads)
        self._hits = np.pad(self._hits, pads)
        self._walls = np.pad(self._walls, pads)
        self._scores = np.pad(self._scores, [*pads, (0, 0)])
        self._weights = np.pad(self._weights, pads)

    def _arrays(self) -> Grid:
        x0, y0 = self._low[1] * self.cell_m, self._low[0] * self.cell_m
        arrays = (self._evidence, self._hits, self._walls, self._scores, self._weights)
        return Grid(x0, y0, self.cell_m, *arrays)
