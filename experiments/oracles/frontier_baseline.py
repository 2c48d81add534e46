"""The classical baseline of the suite `rooms`: frontiers on a map, its detector an oracle.

It maps, explores and drives as `FrontierPolicy` does, from depth and odometry alone. Recognising
the goal, which takes reading and seeing, is left to the simulator's state.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from handeye.envs.rooms.env import RoomsEnv
from handeye.experiments.oracles.oracle_detector import OracleDetector
from handeye.perception.mapping.ego_camera import EgoPose
from handeye.policies.modular.frontier_policy import FrontierPolicy
from handeye.policies.navigation.grid_planner import LEFT, STOP, TURN_RAD
from handeye.policies.policy import Action

STOP_AT_THING_M = 0.7
STOP_AT_PLACE_M = 0.05  # On floor, or at what a relation means; the explorer adds half a step.


class FrontierBaseline:
    """Classical navigation, the detector from truth: `FrontierPolicy` told what it looks at.

    Tasks of two parts take two turns: `go_back` drives to the start when it has stopped at what was
    to be visited, `count_things` looks once around in the room and says how many it has seen. A
    point named in the words is read from the words.
    """

    policy_id = "frontier"
    can_terminate = True

    def __init__(self, env: RoomsEnv) -> None:
        self.action_mode: str | None = "base_discrete"
        self._env = env

    def reset(self, instruction: str, seed: int) -> None:
        """Start over in the episode that the env has been reset to."""
        self._detector = OracleDetector(self._env)
        self._driver = FrontierPolicy(self._detector, stop_near_m=_stop_near_m(self._env))
        self._driver.reset(instruction if self._env.task.name == "point_goal" else "", seed)
        self._returning = self._looking_around = False
        self._turns_left = round(math.tau / TURN_RAD)  # of the look around

    def act(self, observation: Mapping[str, Any]) -> Action:
        """The frontier policy's action, or the next one of the task's second part."""
        if self._looking_around:
            self._detector(observation, EgoPose.from_proprio(observation["proprio"]))
            return self._look_around()
        action = self._driver.act(observation)
        if not action.terminate:
            return action
        if self._env.task.name == "count_things":
            self._looking_around = True
            return self._look_around()
        if self._env.task.name == "go_back" and not self._returning:
            self._returning = True
            self._driver.head_for(0.0, 0.0)
            return self._driver.act(observation)
        return action

    def _look_around(self) -> Action:
        """The next turn, or the answer after the last one."""
        if self._turns_left:
            self._turns_left -= 1
            return Action(np.array(LEFT))
        return Action(np.array(STOP), True, answer=self._count())

    def _count(self) -> str:
        """How many of the things to be counted it has seen, in digits."""
        return str(len(self._detector.seen.intersection(self._env.goal.referred[:-1])))


def _stop_near_m(env: RoomsEnv) -> float:
    """How near to come to the points that the detector gives."""
    of_thing = env.task.name in ("object_goal", "follow_sign", "go_back")
    if of_thing and env.goal.referred[0] in env.scene.things:
        return STOP_AT_THING_M
    return STOP_AT_PLACE_M
