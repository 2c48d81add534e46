"""The camera's numbers are the environment's, and its points are where the world has them."""

import math

import numpy as np
import pytest

from handeye.envs.rooms.scene import ego_camera
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose
from tests.perception.box_world import depth_image, room


def test_the_numbers_are_the_environments() -> None:
    camera = EgoCamera()
    assert camera.height_m == ego_camera.EYE_HEIGHT_M
    assert camera.tilt_rad == ego_camera.TILT_RAD
    assert camera.fov_rad == ego_camera.FOV_RAD
    ours, theirs = camera.lens(128, 96), ego_camera.ego_camera(BasePose(0, 0, 0), 128, 96)
    assert ours.focal_px == pytest.approx(theirs.focal_px)


def test_points_are_those_of_the_environments_camera() -> None:
    rng = np.random.default_rng(0)
    depth = rng.uniform(0.5, 5.0, (8, 12)).astype(np.float32)
    pose = EgoPose(1.0, -2.0, 0.7)
    ours = EgoCamera().points(depth, pose)
    columns, rows = np.meshgrid(np.arange(12), np.arange(8))
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
    theirs = ego_camera.ego_camera(BasePose(*pose), 12, 8).unproject(pixels, depth.ravel())
    assert ours.reshape(-1, 3) == pytest.approx(theirs, abs=1e-6)


def test_nothing_within_reach_has_no_point() -> None:
    depth = np.zeros((4, 4), np.float32)
    assert np.isnan(EgoCamera().points(depth, EgoPose(0, 0, 0))).all()


def test_points_of_a_room_lie_on_its_walls_and_floor() -> None:
    pose = EgoPose(0.5, 0.2, 2.0)
    points = EgoCamera().points(depth_image(room(-2, -3, 4, 2), pose, 32), pose).reshape(-1, 3)
    points = points[points[:, 2] < 2.5]
    gaps = np.abs(points[:, [0, 0, 1, 1, 2]] - [-2, 4, -3, 2, 0])
    assert gaps.min(axis=1).max() < 1e-5


def test_a_pose_is_read_from_proprio() -> None:
    proprio = np.array([1.0, 2.0, math.cos(-2.5), math.sin(-2.5), 0.0, 1.0], np.float32)
    assert EgoPose.from_proprio(proprio) == pytest.approx((1.0, 2.0, -2.5), abs=1e-6)


@pytest.mark.parametrize("broken", range(6))
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_pose_is_not_read_from_what_is_not_finite(broken: int, value: float) -> None:
    proprio = np.array([1.0, 2.0, 1.0, 0.0, 0.0, 1.0], np.float32)
    proprio[broken] = value
    with pytest.raises(ValueError, match="6 finite numbers"):
        EgoPose.from_proprio(proprio)


def test_a_pose_is_not_read_from_another_robots_proprio() -> None:
    with pytest.raises(ValueError, match="6 finite numbers"):
        EgoPose.from_proprio(np.zeros(14, np.float32))


def test_bearings_are_left_positive_and_wrapped() -> None:
    pose = EgoPose(1.0, 1.0, math.radians(170))
    assert pose.bearing_rad(0.0, 1.0) == pytest.approx(math.radians(10))
    assert pose.bearing_rad(0.0, 0.0) == pytest.approx(math.radians(55))
    assert pose.bearing_rad(1.0, 2.0) == pytest.approx(math.radians(-80))
