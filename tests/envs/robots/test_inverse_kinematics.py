"""Inverse kinematics: accurate wherever an object may stand, within limits, and repeatable."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from handeye.envs.robots.inverse_kinematics import (
    HOME_JOINTS,
    JOINT_LOWER_RAD,
    JOINT_UPPER_RAD,
    solve_ik,
    solve_positive,
)
from handeye.envs.robots.kinematics import pose_matrix, tcp_pose, tcp_target, tcp_target_pose
from handeye.envs.tabletop.world.scene import (
    PLACEMENT_X_M,
    PLACEMENT_Y_M,
    WORKSPACE_HIGH,
    WORKSPACE_LOW,
)

HOME = HOME_JOINTS[:7]
ACCURATE = 1.5e-3  # m and rad


def solved(target: NDArray[np.float64], start: NDArray[np.float64]) -> tuple[np.ndarray, float]:
    joints = np.full(7, np.nan)
    residual = solve_ik(tcp_target_pose(np.asarray(target, float)), start, joints)
    return joints, residual


def with_fingers(joints: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([joints, [0.04, 0.04]])


def rotation_between(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Angle between the orientations of two poses (7,), rad."""
    turn = pose_matrix(a)[:3, :3].T @ pose_matrix(b)[:3, :3]
    axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    return float(np.arctan2(np.linalg.norm(axis), np.trace(turn) - 1))


@pytest.mark.parametrize("height_m", [WORKSPACE_LOW[2], 0.05, 0.17, 0.30])
def test_every_place_of_an_object_is_reached_with_any_yaw(height_m: float) -> None:
    rng = np.random.default_rng(0)
    for x in np.linspace(*PLACEMENT_X_M, 8):
        for y in np.linspace(*PLACEMENT_Y_M, 8):
            for yaw in (-1.6, 1.6, float(rng.uniform(-1.6, 1.6))):
                target = np.array([x, y, height_m, 0.0, 0.0, yaw])
                _, residual = solved(target, HOME)
                assert residual < ACCURATE, target


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**31))
def test_the_residual_is_the_error_that_forward_kinematics_measures(seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = rng.uniform(WORKSPACE_LOW, WORKSPACE_HIGH)
    target[:3] = rng.uniform((0.38, -0.2, 0.03), (0.62, 0.2, 0.3))
    target[3:] *= 0.4  # tilted and turned far at once, the last joint meets its limit
    joints, residual = solved(target, HOME)
    reached, wanted = tcp_pose(with_fingers(joints)), tcp_target_pose(target)
    assert np.abs(reached[:3] - wanted[:3]).max() < residual + 2e-4
    assert rotation_between(reached, wanted) < np.sqrt(3) * residual + 2e-4


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**31))
def test_joint_limits_hold_even_where_the_target_is_out_of_reach(seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = rng.uniform((-1, -1, -0.5, -3, -1.5, -3), (1.2, 1, 1.5, 3, 1.5, 3))
    start = rng.uniform(JOINT_LOWER_RAD, JOINT_UPPER_RAD)
    joints, residual = solved(target, start)
    assert np.isfinite(joints).all()
    assert np.isfinite(residual)
    assert (joints >= JOINT_LOWER_RAD).all()
    assert (joints <= JOINT_UPPER_RAD).all()


def test_a_target_out_of_reach_is_told_by_its_residual() -> None:
    for far in ([1.5, 0.0, 0.2], [0.5, -1.2, 0.2], [0.5, 0.0, 1.8]):
        _, residual = solved(np.array([*far, 0.0, 0.0, 0.0]), HOME)
        assert residual > 0.2


def test_same_start_same_bits_and_inputs_are_left_alone() -> None:
    target, start = np.array([0.5, 0.1, 0.1, 0.1, -0.2, 0.9]), HOME.copy()
    first, residual = solved(target, start)
    again, residual_again = solved(target, start)
    assert first.tobytes() == again.tobytes()
    assert residual == residual_again
    np.testing.assert_array_equal(start, HOME)


def test_the_home_pull_forgets_the_start() -> None:
    target = np.array([0.5, 0.05, 0.15, 0.0, 0.0, 0.3])
    near, _ = solved(target, HOME)
    for seed in range(5):
        start = HOME + np.random.default_rng(seed).uniform(-0.3, 0.3, 7)
        far, residual = solved(target, start)
        assert residual < ACCURATE
        np.testing.assert_allclose(far, near, atol=0.05)


def test_tracking_a_straight_line_makes_no_jumps() -> None:
    joints, path = HOME, []
    for part in np.linspace(0, 1, 60):
        target = np.array([0.40 + 0.2 * part, -0.15 + 0.3 * part, 0.2, 0, 0, 1.2 * part])
        joints, residual = solved(target, joints)
        assert residual < ACCURATE
        path.append(joints)
    assert np.abs(np.diff(path, axis=0)[1:]).max() < 0.12


def test_home_is_inside_the_limits_and_looks_straight_down() -> None:
    assert (JOINT_LOWER_RAD + 0.1 < HOME).all()
    assert (JOINT_UPPER_RAD - 0.1 > HOME).all()
    target = tcp_target(HOME_JOINTS)
    np.testing.assert_allclose(target[3:], 0.0, atol=1e-3)
    assert (target[:3] > WORKSPACE_LOW[:3]).all()
    assert (target[:3] < WORKSPACE_HIGH[:3]).all()


@pytest.mark.parametrize("axis", range(6))
def test_a_small_wish_moves_the_tcp_along_that_axis_alone(axis: int) -> None:
    here = np.array([0.5, 0.0, 0.2, 0.0, 0.0, 0.0])
    there = here.copy()
    there[axis] += 0.04
    start, _ = solved(here, HOME)
    joints, _ = solved(there, start)
    change = tcp_target(with_fingers(joints)) - tcp_target(with_fingers(start))
    np.testing.assert_allclose(change, there - here, atol=1e-3)


@pytest.mark.parametrize("size", [1, 2, 6])
def test_cholesky_solves_as_lapack_does(size: int) -> None:
    rng = np.random.default_rng(size)
    for _ in range(20):
        root = rng.normal(size=(size, size))
        matrix, vector = root @ root.T + 1e-3 * np.eye(size), rng.normal(size=size)
        expected = np.linalg.solve(matrix, vector)
        solve_positive(matrix, vector)  # in place
        np.testing.assert_allclose(vector, expected, rtol=1e-6, atol=1e-9)
