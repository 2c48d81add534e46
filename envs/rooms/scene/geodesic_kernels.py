"""Compiled geometry behind `FreeSpace`: visibility, distance fields and pushing points out.

Obstacles are open rectangles: touching an edge is allowed, and `SLACK_M` absorbs rounding, which
at the size of a home stays below 1e-14 m. Lengths in m, ties go to the lower index.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled

SLACK_M = 1e-9
NOWHERE = -1


class Space(NamedTuple):
    """The arrays of a free space.

    `signs` tells on which side of its own rectangle a corner lies; `edges_m` is symmetric, inf
    where two corners do not see each other or no shortest path runs between them.
    """

    grown: NDArray[np.float64]  # (N, 4) obstacles x0 y0 x1 y1, radius included
    bounds: NDArray[np.float64]  # (4,)
    corners: NDArray[np.float64]  # (V, 2)
    signs: NDArray[np.float64]  # (V, 2) of -1 and 1
    edges_m: NDArray[np.float64]  # (V, V)


class Field(NamedTuple):
    """Distances to the nearest goal. `toward` counts the corners first, then the goals."""

    goals: NDArray[np.float64]  # (G, 2)
    distances_m: NDArray[np.float64]  # (V,) from every corner, inf where cut off
    toward: NDArray[np.int64]  # (V,) the next point on the way, `NOWHERE` where cut off


@compiled
def point_is_free(
    x: float, y: float, grown: NDArray[np.float64], bounds: NDArray[np.float64]
) -> bool:
    """Whether the point lies in the bounds and in no grown obstacle; edges are free."""
    if not (bounds[0] - SLACK_M <= x <= bounds[2] + SLACK_M):
        return False
    if not (bounds[1] - SLACK_M <= y <= bounds[3] + SLACK_M):
        return False
    for x0, y0, x1, y1 in grown:
        if x0 + SLACK_M < x < x1 - SLACK_M and y0 + SLACK_M < y < y1 - SLACK_M:
            return False
    return True


@compiled
def segment_is_free(ax: float, ay: float, bx: float, by: float, grown: NDArray[np.float64]) -> bool:
    """Whether a segment enters no grown obstacle, by the separating axis theorem.

    The axes are x, y and the segment's normal: no division, so no segment is ill-conditioned.
    """
    dx, dy = bx - ax, by - ay
    low_x, high_x, low_y, high_y = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
    for i in range(len(grown)):
        x0, y0 = grown[i, 0] + SLACK_M, grown[i, 1] + SLACK_M
        x1, y1 = grown[i, 2] - SLACK_M, grown[i, 3] - SLACK_M
        if high_x <= x0 or low_x >= x1 or high_y <= y0 or low_y >= y1:
            continue
        offset = dx * ((y0 + y1) / 2 - ay) - dy * ((x0 + x1) / 2 - ax)
        if abs(offset) <= (abs(dx) * (y1 - y0) + abs(dy) * (x1 - x0)) / 2:
            return False
    return True


@compiled
def is_taut(sign_x: float, sign_y: float, dx: float, dy: float) -> bool:
    """Whether a shortest path may leave a corner towards (dx, dy).

    A taut string that bends there touches the rectangle; one that leaves straight outwards, away
    from both of its sides, does not bend.
    """
    return not (sign_x * dx > SLACK_M and sign_y * dy > SLACK_M)


@compiled
def free_corners(
    grown: NDArray[np.float64], bounds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners (V, 2) of the grown obstacles that are free, and their signs (V, 2)."""
    corners, signs = np.empty((4 * len(grown), 2)), np.empty((4 * len(grown), 2))
    count = 0
    for x0, y0, x1, y1 in grown:
        for x, sign_x in ((x0, -1.0), (x1, 1.0)):
            for y, sign_y in ((y0, -1.0), (y1, 1.0)):
                if point_is_free(x, y, grown, bounds):
                    corners[count, 0], corners[count, 1] = x, y
                    signs[count, 0], signs[count, 1] = sign_x, sign_y
                    count += 1
    return corners[:count].copy(), signs[:count].copy()


