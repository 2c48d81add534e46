"""The compiled half of `FloorMap`: one depth image into the grid."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled
from handeye.perception.mapping.ego_camera import Lens

Float = NDArray[np.float32]

FLOOR_BELOW_M = 0.08  # what is lower than this does not stop the robot
OBSTACLE_BELOW_M = 1.2  # what is higher does not either
WALL_FROM_M, WALL_BELOW_M = 2.05, 2.4  # above furniture, below the ceiling: only walls
MOST_WALL = 4  # pixels that are counted
SCORES_BELOW_M = 2.4  # pictures and signs hang higher than what stops the robot
HIT, MOST_HITS = np.float32(1.0), 3  # evidence of a pixel, and the pixels that count in one image
MISS = np.float32(0.5)  # evidence of seeing the floor of a cell
SURE_OBSTACLE, SURE_FREE = np.float32(6.0), np.float32(-3.0)
OBSTACLE_FROM, FREE_TO = np.float32(2.0), np.float32(-0.5)
REMEMBERED = 64.0  # a mean of scores follows the last so many points


class Grid(NamedTuple):
    """Square cells; row i, column j covers x0 + j * cell and y0 + i * cell onwards, m."""

    x0: float
    y0: float
    cell_m: float
    evidence: Float  # (R, C) above 0 for an obstacle, below for free floor, 0 never seen
    hits: NDArray[np.int16]  # (R, C) all 0 between images
    walls: NDArray[np.uint8]  # (R, C) pixels that show something as high as only walls are
    scores: Float  # (R, C, K)
    weights: Float  # (R, C) of the scores, 0 where there are none


class DepthView(NamedTuple):
    """A depth image (H, W), m, its lens and where it was taken; what is farther does not count."""

    depth: Float
    lens: Lens
    x: float
    y: float
    cos_yaw: float
    sin_yaw: float
    range_m: float


@compiled
def height_of(depth: float, row: float, lens: Lens) -> float:
    """Height of the point of a pixel above the floor, m."""
    down = (row - lens.centre_y) / lens.focal_px
    return lens.height_m - depth * (lens.sin_tilt + down * lens.cos_tilt)


@compiled
def ahead_of(depth: float, row: float, lens: Lens) -> float:
    """Return how far ahead of the robot a pixel's point lies, m along its heading."""
    down = (row - lens.centre_y) / lens.focal_px
    return depth * (lens.cos_tilt - down * lens.sin_tilt)


@compiled
def cell_of_pixel(row: int, column: int, view: DepthView, grid: Grid) -> tuple[int, int]:
    """Row and column of the cell that a pixel shows; (-1, -1) beyond the range or the grid."""
    depth = view.depth[row, column]
    ahead = ahead_of(depth, row, view.lens)
    left = -depth * (column - view.lens.centre_x) / view.lens.focal_px
    if ahead * ahead + left * left > view.range_m * view.range_m:
        return -1, -1
    x = view.x + view.cos_yaw * ahead - view.sin_yaw * left
    y = view.y + view.sin_yaw * ahead + view.cos_yaw * left
    i, j = int(np.floor((y - grid.y0) / grid.cell_m)), int(np.floor((x - grid.x0) / grid.cell_m))
    if i < 0 or j < 0 or i >= grid.evidence.shape[0] or j >= grid.evidence.shape[1]:
        return -1, -1
    return i, j


@compiled
def count_hits(view: DepthView, grid: Grid) -> None:
    """Count by cell the pixels that show something in the robot's way, and those of walls."""
    rows, columns = view.depth.shape
    for row in range(rows):
        for column in range(columns):
            depth = view.depth[row, column]
            if depth > 0.0:
                height = height_of(depth, row, view.lens)
                if FLOOR_BELOW_M <= height <= OBSTACLE_BELOW_M:
                    i, j = cell_of_pixel(row, column, view, grid)
                    if i >= 0 and grid.hits[i, j] < MOST_HITS:
                        grid.hits[i, j] += 1
                elif WALL_FROM_M <= height <= WALL_BELOW_M:
                    i, j = cell_of_pixel(row, column, view, grid)
                    if i >= 0 and grid.walls[i, j] < MOST_WALL:
                        grid.walls[i, j] += 1


