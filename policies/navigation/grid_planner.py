"""Ways over a `FloorMap` for a round robot, and the discrete actions that follow them.

Obstacles are grown by the robot's radius; what is near them costs more, and so does what is
unknown, so that a way goes through the middle of a door and over known floor where it can.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.mapping.floor_map import FREE, OBSTACLE, FloorMap
from handeye.policies.navigation.grid_kernels import (
    NEVER,
    NOWHERE,
    cheapest_ways,
    in_sight,
    squared_clearance,
)

# The same as in `envs.rooms.scene.mobile_base`; `tests/test_twins.py` compares them.
STOP, FORWARD, LEFT, RIGHT = range(4)  # the action mode base_discrete
TURN_RAD, FORWARD_M = math.radians(15.0), 0.25
BUMP_ANGLES_RAD = (-0.5, -0.25, 0.0, 0.25, 0.5)  # seen from the robot's middle, about its heading
FREE_WEIGHT = 2  # of a cell, in the units of `cheapest_ways`: a cell's side costs ten tenths


@dataclass(frozen=True)
class GridPlanner:
    """Makes weights of a map and ways of weights.

    Attributes:
        radius_m: of the robot; no way leads nearer to an obstacle, except out of a tight place.
        roomy_m: what is nearer to an obstacle than this costs `tight` more.
        tight: additional cost there, in multiples of free floor's (a multiple of 0.5).
        unknown: additional cost of an unknown cell, likewise; None makes it impassable.
        sight_m: how far ahead on the way to aim at most.
    """

    radius_m: float = 0.18
    roomy_m: float = 0.30
    tight: float = 2.0
    unknown: float | None = 1.0
    sight_m: float = 1.5

    def weights(self, floor: FloorMap, pose: EgoPose) -> NDArray[np.int32]:
        """Weights (R, C) of the map's cells for `ways`; 0 where the robot cannot be.

        The robot may have slid closer to something than its radius on the map, and must get away
        again: around it, whatever is no closer than it is now can be passed.
        """
        grid = floor.grid
        radius, roomy = self.radius_m / floor.cell_m, self.roomy_m / floor.cell_m
        squared = squared_clearance(grid, math.ceil(roomy))
        weights = np.where(squared < roomy * roomy, self._weight(self.tight), FREE_WEIGHT)
        weights = weights.astype(np.int32)
        if self.unknown is None:
            weights[grid != FREE] = 0
        else:
            weights[grid != FREE] += self._weight(self.unknown) - FREE_WEIGHT
        weights[squared <= radius * radius] = 0
        row, column = floor.cell_of(pose.x_m, pose.y_m)
        out = math.ceil(radius) + 1
        near = (
            slice(max(0, row - out), row + out + 1),
            slice(max(0, column - out), column + out + 1),
        )
        closed = (squared[near] <= radius * radius) & (squared[near] >= squared[row, column])
        closed &= grid[near] != OBSTACLE
        weights[near][closed] = 3 * self._weight(self.tight)
        return weights

    def _weight(self, additional: float) -> int:
        return FREE_WEIGHT + round(FREE_WEIGHT * additional)

    def aim(
        self, floor: FloorMap, weights: NDArray[np.int32], path: NDArray[np.int64]
    ) -> tuple[float, float]:
        """The point, x and y in m, to head for on a way of cells (K, 2) that starts here."""
        ahead = in_sight(weights, path, self.sight_m / floor.cell_m)
        x, y = floor.points_of(path[ahead : ahead + 1])[0].tolist()
        return x, y


@dataclass(frozen=True, eq=False)
class Ways:
    """Cheapest ways from the cells of a map to the nearest source.

    Attributes:
        costs_m: (R, C) float64, m of free floor that a way is worth; inf where there is none.
        toward: (R, C) int32 flat index of the next cell on the way; -1 at sources and where none.
    """

    costs_m: NDArray[np.float64]
    toward: NDArray[np.int32]

    def path(self, cell: tuple[int, int]) -> NDArray[np.int64]:
        """Cells (K, 2), row and column, from a cell to its source, both included."""
        columns = self.toward.shape[1]
        here, found = cell[0] * columns + cell[1], []
        following = self.toward.ravel()
        while here != NOWHERE:
            found.append(here)
            here = int(following[here])
        return np.stack(np.divmod(np.array(found, np.int64), columns), axis=1)


def ways(
    weights: NDArray[np.int32],
    sources: NDArray[np.integer],
    cell_m: float,
    until: tuple[int, int] | None = None,
) -> Ways:
    """Cheapest ways to the nearest of the sources, cells (S, 2), over all passable cells.

    Args:
        weights: (R, C) from `GridPlanner.weights`, 0 impassable.
        sources: (S, 2) row and column.
        cell_m: side of a cell.
        until: a cell after which to stop; costs of what is farther are then not all known.
    """
    columns = weights.shape[1]
    flat = sources[:, 0].astype(np.int64) * columns + sources[:, 1]
    stop = -1 if until is None else until[0] * columns + until[1]
    costs, toward = cheapest_ways(weights, flat, stop)
    costs_m = np.where(costs < NEVER, costs * (cell_m / (5 * FREE_WEIGHT)), np.inf)
    return Ways(costs_m.reshape(weights.shape), toward.reshape(weights.shape))


def steer(pose: EgoPose, x: float, y: float) -> int:
    """The action that brings the robot towards a point: a turn if that lessens the error."""
    error = pose.bearing_rad(x, y)
    if abs(error) <= TURN_RAD / 2:
        return FORWARD
    return LEFT if error > 0 else RIGHT


def was_blocked(before: EgoPose, after: EgoPose) -> bool:
    """Return whether a forward action made less than half of its way."""
    moved = math.hypot(after.x_m - before.x_m, after.y_m - before.y_m)
    return moved < FORWARD_M / 2


def mark_bump(floor: FloorMap, pose: EgoPose, radius_m: float) -> None:
    """Mark what stands directly ahead of a robot that could not go on."""
    for x, y in _ahead(floor, pose, radius_m):
        floor.mark_obstacle(x, y)


def unmark_bump(floor: FloorMap, pose: EgoPose, radius_m: float) -> None:
    """Take what `mark_bump` marked to be free, until something tells otherwise."""
    for x, y in _ahead(floor, pose, radius_m):
        floor.mark_free(x, y)


def _ahead(floor: FloorMap, pose: EgoPose, radius_m: float) -> list[tuple[float, float]]:
    away = radius_m + floor.cell_m
    yaws = [pose.yaw_rad + angle for angle in BUMP_ANGLES_RAD]
    return [(pose.x_m + away * math.cos(yaw), pose.y_m + away * math.sin(yaw)) for yaw in yaws]


def cells_within(
    floor: FloorMap, shape: Sequence[int], x: float, y: float, within_m: float
) -> NDArray[np.bool_]:
    """Return which cells (R, C) have their middle within a distance of a point."""
    row, column = (v / floor.cell_m for v in (y, x))
    low = floor.cell_of(0.0, 0.0)  # where the start is on the map
    rows = np.arange(shape[0])[:, None] - low[0] + 0.5 - row
    columns = np.arange(shape[1])[None] - low[1] + 0.5 - column
    return np.asarray(rows**2 + columns**2 <= (within_m / floor.cell_m) ** 2)