@compiled
def visible_edges(
    corners: NDArray[np.float64], signs: NDArray[np.float64], grown: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Lengths (V, V) between corners that see each other and that a taut string may join."""
    edges_m = np.full((len(corners), len(corners)), np.inf)
    for i in range(len(corners)):
        for j in range(i):
            dx, dy = corners[j, 0] - corners[i, 0], corners[j, 1] - corners[i, 1]
            if (
                is_taut(signs[i, 0], signs[i, 1], dx, dy)
                and is_taut(signs[j, 0], signs[j, 1], -dx, -dy)
                and segment_is_free(
                    corners[i, 0], corners[i, 1], corners[j, 0], corners[j, 1], grown
                )
            ):
                edges_m[i, j] = edges_m[j, i] = np.hypot(dx, dy)
    return edges_m


@compiled
def distance_field(
    space: Space, goals: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """`Field.distances_m` and `Field.toward`: Dijkstra's algorithm from all goals (G, 2) at once.

    The graph is dense enough that looking for the nearest open corner beats a heap.
    """
    count = len(space.corners)
    distances_m, toward = np.full(count, np.inf), np.full(count, NOWHERE)
    for v in range(count):
        x, y = space.corners[v]
        for g in range(len(goals)):
            dx, dy = goals[g, 0] - x, goals[g, 1] - y
            if (
                np.hypot(dx, dy) < distances_m[v]
                and is_taut(space.signs[v, 0], space.signs[v, 1], dx, dy)
                and segment_is_free(x, y, goals[g, 0], goals[g, 1], space.grown)
            ):
                distances_m[v], toward[v] = np.hypot(dx, dy), count + g
    is_open = np.ones(count, dtype=np.bool_)
    for _ in range(count):
        nearest, nearest_m = NOWHERE, np.inf
        for v in range(count):
            if is_open[v] and distances_m[v] < nearest_m:
                nearest, nearest_m = v, distances_m[v]
        if nearest == NOWHERE:
            break
        is_open[nearest] = False
        for v in range(count):
            if nearest_m + space.edges_m[nearest, v] < distances_m[v]:
                distances_m[v] = nearest_m + space.edges_m[nearest, v]
                toward[v] = nearest
    return distances_m, toward


@compiled
def first_leg(x: float, y: float, space: Space, field: Field) -> tuple[float, int]:
    """Distance from a free point to the nearest goal, and where its path goes first.

    The second is an index as in `Field.toward`. Sight is tested only where it would shorten the
    path.
    """
    best_m, best = np.inf, NOWHERE
    for g in range(len(field.goals)):
        goal_x, goal_y = field.goals[g]
        length_m = np.hypot(goal_x - x, goal_y - y)
        if length_m < best_m and segment_is_free(x, y, goal_x, goal_y, space.grown):
            best_m, best = length_m, len(space.corners) + g
    for v in range(len(space.corners)):
        corner_x, corner_y = space.corners[v]
        length_m = np.hypot(corner_x - x, corner_y - y) + field.distances_m[v]
        if (
            length_m < best_m
            and is_taut(space.signs[v, 0], space.signs[v, 1], x - corner_x, y - corner_y)
            and segment_is_free(x, y, corner_x, corner_y, space.grown)
        ):
            best_m, best = length_m, v
    return best_m, best


@compiled
def _lines_near(at: float, axis: int, space: Space, limit_m: float) -> NDArray[np.float64]:
    """Coordinates of all edges across `axis` within the limit, after `at` itself."""
    lines = np.empty(2 * len(space.grown) + 3)
    lines[0] = at
    count = 1
    for i in range(len(space.grown) + 1):
        rect = space.bounds if i == 0 else space.grown[i - 1]
        for line in (rect[axis], rect[axis + 2]):
            if abs(line - at) <= limit_m:
                lines[count] = line
                count += 1
    return lines[:count]


@compiled
def nearest_free_point(
    x: float, y: float, space: Space, limit_m: float
) -> tuple[float, float, float]:
    """The free point nearest to any point, and how far it is: inf if beyond the limit.

    It is the point itself, its foot on an edge, or where two edges meet: all have either
    coordinate from the point or from an edge.
    """
    if point_is_free(x, y, space.grown, space.bounds):
        return x, y, 0.0
    best_x, best_y, best_m = x, y, np.inf
    lines_y = _lines_near(y, 1, space, limit_m)
    for line_x in _lines_near(x, 0, space, limit_m):
        for line_y in lines_y:
            length_m = np.hypot(line_x - x, line_y - y)
            if (
                length_m <= limit_m
                and length_m < best_m
                and point_is_free(line_x, line_y, space.grown, space.bounds)
            ):
                best_x, best_y, best_m = line_x, line_y, length_m
    return best_x, best_y, best_m


@compiled
def distances(
    points: NDArray[np.float64], space: Space, field: Field, limit_m: float
) -> NDArray[np.float64]:
    """Distances (P,) from points (P, 2), each first pushed out to the nearest free point."""
    lengths_m = np.empty(len(points))
    for i in range(len(points)):
        x, y, pushed_m = nearest_free_point(points[i, 0], points[i, 1], space, limit_m)
        lengths_m[i] = pushed_m
        if pushed_m < np.inf:
            lengths_m[i] += first_leg(x, y, space, field)[0]
    return lengths_m
