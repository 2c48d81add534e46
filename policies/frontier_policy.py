"""The classical baseline: map from depth, explore at frontiers, drive to the goal (no learning)."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handeye.perception.ego_camera import EgoCamera, EgoPose
from handeye.perception.floor_map import FREE, OBSTACLE, UNKNOWN, FloorMap
from handeye.policies.grid_planner import (
    FORWARD,
    FREE_WEIGHT,
    LEFT,
    STOP,
    TURN_RAD,
    GridPlanner,
    cells_within,
    mark_bump,
    steer,
    was_blocked,
    ways,
)
from handeye.policies.policy import Action

Detector = Callable[[Mapping[str, Any], EgoPose], NDArray[np.float64] | None]
"""(observation, pose) -> points (N, 2) of the goal in the start frame, m; None if not seen."""

LEAST_FRONTIER_M = 0.3  # a shorter one is a crack that leads nowhere
KEEP_M = 0.75  # a frontier that is still there within this of the last one chosen is the same
SAME_GOAL_M = 0.5  # points of the goal this near to those known before belong to the same thing
TURN_COSTS_M = 0.6  # of half a turn, when frontiers are compared
WIDEN_M = (0.0, 0.35, 0.7)  # added to how near to come, if no place is that near

POINT = re.compile(
    r"(\d+(?:\.\d+)?) metres? (ahead|behind)\b.*?(\d+(?:\.\d+)?) metres? to the (left|right)\b"
)


def parse_point(instruction: str) -> tuple[float, float] | None:
    """The point, x ahead and y left of the start in m, that an instruction names; None if none.

    It reads "3.6 metres ahead and 0.2 metres to the right", with "behind" and "left" likewise.
    """
    found = POINT.search(instruction.lower())
    if found is None:
        return None
    ahead, way, aside, side = found.groups()
    return (
        float(ahead) * (1.0 if way == "ahead" else -1.0),
        float(aside) * (1.0 if side == "left" else -1.0),
    )


class FrontierPolicy:
    """Look around, go to the nearest frontier (Yamauchi 1997) until the goal is seen, then to it.

    A frontier is free floor beside unknown floor that the robot fits on. A point named in the
    instruction is the goal from the start, else it is what `detector` sees. When all is explored
    and nothing found, it stops.

    Args:
        detector: finds the goal in an observation; None where instructions name points.
        camera: of the observations.
        planner: plans on the map; its radius is the robot's.
        stop_near_m: how near to come to a seen goal's points.
        point_within_m: how near to come to a point named in the instruction.
    """

    policy_id = "frontier"

    def __init__(
        self,
        detector: Detector | None = None,
        *,
        camera: EgoCamera | None = None,
        planner: GridPlanner | None = None,
        stop_near_m: float = 0.7,
        point_within_m: float = 0.3,
    ) -> None:
        self.action_mode: str | None = "base_discrete"
        self.detector = detector
        self.camera = camera or EgoCamera()
        self.planner = planner or GridPlanner()
        self.stop_near_m, self.point_within_m = stop_near_m, point_within_m
        self.reset("", 0)

    def reset(self, instruction: str, seed: int) -> None:
        """Forget the map; nothing is random here."""
        self.floor = FloorMap(self.camera)
        self._point = parse_point(instruction)
        self._goal: NDArray[np.float64] | None = None  # (N, 2)
        self._frontier: tuple[float, float] | None = None
        self._last: tuple[EgoPose, int] | None = None
        self._turned_rad = 0.0
        self._face: tuple[float, float] | None = None  # what to look at before the stop

    def act(self, observation: Mapping[str, Any]) -> Action:
        """One action: its `values` is the number, an integer array of shape ()."""
        pose = EgoPose.from_proprio(observation["proprio"])
        self.floor.update(observation["depth_ego"], *pose)
        if self._last is not None and self._last[1] == FORWARD and was_blocked(self._last[0], pose):
            mark_bump(self.floor, pose, self.planner.radius_m)
        seen = None if self.detector is None else self.detector(observation, pose)
        if seen is not None and len(seen):
            self._notice(np.asarray(seen, np.float64))
        action = self._decide(pose)
        self._last = (pose, action)
        return Action(np.asarray(action), action == STOP, {"pose": pose, "goal": self._goal})

    def _notice(self, seen: NDArray[np.float64]) -> None:
        """Add points of the goal to what is known of it; start anew if they are elsewhere."""
        cell_m = self.floor.cell_m
        seen = (np.unique(np.floor(seen / cell_m), axis=0) + 0.5) * cell_m
        if self._goal is not None:
            gap = seen[:, None] - self._goal
            if (gap**2).sum(-1).min() <= SAME_GOAL_M**2:
                seen = np.unique(np.concatenate([self._goal, seen]), axis=0)
        self._goal = seen
        for x, y in (seen.min(0).tolist(), seen.max(0).tolist()):
            self.floor.include(x, y, self.stop_near_m)

    def _decide(self, pose: EgoPose) -> int:
        if self._point is not None:
            action = self._to_point(pose, *self._point)
            return STOP if action is None else action
        if self._face is not None:
            return self._look_at(pose, *self._face)
        if self._goal is not None:
            action = self._to_goal(pose, self._goal)
            if action is not None:
                return action
        if self._turned_rad < math.tau - self.camera.fov_rad:
            self._turned_rad += TURN_RAD
            return LEFT
        action = self._explore(pose)
        return STOP if action is None else action

    def _to_point(self, pose: EgoPose, x: float, y: float) -> int | None:
        """Towards a named point; None where it is reached or there is no way."""
        self.floor.include(x, y, 2 * self.planner.roomy_m)
        weights = self.planner.weights(self.floor, pose)
        for wider in WIDEN_M:
            near = cells_within(self.floor, weights.shape, x, y, self.point_within_m + wider)
            action = self._towards(pose, weights, np.argwhere(near & (weights > 0)))
            if action is not None:
                return None if action == STOP else action
        return None

    def _to_goal(self, pose: EgoPose, points: NDArray[np.float64]) -> int | None:
        """Towards a seen goal, then look at it, then stop; None if there is no way to it."""
        weights = self.planner.weights(self.floor, pose)
        away_m = self._on_foot_m(points)
        for wider in WIDEN_M:
            near = (away_m <= self.stop_near_m + wider) & (weights > 0)
            action = self._towards(pose, weights, np.argwhere(near))
            if action == STOP:
                x, y = points.mean(0).tolist()
                self._face = x, y  # not what is seen from now on: that changes with each turn
                return self._look_at(pose, x, y)
            if action is not None:
                return action
        return None

    def _look_at(self, pose: EgoPose, x: float, y: float) -> int:
        """Turn towards a point, then stop."""
        action = steer(pose, x, y)
        return STOP if action == FORWARD else action

    def _on_foot_m(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance (R, C) of all cells to the nearest of the points around obstacles, m.

        As the crow flies, the place behind a wall would be near, too.
        """
        grid = self.floor.grid
        cells = np.array([self.floor.cell_of(x, y) for x, y in points.tolist()])
        around = math.ceil((self.stop_near_m + max(WIDEN_M)) / self.floor.cell_m)
        (top, left), (bottom, right) = cells.min(0) - around, cells.max(0) + around + 1
        window = slice(max(0, top), bottom), slice(max(0, left), right)  # no need to go farther
        open_cells = np.zeros(grid.shape, np.int32)
        open_cells[window] = FREE_WEIGHT * (grid[window] != OBSTACLE)
        return ways(open_cells, cells, self.floor.cell_m).costs_m

    def _explore(self, pose: EgoPose) -> int | None:
        """Towards the best frontier; None where there is none left."""
        planner = self.planner
        known = GridPlanner(planner.radius_m, planner.roomy_m, planner.tight, None)
        weights = known.weights(self.floor, pose)
        frontiers = self._frontiers(weights)
        here = np.array([self.floor.cell_of(pose.x_m, pose.y_m)])
        costs_m = ways(weights, here, self.floor.cell_m).costs_m[frontiers[:, 0], frontiers[:, 1]]
        frontiers = frontiers[np.isfinite(costs_m)]
        if not len(frontiers):
            return None
        costs_m = costs_m[np.isfinite(costs_m)]
        places = self.floor.points_of(frontiers)
        turns = [abs(pose.bearing_rad(x, y)) / math.pi for x, y in places.tolist()]
        costs_m = costs_m + TURN_COSTS_M * np.array(turns)
        if self._frontier is not None:
            kept = np.hypot(*(places - self._frontier).T) <= KEEP_M
            costs_m = np.where(kept, costs_m, np.inf) if kept.any() else costs_m
        best = int(costs_m.argmin())
        x, y = self._frontier = tuple(places[best].tolist())
        action = self._towards(pose, weights, frontiers[best : best + 1])
        return steer(pose, x, y) if action == STOP else action

    def _frontiers(self, weights: NDArray[np.int32]) -> NDArray[np.int64]:
        """Cells (F, 2) of all frontiers that are long enough."""
        grid = self.floor.grid
        unknown = ndimage.binary_dilation(grid == UNKNOWN)
        edge = (grid == FREE) & (weights > 0) & unknown
        labels, count = ndimage.label(edge, np.ones((3, 3)))
        sizes = np.bincount(labels.ravel(), minlength=count + 1)
        large = sizes * self.floor.cell_m >= LEAST_FRONTIER_M
        large[0] = False
        return np.argwhere(large[labels])

    def _towards(
        self, pose: EgoPose, weights: NDArray[np.int32], goals: NDArray[np.int64]
    ) -> int | None:
        """The action on the cheapest way to one of the cells (G, 2): `STOP` there, None if none."""
        here = self.floor.cell_of(pose.x_m, pose.y_m)
        if not len(goals):
            return None
        found = ways(weights, goals, self.floor.cell_m, until=here)
        if not np.isfinite(found.costs_m[here]):
            return None
        path = found.path(here)
        if len(path) == 1:
            return STOP
        return steer(pose, *self.planner.aim(self.floor, weights, path))
