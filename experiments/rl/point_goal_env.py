"""Point goal as reinforcement learning sees it: a few numbers in, a reward for coming nearer.

The reward knows the shortest path, which no policy does; what is observed is allowed to all.
"""

from typing import Any, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from handeye.envs.core.base_env import UNSEEDED
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.mobile_base import STOP
from handeye.policies.rl.point_goal_observer import FEATURES, PointGoalObserver

IMAGE_PX = 64  # the scans need no more
MAX_STEPS = 250  # of an episode in training; its shortest paths take some 60
A_STEP, A_BUMP, FALSE_STOP, SUCCESS = -0.01, -0.03, -0.5, 5.0  # a metre nearer is 1


class PointGoalEnv(gymnasium.Env[NDArray[np.float32], int]):
    """The task `point_goal`, for training.

    Observation: (`FEATURES`,) float32, see `PointGoalObserver`. Action: of `base_discrete`.
    Reward: metres of the shortest path gained, and the constants of this module. A stop elsewhere
    than at the point is punished and not carried out: at first every fourth action would end the
    episode, and beginning one costs as much as ten actions.

    Args:
        rooms: an environment of the task with `base_discrete` actions and depth.
    """

    def __init__(self, rooms: RoomsEnv) -> None:
        self._rooms = rooms
        self._observer = PointGoalObserver()
        self._seeds = np.random.default_rng(0)
        self.action_space = rooms.action_space
        self.observation_space: spaces.Space[Any] = spaces.Box(-2.0, 2.0, (FEATURES,), np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start an episode; the seed begins a series of training seeds, one for each reset."""
        if seed is not None:
            self._seeds = np.random.default_rng(seed)
        drawn = int(self._seeds.integers(UNSEEDED))
        self._last, info = self._rooms.reset(seed=drawn, options=options)
        self._steps = 0
        self._observer.begin(self._last["instruction"])
        place_m = self._rooms.goal.place_m
        assert place_m is not None
        self._field = self._rooms.scene.free.field_to(place_m)
        self._left_m = self._field.distance_m(*self._rooms.state.here.xy)
        return self._observer.observe(self._last, None), info

    def step(
        self, action: int
    ) -> tuple[NDArray[np.float32], SupportsFloat, bool, bool, dict[str, Any]]:
        """One action."""
        self._steps += 1
        reward, terminated, info = A_STEP, False, {"is_success": False}
        if action == STOP and not all(self._rooms.conditions.values()):
            reward += FALSE_STOP
        else:
            self._last, _, terminated, _, info = self._rooms.step(np.asarray(action))
            reward += A_BUMP * float(self._last["proprio"][4]) + self._gained_m()
            reward += SUCCESS * terminated
        seen = self._observer.observe(self._last, int(action))
        return seen, reward, terminated, not terminated and self._steps >= MAX_STEPS, info

    def _gained_m(self) -> float:
        """Return how much nearer the point came; 0 where the robot is squeezed in."""
        left_m = self._field.distance_m(*self._rooms.state.here.xy)
        if not np.isfinite(left_m):
            return 0.0
        gained_m, self._left_m = self._left_m - left_m, left_m
        return gained_m

    def close(self) -> None:
        """Free the physics."""
        self._rooms.close()


def make_point_goal_env() -> PointGoalEnv:
    """The task in training apartments, with frames just large enough."""
    return PointGoalEnv(RoomsEnv("point_goal", image_size_px=IMAGE_PX))
