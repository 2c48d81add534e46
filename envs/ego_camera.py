"""The camera on the mobile base, and what of an apartment it has in view, by geometry alone."""

import math

import numpy as np
from numpy.typing import NDArray

from handeye.envs.camera import Camera
from handeye.envs.floor import WALL_HEIGHT_M
from handeye.envs.mobile_base import BasePose
from handeye.envs.room_scene import RoomScene, Thing

EGO_CAMERA = "ego"
EYE_HEIGHT_M = 1.0  # on a mast in the middle of the base
TILT_RAD = math.radians(15.0)  # downwards: low things in front of the base stay in view
FOV_RAD = math.radians(90.0)  # along both sides of the square frame
NEAR_M, FAR_M = 0.05, 30.0
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
    """Whether at least `SEEN_SHARE` of a thing is in the frame and hidden by nothing.

    Raises:
        KeyError: the scene has no such thing.
    """
    return seen_share(scene, pose, name) >= SEEN_SHARE


def seen_share(scene: RoomScene, pose: BasePose, name: str) -> float:
    """Share of a thing's sample points that the camera sees, 0 to 1."""
    thing = scene.things[name]
    low, high = np.array(thing.low_m), np.array(thing.high_m)
    points = low + SAMPLES * (high - low)
    camera = ego_camera(pose)
    pixels, depth_m = camera.project(points)
    inside = (depth_m > NEAR_M) & (pixels >= -0.5).all(1)
    inside &= (pixels < (camera.width_px - 0.5, camera.height_px - 0.5)).all(1)
    if not inside.any():
        return 0.0
    boxes = _occluders(scene, thing)
    eye = np.array([pose.x_m, pose.y_m, EYE_HEIGHT_M])
    return float((inside & ~_blocked(eye, points, boxes)).mean())


def _occluders(scene: RoomScene, thing: Thing) -> NDArray[np.float64]:
    """Boxes (N, 2, 3) of all walls and of the furniture but the thing itself."""
    walls = [((w.x0, w.y0, 0.0), (w.x1, w.y1, WALL_HEIGHT_M)) for w in scene.walls]
    others = [
        (other.low_m, other.high_m)
        for other in scene.things.values()
        if other.name != thing.name and other.low_m[2] == 0.0
    ]
    return np.array([*walls, *others])


def _blocked(
    eye: NDArray[np.float64], points: NDArray[np.float64], boxes: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which of the straight lines from the eye to points (P, 3) meet a box (slab method)."""
    ray = points - eye
    with np.errstate(divide="ignore", invalid="ignore"):
        near = (boxes[:, 0] - eye) / ray[:, None]  # (P, N, 3)
        far = (boxes[:, 1] - eye) / ray[:, None]
    enter = np.nanmax(np.minimum(near, far), axis=2)
    leave = np.nanmin(np.maximum(near, far), axis=2)
    hit = (enter < leave) & (leave > 0.0) & (enter < 1.0 - 1e-9)
    return np.asarray(hit.any(1))
