"""Find signs in a picture, and show one as if seen straight from in front.

Whatever says "sign" to the eyes is placed by its depth; the wall that it hangs on is a line on the
floor plan. A window of fixed size in metres around it is cut out of the wall, so letters always
come at one size and upright, from near and from aside.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose

PATCH_ROWS, PATCH_COLUMNS = 24, 96
WINDOW_M = (0.32, 0.80)  # height and width of wall that a patch shows
SIGN_SHARE = 0.5  # of a spot's odds that make it one of a sign
LEAST_SPOTS = 3
WIDTHS_M, HEIGHTS_M = (0.08, 0.9), (0.03, 0.42)  # of what may be a sign, and not a picture
WHOLE_M = 0.42  # what shows less of its width is hidden or cut off, and would be misread
GREY = np.array((0.30, 0.59, 0.11), np.float32)
MOST_ASIDE_RAD = math.radians(65.0)  # from straight in front: beyond, letters are slivers
READ_WITHIN_M = 1.7
INSIDE_SHARE = 0.9  # of a patch that must be in the frame


class SignPlace(NamedTuple):
    """The middle of a sign and where its wall faces, in the frame of the poses; m and rad."""

    x_m: float
    y_m: float
    z_m: float
    facing_rad: float  # of the wall's normal, towards who reads it
    width_m: float = 0.6  # of it that was seen

    def in_front(self, away_m: float) -> tuple[float, float]:
        """The place straight in front of it."""
        x, y = math.cos(self.facing_rad), math.sin(self.facing_rad)
        return self.x_m + away_m * x, self.y_m + away_m * y

    def away_m(self, pose: EgoPose) -> float:
        """Return the robot's distance from it, m."""
        return math.hypot(pose.x_m - self.x_m, pose.y_m - self.y_m)

    def aside_rad(self, pose: EgoPose) -> float:
        """Return the angle from straight in front at which it is seen, 0 to pi rad."""
        bearing = math.atan2(pose.y_m - self.y_m, pose.x_m - self.x_m)
        return abs(math.remainder(bearing - self.facing_rad, math.tau))


def find_signs(
    odds: NDArray[np.float32], depth_m: NDArray[np.float32], pose: EgoPose
) -> list[SignPlace]:
    """Every sign that a frame shows well enough to be placed.

    Args:
        odds: (rows, columns) of each spot, that it is part of a sign.
        depth_m: (H, W) m, the spots cover it evenly.
        pose: from where.
    """
    labels, count = ndimage.label(odds >= SIGN_SHARE)
    if not count:
        return []
    points = EgoCamera().points(depth_m, pose)
    size_px = len(depth_m) // len(odds)
    found = []
    for label in range(1, count + 1):
        spots = labels == label
        if spots.sum() >= LEAST_SPOTS:
            pixels = np.kron(spots, np.ones((size_px, size_px), bool))
            place = _placed(points[pixels], pose)
            if place is not None:
                found.append(place)
    return found


def _placed(points: NDArray[np.float64], pose: EgoPose) -> SignPlace | None:
    """The middle of points (N, 3) on a wall, and the wall's direction by their main axis."""
    points = points[np.isfinite(points).all(1)]
    if not len(points):
        return None
    middle = np.median(points, axis=0)
    near = points[np.hypot(*(points - middle)[:, :2].T) < WINDOW_M[1]]  # not through a door
    if len(near) < 2:  # the median of each coordinate may lie where no point is
        return None
    low, high = np.percentile(near, (5, 95), axis=0)
    x, y, z = ((low + high) / 2).tolist()
    width_m, height_m = math.hypot(*(high - low)[:2]), float(high[2] - low[2])
    sizes = (width_m, WIDTHS_M), (height_m, HEIGHTS_M)
    if not all(least <= size_m <= most for size_m, (least, most) in sizes):
        return None
    spread = near[:, :2] - near[:, :2].mean(0)
    _, _, axes = np.linalg.svd(spread, full_matrices=False)
    normal = math.atan2(axes[0, 0], -axes[0, 1])
    bearing = math.atan2(pose.y_m - y, pose.x_m - x)
    if abs(math.remainder(bearing - normal, math.tau)) > math.pi / 2:
        normal = math.remainder(normal + math.pi, math.tau)
    return SignPlace(x, y, z, normal, width_m)


def sign_patch(
    rgb: NDArray[np.uint8], place: SignPlace, pose: EgoPose
) -> NDArray[np.float32] | None:
    """Brightness (24, 96) of the wall around a sign, mean 0 and deviation 1.

    None: it is too far, too far aside, or not seen whole.

    Args:
        rgb: (H, W, 3) frame.
        place: of the sign.
        pose: from where the frame was taken.
    """
    too_far = place.away_m(pose) > READ_WITHIN_M
    if too_far or place.aside_rad(pose) > MOST_ASIDE_RAD or place.width_m < WHOLE_M:
        return None
    rows, columns, depth = _pixels_of(place, pose, rgb.shape[1], rgb.shape[0])
    inside = (rows >= 0) & (rows <= len(rgb) - 1) & (columns >= 0) & (columns <= rgb.shape[1] - 1)
    if float((inside & (depth > 0)).mean()) < INSIDE_SHARE:
        return None
    grey = rgb.astype(np.float32) @ GREY
    patch = ndimage.map_coordinates(grey, [rows, columns], order=1, mode="nearest")
    return np.asarray((patch - patch.mean()) / (patch.std() + 1.0), np.float32)


def _pixels_of(
    place: SignPlace, pose: EgoPose, width_px: int, height_px: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Row, column and depth (24, 96) at which the frame shows each pixel of the patch."""
    lens = EgoCamera().lens(width_px, height_px)
    along = ((np.arange(PATCH_COLUMNS) + 0.5) / PATCH_COLUMNS - 0.5) * WINDOW_M[1]
    up = (0.5 - (np.arange(PATCH_ROWS)[:, None] + 0.5) / PATCH_ROWS) * WINDOW_M[0]
    x = place.x_m - along * math.sin(place.facing_rad) - pose.x_m
    y = place.y_m + along * math.cos(place.facing_rad) - pose.y_m
    cos, sin = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
    ahead, left = cos * x + sin * y, cos * y - sin * x
    up = up + place.z_m - lens.height_m
    depth = ahead * lens.cos_tilt - up * lens.sin_tilt
    down = -ahead * lens.sin_tilt - up * lens.cos_tilt
    safe = np.maximum(depth, 1e-3)
    rows = lens.centre_y + lens.focal_px * down / safe
    columns = lens.centre_x - lens.focal_px * left / safe + np.zeros_like(up)
    return rows, columns, depth
