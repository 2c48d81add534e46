"""From pixels with depth to places on the table, by the published calibration of the cameras.

Each episode's cameras stand a few millimetres off their calibration, as real ones do. Camera axes
follow OpenCV: x right, y down, z forward; whole numbers are pixel centres. World: x away from the
robot, y to the right as seen by the front camera, z up, m.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

RIM_M = 0.006  # points this near under the highest belong to the top of a thing
OUTLIER_SHARE = 0.01  # of a mask's points, cut at its lowest and its highest
TOP_SHARE = 0.1  # of them, that a thing's top has; what lies on it has left fewer in its mask
LEAST_POINTS = 12
SQUARE_SHARE = 0.93  # of the longer side, from which the shorter one is as long


@dataclass(frozen=True)
class StandingCamera:
    """A pinhole camera with square pixels that does not move.

    Attributes:
        eye_m: where it is.
        target_m: what is in the middle of its picture.
        up: what is upwards in its picture.
        fov_rad: full vertical field of view.
    """

    eye_m: tuple[float, float, float]
    target_m: tuple[float, float, float]
    up: tuple[float, float, float]
    fov_rad: float

    @property
    def axes(self) -> NDArray[np.float64]:
        """(3, 3) world from camera: columns are right, down and forward."""
        forward = np.subtract(self.target_m, self.eye_m)
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, self.up)
        right /= np.linalg.norm(right)
        return np.column_stack([right, np.cross(forward, right), forward])

    def points(self, depth_m: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the points that a depth image (H, W) shows: (H, W, 3) in the world, m.

        Depth is along the optical axis; the points of pixels without a finite depth are NaN.
        """
        reach = np.where(np.isfinite(depth_m) & (depth_m > 0), depth_m, np.nan).astype(np.float64)
        return np.asarray(reach[..., None] * _rays(self, *depth_m.shape) + np.array(self.eye_m))

    def pixel_of(self, point_m: NDArray[np.float64], side_px: int) -> NDArray[np.float64]:
        """Column and row (2,) of a world point in a square picture."""
        local = (np.asarray(point_m) - self.eye_m) @ self.axes
        focal_px = 0.5 * side_px / math.tan(0.5 * self.fov_rad)
        return np.asarray(local[:2] / local[2] * focal_px + (side_px - 1) / 2)


@lru_cache(maxsize=16)
def _rays(camera: StandingCamera, height_px: int, width_px: int) -> NDArray[np.float64]:
    """(H, W, 3) from the eye to what each pixel shows at a depth of 1 m, in the world."""
    focal_px = 0.5 * height_px / math.tan(0.5 * camera.fov_rad)
    across = (np.arange(width_px) - (width_px - 1) / 2)[None] / focal_px
    down = (np.arange(height_px) - (height_px - 1) / 2)[:, None] / focal_px
    local = np.stack(np.broadcast_arrays(across, down, 1.0), axis=-1)
    return np.asarray(local @ camera.axes.T)


STANDING_CAMERAS: dict[str, StandingCamera] = {
    "front": StandingCamera((0.97, 0.0, 0.86), (0.505, 0.0, 0.0), (0, 0, 1), math.radians(31.0)),
    "overhead": StandingCamera((0.5, 0.0, 1.1), (0.5, 0.0, 0.0), (-1, 0, 0), math.radians(40.0)),
}


class Measured(NamedTuple):
    """A thing's place and size, from the points of its mask.

    Attributes:
        x_m: middle of its top.
        y_m: middle of its top.
        top_m: height of its top above the table.
        bottom_m: height of its lowest point that is seen; 0 where that is nearly the table.
        long_m: longer side of the smallest rectangle around its top.
        short_m: shorter side.
        yaw_rad: heading of the longer side, in [-pi/2, pi/2).
    """

    x_m: float
    y_m: float
    top_m: float
    bottom_m: float
    long_m: float
    short_m: float
    yaw_rad: float

    @property
    def xy(self) -> NDArray[np.float64]:
        """(2,) middle of its top, m."""
        return np.array([self.x_m, self.y_m])

    @property
    def grasp_yaw_rad(self) -> float:
        """Smallest tcp yaw at which the fingers close across the shorter side.

        At yaw 0 they close along y, so the longer side lies along the gripper's x. Of a square
        any side will do.
        """
        period = math.pi / 2 if self.short_m > SQUARE_SHARE * self.long_m else math.pi
        return (self.yaw_rad + period / 2) % period - period / 2


def measure(points_m: NDArray[np.float64]) -> Measured | None:
    """Place and size of what the points (N, 3) belong to; None if they are too few."""
    points = points_m[np.isfinite(points_m).all(-1)]
    if len(points) < LEAST_POINTS:
        return None
    low, high = float(np.quantile(points[:, 2], OUTLIER_SHARE)), _top_m(points[:, 2])
    top = points[np.abs(points[:, 2] - high) <= RIM_M, :2]
    if len(top) < LEAST_POINTS:
        return None
    (x, y), (a, b), degrees = cv2.minAreaRect((1000 * top).astype(np.float32))
    angle = math.radians(degrees if a >= b else degrees + 90.0)
    yaw = (angle + math.pi / 2) % math.pi - math.pi / 2
    bottom = 0.0 if low < 0.015 else low
    sides = max(a, b) / 1000, min(a, b) / 1000
    return Measured(x / 1000, y / 1000, high, bottom, *sides, yaw)


def _top_m(heights_m: NDArray[np.float64]) -> float:
    """Height of a thing's top among those of its mask's points (N,).

    What stands on a thing leaves some of its points in that thing's mask, above the top.
    """
    left, needed = heights_m, TOP_SHARE * len(heights_m)
    while len(left) >= needed:
        high = float(np.quantile(left, 1 - OUTLIER_SHARE))
        if (left >= high - RIM_M).sum() >= needed:
            return high
        left = left[left < high - RIM_M]
    return float(np.quantile(heights_m, 1 - OUTLIER_SHARE))
