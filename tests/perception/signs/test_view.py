"""Signs are placed by depth, and cut out upright at one size."""

import math

import numpy as np
import pytest

from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.signs.view import (
    PATCH_COLUMNS,
    PATCH_ROWS,
    WINDOW_M,
    SignPlace,
    find_signs,
    sign_patch,
)

PLATE = SignPlace(0.9, 0.1, 1.3, math.pi)  # on a wall at x = 0.9 that faces the start
HALF_M = (0.1, 0.3)  # half of its height and width


def seen_from(pose: EgoPose) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frame, depth and odds of the plate, white with a dark left half, on a grey wall."""
    rows, columns = np.mgrid[:128, :128]
    cos, sin = math.cos(math.radians(10)), math.sin(math.radians(10))
    across, down = (columns - 63.5) / 64, (rows - 63.5) / 64
    ahead, up, left = cos - down * sin, -sin - down * cos, -across
    x = math.cos(pose.yaw_rad) * ahead - math.sin(pose.yaw_rad) * left
    y = math.sin(pose.yaw_rad) * ahead + math.cos(pose.yaw_rad) * left
    depth = np.where(x > 1e-3, (PLATE.x_m - pose.x_m) / np.maximum(x, 1e-3), 0.0)
    along = pose.y_m + depth * y - PLATE.y_m
    plate = (np.abs(along) <= HALF_M[1]) & (np.abs(1.0 + depth * up - PLATE.z_m) <= HALF_M[0])
    plate &= depth > 0
    grey = np.where(plate, np.where(along > 0, 20, 250), 130)
    rgb = np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)
    odds = plate.reshape(32, 4, 32, 4).mean((1, 3)).astype(np.float32)
    return rgb, depth.astype(np.float32), odds


@pytest.mark.parametrize(
    "pose", [EgoPose(0.0, 0.0, 0.0), EgoPose(0.2, 0.5, -0.3), EgoPose(0.1, -0.4, 0.5)]
)
def test_a_sign_is_placed_where_it_hangs_and_looks_the_same_from_everywhere(pose: EgoPose) -> None:
    rgb, depth_m, odds = seen_from(pose)
    (place,) = find_signs(odds, depth_m, pose)
    assert place[:3] == pytest.approx(PLATE[:3], abs=0.05)
    assert abs(math.remainder(place.facing_rad - PLATE.facing_rad, math.tau)) < 0.05
    patch = sign_patch(rgb, PLATE, pose)
    assert patch is not None
    assert patch.shape == (PATCH_ROWS, PATCH_COLUMNS)
    assert abs(float(patch.mean())) < 1e-3
    middle = patch[PATCH_ROWS // 2]
    edge = round(PATCH_COLUMNS * (0.5 - HALF_M[1] / WINDOW_M[1]))
    assert (middle[edge + 2 : PATCH_COLUMNS // 2 - 2] < -0.5).all()  # its left is dark
    assert (middle[PATCH_COLUMNS // 2 + 2 : -edge - 2] > 0.5).all()


def test_what_is_far_or_aside_or_cut_off_is_not_read() -> None:
    rgb = seen_from(EgoPose(0.0, 0.0, 0.0))[0]
    assert sign_patch(rgb, PLATE, EgoPose(-3.0, 0.0, 0.0)) is None
    assert sign_patch(rgb, PLATE, EgoPose(0.8, 1.0, -1.5)) is None
    assert sign_patch(rgb, PLATE, EgoPose(0.0, 0.0, 0.9)) is None
    assert sign_patch(rgb, PLATE._replace(width_m=0.3), EgoPose(0.0, 0.0, 0.0)) is None


def test_nothing_is_found_where_nothing_looks_like_a_sign_or_is_as_large_as_a_picture() -> None:
    _, depth_m, odds = seen_from(EgoPose(0.0, 0.0, 0.0))
    assert find_signs(0 * odds, depth_m, EgoPose(0.0, 0.0, 0.0)) == []
    assert find_signs(np.ones_like(odds), depth_m, EgoPose(0.0, 0.0, 0.0)) == []


def test_in_front_of_a_sign_is_where_its_wall_faces() -> None:
    assert PLATE.in_front(0.5) == pytest.approx((0.4, 0.1))
    assert PLATE.away_m(EgoPose(0.4, 0.1, 0.0)) == pytest.approx(0.5)
    assert PLATE.aside_rad(EgoPose(0.4, 0.1, 0.0)) == pytest.approx(0.0, abs=1e-6)


def test_spots_that_lie_scattered_in_depth_are_no_sign() -> None:
    """The median of each coordinate may lie where no point is."""
    odds, rng = np.zeros((32, 32), np.float32), np.random.default_rng(0)
    odds[10:14, 4:28] = 1.0
    for _ in range(100):
        depth_m = np.zeros((128, 128), np.float32)
        rows, columns = rng.integers(40, 56, 3), rng.integers(16, 112, 3)
        depth_m[rows, columns] = rng.uniform(1.0, 9.0, 3)
        found = find_signs(odds, depth_m, EgoPose(0.0, 0.0, float(rng.uniform(-3, 3))))
        assert all(np.isfinite(place).all() for place in found)
