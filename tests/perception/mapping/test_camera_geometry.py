import math

import numpy as np
import pytest

from handeye.envs.tabletop.world.cameras import front_camera, overhead_camera
from handeye.perception.mapping.camera_geometry import STANDING_CAMERAS, Measured, measure


@pytest.mark.parametrize("camera", [front_camera(24, 24), overhead_camera(24, 24)])
def test_the_calibration_is_that_of_the_environment(camera) -> None:  # type: ignore[no-untyped-def]
    ours = STANDING_CAMERAS[camera.name]
    depth = np.random.default_rng(0).uniform(0.5, 1.2, (24, 24)).astype(np.float32)
    rows, columns = np.mgrid[:24, :24]
    pixels = np.column_stack([columns.ravel(), rows.ravel()])
    expected = camera.unproject(pixels, depth.ravel()).reshape(24, 24, 3)
    assert ours.points(depth) == pytest.approx(expected, abs=1e-9)
    point = expected[5, 9]
    assert ours.pixel_of(point, 24) == pytest.approx([9.0, 5.0])


def test_pixels_without_depth_are_nowhere() -> None:
    points = STANDING_CAMERAS["front"].points(np.array([[0.0, np.inf], [1.0, 1.0]], np.float32))
    assert np.isnan(points[0]).all()
    assert np.isfinite(points[1]).all()


def box(yaw: float, a: float, b: float, floor: float = 0.0) -> np.ndarray:
    """Points of the top (at floor + 0.04) and one side of a box at (0.5, 0.1)."""
    u, v = np.meshgrid(np.linspace(-a / 2, a / 2, 20), np.linspace(-b / 2, b / 2, 20))
    top = np.stack([u.ravel(), v.ravel(), np.full(400, 0.04)])
    side = np.stack([np.full(400, a / 2), v.ravel(), np.tile(np.linspace(0, 0.04, 20), 20)])
    cos, sin = math.cos(yaw), math.sin(yaw)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return np.hstack([top, side]).T @ turn.T + [0.5, 0.1, floor]


@pytest.mark.parametrize("yaw", [-1.2, -0.3, 0.0, 0.7, 1.5])
def test_a_box_is_measured(yaw: float) -> None:
    found = measure(box(yaw, 0.06, 0.03, floor=0.05))
    assert found is not None
    assert found.xy == pytest.approx([0.5, 0.1], abs=1e-3)
    assert (found.top_m, found.bottom_m) == pytest.approx((0.09, 0.05), abs=2e-3)
    assert (found.long_m, found.short_m) == pytest.approx((0.06, 0.03), abs=2e-3)
    assert math.sin(found.yaw_rad - yaw) == pytest.approx(0.0, abs=0.02)
    assert found.grasp_yaw_rad == pytest.approx(found.yaw_rad)


def test_a_square_is_grasped_with_the_smallest_turn() -> None:
    square = Measured(0.5, 0.0, 0.04, 0.0, 0.04, 0.039, 1.5)
    assert square.grasp_yaw_rad == pytest.approx(1.5 - math.pi / 2)


def test_what_stands_on_the_table_has_its_bottom_there() -> None:
    found = measure(box(0.0, 0.06, 0.03, floor=0.005))
    assert found is not None
    assert found.bottom_m == 0.0


def test_too_few_points_are_nothing() -> None:
    assert measure(np.full((50, 3), np.nan)) is None
    assert measure(np.zeros((5, 3))) is None


def test_what_stands_on_a_thing_is_not_its_top() -> None:
    below, above = box(0.0, 0.12, 0.12, floor=-0.04), box(0.0, 0.03, 0.03, floor=0.0)
    alone, bled = measure(below), measure(np.concatenate([below, above[::20]]))
    assert alone is not None
    assert bled is not None
    assert bled.top_m == pytest.approx(alone.top_m, abs=0.002)
    assert bled.long_m == pytest.approx(alone.long_m, abs=0.01)


def test_a_wall_without_a_top_is_as_high_as_it_reaches() -> None:
    heights = np.linspace(0.0, 0.2, 400)
    wall = np.stack([np.full(400, 0.5), np.linspace(0.0, 0.1, 400), heights], -1)
    found = measure(wall)
    assert found is not None
    assert found.top_m == pytest.approx(0.2, abs=0.005)
