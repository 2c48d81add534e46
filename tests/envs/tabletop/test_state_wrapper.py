"""State observations for reinforcement learning: a small model of each task that has one."""

from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from stable_baselines3.common.env_checker import check_env as check_env_for_sb3

from handeye.envs.core.base_env import UNSEEDED
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.state_wrapper import (
    GOAL_FORMS,
    GRIPPER,
    GoalStateEnv,
    GoalView,
    expand_controls,
    make_goal_env,
)


def towards_goal(seen: dict[str, Any]) -> np.ndarray:
    return np.clip((seen["desired_goal"] - seen["achieved_goal"]) / 0.05, -1, 1).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("task", GOAL_FORMS)
def test_every_state_form_passes_both_checkers(task: str) -> None:
    env = make_goal_env(task, train=True)
    check_env(env, skip_render_check=True)
    check_env_for_sb3(env)
    env.close()


@pytest.mark.slow
def test_going_straight_to_the_goal_reaches_it() -> None:
    env = make_goal_env("reach")
    for seed in range(5):
        seen, _ = env.reset(seed=seed)
        terminated = truncated = False
        while not (terminated or truncated):
            seen, reward, terminated, truncated, info = env.step(towards_goal(seen))
        assert info["is_success"]
        assert reward in (0.0, -1.0)
    env.close()


def test_lengths_are_in_decimetres_and_displacements_are_of_the_last_step() -> None:
    env = make_goal_env("reach")
    seen, _ = env.reset(seed=3)
    np.testing.assert_allclose(seen["observation"][:3], 10 * seen["achieved_goal"])
    np.testing.assert_array_equal(seen["observation"][3:6], 0)
    before = seen["achieved_goal"]
    seen, *_ = env.step(np.array([1, 0, 0], np.float32))
    moved = 10 * (seen["achieved_goal"] - before)
    np.testing.assert_allclose(seen["observation"][3:6], moved)
    assert moved[0] > 0.1
    env.close()


def test_rewards_of_many_goals_at_once() -> None:
    achieved, desired = np.zeros((4, 3)), np.array([[0, 0, d] for d in (0, 0.02, 0.03, 1)])
    sparse, dense = make_goal_env("reach"), make_goal_env("reach", reward="dense")
    assert sparse.compute_reward(achieved, desired, {}).tolist() == [0, 0, -1, -1]
    np.testing.assert_allclose(dense.compute_reward(achieved, desired, {}), [0, -0.2, -0.3, -10])


def test_the_goal_of_picking_up_is_above_where_the_object_began() -> None:
    env = make_goal_env("pick_up")
    seen, _ = env.reset(seed=1)
    np.testing.assert_allclose(seen["desired_goal"] - seen["achieved_goal"], [0, 0, 0.1], atol=1e-6)
    env.close()


def test_training_episodes_have_training_seeds_and_repeat() -> None:
    env = make_goal_env("reach", train=True)
    runs = []
    for _ in range(2):
        first = env.reset(seed=1_000_000)[1]["seed"]
        runs.append([first, *(env.reset()[1]["seed"] for _ in range(4))])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 5
    assert max(runs[0]) < UNSEEDED
    env.close()


def test_controls_leave_the_other_entries_alone() -> None:
    full = expand_controls(np.array([0.1, 0.2, 0.3], np.float32), GOAL_FORMS["reach"].controls)
    np.testing.assert_allclose(full, [0.1, 0.2, 0.3, 0, 0, 0, 1])
    grasp = expand_controls(np.full(5, -0.5, np.float32), GOAL_FORMS["pick_up"].controls)
    assert grasp[GRIPPER] == -0.5


def test_what_has_no_state_form_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="unknown task with a state form 'stack'"):
        make_goal_env("stack")
    with pytest.raises(ValueError, match="ee_delta"):
        GoalStateEnv(TabletopEnv("reach", action_mode="ee_pose", cameras=()))
    with pytest.raises(ValueError, match="several tasks"):
        GoalView(TabletopEnv("tabletop-core", action_mode="ee_delta", cameras=()))
