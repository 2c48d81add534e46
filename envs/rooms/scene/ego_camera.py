"""The camera on the mobile base, and what of an apartment it has in view, by geometry alone."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from handeye.envs.rendering.camera import Camera
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.envs.rooms.scene.sight_kernels import shares_in_sight

EGO_CAMERA = "ego"
# `perception.mapping.ego_camera` repeats these three; `tests/test_twins.py` compares them.
EYE_HEIGHT_M = 1.0  # on a mast in the middle of the base
TILT_RAD = math.radians(10.0)  # downwards: low things in front of the base stay in view
FOV_RAD = math.radians(90.0)  # along both sides of the square frame
NEAR_M, FAR_M = 0.05, 30.0
LENS = np.array([EYE_HEIGHT_M, TILT_RAD, math.tan(FOV_RAD / 2), NEAR_M])  # for `sight_kernels`
SEEN_SHARE = 0.25  # of a thing's sample points that must be seen for it to be in view
SAMPLES = np.stack(
    np.meshgrid((0.02, 0.5, 0.98), (0.02, 0.5, 0.98), (0.25, 0.6, 0.98), indexing="ij"), axis=-1
).reshape(-1, 3)  # shares of a box's size


def ego_camera(pose: BasePose, width_px: int = 128, height_px: int = 128) -> Camera:
    """The base's camera when it stands at `pose`: forward is the base's +x, image right its -y."""
    forward = np.array(
        [
            math.cos(TILT_RAD) * math.cos(pose.yaw_rad),
            math.cos(TILT_RAD) * math.sin(pose.yaw_rad),
            -math.sin(TILT_RAD),
        ]
    )
    right = np.array([math.sin(pose.yaw_rad), -math.cos(pose.yaw_rad), 0.0])
    world_from_camera = np.eye(4)
    world_from_camera[:3, 0], world_from_camera[:3, 2] = right, forward
    world_from_camera[:3, 1] = np.cross(forward, right)
    world_from_camera[:3, 3] = pose.x_m, pose.y_m, EYE_HEIGHT_M
    fov_y = 2 * math.atan(math.tan(FOV_RAD / 2) * height_px / width_px)
    return Camera(EGO_CAMERA, width_px, height_px, fov_y, world_from_camera, NEAR_M, FAR_M)


def in_view(scene: RoomScene, pose: BasePose, name: str) -> bool:
    """Return whether at least `SEEN_SHARE` of a thing is in the frame and hidden by nothing.

    Raises:
        KeyError: the scene has no such thing.
    """
    return float(seen_shares(scene, (pose.x_m, pose.y_m, pose.yaw_rad), name)[0]) >= SEEN_SHARE


def seen_shares(scene: RoomScene, poses: ArrayLike, name: str) -> NDArray[np.float64]:
    """Share of a thing's sample points that the camera sees, 0 to 1, from each pose: (K,).

    Walls and furniture hide, the thing itself and what hangs on walls do not.

    Args:
        scene: where the thing is.
        poses: (K, 3) x, y (m) and yaw (rad) of the base, or one pose (3,).
        name: of the thing.

    Raises:
        KeyError: the scene has no such thing.
    """
    thing = scene.things[name]
    low, high = np.array(thing.low_m), np.array(thing.high_m)
    rows = np.asarray(poses, dtype=np.float64).reshape(-1, 3)
    hiding = scene.hiding_m
    return shares_in_sight(rows, low + SAMPLES * (high - low), hiding, scene.box_of(name), LENS)
