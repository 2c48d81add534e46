"""The map of depth images: walls to a cell and by their height; one bad reading closes nothing."""

import math

import numpy as np
import pytest

from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose
from handeye.perception.mapping.floor_map import FREE, OBSTACLE, UNKNOWN, FloorMap
from tests.perception.box_world import Box, depth_image, room

ROOM = room(-2, -3, 4, 2)
LOW_BOX: Box = (1.5, -0.3, 0.0, 1.9, 0.3, 0.4)


def look_around(floor: FloorMap, boxes: list[Box], x: float = 0.0, y: float = 0.0) -> None:
    for k in range(24):
        yaw = k * math.tau / 24
        floor.update(depth_image(boxes, EgoPose(x, y, yaw)), x, y, yaw)


def spots(floor: FloorMap, state: int) -> np.ndarray:
    return floor.points_of(np.argwhere(floor.grid == state))


@pytest.mark.slow
def test_a_room_is_mapped_to_a_cell() -> None:
    floor = FloorMap()
    look_around(floor, ROOM)
    walls, free = spots(floor, OBSTACLE), spots(floor, FREE)
    off = np.abs(walls[:, [0, 0, 1, 1]] - [-2, 4, -3, 2]).min(axis=1)
    assert off.max() <= floor.cell_m
    assert (free > [-2, -3]).all()
    assert (free < [4, 2]).all()
    assert len(free) * floor.cell_m**2 == pytest.approx(30.0, rel=0.05)
    for y in np.arange(-2.9, 1.9, 0.05):  # no hole where the robot would look through
        assert any(floor.state_at(x, y) == OBSTACLE for x in (3.95, 3.999, 4.04))


@pytest.mark.slow
def test_rays_over_a_low_box_do_not_clear_it() -> None:
    floor = FloorMap()
    look_around(floor, [*ROOM, LOW_BOX])
    assert floor.state_at(1.52, 0.0) == OBSTACLE
    assert floor.state_at(1.7, 0.0) == OBSTACLE  # its top
    assert floor.state_at(1.0, 0.0) == FREE
    assert floor.state_at(2.1, 0.0) == UNKNOWN  # behind it
    assert floor.state_at(3.6, 0.0) == FREE  # seen over it


@pytest.mark.slow
def test_what_hangs_high_or_lies_flat_is_no_obstacle() -> None:
    floor = FloorMap()
    shelf: Box = (1.5, -0.3, 1.3, 1.9, 0.3, 1.6)
    rug: Box = (1.0, -0.5, 0.0, 2.0, 0.5, 0.02)
    look_around(floor, [*ROOM, shelf, rug])
    assert floor.state_at(1.7, 0.0) == FREE


def test_floor_below_the_frame_is_taken_to_be_free_only_until_something_tells_otherwise() -> None:
    floor = FloorMap()
    depth = depth_image(ROOM, EgoPose(0, 0, 0))
    floor.update(depth, 0.0, 0.0, 0.0)
    assert floor.state_at(0.4, 0.0) == FREE
    assert floor.state_at(-0.4, 0.0) == UNKNOWN  # behind the robot
    floor.mark_obstacle(0.4, 0.0)
    floor.update(depth, 0.0, 0.0, 0.0)
    assert floor.state_at(0.4, 0.0) == OBSTACLE


def test_one_bad_image_closes_nothing() -> None:
    floor, pose = FloorMap(), EgoPose(0, 0, 0)
    depth = depth_image(ROOM, pose)
    for _ in range(6):
        floor.update(depth, *pose)
    before = floor.grid
    floor.update(depth_image([*ROOM, LOW_BOX], pose), *pose)
    assert (before == FREE).sum() > 3000
    assert ((before == FREE) <= (floor.grid == FREE)).mean() > 0.999
    floor.update(depth_image([*ROOM, LOW_BOX], pose), *pose)
    floor.update(depth_image([*ROOM, LOW_BOX], pose), *pose)
    assert floor.state_at(1.52, 0.0) == OBSTACLE  # but a box that stays is believed


