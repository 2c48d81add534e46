"""What is true of a state: small functions of (scene, state) that tasks combine into success.

Objects are given by their index into `scene.objects`. Distances in metres. Left, right, in front of
and behind are seen from the `front` camera, which stands opposite the robot: right is +y, in front
is +x. Each predicate is tested with scenes where it holds and near-misses where it does not.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.collision import prism_outline
from handeye.envs.tabletop.world.scene import Scene, footprint_radius_m
from handeye.envs.tabletop.world.state import State

DIRECTIONS: dict[str, NDArray[np.float64]] = {
    "left": np.array([0.0, -1.0]),
    "right": np.array([0.0, 1.0]),
    "front": np.array([1.0, 0.0]),
    "behind": np.array([-1.0, 0.0]),
}
LIFTED_M = 0.08
REACH_M = 0.03
REACH_ABOVE_M = 0.02
BESIDE_M = 0.20  # beyond this, "left of" says nothing useful


def position(scene: Scene, state: State, item: int) -> NDArray[np.float64]:
    """(3,) world position of the object's frame (centre of its bottom face)."""
    return np.asarray(state.body_poses[scene.body(item), :3])


def upright(scene: Scene, state: State, item: int) -> bool:
    """Return whether the object's own z axis points up to within 15 degrees."""
    x, y = state.body_poses[scene.body(item), 3:5]
    return bool(1 - 2 * (x * x + y * y) > 0.966)


def top(scene: Scene, state: State, item: int) -> NDArray[np.float64]:
    """(3,) world position of the middle of the object's top; a drawer's is its fin's."""
    thing = scene.objects[item]
    if thing.kind == "drawer":
        return drawer_handle(scene, state, item)
    height = thing.height_m
    if thing.kind == "button":
        height += float(state.joint_positions[scene.joint(item)])
    x, y, z, w = state.body_poses[scene.body(item), 3:]
    up = np.array([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)])
    return np.asarray(position(scene, state, item) + height * up)


def drawer_handle(scene: Scene, state: State, drawer: int) -> NDArray[np.float64]:
    """(3,) world position of the middle of the fin's top edge."""
    size, thing = shapes.DRAWER, scene.objects[drawer]
    out = size.half_depth_m + size.fin_length_m / 2 + state.joint_positions[scene.joint(drawer)]
    heading = np.array([np.cos(thing.yaw_rad), np.sin(thing.yaw_rad)])
    x, y = np.array(thing.position_m[:2]) + out * heading
    return np.array([x, y, size.fin_top_m])


def is_reached(scene: Scene, state: State, item: int) -> bool:
    """The tcp is within 3 cm of the point 2 cm above the middle of the object's top."""
    goal = top(scene, state, item) + np.array([0.0, 0.0, REACH_ABOVE_M])
    return bool(np.linalg.norm(tcp_target(state.joint_positions)[:3] - goal) < REACH_M)


def is_held(scene: Scene, state: State, item: int) -> bool:
    """Both fingers press on the object."""
    return state.held_body == scene.body(item)


def is_released(scene: Scene, state: State, item: int) -> bool:
    """No finger touches the object."""
    return scene.body(item) not in state.finger_contacts


def is_lifted(scene: Scene, state: State, item: int) -> bool:
    """The object's bottom is at least 8 cm above the table."""
    return bool(position(scene, state, item)[2] > LIFTED_M)


def is_on(scene: Scene, state: State, item: int, base: int) -> bool:
    """The object's bottom lies on the base's top, its centre over the base; both upright."""
    gap = position(scene, state, item) - top(scene, state, base)
    radius = shapes.PRISMS[scene.objects[base].kind][scene.objects[base].size].radius_m
    over = np.hypot(gap[0], gap[1]) < radius
    level = abs(gap[2]) < 0.008
    return bool(over and level and upright(scene, state, item) and upright(scene, state, base))


def middle(scene: Scene, state: State, item: int) -> NDArray[np.float64]:
    """(3,) world position halfway between the object's bottom and its top."""
    return np.asarray((position(scene, state, item) + top(scene, state, item)) / 2)


