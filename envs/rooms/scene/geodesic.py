"""Exact shortest paths of a round robot on a floor of axis-aligned obstacles.

Growing every obstacle by the robot's radius turns the robot into a point; a shortest path then is
a taut string that bends only at corners of grown obstacles, so it is found in the graph of corners
that see each other (Lozano-Pérez & Wesley 1979, "An algorithm for planning collision-free paths
among polyhedral obstacles", CACM 22(10)). Grown corners stay square where a disc's would be round:
conservative, a path keeps up to (sqrt(2) - 1) radii more distance from a corner than it must.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from handeye.envs.rooms.apartments.apartment import Apartment
from handeye.envs.rooms.apartments.floor import Rect
from handeye.envs.rooms.scene.geodesic_kernels import (
    NOWHERE,
    SLACK_M,
    Field,
    Space,
    distance_field,
    distances,
    first_leg,
    free_corners,
    nearest_free_point,
    point_is_free,
    visible_edges,
)

CLEARANCE_M = 0.001  # kept beyond the radius, so that a path does not scrape along walls
PUSH_OUT_M = 1.0  # how far a point inside a grown obstacle is moved at most
REACHED_M = 0.01  # a waypoint this near is passed
MOST_FIELDS = 64  # that one free space remembers


class FreeSpace:
    """Where the centre of a robot may be: the bounds less every obstacle grown by its radius.

    The bounds are not shrunk; an apartment's outer walls stand on them. All lengths in m, float64.

    Args:
        obstacles: (N, 4) rectangles x0 y0 x1 y1; they may overlap.
        bounds: x0 y0 x1 y1 of the floor.
        radius_m: of the robot; `CLEARANCE_M` is added.

    Raises:
        ValueError: a rectangle is not finite or inside out, or the radius is negative.
    """

    def __init__(
        self, obstacles: ArrayLike, bounds: Sequence[float] | NDArray[np.float64], radius_m: float
    ) -> None:
        self.bounds = Rect(*_rectangles(np.asarray(bounds)[None])[0].tolist())
        self.radius_m = float(radius_m)
        if not 0.0 <= self.radius_m < math.inf:
            raise ValueError(f"a radius is finite and not negative, got {radius_m} m")
        margin_m = self.radius_m + CLEARANCE_M
        grown = _rectangles(obstacles) + np.array([-margin_m, -margin_m, margin_m, margin_m])
        # The longest first: they hide most, so that tests of sight end early.
        longest = np.maximum(grown[:, 2] - grown[:, 0], grown[:, 3] - grown[:, 1])
        grown = np.ascontiguousarray(grown[np.argsort(-longest, kind="stable")])
        limits = np.array(self.bounds)
        corners, signs = free_corners(grown, limits)
        edges_m = visible_edges(corners, signs, grown)
        self._space = Space(grown, limits, corners, signs, edges_m)
        self._fields: dict[bytes, GoalField] = {}

    @property
    def corners(self) -> NDArray[np.float64]:
        """Where a shortest path may bend, (V, 2); a copy."""
        return self._space.corners.copy()

    def is_free(self, x: float, y: float) -> bool:
        """Return whether the robot fits with its centre there."""
        return point_is_free(float(x), float(y), self._space.grown, self._space.bounds)

    def nearest_free(self, x: float, y: float) -> tuple[float, float]:
        """The free point nearest to a point; the point itself where it is free.

        Raises:
            ValueError: none within `PUSH_OUT_M`.
        """
        free_x, free_y, pushed_m = nearest_free_point(float(x), float(y), self._space, PUSH_OUT_M)
        if pushed_m == math.inf:
            raise ValueError(f"no free point within {PUSH_OUT_M} m of ({x:.3f}, {y:.3f})")
        return free_x, free_y

    def field_to(self, goals: ArrayLike) -> "GoalField":
        """Distances and paths to the nearest of the goals: (G, 2), or one point (2,).

        The last `MOST_FIELDS` goal sets are remembered.

        Raises:
            ValueError: there is no goal, or the robot does not fit at one of them.
        """
        points = _points(goals)
        if not len(points):
            raise ValueError("a field needs at least one goal")
        key = points.tobytes()
        field = self._fields.pop(key, None) or self._new_field(points)
        self._fields[key] = field  # the latest stands last
        if len(self._fields) > MOST_FIELDS:
            del self._fields[next(iter(self._fields))]
        return field

    def _new_field(self, goals: NDArray[np.float64]) -> "GoalField":
        for x, y in goals.tolist():
            if not self.is_free(x, y):
                raise ValueError(
                    f"the goal ({x:.3f}, {y:.3f}) is not free for a radius of {self.radius_m} m; "
                    "nearest_free gives a point that is"
                )
        return GoalField(self._space, Field(goals, *distance_field(self._space, goals)))


@dataclass(frozen=True, eq=False)
class GoalField:
    """Shortest paths from everywhere to the nearest goal; made by `FreeSpace.field_to`.

    A start inside a grown obstacle, as after a bump, is first moved straight to the nearest free
    point; that piece counts and is part of the path.
    """

    _space: Space
    _field: Field

    @property
    def goals(self) -> NDArray[np.float64]:
        """The goals (G, 2); a copy."""
        return self._field.goals.copy()

    def distance_m(self, x: float, y: float) -> float:
        """Length of the shortest path; inf where there is none."""
        return float(self.distances_m([(x, y)])[0])

    def distances_m(self, points: ArrayLike) -> NDArray[np.float64]:
        """The same (P,) for points (P, 2)."""
        return distances(_points(points), self._space, self._field, PUSH_OUT_M)

    def path(self, x: float, y: float) -> NDArray[np.float64]:
        """The shortest path as a polyline (K >= 2, 2), from the point to the goal.

        Raises:
            ValueError: there is none.
        """
        start = _points((x, y))[0]
        free_x, free_y, pushed_m = nearest_free_point(start[0], start[1], self._space, PUSH_OUT_M)
        step = NOWHERE
        if pushed_m < math.inf:
            _, step = first_leg(free_x, free_y, self._space, self._field)
        if step == NOWHERE:
            raise ValueError(
                f"no path from ({x:.3f}, {y:.3f}) to a goal at {self._field.goals.tolist()}"
            )
        bends = [np.array([free_x, free_y])]
        while step < len(self._space.corners):
            bends.append(self._space.corners[step])
            step = int(self._field.toward[step])
        goal = self._field.goals[step - len(self._space.corners)]
        points = [start]
        for bend in bends:
            if not (np.array_equal(bend, points[-1]) or np.array_equal(bend, goal)):
                points.append(bend)
        return np.array([*points, goal])

    def next_waypoint(self, x: float, y: float) -> NDArray[np.float64]:
        """Where to head now (2,): the next bend of the path that is not yet reached, or the goal.

        Raises:
            ValueError: there is no path.
        """
        path = self.path(x, y)
        ahead = np.hypot(*(path[1:-1] - path[0]).T) > REACHED_M
        return path[1 + int(ahead.argmax())] if ahead.any() else path[-1]


def occupancy_grid(
    obstacles: ArrayLike, bounds: Sequence[float] | NDArray[np.float64], cell_m: float
) -> NDArray[np.bool_]:
    """A map (H, W) of square cells, row 0 at the lowest y: True where the centre is covered.

    Obstacles (N, 4) are x0 y0 x1 y1, as they are: a robot's radius is not added. The last row and
    column may reach beyond the bounds.

    Raises:
        ValueError: a rectangle is not finite or inside out, or the cell has no size.
    """
    if not 0.0 < cell_m < math.inf:
        raise ValueError(f"a cell needs a size, got {cell_m} m")
    x0, y0, x1, y1 = _rectangles(np.asarray(bounds)[None])[0]
    width, height = (math.ceil((side - SLACK_M) / cell_m) for side in (x1 - x0, y1 - y0))
    grid = np.zeros((height, width), dtype=np.bool_)
    # In cells, less a half: integers are the centres.
    cells = (_rectangles(obstacles) - [x0, y0, x0, y0]) / cell_m - 0.5
    low = np.ceil(cells[:, :2] - SLACK_M).astype(np.int64).clip(0)
    high = np.floor(cells[:, 2:] + SLACK_M).astype(np.int64).clip(-1) + 1
    for (left, bottom), (right, top) in zip(low.tolist(), high.tolist(), strict=True):
        grid[bottom:top, left:right] = True
    return grid


@lru_cache(maxsize=16)
def free_space_of(apartment: Apartment, radius_m: float) -> FreeSpace:
    """The free space among an apartment's walls and furniture; the last 16 are remembered."""
    furniture = [piece.footprint for piece in apartment.furniture]
    return FreeSpace([*apartment.walls(), *furniture], apartment.bounds, radius_m)


def _rectangles(rows: ArrayLike) -> NDArray[np.float64]:
    """(N, 4) as float64, N may be 0."""
    rectangles = np.asarray(rows, dtype=np.float64)
    if rectangles.size == 0:
        return np.empty((0, 4))
    if rectangles.ndim != 2 or rectangles.shape[1] != 4 or not np.isfinite(rectangles).all():
        raise ValueError(f"rectangles are finite rows x0 y0 x1 y1 in m, got {rectangles.shape}")
    inside_out = (rectangles[:, 2:] < rectangles[:, :2]).any(1)
    if inside_out.any():
        raise ValueError(f"rectangle {rectangles[inside_out][0].tolist()} is inside out")
    return rectangles


def _points(points: ArrayLike) -> NDArray[np.float64]:
    """(P, 2) as contiguous float64; a single point counts as one row."""
    rows = np.array(points, dtype=np.float64, order="C")
    if rows.size == 0:
        return np.empty((0, 2))
    rows = rows[None] if rows.ndim == 1 else rows
    if rows.ndim != 2 or rows.shape[1] != 2 or not np.isfinite(rows).all():
        raise ValueError(f"points are finite rows x y in m, got {np.asarray(points).tolist()}")
    return rows
