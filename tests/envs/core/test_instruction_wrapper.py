"""The instruction as bytes: nothing lost that fits, cut where it does not."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from handeye.envs.core.instruction_wrapper import InstructionBytes


class Talker(gymnasium.Env[dict[str, Any], Any]):
    """An environment that does nothing but repeat its words."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.observation_space = spaces.Dict(
            {"proprio": spaces.Box(-1, 1, (2,), np.float32), "instruction": spaces.Text(100)}
        )
        self.action_space = spaces.Discrete(2)

    def _observation(self) -> dict[str, Any]:
        return {"proprio": np.zeros(2, np.float32), "instruction": self.words}

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        return self._observation(), {"words": self.words}

    def step(self, action: Any) -> Any:
        self.words = "now stop"
        return self._observation(), 0.0, False, False, {"words": self.words}


def decoded(observation: dict[str, Any]) -> str:
    return bytes(observation["instruction"]).rstrip(b"\0").decode(errors="replace")


def test_words_become_padded_bytes_and_the_rest_is_untouched() -> None:
    env = InstructionBytes(Talker("pick up the red block"), length=32)
    observation, info = env.reset(seed=0)
    assert decoded(observation) == "pick up the red block"
    assert observation["instruction"].dtype == np.uint8
    assert observation["instruction"].shape == (32,)
    assert not observation["instruction"][21:].any()
    np.testing.assert_array_equal(observation["proprio"], 0.0)
    assert info["words"] == "pick up the red block"


def test_every_step_is_translated_anew() -> None:
    env = InstructionBytes(Talker("pick up the red block"), length=32)
    env.reset(seed=0)
    observation, *_ = env.step(0)
    assert decoded(observation) == "now stop"


def test_observations_are_in_the_space_which_has_arrays_alone() -> None:
    env = InstructionBytes(Talker("go"))
    assert set(env.observation_space.spaces) == {"proprio", "instruction"}
    assert env.observation_space["instruction"] == spaces.Box(0, 255, (256,), np.uint8)
    assert env.observation_space.contains(env.reset(seed=0)[0])


@pytest.mark.parametrize("length", [1, 3, 5])
def test_what_does_not_fit_is_cut(length: int) -> None:
    observation, _ = InstructionBytes(Talker("push"), length=length).reset(seed=0)
    assert decoded(observation) == "push"[:length]


def test_length_counts_bytes_not_characters() -> None:
    words = "öffne die Schublade"
    observation, _ = InstructionBytes(Talker(words), length=64).reset(seed=0)
    assert decoded(observation) == words
    observation, _ = InstructionBytes(Talker(words), length=2).reset(seed=0)
    assert bytes(observation["instruction"]) == "ö".encode()


def test_no_words_are_zeros() -> None:
    observation, _ = InstructionBytes(Talker(""), length=4).reset(seed=0)
    assert not observation["instruction"].any()


def test_an_environment_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="has an instruction"):
        InstructionBytes(gymnasium.make("CartPole-v1"))
    mute = Talker("")
    mute.observation_space = spaces.Dict({"proprio": spaces.Box(-1, 1, (2,), np.float32)})
    with pytest.raises(ValueError, match="has an instruction"):
        InstructionBytes(mute)
