"""Environments for worker processes, in a module whose import costs little."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

GOOD, NAN, RAISE, DIE, HANG, NAN_REWARD, WRONG_SHAPE, STOP = range(8)


class ToyEnv(gymnasium.Env[dict[str, Any], Any]):
    """Episodes of seven steps over random numbers; the second action says how to misbehave."""

    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012

    def __init__(self, length: int = 7) -> None:
        self.length = length
        self.observation_space = spaces.Dict(
            {
                "rgb_front": spaces.Box(0, 255, (8, 6, 3), np.uint8),
                "depth_front": spaces.Box(0, np.inf, (8, 6), np.float32),
                "proprio": spaces.Box(-1e3, 1e3, (3,), np.float32),
                "instruction": spaces.Text(64, charset="abcdefghijklmnopqrstuvwxyz 0123456789"),
            }
        )
        self.action_space = spaces.Box(-10, 10, (2,), np.float32)
        self.render_mode = "rgb_array"

    def _observation(self) -> dict[str, Any]:
        depth = self.np_random.random((8, 6), dtype=np.float32)
        depth[0, 0] = np.inf
        return {
            "rgb_front": self.np_random.integers(0, 256, (8, 6, 3), dtype=np.uint8),
            "depth_front": depth,
            "proprio": self.np_random.random(3, dtype=np.float32) + self.total,
            "instruction": f"reach {self.np_random.integers(100)}",
        }

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        super().reset(seed=seed)
        if options and "instruction" in options:
            raise ValueError("nothing answers to that instruction")
        self.seed_given, self.steps, self.total = seed, 0, np.float32(0)
        return self._observation(), {"begun": True}

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        self.steps += 1
        self.total += action[0]
        observation = self._observation()
        fault = round(float(action[1]))
        if fault == NAN:
            observation["proprio"][1] = np.nan
        elif fault == RAISE:
            raise RuntimeError("the block went through the table")
        elif fault == DIE:
            os.kill(os.getpid(), signal.SIGKILL)
        elif fault == HANG:
            time.sleep(1000)
        elif fault == STOP:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif fault == WRONG_SHAPE:
            observation["proprio"] = observation["proprio"][:2]
        reward = np.nan if fault == NAN_REWARD else float(self.total)
        return observation, reward, False, self.steps >= self.length, {"steps": self.steps}

    def render(self) -> np.ndarray:
        return np.full((4, 4, 3), self.steps, np.uint8)


class VectorToyEnv(gymnasium.Env[Any, Any]):
    """An observation that is one array, and discrete actions."""

    observation_space = spaces.Box(-1, 1, (2,), np.float64)
    action_space = spaces.Discrete(3)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        return self.np_random.uniform(-1, 1, 2), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        return self.np_random.uniform(-1, 1, 2), float(action), False, False, {}


class BrokenEnv(ToyEnv):
    """Cannot be built."""

    def __init__(self) -> None:
        raise FileNotFoundError("panda.urdf is missing")
