"""Rooms that a map shows: known from a square metre on, entered well inside."""

import numpy as np
import pytest

from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.known_rooms import floor_inside, floor_seen, is_known, room_cells
from tests.perception.box_world import Base, room


def seen(odds: float) -> FloorMap:
    """A room of 4 x 4 m, looked at all around, that looks so much like the room of channel 1."""
    base, floor = Base(room(-2, -2, 2, 2)), FloorMap(channels=2)
    scores = np.full((32, 32, 2), (1 - odds, odds), np.float32)
    for _ in range(24):
        base.do(2)
        floor.update(base.observation()["depth_ego"], *base.pose, scores)
    return floor


@pytest.mark.slow
def test_a_room_is_known_and_has_floor_well_inside() -> None:
    floor = seen(0.9)
    assert is_known(floor, 1)
    cells, inside, free = room_cells(floor, 1), floor_inside(floor, 1), floor_seen(floor, 1)
    assert cells is not None
    assert inside is not None
    assert free is not None
    assert cells.sum() * floor.cell_m**2 > 8.0
    assert np.abs(inside).max() < 1.6 < np.abs(free).max()
    assert len(inside) < len(free)


@pytest.mark.slow
def test_what_looks_like_another_room_is_not_known() -> None:
    floor = seen(0.2)
    assert not is_known(floor, 1)
    assert room_cells(floor, 1) is None
    assert floor_inside(floor, 1) is None
    assert floor_seen(floor, 1) is None


def test_nothing_is_known_of_an_empty_map() -> None:
    floor = FloorMap(channels=2)
    assert not is_known(floor, 0)
    assert floor.scores_near(0.0, 0.0, 0.5).tolist() == [0.0, 0.0]


@pytest.mark.slow
def test_scores_around_a_point_are_means() -> None:
    floor = seen(0.75)
    np.testing.assert_allclose(floor.scores_near(1.0, 0.0, 0.5), [0.25, 0.75], atol=1e-5)
    assert floor.scores_of(1).shape == floor.scores.shape[:2]
    assert floor.scores_near(50.0, 0.0, 0.5).tolist() == [0.0, 0.0]
