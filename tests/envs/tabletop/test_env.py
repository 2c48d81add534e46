"""The environments as Gymnasium and stable-baselines3 see them, and as evaluation uses them."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as sb3_check_env

from handeye.base.names import UnknownName
from handeye.envs import ENVIRONMENTS, TABLETOP
from handeye.envs.core.episode_info import contradictions
from handeye.envs.core.instruction_wrapper import InstructionBytes
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.tasks import TASKS

IDS = [f"handeye/{name}-v1" for name, (world, _) in ENVIRONMENTS.items() if world == TABLETOP]
MODES = [{}, {"depth": True, "segmentation": True, "cameras": ("front", "wrist", "overhead")}]


def oracle_episode(env: TabletopEnv, seed: int, task: str) -> dict:
    env.reset(seed=seed, options={"task": task, "can_terminate": True})
    while True:
        wanted = env.oracle_action()
        if wanted.done:
            return env.finish()
        _, _, terminated, truncated, info = env.step(wanted.values)
        if terminated or truncated:
            return info


def test_an_id_for_every_task() -> None:
    assert len(IDS) == len(TASKS) + 4
    assert set(IDS) < set(gymnasium.registry)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_gymnasium_checks() -> None:
    env_id = next(name for name in IDS if "TabletopCore" in name)
    env = gymnasium.make(env_id, render_mode="rgb_array", image_size_px=48)
    check_env(env.unwrapped, skip_render_check=False)


@pytest.mark.parametrize("env_id", IDS)
def test_every_id_is_made_and_resets_into_its_space(env_id: str) -> None:
    env = gymnasium.make(env_id, image_size_px=8)
    assert env.reset(seed=1_000_000)[0] in env.observation_space
    env.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("action_mode", ["ee_delta", "ee_pose"])
def test_stable_baselines_checks(mode: dict, action_mode: str) -> None:
    env = TabletopEnv("reach", action_mode=action_mode, image_size_px=48, **mode)
    sb3_check_env(InstructionBytes(env))


def test_instruction_bytes_keep_the_words() -> None:
    env = InstructionBytes(TabletopEnv("reach", cameras=()), length=64)
    observation, _ = env.reset(seed=3)
    words = bytes(observation["instruction"]).rstrip(b"\0").decode()
    assert words == env.unwrapped.instruction
    with pytest.raises(ValueError, match="instruction"):
        InstructionBytes(gymnasium.make("CartPole-v1"))


@pytest.mark.slow
@pytest.mark.parametrize("action_mode", ["ee_pose", "ee_delta"])
@pytest.mark.parametrize("task", TASKS)
def test_oracle_solves_and_twins_agree(task: str, action_mode: str) -> None:
    hashes = []
    for _ in range(2 if action_mode == "ee_pose" else 1):
        env = TabletopEnv("tabletop-core", action_mode=action_mode, cameras=())
        info = oracle_episode(env, 1_000_007, task)
        assert info["is_success"], info
        assert info["goal_reached"]
        assert info["goal_conditions"][0] == info["goal_conditions"][1]
        hashes.append(info["state_hash"])
    assert len(set(hashes)) == 1


@pytest.mark.slow
def test_a_used_environment_gives_the_same_episode_as_a_fresh_one() -> None:
    used, fresh = (TabletopEnv("stack", action_mode="ee_pose", cameras=()) for _ in range(2))
    oracle_episode(used, 1_000_001, "stack")
    ours, theirs = (oracle_episode(e, 1_000_002, "stack") for e in (used, fresh))
    assert ours["state_hash"] == theirs["state_hash"]


@pytest.mark.slow
def test_a_fork_continues_bit_for_bit_and_leaves_its_origin_alone() -> None:
    env = TabletopEnv("stack", action_mode="ee_pose", cameras=())
    env.reset(seed=1_000_005)
    for _ in range(3):
        env.step(env.oracle_action().values)
    twin, astray = env.fork(), env.fork()
    astray.step(np.array([0.6, 0.2, 0.1, 0, 0, 0, 1], np.float32))
    while not (action := env.oracle_action()).done:
        assert twin.step(action.values)[4] == env.step(action.values)[4]
    ended = env.finish()
    assert twin.finish() == ended
    assert env.fork().state_hash == ended["state_hash"]
    assert ended["is_success"]
    assert astray.record.steps == 4


@pytest.mark.slow
def test_doing_the_other_goal_is_failure_and_is_named() -> None:
    env = TabletopEnv("pick_up", action_mode="ee_pose", cameras=(), max_steps=4)
    env.reset(seed=1_000_003)
    other = contradictions(env)[0]
    deaf = TabletopEnv("pick_up", action_mode="ee_pose", cameras=())
    deaf.reset(seed=1_000_003, options={"goal": other})
    for _ in range(3):
        action = deaf.oracle_action().values
        deaf.step(action)
        env.step(action)
    info = env.finish()
    assert not info["is_success"]
    assert {"wrong_object_grasped", "instruction_ignored", "false_done"} <= set(info["events"])


def test_words_can_be_overridden_and_goals_chosen() -> None:
    env = TabletopEnv("put_in", action_mode="ee_pose", cameras=("front",), image_size_px=32)
    observation, info = env.reset(seed=1_000_004, options={"instruction": "do it"})
    assert observation["instruction"] == "do it"
    plain, plain_info = env.reset(seed=1_000_004)
    assert plain_info["goal"] == info["goal"]
    assert plain["instruction"] != "do it"
    other, other_info = env.reset(
        seed=1_000_004, options={"goal": (info["goal"] + 1) % info["n_choices"]}
    )
    np.testing.assert_array_equal(plain["rgb_front"], other["rgb_front"])  # the same scene
    assert other_info["goal"] != info["goal"]
    assert other["instruction"] != plain["instruction"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"instruction": "x" * 10_000}, "characters"),
        ({"task": "stack_up"}, "stack"),
        ({"goal": 999}, "not one of"),
        ({"goals": 1}, "unknown reset options"),
    ],
)
def test_bad_options_are_named(options: dict, message: str) -> None:
    env = TabletopEnv("tabletop-core", cameras=())
    with pytest.raises(ValueError, match=message):
        env.reset(seed=1, options=options)


def test_bad_actions_and_settings_are_named() -> None:
    env = TabletopEnv("reach", cameras=())
    with pytest.raises(RuntimeError, match="call reset"):
        env.step(np.zeros(7, np.float32))
    env.reset(seed=1)
    for action in (np.full(7, np.nan), np.zeros(6)):
        with pytest.raises(ValueError, match="7 finite numbers"):
            env.step(action.astype(np.float32))
    with pytest.raises(UnknownName, match="ee_delta"):
        TabletopEnv("reach", action_mode="ee_detla")
    with pytest.raises(UnknownName, match="phrasing"):
        TabletopEnv("reach", split="frasing")
    env.close()
    env.close()
