"""A world of axis-aligned boxes on a floor: exact depth images and a base that drives in it."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose

Box = tuple[float, float, float, float, float, float]  # x0 y0 z0 x1 y1 z1, m
WALL_M = 2.5
CAMERA = EgoCamera()
RADIUS_M = 0.18
START = EgoPose(0.0, 0.0, 0.0)


def room(x0: float, y0: float, x1: float, y1: float) -> list[Box]:
    """Four walls of 0.1 m around a free rectangle."""
    return [
        (x0 - 0.1, y0 - 0.1, 0, x0, y1 + 0.1, WALL_M),
        (x1, y0 - 0.1, 0, x1 + 0.1, y1 + 0.1, WALL_M),
        (x0, y0 - 0.1, 0, x1, y0, WALL_M),
        (x0, y1, 0, x1, y1 + 0.1, WALL_M),
    ]


def wall_with_door(x: float, y0: float, y1: float, door_y: float) -> list[Box]:
    """A wall of 0.1 m across x, open for 1 m around `door_y`."""
    return [
        (x, y0, 0, x + 0.1, door_y - 0.5, WALL_M),
        (x, door_y + 0.5, 0, x + 0.1, y1, WALL_M),
    ]


def depth_image(boxes: list[Box], pose: EgoPose, size: int = 128) -> NDArray[np.float32]:
    """(size, size) m along the optical axis: the nearest of the floor and the boxes, else 0."""
    return cast(boxes, pose, size)[0]


def cast(
    boxes: list[Box], pose: EgoPose, size: int = 128
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The depth image, and which box each pixel shows (-1 for none)."""
    lens = CAMERA.lens(size, size)
    right = ((np.arange(size) - lens.centre_x) / lens.focal_px)[None].repeat(size, 0)
    down = ((np.arange(size) - lens.centre_y) / lens.focal_px)[:, None].repeat(size, 1)
    ahead, up = lens.cos_tilt - down * lens.sin_tilt, -lens.sin_tilt - down * lens.cos_tilt
    cos, sin = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
    rays = np.stack([cos * ahead + sin * right, sin * ahead - cos * right, up], axis=-1)
    eye = np.array([pose.x_m, pose.y_m, lens.height_m])
    depth = np.where(up < 0, lens.height_m / np.maximum(-up, 1e-9), np.inf)
    shown = np.full((size, size), -1)
    for index, box in enumerate(boxes):
        with np.errstate(divide="ignore", invalid="ignore"):
            a, b = (np.array(box[:3]) - eye) / rays, (np.array(box[3:]) - eye) / rays
        enter, leave = np.nanmax(np.minimum(a, b), -1), np.nanmin(np.maximum(a, b), -1)
        hit = (enter < leave) & (enter > 0) & (enter < depth)
        depth, shown = np.where(hit, enter, depth), np.where(hit, index, shown)
    return np.where(np.isfinite(depth), depth, 0.0).astype(np.float32), shown


@dataclass
class Base:
    """A disc that carries out discrete actions; a box stops it where it would run into it."""

    boxes: list[Box]
    pose: EgoPose = START
    bumped: bool = False
    track: list[EgoPose] = field(default_factory=list)

    def observation(self, size: int = 128) -> dict[str, NDArray[np.float32]]:
        """Depth and proprio, without pictures."""
        x, y, yaw = self.pose
        proprio = [x, y, math.cos(yaw), math.sin(yaw), float(self.bumped), 0.0]
        depth = depth_image(self.boxes, self.pose, size)
        return {"depth_ego": depth, "proprio": np.array(proprio, np.float32)}

    def do(self, action: int) -> None:
        """0 stop, 1 forward, 2 left, 3 right."""
        self.track.append(self.pose)
        x, y, yaw = self.pose
        self.bumped = False
        if action == 1:
            for _ in range(25):
                on = x + 0.01 * math.cos(yaw), y + 0.01 * math.sin(yaw)
                if self.blocked(*on):
                    self.bumped = True
                    break
                x, y = on
        elif action in (2, 3):
            yaw += math.radians(15.0) * (1 if action == 2 else -1)
        self.pose = EgoPose(x, y, yaw)

    def blocked(self, x: float, y: float) -> bool:
        """Whether the disc would touch a box."""
        for x0, y0, _, x1, y1, _ in self.boxes:
            away = math.hypot(max(x0 - x, 0.0, x - x1), max(y0 - y, 0.0, y - y1))
            if away < RADIUS_M:
                return True
        return False
