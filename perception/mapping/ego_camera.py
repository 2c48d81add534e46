"""The camera on the mobile base as numbers, and the points that its depth image shows.

Everything is in the frame of the start pose: x ahead and y left of where the robot started, z up
from the floor, m; yaw counter-clockwise from the start heading, rad.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STRIDE_PX = 4  # of the spots of a picture that room eyes tell apart


class EgoPose(NamedTuple):
    """Place and heading of the robot in the frame of its start."""

    x_m: float
    y_m: float
    yaw_rad: float

    @classmethod
    def from_proprio(cls, proprio: NDArray[np.float32]) -> "EgoPose":
        """From (6,): x and y (m), cosine and sine of the yaw, two further numbers.

        Raises:
            ValueError: other than six numbers, or one is not finite.
        """
        if proprio.shape != (6,) or not np.isfinite(proprio).all():
            raise ValueError(
                f"proprio is 6 finite numbers, got {proprio}: the simulator or a sensor has failed"
            )
        x, y, cos, sin = proprio[:4].tolist()
        return cls(x, y, math.atan2(sin, cos))

    def bearing_rad(self, x: float, y: float) -> float:
        """Angle from the heading to a point, left positive, in [-pi, pi]."""
        return math.remainder(math.atan2(y - self.y_m, x - self.x_m) - self.yaw_rad, math.tau)


class Lens(NamedTuple):
    """An `EgoCamera` at one image size, as the plain numbers that kernels take."""

    focal_px: float
    centre_x: float  # column of the optical axis; whole numbers are pixel centres
    centre_y: float
    cos_tilt: float
    sin_tilt: float
    height_m: float


def require_depth(depth: NDArray[np.float32]) -> None:
    """Refuse what is no depth image: a broken sensor must stop a robot, not blind it.

    Args:
        depth: (H, W) m, 0 where nothing is within reach.

    Raises:
        ValueError: another shape, or a value that is negative or not finite.
    """
    if depth.ndim != 2 or not np.isfinite(depth).all() or (depth < 0).any():
        raise ValueError(
            f"a depth image is (H, W) of finite m, 0 for nothing within reach; got {depth.shape} "
            "with other values or sizes: the simulator or a sensor has failed"
        )


@dataclass(frozen=True)
class EgoCamera:
    """A pinhole camera with square pixels above the middle of the base, looking ahead and down.

    Attributes:
        height_m: of the eye above the floor.
        tilt_rad: of the optical axis below the horizon.
        fov_rad: full horizontal field of view.
    """

    # The same as in `envs.rooms.scene.ego_camera`; `tests/test_twins.py` compares them.
    height_m: float = 1.0
    tilt_rad: float = math.radians(10.0)
    fov_rad: float = math.radians(90.0)

    def lens(self, width_px: int, height_px: int) -> Lens:
        """Its numbers at an image size."""
        return Lens(
            0.5 * width_px / math.tan(0.5 * self.fov_rad),
            (width_px - 1) / 2,
            (height_px - 1) / 2,
            math.cos(self.tilt_rad),
            math.sin(self.tilt_rad),
            self.height_m,
        )

    def points(self, depth: NDArray[np.float32], pose: EgoPose) -> NDArray[np.float64]:
        """Return the points that a depth image (H, W) shows: (H, W, 3) in the start frame, m.

        Depth is along the optical axis, m; where it is 0 (nothing within reach) the points are NaN.

        Raises:
            ValueError: see `require_depth`.
        """
        require_depth(depth)
        height_px, width_px = depth.shape
        lens = self.lens(width_px, height_px)
        right = (np.arange(width_px) - lens.centre_x)[None] / lens.focal_px
        down = (np.arange(height_px) - lens.centre_y)[:, None] / lens.focal_px
        reach = np.where(depth > 0, depth, np.nan).astype(np.float64)
        ahead = reach * (lens.cos_tilt - down * lens.sin_tilt)
        left = -reach * right
        cos, sin = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
        x = pose.x_m + cos * ahead - sin * left
        y = pose.y_m + sin * ahead + cos * left
        z = lens.height_m - reach * (lens.sin_tilt + down * lens.cos_tilt)
        return np.stack([x, y, z], axis=-1)
