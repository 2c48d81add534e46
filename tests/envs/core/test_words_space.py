"""The space of instructions holds what environments accept, in every vector environment too."""

import gymnasium
import numpy as np
import pytest
from gymnasium.vector.utils import create_shared_memory, read_from_shared_memory
from stable_baselines3.common.vec_env import DummyVecEnv

from handeye.envs.core.instruction_wrapper import InstructionBytes
from handeye.envs.core.words_space import Words
from handeye.envs.tabletop.env import TabletopEnv

PLAIN = {"cameras": (), "max_steps": 2}


@pytest.mark.parametrize(
    "words",
    [
        "pick up the star",
        "lege den Würfel in die Schale",
        "拿起红色的星星",
        "“that” – there",
        "",
    ],
)
def test_what_is_accepted_lies_in_the_space(words: str) -> None:
    env = TabletopEnv("reach", cameras=())
    observation, _ = env.reset(seed=1, options={"instruction": words})
    assert observation["instruction"] == words
    assert observation in env.observation_space
    env.close()


def test_lines_become_one_and_what_cannot_be_printed_is_refused() -> None:
    env = TabletopEnv("reach", cameras=())
    env.reset(seed=1, options={"instruction": "pick up\n\tthe star "})
    assert env.instruction == "pick up the star"
    for words in ("pick\x1b[31m up", "go\x00", "\ud800"):
        with pytest.raises(ValueError, match="cannot be printed"):
            env.reset(seed=1, options={"instruction": words})
        assert words not in Words()
    env.close()


def test_samples_lie_in_the_space() -> None:
    space = Words(seed=3)
    assert all(space.sample() in space for _ in range(5))
    assert space == Words()
    assert 3 not in space


def test_a_learner_that_asks_for_a_shape_is_told_what_to_wrap() -> None:
    with pytest.raises(TypeError, match="InstructionBytes"):
        DummyVecEnv([lambda: TabletopEnv("reach", cameras=())])
    DummyVecEnv([lambda: InstructionBytes(TabletopEnv("reach", cameras=()))]).close()


def test_shared_memory_is_read_when_it_is_looked_at() -> None:
    space = Words()
    memory = create_shared_memory(space, n=2)
    shared = read_from_shared_memory(space, memory, n=2)
    assert list(shared) == ["", ""]
    gymnasium.vector.utils.write_to_shared_memory(space, 1, "Würfel 立方体", memory)
    assert list(shared) == ["", "Würfel 立方体"]
    assert len(shared) == 2


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["sync", "async", None])
def test_every_vector_mode_gives_the_instructions_of_its_environments(mode: str | None) -> None:
    env = gymnasium.make_vec("handeye/Reach-v1", 2, vectorization_mode=mode, **PLAIN)
    one = TabletopEnv("reach", **PLAIN)
    expected = []
    for seed in (7, 8):
        one.reset(seed=seed)
        expected.append(one.instruction)
    observations, infos = env.reset(seed=np.int64(7) if mode is None else 7)
    assert observations["instruction"] == tuple(expected)
    assert infos["seed"].tolist() == [7, 8]
    assert observations in env.observation_space
    action = np.tile(np.array([0.5, 0, 0.3, 0, 0, 0, 1], np.float32), (2, 1))
    observations, *_ = env.step(action)
    assert observations["instruction"] == tuple(expected)
    env.close()