def test_one_bad_pixel_makes_no_obstacle() -> None:
    floor, depth = FloorMap(), depth_image(ROOM, EgoPose(0, 0, 0))
    depth[80, 64] *= 0.7
    floor.update(depth, 0.0, 0.0, 0.0)
    walls = spots(floor, OBSTACLE)
    assert np.abs(walls[:, [0, 0, 1, 1]] - [-2, 4, -3, 2]).min(axis=1).max() <= floor.cell_m


@pytest.mark.slow
def test_the_map_grows_and_keeps_what_it_knows() -> None:
    floor = FloorMap(channels=1)
    look_around(floor, ROOM)
    free, shape = spots(floor, FREE), floor.grid.shape
    floor.include(-13.0, 20.0)
    assert floor.grid.shape > shape
    assert floor.grid.shape[0] > 20.0 / floor.cell_m
    assert np.sort(spots(floor, FREE), axis=0) == pytest.approx(np.sort(free, axis=0))
    row, column = floor.cell_of(-13.0, 20.0)
    assert floor.points_of(np.array([[row, column]]))[0] == pytest.approx((-13, 20), abs=0.026)


@pytest.mark.slow
def test_a_map_far_from_the_start_is_as_good() -> None:
    floor = FloorMap()
    far: list[Box] = [(a + 15, b + 9, c, d + 15, e + 9, f) for a, b, c, d, e, f in ROOM]
    look_around(floor, far, 15.0, 9.0)
    assert len(spots(floor, FREE)) * floor.cell_m**2 == pytest.approx(30.0, rel=0.05)


@pytest.mark.slow
def test_only_what_is_higher_than_furniture_is_a_wall() -> None:
    floor = FloorMap()
    wardrobe: Box = (1.9, -0.6, 0.0, 2.5, 0.6, 2.0)
    look_around(floor, [*ROOM, wardrobe], -1.0, 0.0)
    walls = floor.points_of(np.argwhere(floor.walls))
    off = np.abs(walls[:, [0, 0, 1, 1]] - [-2, 4, -3, 2]).min(axis=1)
    assert off.max() <= floor.cell_m
    assert len(walls) > 100


def test_scores_stand_where_they_were_seen() -> None:
    floor = FloorMap(channels=2)
    scores = np.zeros((16, 16, 2), np.float32)
    scores[:, :8, 0] = 1.0  # the left half of the frame
    scores[:, :, 1] = 0.25
    depth = depth_image(ROOM, EgoPose(0, 0, 0))
    floor.update(depth, 0.0, 0.0, 0.0, scores)
    row, column = floor.cell_of(1.0, 0.4)
    assert floor.scores[row, column] == pytest.approx([1.0, 0.25])
    row, column = floor.cell_of(1.0, -0.4)
    assert floor.scores[row, column] == pytest.approx([0.0, 0.25])
    assert floor.scored[row, column]
    assert not floor.scored[floor.cell_of(-1.0, 0.0)]
    floor.update(depth, 0.0, 0.0, 0.0, np.zeros_like(scores))
    left = floor.scores[floor.cell_of(1.0, 0.4)][0]
    assert left == pytest.approx(0.5)


def test_what_is_no_observation_is_refused() -> None:
    floor = FloorMap()
    depth = np.ones((8, 8), np.float32)
    with pytest.raises(ValueError, match="depth image"):
        floor.update(depth[None], 0.0, 0.0, 0.0)
    for broken in (math.nan, math.inf, -1.0):
        holed = depth.copy()
        holed[3, 3] = broken
        with pytest.raises(ValueError, match="sensor has failed"):
            floor.update(holed, 0.0, 0.0, 0.0)
        with pytest.raises(ValueError, match="sensor has failed"):
            EgoCamera().points(holed, EgoPose(0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="finite pose"):
        floor.update(depth, math.nan, 0.0, 0.0)
    with pytest.raises(ValueError, match="scores"):
        floor.update(depth, 0.0, 0.0, 0.0, np.zeros((2, 2, 3), np.float32))
    with pytest.raises(ValueError, match="cell_m"):
        FloorMap(cell_m=0.0)


@pytest.mark.slow
def test_the_same_images_give_the_same_bits() -> None:
    maps = []
    for _ in range(2):
        floor = FloorMap()
        look_around(floor, [*ROOM, LOW_BOX], 0.3, -0.2)
        maps.append((floor.grid, floor.walls))
    assert np.array_equal(maps[0], maps[1])
