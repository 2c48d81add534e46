"""The tabletop's cameras: where they stand and what they look at."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handeye.base.names import look_up
from handeye.envs.rendering.camera import Camera, look_at_transform
from handeye.envs.robots.kinematics import pose_matrix

CAMERA_NAMES = ("front", "wrist", "overhead")

FRONT_EYE_M = (0.97, 0.0, 0.86)
FRONT_TARGET_M = (0.505, 0.0, 0.0)
FRONT_FOV_RAD = float(np.deg2rad(31.0))
OVERHEAD_EYE_M = (0.50, 0.0, 1.10)
OVERHEAD_TARGET_M = (0.50, 0.0, 0.0)
OVERHEAD_FOV_RAD = float(np.deg2rad(40.0))
WRIST_EYE_HAND_M = (0.075, 0.0, 0.045)
WRIST_TARGET_HAND_M = (0.035, 0.0, 0.145)
WRIST_FOV_RAD = float(np.deg2rad(72.0))


def front_camera(width_px: int = 128, height_px: int = 128) -> Camera:
    """Opposite the robot, the user's viewpoint: image right is world +y, nearer is world +x."""
    return Camera.look_at(
        "front",
        FRONT_EYE_M,
        FRONT_TARGET_M,
        fov_y_rad=FRONT_FOV_RAD,
        width_px=width_px,
        height_px=height_px,
    )


def overhead_camera(width_px: int = 128, height_px: int = 128) -> Camera:
    """Above the table looking straight down, oriented as `front`: image right is world +y."""
    return Camera.look_at(
        "overhead",
        OVERHEAD_EYE_M,
        OVERHEAD_TARGET_M,
        (-1.0, 0.0, 0.0),
        fov_y_rad=OVERHEAD_FOV_RAD,
        width_px=width_px,
        height_px=height_px,
    )


HAND_FROM_WRIST_CAMERA = look_at_transform(WRIST_EYE_HAND_M, WRIST_TARGET_HAND_M, (1.0, 0.0, 0.0))
"""(4, 4) transform of the wrist camera in the frame of the Panda hand."""


def wrist_camera(
    hand_pose: NDArray[np.float64], width_px: int = 128, height_px: int = 128
) -> Camera:
    """Fixed to the hand at `hand_pose` (7,), looking along the fingers at what is under them."""
    world_from_camera = pose_matrix(np.asarray(hand_pose, dtype=np.float64))
    return Camera(
        "wrist", width_px, height_px, WRIST_FOV_RAD, world_from_camera @ HAND_FROM_WRIST_CAMERA
    )


def check_cameras(shown: Sequence[str], own: Sequence[Camera]) -> None:
    """Refuse cameras that nothing can be shown of.

    Raises:
        UnknownName: a name in `shown` is neither of `CAMERA_NAMES` nor of an own camera.
        ValueError: an own camera has the name of another one.
    """
    names = [*CAMERA_NAMES, *(camera.name for camera in own)]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two cameras are named {name!r}; give your own camera another name")
    for name in shown:
        look_up("camera", name, dict.fromkeys(names))
