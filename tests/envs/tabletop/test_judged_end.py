"""Who ends an episode, and what counts as success then."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.long.task import LONG
from handeye.envs.tabletop.tasks import TASKS


def pressed(**reset: Any) -> TabletopEnv:
    """An environment in which the oracle has pressed the named button."""
    env = TabletopEnv("press_button", cameras=(), max_steps=12)
    env.reset(seed=900_001, options=reset)
    while not (action := env.oracle_action()).done:
        env.step(action.values)
    return env


def stay(env: TabletopEnv) -> np.ndarray:
    return np.append(env._arm.target, env._arm.gripper).astype(np.float32)


def test_who_cannot_end_an_episode_is_judged_when_it_stands_still() -> None:
    env, ended = pressed(), False
    while not ended:
        _, reward, ended, truncated, info = env.step(stay(env))
        assert not truncated
    assert (info["ended_by"], info["claim"], info["is_success"], reward) == ("still", "", True, 1.0)


def test_who_can_end_it_has_no_success_by_the_limit() -> None:
    env, truncated = pressed(can_terminate=True), False
    while not truncated:
        _, reward, terminated, truncated, info = env.step(stay(env))
        assert not terminated
    assert (info["ended_by"], info["is_success"], info["goal_reached"]) == ("limit", False, True)
    assert (reward, info["goal_conditions"]) == (0.0, (1, 1))
    assert "timeout" in info["events"]


@pytest.mark.parametrize(
    ("claim", "right"), [("success", True), ("failure", False), ("cannot", False)]
)
def test_a_goal_that_holds_has_to_be_claimed(claim: Any, right: bool) -> None:
    info = pressed(can_terminate=True).finish("", claim)
    assert (info["is_success"], info["claim"], info["ended_by"]) == (right, claim, "terminate")
    assert info["goal_reached"]


def test_a_wrong_button_first_spoils_the_episode_and_is_named() -> None:
    env = TabletopEnv("press_button", cameras=())
    env.reset(seed=900_001, options={"can_terminate": True})
    other = next(i for i in range(len(env.goals)) if i != env.goal_index)
    for expert in (env.expert(other), env.oracle_action):
        while not (action := expert()).done:
            env.step(action.values)
    info = env.finish()
    name = env.scene.objects[env.goals[other].referred[0]].words
    assert (info["is_success"], info["goal_reached"]) == (False, True)
    assert info["side_effects"] == [f"pressed {name}"]
    assert "wrong_button_pressed" in info["events"]
    assert "wrong_object_grasped" not in info["events"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_action_may_end_the_episode() -> None:
    env = gymnasium.make("handeye/PressButton-v1", cameras=(), terminate=True)
    assert env.action_space.shape == (8,)
    check_env(env.unwrapped, skip_render_check=True)
    table = env.unwrapped
    assert isinstance(table, TabletopEnv)
    env.reset(seed=900_001)
    while not (action := table.oracle_action()).done:
        _, _, terminated, _, _ = env.step(np.append(action.values, -1.0).astype(np.float32))
        assert not terminated
    twin = table.fork()
    last = np.append(action.values, 1.0).astype(np.float32)
    _, reward, terminated, _, info = env.step(last)
    assert (reward, terminated, info["ended_by"], info["is_success"]) == (
        1.0, True, "terminate", True,
    )  # fmt: skip
    assert twin.step(last)[4]["state_hash"] == info["state_hash"] == table.fork().state_hash
    env.close()


def test_vector_environments_take_the_entry() -> None:
    envs = gymnasium.make_vec(
        "handeye/Reach-v1", 2, vectorization_mode="sync", cameras=(), terminate=True
    )
    envs.reset(seed=1)
    actions = np.zeros((2, 8), np.float32)
    actions[1, -1] = 1.0
    _, _, terminated, _, infos = envs.step(actions)
    assert terminated.tolist() == [False, True]
    assert infos["ended_by"].tolist() == ["", "terminate"]
    envs.close()


def test_training_ends_where_the_goal_holds() -> None:
    env = TabletopEnv("reach", cameras=(), end_at_success=True)
    env.reset(seed=900_002)
    ended = False
    while not ended:
        _, reward, ended, _, info = env.step(env.oracle_action().values)
    assert (info["ended_by"], reward) == ("success", 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("task", [*TASKS, *LONG.tasks])
def test_the_oracle_satisfies_the_strict_judge(task: str) -> None:
    env = TabletopEnv(task, cameras=())
    for seed in (900_010, 900_011):
        env.reset(seed=seed, options={"can_terminate": True})
        while not (action := env.oracle_action()).done:
            env.step(action.values)
        info = env.finish(action.answer, action.claim)
        assert info["is_success"], (seed, env.instruction, info["side_effects"], env.conditions)
    env.close()
