"""The tabletop in parallel: equal to one environment at a time, whatever the workers."""

from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from handeye.envs.env import HandeyeEnv
from handeye.envs.tabletop_vector import make_vector_env

OPTIONS: dict[str, Any] = {
    "suite": "tabletop-core",
    "depth": True,
    "segmentation": True,
    "image_size_px": 32,
    "max_steps": 4,
}


def rows(env: Any, steps: int = 6) -> list[Any]:
    seen, infos = env.reset(seed=1_000)
    result = [(seen, infos["state_hash"].tolist())]
    rng = np.random.default_rng(0)
    for _ in range(steps):
        actions = rng.uniform(-1, 1, (env.num_envs, 7)).astype(np.float32)
        seen, rewards, terminated, truncated, infos = env.step(actions)
        result.append((seen, infos["state_hash"].tolist(), rewards, terminated, truncated))
    env.close()
    return result


def assert_same(left: Any, right: Any) -> None:
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            assert_same(left[key], right[key])
    elif isinstance(left, tuple | list):
        assert len(left) == len(right)
        for a, b in zip(left, right, strict=True):
            assert_same(a, b)
    else:
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_hashes_and_frames_do_not_depend_on_the_workers(mode: AutoresetMode) -> None:
    one = rows(make_vector_env(num_envs=3, workers=1, autoreset_mode=mode, **OPTIONS))
    two = rows(make_vector_env(num_envs=3, workers=2, autoreset_mode=mode, **OPTIONS))
    assert_same(one, two)
    assert len({key for row in one for key in row[1]}) > 10


def test_frames_drawn_together_are_those_drawn_alone() -> None:
    env = make_vector_env(num_envs=2, workers=1, autoreset_mode=AutoresetMode.SAME_STEP, **OPTIONS)
    seen, _ = env.reset(seed=5)
    still = np.zeros((2, 7), np.float32)
    for _ in range(4):
        last, _, _, truncated, infos = env.step(still)
    assert truncated.all()
    env.close()
    for i in range(2):
        alone = HandeyeEnv(**OPTIONS)
        first, _ = alone.reset(seed=5 + i)
        for _ in range(4):
            final, *_ = alone.step(still[i])
        for key in first:
            np.testing.assert_array_equal(seen[key][i], first[key])
            np.testing.assert_array_equal(infos["final_obs"][i][key], final[key])
        assert (last["rgb_front"][i] != final["rgb_front"]).any()
        alone.close()
