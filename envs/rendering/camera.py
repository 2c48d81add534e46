"""Pinhole cameras: how a world point becomes a pixel.

Camera axes follow OpenCV: x right, y down, z forward. Pixel coordinates are (column, row) and whole
numbers are pixel centres, so the principal point of a W x H image is ((W - 1) / 2, (H - 1) / 2).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Camera:
    """A pinhole camera with square pixels.

    Attributes:
        name: What the observation key is named after (`rgb_<name>`).
        width_px: Image width.
        height_px: Image height.
        fov_y_rad: Full vertical field of view.
        world_from_camera: (4, 4) float64 rigid transform, OpenCV camera axes.
        near_m: Surfaces nearer than this along the optical axis are cut away.
        far_m: Surfaces farther than this count as background.
    """

    name: str
    width_px: int
    height_px: int
    fov_y_rad: float
    world_from_camera: NDArray[np.float64]
    near_m: float = 0.01
    far_m: float = 5.0

    def __post_init__(self) -> None:
        """Refuse cameras that cannot take a picture."""
        if self.width_px < 1 or self.height_px < 1:
            raise ValueError(
                f"camera {self.name!r} has size {self.width_px}x{self.height_px} px; "
                "both sides must be at least 1"
            )
        if not 0.0 < self.fov_y_rad < np.pi:
            raise ValueError(f"camera {self.name!r}: fov_y_rad must be between 0 and pi")
        if not 0.0 < self.near_m < self.far_m:
            raise ValueError(f"camera {self.name!r}: need 0 < near_m < far_m")
        if np.shape(self.world_from_camera) != (4, 4):
            raise ValueError(f"camera {self.name!r}: world_from_camera must be (4, 4)")

    @classmethod
    def look_at(
        cls,
        name: str,
        eye_m: ArrayLike,
        target_m: ArrayLike,
        up: ArrayLike = (0.0, 0.0, 1.0),
        *,
        fov_y_rad: float,
        width_px: int,
        height_px: int,
    ) -> "Camera":
        """Place a camera at `eye_m` looking at `target_m` with `up` upwards in the image."""
        pose = look_at_transform(eye_m, target_m, up)
        return cls(name, width_px, height_px, fov_y_rad, pose)

    @property
    def focal_px(self) -> float:
        """Focal length in pixels, the same along x and y."""
        return 0.5 * self.height_px / float(np.tan(0.5 * self.fov_y_rad))

    @property
    def intrinsics(self) -> NDArray[np.float64]:
        """(3, 3) matrix that takes camera coordinates to homogeneous pixels."""
        f, cx, cy = self.focal_px, (self.width_px - 1) / 2, (self.height_px - 1) / 2
        return np.array([[f, 0.0, cx], [0.0, f, cy], [0.0, 0.0, 1.0]])

    @property
    def camera_from_world(self) -> NDArray[np.float64]:
        """(4, 4) inverse of `world_from_camera`."""
        inverse = np.eye(4)
        inverse[:3, :3] = self.world_from_camera[:3, :3].T
        inverse[:3, 3] = -inverse[:3, :3] @ self.world_from_camera[:3, 3]
        return inverse

    def project(self, points_m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Project world points (N, 3) to pixels (N, 2) and depth_m (N,) along the optical axis.

        Points with depth_m <= 0 lie behind the camera; their pixels mean nothing.
        """
        points = np.atleast_2d(np.asarray(points_m, dtype=np.float64))
        local = (points - self.world_from_camera[:3, 3]) @ self.world_from_camera[:3, :3]
        pixels = local @ self.intrinsics.T
        with np.errstate(divide="ignore", invalid="ignore"):
            return pixels[:, :2] / pixels[:, 2:], local[:, 2]

    def unproject(self, pixels: ArrayLike, depth_m: ArrayLike) -> NDArray[np.float64]:
        """World points (N, 3) seen at pixels (N, 2) with depth_m (N,) along the optical axis."""
        uv = np.atleast_2d(np.asarray(pixels, dtype=np.float64))
        depth = np.atleast_1d(np.asarray(depth_m, dtype=np.float64))
        centre = np.array([(self.width_px - 1) / 2, (self.height_px - 1) / 2])
        rays = np.column_stack([(uv - centre) / self.focal_px, np.ones(len(uv))])
        local = rays * depth[:, None]
        world = local @ self.world_from_camera[:3, :3].T + self.world_from_camera[:3, 3]
        return np.asarray(world, dtype=np.float64)

    def moved(self, world_from_camera: NDArray[np.float64]) -> "Camera":
        """The same camera at another place: `world_from_camera` (4, 4)."""
        return replace(self, world_from_camera=np.asarray(world_from_camera, dtype=np.float64))


def look_at_transform(eye_m: ArrayLike, target_m: ArrayLike, up: ArrayLike) -> NDArray[np.float64]:
    """(4, 4) parent_from_camera that looks from `eye_m` at `target_m`, `up` upwards."""
    eye = np.asarray(eye_m, dtype=np.float64)
    forward = np.asarray(target_m, dtype=np.float64) - eye
    right = np.cross(forward, np.asarray(up, dtype=np.float64))
    if np.linalg.norm(forward) < 1e-9 or np.linalg.norm(right) < 1e-9:
        raise ValueError("look_at needs a target away from the eye and an up not along the view")
    forward /= np.linalg.norm(forward)
    right /= np.linalg.norm(right)
    transform = np.eye(4)
    transform[:3, 0], transform[:3, 2], transform[:3, 3] = right, forward, eye
    transform[:3, 1] = np.cross(forward, right)
    return transform
