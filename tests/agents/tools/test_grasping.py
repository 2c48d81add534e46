import math

import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.agents.tools.grasping import HAND_ABOVE_M, WIDEST_M, clear_grasp, plain_grasp
from handeye.perception.mapping.camera_geometry import Measured

BLOCK = Measured(0.5, 0.1, 0.04, 0.0, 0.03, 0.03, 0.0)
FLOOR = np.array([[0.5, 0.16, 0.0], [np.nan, np.nan, np.nan]])


def wall(x: tuple[float, float], y: tuple[float, float], top_m: float) -> NDArray[np.float64]:
    """Points on top of a box, m."""
    rows, columns = np.meshgrid(np.linspace(*x, 30), np.linspace(*y, 30))
    return np.column_stack([rows.ravel(), columns.ravel(), np.full(rows.size, top_m)])


def test_on_a_free_table_the_fingers_open_wide_across_the_shorter_side() -> None:
    slab = BLOCK._replace(long_m=0.06, yaw_rad=0.4)
    assert clear_grasp(slab, FLOOR) == plain_grasp(slab)
    assert plain_grasp(slab).yaw_rad == pytest.approx(0.4)
    assert plain_grasp(slab).z_m == pytest.approx(0.02)
    assert plain_grasp(slab).gap_m == WIDEST_M


def test_between_walls_the_fingers_open_less() -> None:
    walls = np.concatenate([wall((0.45, 0.55), side, 0.03) for side in ((0.14, 0.2), (0.0, 0.06))])
    grasp = clear_grasp(BLOCK, walls)
    assert grasp.z_m == plain_grasp(BLOCK).z_m
    turned = abs(abs(grasp.yaw_rad) - math.pi / 2) < 0.3
    assert turned or grasp.gap_m / 2 + 0.016 < 0.04 + 1e-9


def test_a_wall_on_one_side_turns_the_hand() -> None:
    grasp = clear_grasp(BLOCK, wall((0.45, 0.55), (0.12, 0.2), 0.03))
    assert abs(grasp.yaw_rad) == pytest.approx(math.pi / 2)  # along x there is room
    assert grasp.z_m == plain_grasp(BLOCK).z_m


def test_what_hides_under_the_hand_and_all_around_lifts_the_grasp() -> None:
    pit = np.concatenate([
        wall((0.40, 0.60), (0.118, 0.21), 0.03), wall((0.40, 0.60), (-0.01, 0.082), 0.03),
        wall((0.518, 0.60), (-0.01, 0.21), 0.03), wall((0.40, 0.482), (-0.01, 0.21), 0.03),
    ])  # fmt: skip
    grasp = clear_grasp(BLOCK, pit)
    assert plain_grasp(BLOCK).z_m < grasp.z_m <= BLOCK.top_m
    shelf = wall((0.40, 0.482), (-0.01, 0.21), 0.02 + HAND_ABOVE_M + 0.03)
    assert clear_grasp(BLOCK, shelf).x_m > BLOCK.x_m - 1e-9  # not nearer to it


def test_its_own_points_are_in_nobodys_way() -> None:
    own = wall((0.486, 0.514), (0.086, 0.114), 0.04)
    assert clear_grasp(BLOCK, own) == plain_grasp(BLOCK)
