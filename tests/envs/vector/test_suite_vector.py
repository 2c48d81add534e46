"""Suites in parallel: equal to one environment at a time, whatever the workers."""

from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from handeye.base.names import UnknownName
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.envs.suites import world_of
from handeye.envs.vector.suite_vector import make_vector_env
from tests.envs.route_home import HOME

FRAMES: dict[str, Any] = {
    "depth": True,
    "segmentation": True,
    "image_size_px": 32,
    "max_steps": 4,
}
SUITES = ("tabletop-core", "rooms")
BOTH = [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP]


def random_actions(env: Any, rng: np.random.Generator) -> Any:
    shape = env.single_action_space.shape
    if shape == ():
        return rng.integers(1, 4, env.num_envs)  # the stop is no move
    return rng.uniform(-1, 1, (env.num_envs, *shape)).astype(np.float32)


def rows(env: Any, steps: int = 6) -> list[Any]:
    seen, infos = env.reset(seed=1_000)
    result = [(seen, infos["state_hash"].tolist())]
    rng = np.random.default_rng(0)
    for _ in range(steps):
        seen, rewards, terminated, truncated, infos = env.step(random_actions(env, rng))
        assert seen in env.observation_space
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "suite"),
    [(BOTH[0], SUITES[0]), pytest.param(BOTH[1], SUITES[1], marks=pytest.mark.heavy)],
)
def test_hashes_and_frames_do_not_depend_on_the_workers(mode: AutoresetMode, suite: str) -> None:
    one = rows(make_vector_env(suite, 3, workers=1, autoreset_mode=mode, **FRAMES))
    two = rows(make_vector_env(suite, 3, workers=2, autoreset_mode=mode, **FRAMES))
    assert_same(one, two)
    assert len({key for row in one for key in row[1]}) > 10


@pytest.mark.slow
@pytest.mark.parametrize("suite", SUITES)
def test_frames_drawn_together_are_those_drawn_alone(suite: str) -> None:
    env = make_vector_env(suite, 2, workers=1, autoreset_mode=AutoresetMode.SAME_STEP, **FRAMES)
    camera = "front" if suite == "tabletop-core" else "ego"
    seen, _ = env.reset(seed=5)
    rng = np.random.default_rng(1)
    actions = [random_actions(env, rng) for _ in range(4)]
    for each in actions:
        last, _, terminated, truncated, infos = env.step(each)
    assert (terminated | truncated).all()
    env.close()
    for i in range(2):
        alone = world_of(suite).env(suite, **FRAMES)
        first, _ = alone.reset(seed=5 + i)
        for each in actions:
            final, *_ = alone.step(each[i])
        for key in first:
            np.testing.assert_array_equal(seen[key][i], first[key])
            np.testing.assert_array_equal(infos["final_obs"][i][key], final[key])
        assert (last[f"rgb_{camera}"][i] != final[f"rgb_{camera}"]).any()
        alone.close()


@pytest.mark.slow
def test_a_task_of_rooms_without_cameras_and_with_velocities() -> None:
    env = make_vector_env("go_back", 2, workers=1, action_mode="base_velocity", cameras=())
    seen, infos = env.reset(seed=3)
    assert set(seen) == {"proprio", "instruction"}
    assert set(infos["task"]) == {"go_back"}
    env.step(random_actions(env, np.random.default_rng(2)))
    env.close()


@pytest.mark.slow
def test_a_scene_and_a_goal_go_to_every_environment() -> None:
    scene = RoomScene(HOME, BasePose(6.0, 1.5, 1.5)).to_dict()
    goal = {"referred": ["blue_sofa"]}
    env = make_vector_env("object_goal", 2, workers=1, cameras=())
    seen, infos = env.reset(seed=3, options={"scene": scene, "goal": goal})
    assert list(infos["referred"]) == [("blue_sofa",)] * 2
    assert all("sofa" in words or "couch" in words for words in seen["instruction"])
    env.close()


def test_an_unknown_suite_is_named_before_anything_starts() -> None:
    with pytest.raises(UnknownName, match="rooms"):
        make_vector_env("room")
