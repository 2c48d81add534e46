"""The state: who is held, and what of it the robot feels, in which order and units."""

import numpy as np
import pytest

from handeye.envs.robots.inverse_kinematics import HOME_JOINTS, solve_ik
from handeye.envs.robots.kinematics import tcp_target_pose
from handeye.envs.tabletop.env import PROPRIO_HIGH, PROPRIO_LOW, TabletopEnv
from handeye.envs.tabletop.world.arm import OPEN_M
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import first_lost, lower_to_frames, proprio
from tests.envs.builders import jointed, moved, state_of, thing, touched

SCENE = Scene((thing("block"), thing("drawer", "blue", y=0.1), thing("star", "green", y=-0.1)))


@pytest.mark.parametrize(
    ("left", "right", "held"),
    [(2, 2, 2), (4, 4, 4), (-1, -1, -1), (2, -1, -1), (-1, 2, -1), (2, 4, -1), (1, 2, -1)],
)
def test_only_what_both_fingers_touch_is_held(left: int, right: int, held: int) -> None:
    state = touched(state_of(SCENE), left, right)
    assert state.held_body == held
    assert type(state.held_body) is int


def test_proprio_layout_and_units() -> None:
    target = np.array([0.5, -0.1, 0.2, 0.1, -0.05, 0.7])
    joints = np.zeros(7)
    assert solve_ik(tcp_target_pose(target), HOME_JOINTS[:7], joints) < 1e-3
    state = state_of(SCENE)
    for joint, value in enumerate([*joints, 0.01, 0.02]):
        state = jointed(state, joint, float(value))
    felt = proprio(state)
    assert felt.shape == (14,)
    assert felt.dtype == np.float32
    np.testing.assert_allclose(felt[:7], joints, atol=1e-6)
    np.testing.assert_allclose(felt[7:13], target, atol=2e-3)
    assert felt[13] == pytest.approx(0.03)  # the width is both fingers' travel


def test_an_open_gripper_feels_its_full_width() -> None:
    assert proprio(state_of(SCENE))[13] == pytest.approx(OPEN_M)


def test_proprio_feels_nothing_of_the_objects() -> None:
    state = state_of(SCENE)
    other = touched(jointed(moved(state, 2, by=(0.1, 0.1, 0.1)), 9, 0.05), 2, 2)
    np.testing.assert_array_equal(proprio(state), proprio(other))


def test_a_states_arrays_are_its_own_and_what_is_observed_stays_in_the_space() -> None:
    env = TabletopEnv("pick_up", action_mode="ee_pose", cameras=())
    observation, _ = env.reset(seed=11)
    before = env.state
    kept = before.body_poses.copy(), before.joint_positions.copy()
    observation, *_ = env.step(env.oracle_action().values)
    np.testing.assert_array_equal(before.body_poses, kept[0])
    np.testing.assert_array_equal(before.joint_positions, kept[1])
    assert env.state.tick > before.tick
    np.testing.assert_array_equal(observation["proprio"], proprio(env.state))
    assert (observation["proprio"] >= PROPRIO_LOW).all()
    assert (observation["proprio"] <= PROPRIO_HIGH).all()
    env.close()


def test_the_first_pose_that_is_lost_is_named() -> None:
    poses = np.zeros((4, 7))
    poses[:, 6] = 1.0
    assert first_lost(poses, 10.0) == -1
    for value in (np.nan, np.inf, -np.inf, 10.5, -10.5):
        lost = poses.copy()
        lost[2, 1] = lost[3, 0] = value
        assert first_lost(lost, 10.0) == 2
    poses[1, 4] = np.nan  # in the rotation
    assert first_lost(poses, 10.0) == 1


def test_frames_lie_below_centres_of_mass_along_their_own_axis() -> None:
    half = np.sqrt(0.5)
    upright, tipped = [0.4, 0.1, 0.05, 0, 0, 0, 1], [0.4, 0.1, 0.05, 0, half, 0, half]
    poses = np.array([upright, tipped, upright], dtype=float)
    lower_to_frames(poses, np.array([0.02, 0.02, 0.0]))
    np.testing.assert_allclose(poses[0, :3], [0.4, 0.1, 0.03], atol=1e-12)
    np.testing.assert_allclose(poses[1, :3], [0.38, 0.1, 0.05], atol=1e-12)  # its z points along x
    np.testing.assert_array_equal(poses[2], upright)
