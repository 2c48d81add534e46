"""What all environments owe to Gymnasium: seeds, copies, budgets, and ends that stay ends."""

import copy
import pickle  # noqa: TID251  (what worker processes are sent)
from typing import Any

import gymnasium
import numpy as np
import pytest

from handeye.envs.core.base_env import UNSEEDED, InstructedEnv
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.tabletop.env import TabletopEnv

WAYPOINT = np.array([0.5, 0.1, 0.3, 0, 0, 0.2, 1], np.float32)


def tabletop(**options: Any) -> TabletopEnv:
    return TabletopEnv("tabletop-core", cameras=(), **options)


def rooms(**options: Any) -> RoomsEnv:
    return RoomsEnv("rooms", cameras=(), **options)


WORLDS = pytest.mark.parametrize(("make", "action"), [(tabletop, WAYPOINT), (rooms, 1)])


@pytest.mark.slow
@WORLDS
def test_unseeded_resets_stay_among_the_training_seeds(make: Any, action: Any) -> None:
    env = make()
    env.sample_episode(seed=3)
    seen = []
    for _ in range(30):
        env.sample_episode()
        seen.append(env.episode_seed)
    assert len(set(seen)) == 30
    assert max(seen) < UNSEEDED == 900_000


@pytest.mark.slow
@WORLDS
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_copies_continue_as_their_original(make: Any, action: Any, copied: Any) -> None:
    env = make()
    assert copied(env).spec is None  # never reset
    env.reset(seed=5)
    env.step(action)
    twin: InstructedEnv = copied(env)
    assert twin.state_hash == env.state_hash
    one, two = env.step(action), twin.step(action)
    assert one[-1]["state_hash"] == two[-1]["state_hash"]
    np.testing.assert_array_equal(one[0]["proprio"], two[0]["proprio"])
    env.reset()
    twin.reset()
    assert env.episode_seed == twin.episode_seed
    twin.finish()
    assert not vars(copied(twin))["_open"]
    env.close()
    twin.close()


@WORLDS
def test_nothing_goes_on_after_a_close(make: Any, action: Any) -> None:
    env = make()
    env.reset(seed=1)
    env.close()
    env.close()
    with pytest.raises(RuntimeError, match="call reset first"):
        env.step(action)


@pytest.mark.parametrize(
    ("env_id", "options", "budget"),
    [
        ("handeye/PutIn-v1", {}, 16),
        ("handeye/PutIn-v1", {"action_mode": "ee_delta"}, 200),
        ("handeye/PutIn-v1", {"max_steps": 7}, 7),
        ("handeye/ObjectGoal-v1", {}, 500),
        ("handeye/TabletopLong-v1", {}, None),
        ("handeye/TabletopLong-v1", {"max_steps": 9}, 9),
        ("handeye/RoomsLong-v1", {}, None),
    ],
)
def test_the_spec_tells_the_budget(env_id: str, options: Any, budget: int | None) -> None:
    env = gymnasium.make(env_id, **options)
    assert env.spec is not None
    assert env.spec.max_episode_steps == budget
    assert gymnasium.spec(env_id).max_episode_steps is None  # no wrapper cuts what the env allows


def test_an_episode_is_cut_once_by_the_environment_itself() -> None:
    env = gymnasium.make("handeye/PushToZone-v1", cameras=(), max_steps=3)
    env.reset(seed=2)
    flags = [env.step(WAYPOINT)[2:4] for _ in range(3)]
    assert flags == [(False, False), (False, False), (False, True)]
    assert "TimeLimit" not in str(env)
    env.close()


def test_the_default_is_the_commands_action_mode() -> None:
    assert TabletopEnv("reach").action_mode == "ee_pose"
    made = gymnasium.make("handeye/Reach-v1").unwrapped
    assert isinstance(made, TabletopEnv)
    assert made.action_mode == "ee_pose"


@pytest.mark.parametrize("seed", [np.int64(5), np.uint8(5)])
def test_numpy_seeds_are_seeds(seed: Any) -> None:
    env = tabletop()
    env.sample_episode(seed=seed)
    assert env.episode_seed == 5


def test_depth_has_the_noise_asked_for_and_nothing_else_changes() -> None:
    exact, noisy = (
        TabletopEnv("reach", cameras=("front",), image_size_px=32, depth=True, depth_noise_m=noise)
        for noise in (0.0, 0.02)
    )
    a, b = (env.reset(seed=3)[0] for env in (exact, noisy))
    seen = a["depth_front"] > 0
    error_m = (b["depth_front"] - a["depth_front"])[seen]
    assert 0.015 < error_m.std() < 0.025
    assert (b["depth_front"][~seen] == 0).all()
    assert np.array_equal(a["rgb_front"], b["rgb_front"])
    assert np.array_equal(noisy.observe()["depth_front"], b["depth_front"])
    with pytest.raises(ValueError, match="depth_noise_m"):
        TabletopEnv("reach", depth_noise_m=-1.0)


def test_all_that_is_loose_starts_a_little_elsewhere_and_the_words_stay() -> None:
    env = TabletopEnv("move_drawer", cameras=())
    env.reset(seed=3)
    scene, words = env.scene, env.instruction
    env.reset(seed=3, options={"shift_m": 0.001})
    assert env.instruction == words
    for thing, moved in zip(scene.objects, env.scene.objects, strict=True):
        off_m = np.abs(np.subtract(thing.position_m, moved.position_m))
        assert (off_m <= 0.001).all()
        assert (off_m[:2].min() > 0) == (thing.kind != "drawer")
    twin = env.fork()
    assert twin.scene == env.scene
    assert twin.state_hash == env.state_hash
