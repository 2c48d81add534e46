"""The instruction as numbers, for learners whose observation must be arrays alone."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces


class InstructionBytes(gymnasium.ObservationWrapper[dict[str, Any], Any, dict[str, Any]]):
    """Replaces the text by its first `length` UTF-8 bytes, uint8 (length,), padded with zeros.

    stable-baselines3 knows no text space; with this wrapper every observation mode passes its
    checks. `info` and the wrapped environment still hold the words.
    """

    def __init__(self, env: gymnasium.Env[dict[str, Any], Any], length: int = 256) -> None:
        super().__init__(env)
        space = env.observation_space
        if not isinstance(space, spaces.Dict) or "instruction" not in space.spaces:
            raise ValueError(
                "InstructionBytes wraps environments whose observation has an instruction"
            )
        codes = spaces.Box(0, 255, (length,), np.uint8)
        self.observation_space = spaces.Dict({**space.spaces, "instruction": codes})
        self._length = length

    def observation(self, observation: dict[str, Any]) -> dict[str, Any]:
        """The same observation with the instruction as bytes."""
        codes = np.zeros(self._length, np.uint8)
        words = observation["instruction"].encode()[: self._length]
        codes[: len(words)] = np.frombuffer(words, np.uint8)
        return {**observation, "instruction": codes}
