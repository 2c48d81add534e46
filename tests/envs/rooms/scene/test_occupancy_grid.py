"""Top-down maps: a cell is covered where its centre is."""

import numpy as np
import pytest

from handeye.envs.rooms.apartments.floor import Rect
from handeye.envs.rooms.scene.geodesic import occupancy_grid

FLOOR = Rect(0.0, 0.0, 10.0, 10.0)


def test_the_grid_covers_cells_by_their_centres() -> None:
    bounds = Rect(1.0, 2.0, 2.0, 2.5)
    grid = occupancy_grid([Rect(1.0, 2.0, 1.2, 2.1), Rect(1.84, 2.4, 9.0, 9.0)], bounds, 0.1)
    expected = np.zeros((5, 10), dtype=bool)
    expected[0, :2] = expected[4, 8:] = True  # the centre of column 8 is at 1.85
    np.testing.assert_array_equal(grid, expected)


def test_the_grid_agrees_with_every_centre_and_takes_obstacles_out_of_bounds() -> None:
    low = np.random.default_rng(2).uniform(0.0, 9.0, (30, 2))
    boxes = np.hstack([low, low + 0.5])
    obstacles = np.vstack([boxes, [(-5.0, -5.0, -4.0, -4.0), (50.0, 0.0, 51.0, 1.0)]])
    bounds = Rect(0.5, 1.0, 8.0, 7.0)
    grid = occupancy_grid(obstacles, bounds, 0.07)
    y, x = np.indices(grid.shape) * 0.07 + 0.035 + np.array([bounds.y0, bounds.x0])[:, None, None]
    x0, y0, x1, y1 = obstacles.T[:, :, None, None]
    covered = ((x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)).any(0)
    np.testing.assert_array_equal(grid, covered)
    assert grid.shape[1] * 0.07 >= bounds.x1 - bounds.x0 > (grid.shape[1] - 1) * 0.07


def test_an_empty_grid_and_a_cell_without_size() -> None:
    assert not occupancy_grid([], FLOOR, 0.1).any()
    assert occupancy_grid([], FLOOR, 0.1).shape == (100, 100)
    with pytest.raises(ValueError, match="cell"):
        occupancy_grid([], FLOOR, 0.0)
