"""The numbers that a point goal policy sees, on hand-made frames."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.perception.mapping.ego_camera import EgoCamera
from handeye.policies.rl.point_goal_observer import (
    AROUND,
    BEAMS,
    FEATURES,
    REACH_M,
    TRAIL,
    PointGoalObserver,
    nearest_by_bearing,
)

WORDS = "go to the point 3.0 metres ahead and 4.0 metres to the left"
GOAL = slice(BEAMS + AROUND, BEAMS + AROUND + 4)
PATH = slice(GOAL.stop, GOAL.stop + 2 * len(TRAIL))
NOTHING = np.zeros((32, 32), np.float32)


def wall(ahead_m: float, px: int = 64) -> NDArray[np.float32]:
    """Depth of a wall across the way, from the floor up."""
    lens = EgoCamera().lens(px, px)
    down = (np.arange(px) - lens.centre_y)[:, None] / lens.focal_px
    reach = ahead_m / (lens.cos_tilt - down * lens.sin_tilt)
    floor = lens.height_m / np.maximum(lens.sin_tilt + down * lens.cos_tilt, 1e-9)
    return np.broadcast_to(np.minimum(reach, floor), (px, px)).astype(np.float32)


def seen(
    depth: NDArray[np.float32], x: float = 0.0, y: float = 0.0, yaw: float = 0.0, bump: float = 0.0
) -> dict[str, NDArray[np.float32]]:
    proprio = np.array([x, y, math.cos(yaw), math.sin(yaw), bump, 0.5], np.float32)
    return {"depth_ego": depth, "proprio": proprio}


def observer(words: str = WORDS) -> PointGoalObserver:
    made = PointGoalObserver()
    made.begin(words)
    return made


def test_the_point_is_told_from_where_the_robot_is() -> None:
    watching = observer()
    first = watching.observe(seen(NOTHING), None)
    assert first.shape == (FEATURES,)
    assert first.dtype == np.float32
    np.testing.assert_allclose(first[GOAL], [0.6, 0.8, 1.0, 0.5], atol=1e-6)
    then = watching.observe(seen(NOTHING, 2.0, 3.0, math.pi / 2), 1)
    half = math.sqrt(0.5)
    np.testing.assert_allclose(then[GOAL], [half, -half, half, 0.2 * half], atol=1e-6)


def test_words_without_a_point_give_no_goal() -> None:
    blank = observer("find the sofa")
    assert blank.point_m is None
    np.testing.assert_array_equal(blank.observe(seen(NOTHING), None)[GOAL], 0.0)


@pytest.mark.parametrize("px", [64, 128])
def test_a_wall_is_seen_ahead_and_remembered_behind(px: int) -> None:
    watching = observer()
    first = watching.observe(seen(wall(2.0, px)), None)
    ahead = first[:BEAMS] * REACH_M
    bearings = math.radians(90 / BEAMS) * (np.arange(BEAMS) + 0.5) - math.radians(45)
    np.testing.assert_allclose(ahead, 2.0 / np.cos(bearings), atol=0.1)
    turned = watching.observe(seen(NOTHING, 1.0, 0.0, math.pi), 2)
    np.testing.assert_array_equal(turned[:BEAMS], 1.0)
    around = turned[BEAMS : BEAMS + AROUND] * REACH_M
    assert min(around[0], around[-1]) == pytest.approx(1.0, abs=0.1)
    np.testing.assert_array_equal(around[AROUND // 2 - 4 : AROUND // 2 + 4], REACH_M)


def test_the_floor_and_what_hangs_high_are_not_in_the_way() -> None:
    free = observer().observe(seen(wall(30.0)), None)
    np.testing.assert_array_equal(free[:BEAMS], 1.0)


def test_the_path_the_bump_and_the_last_action_are_told() -> None:
    watching = observer()
    watching.observe(seen(NOTHING), None)
    now = watching.observe(seen(NOTHING, 1.0, bump=1.0), 1)
    path = now[PATH].reshape(-1, 2)
    np.testing.assert_allclose(path, [[-0.2, 0.0]] * len(TRAIL), atol=1e-6)
    np.testing.assert_array_equal(now[PATH.stop :], [1.0, 0.5, 0, 1, 0, 0])
    watching.begin(WORDS)
    np.testing.assert_array_equal(watching.observe(seen(NOTHING, 1.0), None)[PATH], 0.0)


def test_the_nearest_point_of_a_beam_counts() -> None:
    points = np.array([[2.0, 0.1], [1.0, 0.1], [1.0, -0.5], [-1.0, 0.0]])
    nearest = nearest_by_bearing(points, 2, math.pi / 4)
    np.testing.assert_allclose(nearest, [math.hypot(1.0, 0.5), math.hypot(1.0, 0.1)])
