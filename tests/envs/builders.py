"""Scenes and states made by hand, so that a predicate can be tested to the millimetre."""

from dataclasses import replace

import numpy as np

from handeye.envs.robots.inverse_kinematics import HOME_JOINTS
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, ROBOT_JOINTS, Scene, SceneObject
from handeye.envs.tabletop.world.state import State


def thing(
    kind: str, colour: str = "red", x: float = 0.5, y: float = 0.0, **more: object
) -> SceneObject:
    """An object standing on the table; graspables are large unless told."""
    graspable = kind in ("block", "cylinder", "star", "hexagon", "triangle")
    size = str(more.pop("size", "large" if graspable else ""))
    name = str(more.pop("name", f"{size}_{colour}_{kind}_{x:.3f}_{y:.3f}"))
    return SceneObject(name, kind, colour, size, (x, y, float(more.pop("z", 0.0))), 0.0)


def state_of(scene: Scene) -> State:
    """Everything at rest where the scene says, the arm at home, nothing touched."""
    poses = np.zeros((scene.body_count, 7))
    poses[:, 6] = 1.0
    for i, item in enumerate(scene.objects):
        poses[FIRST_OBJECT_BODY + i, :3] = item.position_m
    joints = np.zeros(scene.joint_count)
    joints[:ROBOT_JOINTS] = HOME_JOINTS
    touch = np.array([-1, -1], np.int32)
    return State(poses, joints, touch, 0)


def moved(state: State, body: int, *, by: tuple[float, float, float]) -> State:
    """The state with one body shifted."""
    poses = state.body_poses.copy()
    poses[body, :3] += by
    return replace(state, body_poses=poses)


def touched(state: State, left: int, right: int) -> State:
    """The state with the fingers touching these bodies."""
    return replace(state, finger_contacts=np.array([left, right], np.int32))


def jointed(state: State, joint: int, value: float) -> State:
    """The state with one joint elsewhere."""
    joints = state.joint_positions.copy()
    joints[joint] = value
    return replace(state, joint_positions=joints)


def tipped(state: State, body: int, angle_rad: float) -> State:
    """The state with one body turned about x."""
    poses = state.body_poses.copy()
    poses[body, 3:] = (np.sin(angle_rad / 2), 0.0, 0.0, np.cos(angle_rad / 2))
    return replace(state, body_poses=poses)
