"""Moves on the map that a robot makes: to a point, to what is seen, to where nothing is known."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.mapping.floor_map import FREE, OBSTACLE, UNKNOWN, FloorMap
from handeye.policies.navigation.grid_planner import (
    FORWARD,
    FORWARD_M,
    FREE_WEIGHT,
    LEFT,
    STOP,
    TURN_RAD,
    GridPlanner,
    cells_within,
    mark_bump,
    steer,
    unmark_bump,
    was_blocked,
    ways,
)

LEAST_FRONTIER_M = 0.3  # a shorter one is a crack that hardly leads anywhere,
WIDE_FRONTIER_M = 0.7  # one so long may well be a door
KEEP_M = 0.75  # a frontier that is still there within this of the last one chosen is the same
WIDEN_M = (0.0, 0.35, 0.7)  # added to how near to come, if no place is that near


class Explorer:
    """Maps what is seen and says which discrete action leads where, `STOP` meaning "there already".

    A frontier is free floor beside unknown floor that the robot fits on (Yamauchi 1997).

    Args:
        planner: plans on the map; its radius is the robot's.
        floor: the map, empty at first.
    """

    def __init__(self, planner: GridPlanner, floor: FloorMap) -> None:
        self.planner, self.floor = planner, floor
        self.pose = EgoPose(0.0, 0.0, 0.0)
        self._frontier: tuple[float, float] | None = None
        self._last: tuple[EgoPose, int] | None = None
        self._turned_rad = 0.0
        self._bumps: list[EgoPose] = []
        self._tries_harder = False

    def see(
        self, observation: Mapping[str, Any], scores: NDArray[np.float32] | None = None
    ) -> EgoPose:
        """Add an observation to the map, with scores (h, w, K) if it has channels for them."""
        pose = self.pose = EgoPose.from_proprio(observation["proprio"])
        self.floor.update(observation["depth_ego"], *pose, scores)
        if self._last is not None and self._last[1] == FORWARD and was_blocked(self._last[0], pose):
            mark_bump(self.floor, pose, self.planner.radius_m)
            self._bumps.append(pose)
        return pose

    def try_harder(self) -> bool:
        """Forget bumps, which may have walled the robot in, and dare gaps where no way is left.

        On the map a gap that the robot just fits through may be a cell too narrow; from now on
        only wide frontiers count. False where that was done before.
        """
        if self._tries_harder:
            return False
        self._tries_harder = True
        for pose in self._bumps:
            unmark_bump(self.floor, pose, self.planner.radius_m)
        self.planner = replace(self.planner, radius_m=self.planner.radius_m - self.floor.cell_m)
        return True

    def doing(self, action: int) -> int:
        """Remember the action that is carried out now."""
        self._last = (self.pose, action)
        return action

    def to_point(self, x: float, y: float, within_m: float) -> int | None:
        """Towards a point; `STOP` where it is reached, None if there is no way."""
        self.floor.include(x, y, 2 * self.planner.roomy_m)
        weights = self.planner.weights(self.floor, self.pose)
        for wider in WIDEN_M:
            near = cells_within(self.floor, weights.shape, x, y, within_m + wider)
            action = self._towards(weights, np.argwhere(near & (weights > 0)))
            if action is not None:
                return action
        return None

    def to_goal(self, points: NDArray[np.float64], near_m: float) -> int | None:
        """To within `near_m`, on foot, of one of the points (N, 2); None if there is no way."""
        for x, y in (points.min(0).tolist(), points.max(0).tolist()):
            self.floor.include(x, y, near_m + max(WIDEN_M))
        weights = self.planner.weights(self.floor, self.pose)
        away_m = self._on_foot_m(points, near_m)
        for wider in WIDEN_M:
            near = (away_m <= near_m + wider) & (weights > 0)
            action = self._towards(weights, np.argwhere(near))
            if action is not None:
                return action
        return None

    def _on_foot_m(self, points: NDArray[np.float64], near_m: float) -> NDArray[np.float64]:
        """Distance (R, C) of all cells to the nearest of the points around obstacles, m.

        As the crow flies, the place behind a wall would be near, too.
        """
        grid = self.floor.grid
        cells = np.array([self.floor.cell_of(x, y) for x, y in points.tolist()])
        around = math.ceil((near_m + max(WIDEN_M)) / self.floor.cell_m)
        (top, left), (bottom, right) = cells.min(0) - around, cells.max(0) + around + 1
        window = slice(max(0, top), bottom), slice(max(0, left), right)  # no need to go farther
        open_cells = np.zeros(grid.shape, np.int32)
        open_cells[window] = FREE_WEIGHT * (grid[window] != OBSTACLE)
        return ways(open_cells, cells, self.floor.cell_m).costs_m

    def explore(
        self, within: NDArray[np.bool_] | None = None, *, cracks: bool = True
    ) -> int | None:
        """Look around once, then to the nearest frontier, or the last; None if none is left.

        Args:
            within: (R, C) cells of the map; only frontiers there count, and there is no look
                around at first.
            cracks: whether to look even into cracks before giving up.
        """
        if within is None and self._turned_rad < math.tau - self.floor.camera.fov_rad:
            self._turned_rad += TURN_RAD
            return LEFT
        planner, pose = self.planner, self.pose
        known = GridPlanner(planner.radius_m, planner.roomy_m, planner.tight, None)
        weights = known.weights(self.floor, pose)
        here = np.array([self.floor.cell_of(pose.x_m, pose.y_m)])
        costs_m = ways(weights, here, self.floor.cell_m).costs_m
        worth_m = WIDE_FRONTIER_M if self._tries_harder else LEAST_FRONTIER_M
        for least_m in (worth_m, 0.0)[: 1 + cracks]:
            frontiers = self._frontiers(weights, least_m)
            if within is not None:
                frontiers = frontiers[within[frontiers[:, 0], frontiers[:, 1]]]
            frontiers = frontiers[np.isfinite(costs_m[frontiers[:, 0], frontiers[:, 1]])]
            if len(frontiers):
                break
        else:
            return None
        costs_m = costs_m[frontiers[:, 0], frontiers[:, 1]]
        places = self.floor.points_of(frontiers)
        if self._frontier is not None:
            kept = np.hypot(*(places - self._frontier).T) <= KEEP_M
            costs_m = np.where(kept, costs_m, np.inf) if kept.any() else costs_m
        best = int(costs_m.argmin())
        x, y = self._frontier = tuple(places[best].tolist())
        action = self._towards(weights, frontiers[best : best + 1])
        return steer(pose, x, y) if action == STOP else action

    def _frontiers(self, weights: NDArray[np.int32], least_m: float) -> NDArray[np.int64]:
        """Cells (F, 2) of all frontiers that are at least that long."""
        grid = self.floor.grid
        unknown = ndimage.binary_dilation(grid == UNKNOWN)
        edge = (grid == FREE) & (weights > 0) & unknown
        labels, count = ndimage.label(edge, np.ones((3, 3)))
        sizes = np.bincount(labels.ravel(), minlength=count + 1)
        large = sizes * self.floor.cell_m >= least_m
        large[0] = False
        return np.argwhere(large[labels])

    def _towards(self, weights: NDArray[np.int32], goals: NDArray[np.int64]) -> int | None:
        """The action on the cheapest way to one of the cells (G, 2): `STOP` there, None if none."""
        pose = self.pose
        here = self.floor.cell_of(pose.x_m, pose.y_m)
        if not len(goals):
            return None
        found = ways(weights, goals, self.floor.cell_m, until=here)
        if not np.isfinite(found.costs_m[here]):
            return None
        path = found.path(here)
        if (len(path) - 1) * self.floor.cell_m <= FORWARD_M / 2:
            return STOP  # a step would lead past it
        return steer(pose, *self.planner.aim(self.floor, weights, path))


def look_at(pose: EgoPose, x: float, y: float) -> int:
    """Turn towards a point, then `STOP`."""
    action = steer(pose, x, y)
    return STOP if action == FORWARD else action
