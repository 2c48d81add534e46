"""Inverse kinematics of the Panda: damped least squares with a null-space pull towards home.

Method: Buss, "Introduction to Inverse Kinematics with Jacobian Transpose, Pseudoinverse and Damped
Least Squares" (2004), section 5. A pure function: same start and target, same joints.
"""

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled
from handeye.envs.robots.kinematics import TCP_OFFSET_M, panda_chain

HOME_JOINTS = np.array([0.0, -0.55, 0.0, -2.35, 0.0, 1.8, 0.785, 0.04, 0.04])
JOINT_LOWER_RAD = np.array([-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973])
JOINT_UPPER_RAD = np.array([2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973])
JOINT_SPEED_RAD_S = np.array([2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61])  # the greatest
_BASE = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
_DAMPING = 1e-3
_STEPS = 40
_GOOD_ENOUGH = 1e-5  # m and rad
_HOME_PULL = 0.05


@compiled
def _rotation_error(
    target: NDArray[np.float64], quat: NDArray[np.float64], out: NDArray[np.float64]
) -> None:
    """Write the rotation vector (3,) that turns `quat` (4,) into `target` (4,), both xyzw."""
    tx, ty, tz, tw = target
    x, y, z, w = -quat[0], -quat[1], -quat[2], quat[3]
    ex = tw * x + tx * w + ty * z - tz * y
    ey = tw * y - tx * z + ty * w + tz * x
    ez = tw * z + tx * y - ty * x + tz * w
    ew = tw * w - tx * x - ty * y - tz * z
    sign = 1.0 if ew >= 0 else -1.0
    norm = np.sqrt(ex * ex + ey * ey + ez * ez)
    scale = 2.0 * sign
    if norm > 1e-9:
        scale = 2.0 * sign * np.arctan2(norm, abs(ew)) / norm
    out[0], out[1], out[2] = scale * ex, scale * ey, scale * ez


@compiled
def solve_positive(matrix: NDArray[np.float64], vector: NDArray[np.float64]) -> None:
    """Solve `matrix` (n, n), symmetric and positive definite, for `vector` (n,), both in place.

    Cholesky's method: for six numbers a call into LAPACK would cost more than the work.
    """
    n = len(vector)
    for i in range(n):
        for j in range(i + 1):
            rest = matrix[i, j]
            for k in range(j):
                rest -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = np.sqrt(rest) if i == j else rest / matrix[j, j]
    for i in range(n):
        for k in range(i):
            vector[i] -= matrix[i, k] * vector[k]
        vector[i] /= matrix[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            vector[i] -= matrix[k, i] * vector[k]
        vector[i] /= matrix[i, i]


@compiled
def solve_ik(
    target: NDArray[np.float64], start: NDArray[np.float64], joints: NDArray[np.float64]
) -> float:
    """Write arm joints (7,) that put the tcp at pose `target` (7,), searched from `start` (7,).

    Returns the residual: the larger of the position error in m and the rotation error in rad.
    """
    q = np.zeros(9)
    q[:7] = start
    poses = np.zeros((12, 7))
    error = np.zeros(6)
    jacobian, square = np.zeros((6, 7)), np.zeros((6, 6))
    tip = np.zeros(3)
    residual = 1e9
    for step_number in range(_STEPS + 1):
        panda_chain(_BASE, q, poses)
        x, y, z, w = poses[9, 3], poses[9, 4], poses[9, 5], poses[9, 6]
        tip[0] = poses[9, 0] + TCP_OFFSET_M * 2 * (x * z + w * y)
        tip[1] = poses[9, 1] + TCP_OFFSET_M * 2 * (y * z - w * x)
        tip[2] = poses[9, 2] + TCP_OFFSET_M * (1 - 2 * (x * x + y * y))
        error[:3] = target[:3] - tip
        _rotation_error(target[3:], poses[9, 3:], error[3:])
        residual = max(np.abs(error[:3]).max(), np.abs(error[3:]).max())
        if residual < _GOOD_ENOUGH or step_number == _STEPS:  # it belongs to these joints
            break
        size = np.sqrt((error * error).sum())
        if size > 0.5:
            error *= 0.5 / size
        for j in range(7):
            qx, qy, qz, qw = poses[j + 1, 3], poses[j + 1, 4], poses[j + 1, 5], poses[j + 1, 6]
            ax, ay = 2 * (qx * qz + qw * qy), 2 * (qy * qz - qw * qx)
            az = 1 - 2 * (qx * qx + qy * qy)
            rx, ry, rz = (
                tip[0] - poses[j + 1, 0],
                tip[1] - poses[j + 1, 1],
                tip[2] - poses[j + 1, 2],
            )
            jacobian[0, j], jacobian[1, j] = ay * rz - az * ry, az * rx - ax * rz
            jacobian[2, j] = ax * ry - ay * rx
            jacobian[3, j], jacobian[4, j], jacobian[5, j] = ax, ay, az
        for i in range(6):
            for k in range(i + 1):
                square[i, k] = _DAMPING if i == k else 0.0
                for j in range(7):
                    square[i, k] += jacobian[i, j] * jacobian[k, j]
            for j in range(7):
                error[i] -= jacobian[i, j] * _HOME_PULL * (HOME_JOINTS[j] - q[j])
        solve_positive(square, error)
        for j in range(7):
            step = _HOME_PULL * (HOME_JOINTS[j] - q[j])
            for i in range(6):
                step += jacobian[i, j] * error[i]
            q[j] = min(max(q[j] + step, JOINT_LOWER_RAD[j]), JOINT_UPPER_RAD[j])
    joints[:] = q[:7]
    return residual