@compiled
def sees_floor(ahead: float, left: float, slack_m: float, view: DepthView) -> int:
    """Return if the floor at a place (m ahead and left of the robot) is seen: 2 yes, 1 maybe, 0 no.

    The place lies between two pixels of a column. The lower one has to show floor, and the upper
    one something that is not nearer. Maybe: the place is below the frame, and what the bottom row
    shows does not stand before it.
    """
    lens, depth = view.lens, view.depth
    rows, columns = depth.shape
    along_axis = ahead * lens.cos_tilt + lens.height_m * lens.sin_tilt
    down = (lens.height_m * lens.cos_tilt - ahead * lens.sin_tilt) / along_axis
    row = lens.centre_y + lens.focal_px * down
    upper = int(np.floor(row))
    if upper < 0:
        return 0
    below = upper >= rows - 1
    if below:  # the pixel of the bottom row in the same direction
        upper = rows - 1
        bottom = (upper - lens.centre_y) / lens.focal_px
        right = -left / ahead * (lens.cos_tilt - bottom * lens.sin_tilt)
    else:
        right = -left / along_axis
    column = int(np.floor(lens.centre_x + lens.focal_px * right + 0.5))
    if column < 0 or column >= columns:
        return 0
    far, near = depth[upper, column], depth[min(upper + 1, rows - 1), column]
    if far > 0.0:  # the foot of a wall is as low as floor, but it is not farther away
        stands = height_of(far, upper, lens) >= FLOOR_BELOW_M
        if ahead_of(far, upper, lens) < ahead + (slack_m if stands else -0.5 * slack_m):
            return 0
    if below:
        return 1 if far > 0.0 else 0
    return 2 if near > 0.0 and height_of(near, upper + 1, lens) < FLOOR_BELOW_M else 0


@compiled
def add_view(view: DepthView, grid: Grid) -> None:
    """Turn one depth image into evidence: each cell has one say, and hits go before floor."""
    count_hits(view, grid)
    cell = grid.cell_m
    reach = int(view.range_m / cell) + 1
    centre_i = int(np.floor((view.y - grid.y0) / cell))
    centre_j = int(np.floor((view.x - grid.x0) / cell))
    rows, columns = grid.evidence.shape
    for i in range(max(0, centre_i - reach), min(rows, centre_i + reach + 1)):
        dy = grid.y0 + (i + 0.5) * cell - view.y
        for j in range(max(0, centre_j - reach), min(columns, centre_j + reach + 1)):
            known = grid.evidence[i, j]
            if grid.hits[i, j] > 0:
                grid.evidence[i, j] = min(known + HIT * grid.hits[i, j], SURE_OBSTACLE)
                grid.hits[i, j] = 0
                continue
            dx = grid.x0 + (j + 0.5) * cell - view.x
            ahead = view.cos_yaw * dx + view.sin_yaw * dy
            left = view.cos_yaw * dy - view.sin_yaw * dx
            if ahead <= 0.0 or ahead * ahead + left * left > view.range_m * view.range_m:
                continue
            seen = sees_floor(ahead, left, 0.5 * cell, view)
            if seen == 2 or (seen == 1 and known == 0.0):
                grid.evidence[i, j] = max(known - MISS, SURE_FREE)


@compiled
def stand_on(x: float, y: float, radius_m: float, grid: Grid) -> None:
    """Mark the floor under the robot as free."""
    rows, columns = grid.evidence.shape
    reach = int(radius_m / grid.cell_m) + 1
    centre_i = int(np.floor((y - grid.y0) / grid.cell_m))
    centre_j = int(np.floor((x - grid.x0) / grid.cell_m))
    for i in range(max(0, centre_i - reach), min(rows, centre_i + reach + 1)):
        dy = grid.y0 + (i + 0.5) * grid.cell_m - y
        for j in range(max(0, centre_j - reach), min(columns, centre_j + reach + 1)):
            dx = grid.x0 + (j + 0.5) * grid.cell_m - x
            near = dx * dx + dy * dy <= radius_m * radius_m
            if near and grid.evidence[i, j] > SURE_FREE:
                grid.evidence[i, j] = max(grid.evidence[i, j] - MISS, SURE_FREE)


@compiled
def add_scores(scores: Float, view: DepthView, grid: Grid) -> None:
    """Add to the cell that each pixel shows the scores (h, w, K) of its part of the frame."""
    rows, columns = view.depth.shape
    coarse_rows, coarse_columns, channels = scores.shape
    for row in range(0, rows, 2):  # half of them: neighbours mostly show the same cell
        a = row * coarse_rows // rows
        for column in range(columns):
            depth = view.depth[row, column]
            if depth <= 0.0 or height_of(depth, row, view.lens) > SCORES_BELOW_M:
                continue
            i, j = cell_of_pixel(row, column, view, grid)
            if i < 0:
                continue
            b = column * coarse_columns // columns
            count = min(grid.weights[i, j] + np.float32(1.0), np.float32(REMEMBERED))
            for k in range(channels):
                grid.scores[i, j, k] += (scores[a, b, k] - grid.scores[i, j, k]) / count
            grid.weights[i, j] = count
