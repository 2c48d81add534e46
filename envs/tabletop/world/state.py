"""The simulator's truth at one tick, and what of it the robot feels."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.shapes import FIXTURE_KINDS


@dataclass(frozen=True)
class State:
    """The privileged truth at one tick. Arrays are copies.

    Attributes:
        body_poses: (B, 7) float64, world position in m and quaternion xyzw of each body's frame.
        joint_positions: (J,) float64, arm (7, rad), fingers (2, m), then articulated objects.
        finger_contacts: (2,) int32, body touched by the left and the right finger, or -1.
        tick: physics ticks since the scene was built.
        robot_forces_n: (B, 3) float64, the net force on the robot by each body that it touches, as
            a sensor in its wrist would measure it: a grip cancels out. Of a simulator that reads
            every tick the greatest since the state before, level (x, y) and upright (z).
            (0, 3) where not known.
    """

    body_poses: NDArray[np.float64]
    joint_positions: NDArray[np.float64]
    finger_contacts: NDArray[np.int32]
    tick: int
    robot_forces_n: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 3)))

    @property
    def held_body(self) -> int:
        """The body that both fingers touch, or -1."""
        left, right = self.finger_contacts
        return int(left) if left == right else -1


@compiled
def lower_to_frames(poses: NDArray[np.float64], heights_m: NDArray[np.float64]) -> None:
    """Move centres of mass, given as poses (B, 7), down their own z axes by `heights_m` (B,)."""
    for i in range(len(poses)):
        x, y, z, w = poses[i, 3], poses[i, 4], poses[i, 5], poses[i, 6]
        poses[i, 0] -= heights_m[i] * 2 * (x * z + w * y)
        poses[i, 1] -= heights_m[i] * 2 * (y * z - w * x)
        poses[i, 2] -= heights_m[i] * (1 - 2 * (x * x + y * y))


@compiled
def first_lost(poses: NDArray[np.float64], far_m: float) -> int:
    """Index of the first pose (B, 7) that is not finite or beyond `far_m`, or -1."""
    for i in range(len(poses)):
        for value in poses[i]:
            if not abs(value) < far_m:  # NaN compares false
                return i
    return -1


def present_scene(scene: Scene, state: State) -> Scene:
    """Return a scene with every loose object where it is in a state."""
    objects = list(scene.objects)
    for i, thing in enumerate(objects):
        if thing.kind in FIXTURE_KINDS:
            continue
        x, y, z, qx, qy, qz, qw = state.body_poses[scene.body(i)].tolist()
        yaw = math.atan2(2 * (qw * qz + qx * qy), 1 - 2 * (qy * qy + qz * qz))
        objects[i] = replace(thing, position_m=(x, y, z), yaw_rad=yaw)
    return Scene(tuple(objects))


def proprio(state: State) -> NDArray[np.float32]:
    """What the robot feels, (14,) float32.

    Arm joints (7, rad), tcp x y z (m), tcp roll pitch yaw (rad), gripper width (m, 0 to 0.08).
    """
    joints = state.joint_positions
    width = joints[7] + joints[8]
    return np.array([*joints[:7], *tcp_target(joints), width], dtype=np.float32)
