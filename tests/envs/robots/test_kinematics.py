"""Forward kinematics against the URDF it stands for, composed here by plain matrices."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import handeye.envs
from handeye.envs.robots.kinematics import (
    HAND,
    PANDA_LINKS,
    compose,
    panda_link_poses,
    pose_matrix,
    tcp_pose,
)

URDF = Path(handeye.envs.__file__).parent / "assets" / "panda.urdf"
HOME = np.array([0.0, -0.55, 0.0, -2.35, 0.0, 1.8, 0.785, 0.04, 0.04])


def turn(axis: int, angle: float) -> NDArray[np.float64]:
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    matrix = np.eye(4)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return matrix


def urdf_link_matrices(joints: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    values, placed = iter(joints), {"panda_0": np.eye(4)}
    for joint in ElementTree.parse(URDF).getroot().findall("joint"):
        origin = joint.find("origin")
        assert origin is not None
        rpy = [float(word) for word in origin.attrib["rpy"].split()]
        local = turn(2, rpy[2]) @ turn(1, rpy[1]) @ turn(0, rpy[0])
        local[:3, 3] = [float(word) for word in origin.attrib["xyz"].split()]
        if joint.attrib["type"] != "fixed":
            axis = [float(word) for word in joint.find("axis").attrib["xyz"].split()]  # type: ignore[union-attr]
            value = float(next(values))
            if joint.attrib["type"] == "revolute":
                local = local @ turn(int(np.argmax(axis)), value)
            else:
                slide = np.eye(4)
                slide[:3, 3] = value * np.array(axis)
                local = local @ slide
        parent = joint.find("parent").attrib["link"]  # type: ignore[union-attr]
        placed[joint.find("child").attrib["link"]] = placed[parent] @ local  # type: ignore[union-attr]
    return placed


def test_link_poses_match_the_urdf() -> None:
    rng = np.random.default_rng(0)
    rows = {f"panda_{i}": i for i in range(8)}
    rows |= {name: i for i, name in enumerate(PANDA_LINKS) if i >= HAND}
    for _ in range(20):
        joints = np.concatenate([rng.uniform(-2.5, 2.5, 7), rng.uniform(0, 0.04, 2)])
        poses = panda_link_poses(joints)
        for name, matrix in urdf_link_matrices(joints).items():
            np.testing.assert_allclose(pose_matrix(poses[rows[name]]), matrix, atol=1e-9)


def test_home_points_the_gripper_straight_down_in_front_of_the_base() -> None:
    tcp = tcp_pose(HOME)
    assert 0.3 < tcp[0] < 0.5
    assert abs(tcp[1]) < 1e-6
    np.testing.assert_allclose(pose_matrix(tcp)[:3, 2], [0, 0, -1], atol=1e-3)


def test_batches_are_the_single_results_and_quaternions_are_unit() -> None:
    joints = np.random.default_rng(1).uniform(-1, 1, (2, 3, 9))
    poses = panda_link_poses(joints)
    assert poses.shape == (2, 3, 12, 7)
    np.testing.assert_array_equal(poses[1, 2], panda_link_poses(joints[1, 2]))
    np.testing.assert_allclose(np.linalg.norm(poses[..., 3:], axis=-1), 1.0, atol=1e-12)
    assert tcp_pose(joints).shape == (2, 3, 7)


def test_fingers_open_to_both_sides_of_the_hand() -> None:
    poses = panda_link_poses(HOME)
    assert np.linalg.norm(poses[10, :3] - poses[11, :3]) == pytest.approx(0.08)


def test_compose_is_matrix_multiplication() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((2, 7))
    a[3:] /= np.linalg.norm(a[3:])
    b[3:] /= np.linalg.norm(b[3:])
    out = np.empty(7)
    compose(a, b, out)
    np.testing.assert_allclose(pose_matrix(out), pose_matrix(a) @ pose_matrix(b), atol=1e-12)


def test_wrong_number_of_joints_is_refused() -> None:
    with pytest.raises(ValueError, match="9 joints"):
        panda_link_poses(np.zeros(7))
