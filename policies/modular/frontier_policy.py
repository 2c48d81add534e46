"""The classical baseline: map from depth, explore at frontiers, drive to the goal (no learning)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose
from handeye.perception.mapping.floor_map import FloorMap
from handeye.policies.navigation.explorer import Explorer, look_at
from handeye.policies.navigation.grid_planner import STOP, GridPlanner
from handeye.policies.policy import Action

Detector = Callable[[Mapping[str, Any], EgoPose], NDArray[np.float64] | None]
"""(observation, pose) -> points (N, 2) of the goal in the start frame, m; None if not seen."""

SAME_GOAL_M = 0.5  # points of the goal this near to those known before belong to the same thing

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

    A point named in the instruction is the goal from the start, else it is what `detector` sees.
    When all is explored and nothing found, it stops.

    Args:
        detector: finds the goal in an observation; None where instructions name points.
        camera: of the observations.
        planner: plans on the map; its radius is the robot's.
        stop_near_m: how near to come to a seen goal's points.
        point_within_m: how near to come to a point named in the instruction. Either may be missed
            by half a step of 0.25 m, where another step would lead past it.
    """

    policy_id = "frontier"
    can_terminate = True

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
        self.explorer = Explorer(self.planner, FloorMap(self.camera))
        self._point = parse_point(instruction)
        self._goal: NDArray[np.float64] | None = None  # (N, 2)
        self._face: tuple[float, float] | None = None  # what to look at before the stop

    def head_for(self, x: float, y: float) -> None:
        """From now on go to a place of the start frame, m, over the map made so far."""
        self._point = x, y

    def act(self, observation: Mapping[str, Any]) -> Action:
        """One action: its `values` is the number, an integer array of shape ()."""
        pose = self.explorer.see(observation)
        seen = None if self.detector is None else self.detector(observation, pose)
        if seen is not None and len(seen):
            self._notice(np.asarray(seen, np.float64))
        action = self.explorer.doing(self._decide(pose))
        return Action(np.asarray(action), action == STOP, {"pose": pose, "goal": self._goal})

    def _notice(self, seen: NDArray[np.float64]) -> None:
        """Add points of the goal to what is known of it; start anew if they are elsewhere."""
        cell_m = self.explorer.floor.cell_m
        seen = (np.unique(np.floor(seen / cell_m), axis=0) + 0.5) * cell_m
        if self._goal is not None:
            gap = seen[:, None] - self._goal
            if (gap**2).sum(-1).min() <= SAME_GOAL_M**2:
                seen = np.unique(np.concatenate([self._goal, seen]), axis=0)
        self._goal = seen

    def _decide(self, pose: EgoPose) -> int:
        explorer = self.explorer
        if self._point is not None:
            action = explorer.to_point(*self._point, self.point_within_m)
            return STOP if action is None else action
        if self._face is not None:
            return look_at(pose, *self._face)
        if self._goal is not None:
            action = explorer.to_goal(self._goal, self.stop_near_m)
            if action == STOP:
                x, y = self._goal.mean(0).tolist()
                self._face = x, y  # not what is seen from now on: that changes with each turn
                return look_at(pose, x, y)
            if action is not None:
                return action
        action = explorer.explore()
        return STOP if action is None else action
