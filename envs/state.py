"""The simulator's truth at one tick, and what of it the robot feels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handeye.envs.kinematics import tcp_target


@dataclass(frozen=True)
class State:
    """The privileged truth at one tick. Arrays are copies.

    Attributes:
        body_poses: (B, 7) float64, world position in m and quaternion xyzw of each body's frame.
        body_velocities: (B, 6) float64, linear in m/s and angular in rad/s.
        joint_positions: (J,) float64, arm (7, rad), fingers (2, m), then articulated objects.
        joint_velocities: (J,) float64.
        finger_contacts: (2,) int32, body touched by the left and the right finger, or -1.
        tick: physics ticks since the scene was built.
    """

    body_poses: NDArray[np.float64]
    body_velocities: NDArray[np.float64]
    joint_positions: NDArray[np.float64]
    joint_velocities: NDArray[np.float64]
    finger_contacts: NDArray[np.int32]
    tick: int

    @property
    def held_body(self) -> int:
        """The body that both fingers touch, or -1."""
        left, right = self.finger_contacts
        return int(left) if left == right else -1


def proprio(state: State) -> NDArray[np.float32]:
    """What the robot feels, (14,) float32.

    Arm joints (7, rad), tcp x y z (m), tcp roll pitch yaw (rad), gripper width (m, 0 to 0.08).
    """
    joints = state.joint_positions
    width = joints[7] + joints[8]
    return np.array([*joints[:7], *tcp_target(joints), width], dtype=np.float32)
