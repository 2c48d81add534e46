"""Recording: the oracle's own path without noise, and its labels beside disturbed actions."""

from functools import cache

import numpy as np
import pytest

from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.oracle import TabletopOracle
from handeye.envs.tabletop.world.arm import ACTION_MODES
from handeye.envs.tabletop.world.state import State
from handeye.experiments.data.recorder import PARAPHRASES, record_episode

SEED = 12


@cache
def recorded(
    task: str, *, mode: str = "ee_pose", goals: int = 3, noise: float = 0.0, seed: int = SEED
) -> Episode:
    env = TabletopEnv(
        task, action_mode=mode, cameras=(), max_steps=24 if mode == "ee_pose" else 120
    )
    try:
        return record_episode(env, task, seed, goals=goals, noise=noise)
    finally:
        env.close()


def state_at(episode: Episode, step: int) -> State:
    """A recorded state, as far as the oracle reads it when nothing is held."""
    bodies, joints = episode.body_poses[step], episode.joint_positions[step]
    return State(bodies.astype(float), joints.astype(float), np.array([-1, -1], np.int32), 0)


@pytest.mark.parametrize("mode", ACTION_MODES)
def test_without_noise_the_actions_are_the_labels(mode: str) -> None:
    episode = recorded("press_button", mode=mode)
    assert episode.success
    steps = len(episode.actions)
    np.testing.assert_array_equal(episode.actions, episode.labels[0, :steps])


def test_without_noise_the_path_is_the_experts() -> None:
    episode = recorded("reach")
    env = TabletopEnv("reach", action_mode="ee_pose", cameras=(), max_steps=24)
    env.reset(seed=SEED, options={"task": "reach"})
    for step, action in enumerate(episode.actions):
        np.testing.assert_array_equal(env.oracle_action().values, action)
        np.testing.assert_array_equal(
            env.state.body_poses.astype(np.float32), episode.body_poses[step]
        )
        env.step(action)
    assert env.finish()["state_hash"] == episode.state_hash
    env.close()


@pytest.mark.parametrize("task", ["reach", "press_button"])
def test_shapes_and_ranges(task: str) -> None:
    episode = recorded(task, noise=1.0)
    steps, count = len(episode.actions), len(episode.goals)
    mode = ACTION_MODES["ee_pose"]
    assert episode.body_poses.shape == (steps + 1, episode.scene.body_count, 7)
    assert episode.joint_positions.shape == (steps + 1, episode.scene.joint_count)
    assert episode.proprio.shape == (steps + 1, 14)
    assert episode.labels.shape == (count, steps + 1, 7)
    assert episode.terminate.shape == (count, steps + 1)
    assert len(episode.subgoals) == steps + 1
    for values in (episode.actions, episode.labels.reshape(-1, 7)):
        assert (values >= mode.low - 1e-6).all()
        assert (values <= mode.high + 1e-6).all()
    assert episode.meta["renderer_fingerprint"]


@pytest.mark.slow
def test_labels_are_the_oracles_where_actions_are_noisy() -> None:
    episode = recorded("reach", noise=3.0)
    clean = recorded("reach")
    steps = len(episode.actions)
    disturbed = np.abs(episode.actions - episode.labels[0, :steps]).max(axis=1) > 1e-6
    assert disturbed.any()
    # The first state is the same with and without noise, and so is its label.
    np.testing.assert_array_equal(episode.body_poses[0], clean.body_poses[0])
    np.testing.assert_array_equal(episode.labels[:, 0], clean.labels[:, 0])
    # Every label is what the oracle says of the recorded state, whatever was done there.
    env = TabletopEnv("reach", action_mode="ee_pose", cameras=())
    env.reset(seed=SEED, options={"task": "reach"})
    for g, goal in enumerate(episode.goals):
        oracle = TabletopOracle(episode.scene, env.task.subgoals(env.goals[goal.index]))
        for step in range(steps + 1):
            if not episode.terminate[g, step]:
                said = oracle.next_waypoint(state_at(episode, step), False).values
                np.testing.assert_allclose(said, episode.labels[g, step], atol=1e-5)
    env.close()


@pytest.mark.slow
def test_noise_is_drawn_from_the_seed_alone() -> None:
    episode, other = recorded("reach", noise=1.5), recorded("reach", noise=1.5, seed=SEED + 1)
    recorded.cache_clear()
    again = recorded("reach", noise=1.5)
    assert again.to_bytes() == episode.to_bytes()
    assert other.state_hash != episode.state_hash


@pytest.mark.slow
def test_strong_noise_leaves_the_mode_only_as_far_as_its_bounds() -> None:
    episode = recorded("press_button", noise=20.0)
    mode = ACTION_MODES["ee_pose"]
    assert (episode.actions >= mode.low).all()
    assert (episode.actions <= mode.high).all()
    assert set(np.sign(episode.actions[:, 6])) <= {-1.0, 1.0}


def test_goals_are_different_ones_of_the_scene_and_the_pursued_is_first() -> None:
    episode = recorded("reach")
    env = TabletopEnv("reach", action_mode="ee_pose", cameras=())
    env.reset(seed=SEED, options={"task": "reach"})
    assert len(episode.goals) == 3
    assert episode.goals[0].index == env.goal_index
    assert len({g.index for g in episode.goals}) == 3
    for goal in episode.goals:
        assert goal.referred == env.goals[goal.index].referred
        assert goal.instructions[0] == env.words_for(goal.index)
        assert 1 <= len(goal.instructions) <= PARAPHRASES
        assert len(set(goal.instructions)) == len(goal.instructions)
    firsts = {episode.labels[g, 0].tobytes() for g in range(3)}
    assert len(firsts) == 3  # only the words tell the goals apart
    env.close()


def test_more_goals_than_the_scene_has_are_all_of_them() -> None:
    episode = recorded("press_button", goals=99)
    assert sorted(g.index for g in episode.goals) == [0, 1, 2, 3]  # four buttons


def test_one_goal_alone_can_be_asked_for() -> None:
    episode = recorded("press_button", goals=1)
    assert len(episode.goals) == len(episode.labels) == 1
    np.testing.assert_array_equal(episode.actions, recorded("press_button").actions)


def test_deltas_have_one_goal_since_their_oracle_remembers() -> None:
    episode = recorded("press_button", mode="ee_delta")
    assert episode.action_mode == "ee_delta"
    assert len(episode.goals) == len(episode.labels) == 1
    assert (np.abs(episode.labels) <= 1).all()


def test_the_end_is_labelled_as_the_end() -> None:
    episode = recorded("reach")
    assert episode.terminate[0, -1]
    assert not episode.terminate[0, :-1].any()
    assert not episode.terminate[1:].any()  # the other goals were not reached on the way
    assert episode.subgoals[-1] == "done"
    assert set(episode.subgoals[:-1]) == {f"reach({episode.goals[0].referred[0]},-1,)"}


@pytest.mark.slow
def test_half_of_the_goals_move_the_same_object_where_there_are_any() -> None:
    episode = recorded("place_beside", goals=4)
    moved = [goal.referred[0] for goal in episode.goals]
    assert moved[1] == moved[0]
    assert moved[2] == moved[0]
    assert len({(goal.referred, goal.relation) for goal in episode.goals}) == 4