def is_inside(scene: Scene, state: State, item: int, vessel: int) -> bool:
    """The middle of the object's bottom is below the vessel's rim, all of the bottom within it."""
    size = shapes.VESSELS[scene.objects[vessel].kind]
    there = position(scene, state, vessel)
    low_enough = -0.01 < position(scene, state, item)[2] - there[2] < size.height_m
    if not low_enough or not upright(scene, state, vessel):
        return False
    corners = footprint(scene, state, item) - there[:2]
    gap = middle(scene, state, item) - there
    far_m = max(float(np.hypot(corners[:, 0], corners[:, 1]).max()), math.hypot(gap[0], gap[1]))
    return far_m < size.rim_radius_m


def footprint(scene: Scene, state: State, item: int) -> NDArray[np.float64]:
    """Return the corners (K, 2) of the bottom of an object as seen from above, m."""
    pose, thing = state.body_poses[scene.body(item)], scene.objects[item]
    x, y, z, w = pose[3:]
    level = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y + w * z)],
            [2 * (x * y - w * z), 1 - 2 * (x * x + z * z)],
        ]
    )
    return np.asarray(pose[:2] + _corners(thing.kind, thing.size) @ level)


@cache
def _corners(kind: str, size: str) -> NDArray[np.float64]:
    """Return the corners (K, 2) of an object's bottom in its own frame; a round one has 24."""
    if kind in shapes.PRISMS:
        return prism_outline(kind, shapes.PRISMS[kind][size].radius_m)
    angles = np.arange(24) * np.pi / 12
    return footprint_radius_m(kind, size) * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def tray_middle(scene: Scene, state: State, drawer: int) -> NDArray[np.float64]:
    """(3,) world position of the middle of the floor of a drawer's tray."""
    size, thing = shapes.DRAWER, scene.objects[drawer]
    slide = float(state.joint_positions[scene.joint(drawer)])
    out = size.half_depth_m - size.tray_half_depth_m + slide
    heading = np.array([np.cos(thing.yaw_rad), np.sin(thing.yaw_rad)])
    x, y = np.array(thing.position_m[:2]) + out * heading
    return np.array([x, y, size.tray_floor_m])


def is_stowed(scene: Scene, state: State, item: int, drawer: int) -> bool:
    """The object lies in the drawer's tray, its middle between the walls, whatever the slide."""
    size = shapes.DRAWER
    gap = position(scene, state, item) - tray_middle(scene, state, drawer)
    yaw = scene.objects[drawer].yaw_rad
    along = gap[0] * np.cos(yaw) + gap[1] * np.sin(yaw)
    across = gap[1] * np.cos(yaw) - gap[0] * np.sin(yaw)
    within = abs(along) < size.tray_half_depth_m and abs(across) < size.tray_half_width_m
    return bool(within and -0.01 < gap[2] < size.tray_height_m)


def is_in_zone(scene: Scene, state: State, item: int, zone: int) -> bool:
    """The object stands on the table with its centre inside the painted square."""
    gap = np.abs(position(scene, state, item) - position(scene, state, zone))
    return bool((gap[:2] < shapes.ZONE_HALF_WIDTH_M).all() and gap[2] < 0.01)


def is_over(scene: Scene, state: State, item: int, zone: int) -> bool:
    """The object is on the painted square or above it, on other objects."""
    gap = np.abs(position(scene, state, item) - position(scene, state, zone))
    return bool((gap[:2] < shapes.ZONE_HALF_WIDTH_M).all())


def is_beside(scene: Scene, state: State, item: int, reference: int, direction: str) -> bool:
    """The object stands on the table, in the 45-degree cone on that side of the reference.

    It must lie clear of the reference's centre by 4 cm and no farther than `BESIDE_M`.
    """
    gap = position(scene, state, item) - position(scene, state, reference)
    along = float(gap[:2] @ DIRECTIONS[direction])
    across = float(np.abs(gap[:2] - along * DIRECTIONS[direction]).max())
    return bool(0.04 < along < BESIDE_M and across < along and abs(gap[2]) < 0.012)


def is_pressed(scene: Scene, state: State, button: int) -> bool:
    """The cap is sunk by more than half its travel."""
    return bool(state.joint_positions[scene.joint(button)] < -0.5 * shapes.BUTTON.travel_m)


def is_open(scene: Scene, state: State, drawer: int) -> bool:
    """The drawer is pulled out by more than three quarters of its travel."""
    return bool(state.joint_positions[scene.joint(drawer)] > 0.75 * shapes.DRAWER.travel_m)


def is_closed(scene: Scene, state: State, drawer: int) -> bool:
    """The drawer is pushed in to within 1.5 cm."""
    return bool(state.joint_positions[scene.joint(drawer)] < 0.015)
