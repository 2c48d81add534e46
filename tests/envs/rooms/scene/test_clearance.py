"""Room beside a straight line: by hand, and against many points on the line."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.envs.rooms.apartments.free_floor import DISC_M
from handeye.envs.rooms.scene.clearance import clearances_m
from handeye.envs.rooms.scene.mobile_base import RADIUS_M
from handeye.envs.rooms.scene.scene import MARGIN_M

BOX = np.array([[1.0, 1.0, 2.0, 3.0]])
SAMPLES = 801


def clearance_m(
    start: tuple[float, float], end: tuple[float, float], boxes: NDArray[np.float64] = BOX
) -> float:
    return float(clearances_m(np.array(start), np.array([end]), boxes)[0])


def by_points(
    start: NDArray[np.float64], ends: NDArray[np.float64], boxes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The same, at `SAMPLES` points of each line: never less, and by half a step at most more."""
    shares = np.linspace(0.0, 1.0, SAMPLES)[:, None, None]
    points = (start + shares * (ends - start))[:, :, None]  # (S, E, 1, 2)
    away = np.maximum(np.maximum(boxes[:, :2] - points, points - boxes[:, 2:]), 0.0)
    return np.asarray(np.hypot(away[..., 0], away[..., 1]).min(axis=(0, 2)))


@pytest.mark.parametrize(
    ("start", "end", "expected_m"),
    [
        ((0.0, 0.0), (0.0, 4.0), 1.0),  # along a side
        ((0.0, 0.0), (4.0, 0.0), 1.0),
        ((0.0, 0.0), (0.0, 0.5), math.hypot(1.0, 0.5)),  # ends before the box
        ((4.0, 4.0), (3.0, 4.0), math.hypot(1.0, 1.0)),  # comes no nearer than its end
        ((0.0, 2.0), (3.0, 2.0), 0.0),  # through it
        ((0.0, 2.0), (1.0, 2.0), 0.0),  # touches it
        ((0.0, 2.0), (0.9, 2.0), 0.1),
        ((1.5, 2.0), (1.6, 2.1), 0.0),  # inside
        ((1.5, 2.0), (5.0, 9.0), 0.0),  # from inside
        ((0.0, 2.0), (2.0, 0.0), 0.0),  # over a corner
        ((0.0, 1.5), (1.5, 0.0), math.sqrt(2) / 4),  # past a corner
        ((3.0, 2.0), (3.0, 2.0), 1.0),  # no line at all
        ((1.0, 0.0), (1.0, 4.0), 0.0),  # along a face
        ((1.0 - 1e-9, 0.0), (1.0 - 1e-9, 4.0), 1e-9),
    ],
)
def test_by_hand(start: tuple[float, float], end: tuple[float, float], expected_m: float) -> None:
    assert clearance_m(start, end) == pytest.approx(expected_m, abs=1e-12)
    assert clearance_m(end, start) == pytest.approx(expected_m, abs=1e-12)


def test_the_nearest_of_several_counts_and_none_is_far() -> None:
    two = np.array([[5.0, 0.0, 6.0, 1.0], [0.0, 2.0, 4.0, 2.5]])
    assert clearance_m((0.0, 0.5), (4.0, 0.5), two) == pytest.approx(1.0)
    assert clearance_m((0.0, 0.5), (4.0, 0.5), np.empty((0, 4))) == math.inf


def test_a_box_without_area_is_an_obstacle_too() -> None:
    post = np.array([[1.0, 1.0, 1.0, 1.0]])
    assert clearance_m((0.0, 0.0), (2.0, 2.0), post) == pytest.approx(0.0, abs=1e-12)
    assert clearance_m((0.0, 0.0), (2.0, 0.0), post) == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(4))
def test_many_lines_agree_with_many_points_on_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(-3, 3, (12, 2))
    boxes = np.concatenate([low, low + rng.uniform(0.02, 1.5, (12, 2))], axis=1)
    start = rng.uniform(-4, 4, 2)
    ends = start + rng.uniform(-2, 2, (40, 2)) * rng.choice([0.0, 0.1, 1.0], (40, 1))
    ends[::5, 0] = start[0]  # along an axis
    found, sampled = clearances_m(start, ends, boxes), by_points(start, ends, boxes)
    half_step_m = np.hypot(*(ends - start).T) / (SAMPLES - 1) / 2
    assert (found <= sampled + 1e-9).all()
    assert (sampled <= found + half_step_m + 1e-9).all()


def test_furnishing_keeps_the_room_that_the_robot_needs() -> None:
    assert pytest.approx(RADIUS_M + MARGIN_M, abs=1e-12) == DISC_M
