"""Forward kinematics of the Franka Panda and the pose algebra it needs, without a physics engine.

A pose is (7,) float64: position x y z in metres, then a unit quaternion x y z w.
"""

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled

PANDA_LINKS = (
    *(f"panda_link{index}" for index in range(9)),
    "panda_hand",
    "panda_leftfinger",
    "panda_rightfinger",
)
HAND, LEFT_FINGER, RIGHT_FINGER = 9, 10, 11
ROBOT_JOINTS = 9
TCP_OFFSET_M = 0.105
_FINGER_OFFSET_M = 0.0584
_HAND_YAW_RAD = -0.785398163397

# Each revolute joint's origin in its parent link: x, y, z (m) and roll (rad); axis: local z.
_JOINT_ORIGINS = np.array(
    [
        [0.0, 0.0, 0.333, 0.0],
        [0.0, 0.0, 0.0, -1.57079632679],
        [0.0, -0.316, 0.0, 1.57079632679],
        [0.0825, 0.0, 0.0, 1.57079632679],
        [-0.0825, 0.384, 0.0, -1.57079632679],
        [0.0, 0.0, 0.0, 1.57079632679],
        [0.088, 0.0, 0.0, 1.57079632679],
    ]
)


@compiled
def compose(a: NDArray[np.float64], b: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Write to `out` the pose `b` (7,), given relative to pose `a` (7,), in a's parent frame."""
    ax, ay, az, aw = a[3], a[4], a[5], a[6]
    bx, by, bz, bw = b[3], b[4], b[5], b[6]
    # v + 2 w (q x v) + 2 q x (q x v) rotates v by the unit quaternion (q, w).
    tx = 2.0 * (ay * b[2] - az * b[1])
    ty = 2.0 * (az * b[0] - ax * b[2])
    tz = 2.0 * (ax * b[1] - ay * b[0])
    out[0] = a[0] + b[0] + aw * tx + ay * tz - az * ty
    out[1] = a[1] + b[1] + aw * ty + az * tx - ax * tz
    out[2] = a[2] + b[2] + aw * tz + ax * ty - ay * tx
    out[3] = aw * bx + ax * bw + ay * bz - az * by
    out[4] = aw * by - ax * bz + ay * bw + az * bx
    out[5] = aw * bz + ax * by - ay * bx + az * bw
    out[6] = aw * bw - ax * bx - ay * by - az * bz


@compiled
def panda_chain(
    base: NDArray[np.float64], joint_positions: NDArray[np.float64], out: NDArray[np.float64]
) -> None:
    """Write the 12 link poses (12, 7) of a Panda standing at pose `base` (7,) to `out`."""
    out[0] = base
    local = np.zeros(7)
    for joint in range(7):
        origin = _JOINT_ORIGINS[joint]
        half_roll, half_angle = 0.5 * origin[3], 0.5 * joint_positions[joint]
        local[:3] = origin[:3]
        local[3] = np.sin(half_roll) * np.cos(half_angle)
        local[4] = -np.sin(half_roll) * np.sin(half_angle)
        local[5] = np.cos(half_roll) * np.sin(half_angle)
        local[6] = np.cos(half_roll) * np.cos(half_angle)
        compose(out[joint], local, out[joint + 1])
    local[:] = 0.0
    local[2], local[6] = 0.107, 1.0
    compose(out[7], local, out[8])
    local[2] = 0.0
    local[5], local[6] = np.sin(0.5 * _HAND_YAW_RAD), np.cos(0.5 * _HAND_YAW_RAD)
    compose(out[8], local, out[9])
    local[5], local[6] = 0.0, 1.0
    for finger in range(2):
        sign = 1.0 - 2.0 * finger
        local[1], local[2] = sign * joint_positions[7 + finger], _FINGER_OFFSET_M
        compose(out[9], local, out[10 + finger])


def panda_link_poses(joint_positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """World poses (..., 12, 7) of `PANDA_LINKS` for joints (..., 9), base at the origin.

    The first seven joints are the arm's (rad), the last two the fingers' (m).
    """
    joints = np.asarray(joint_positions, dtype=np.float64)
    if joints.shape[-1:] != (ROBOT_JOINTS,):
        raise ValueError(f"the Panda has 9 joints, got an array of shape {joints.shape}")
    poses = np.empty((*joints.shape[:-1], len(PANDA_LINKS), 7))
    base = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    for index in np.ndindex(*joints.shape[:-1]):
        panda_chain(base, joints[index], poses[index])
    return poses


@compiled
def tip_pose(joint_positions: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Write the pose (7,) of the point between the fingertips for joints (9 or more,)."""
    base, offset, poses = np.zeros(7), np.zeros(7), np.empty((12, 7))
    base[6], offset[2], offset[6] = 1.0, TCP_OFFSET_M, 1.0
    panda_chain(base, joint_positions, poses)
    compose(poses[HAND], offset, out)


def tcp_pose(joint_positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """World pose (..., 7) of the point between the fingertips for joints (..., 9)."""
    tcp = np.empty((*joint_positions.shape[:-1], 7))
    for index in np.ndindex(*joint_positions.shape[:-1]):
        tip_pose(joint_positions[index], tcp[index])
    return tcp


def pose_matrix(pose: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, 4) rigid transform of a pose (7,)."""
    x, y, z, w = (float(value) for value in pose[3:])
    matrix = np.eye(4)
    matrix[:3, 3] = pose[:3]
    matrix[0, :3] = 1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)
    matrix[1, :3] = 2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)
    matrix[2, :3] = 2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)
    return matrix


def tcp_target_pose(target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pose (7,) of the tcp frame for a target (6,) of position and roll, pitch, yaw."""
    roll, pitch, yaw = target[3:] / 2
    cr, sr, cp, sp = np.cos(roll), np.sin(roll), np.cos(pitch), np.sin(pitch)
    cy, sy = np.cos(yaw), np.sin(yaw)
    x, y = sr * cp * cy - cr * sp * sy, cr * sp * cy + sr * cp * sy
    z, w = cr * cp * sy - sr * sp * cy, cr * cp * cy + sr * sp * sy
    return np.array([*target[:3], w, z, -y, -x])  # times a half turn about x: straight down


@compiled
def measure_tcp(joint_positions: NDArray[np.float64], out: NDArray[np.float64]) -> None:
    """Write the tcp as a target (6,) for joints (9 or more,)."""
    pose = np.empty(7)
    tip_pose(joint_positions, pose)
    w, z, y, x = pose[3], pose[4], -pose[5], -pose[6]
    out[:3] = pose[:3]
    out[3] = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    out[4] = np.arcsin(min(max(2 * (w * y - z * x), -1.0), 1.0))
    out[5] = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))


def tcp_target(joint_positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measured tcp as a target (6,): the inverse of `tcp_target_pose` for joints (9 or more,)."""
    target = np.empty(6)
    measure_tcp(joint_positions, target)
    return target
