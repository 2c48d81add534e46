"""Ways over a map: round obstacles, through doors, out of tight places; and the actions on them."""

import math

import numpy as np
import pytest

from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.mapping.floor_map import FREE, OBSTACLE, UNKNOWN, FloorMap
from handeye.policies.navigation import grid_kernels
from handeye.policies.navigation.grid_planner import (
    FORWARD,
    LEFT,
    RIGHT,
    GridPlanner,
    Ways,
    cells_within,
    mark_bump,
    steer,
    unmark_bump,
    was_blocked,
    ways,
)
from tests.perception.box_world import Box, depth_image, room, wall_with_door

START = EgoPose(0.0, 0.0, 0.0)


def mapped(boxes: list[Box], places: list[tuple[float, float]]) -> FloorMap:
    floor = FloorMap()
    for x, y in places:
        for k in range(24):
            pose = EgoPose(x, y, k * math.tau / 24)
            floor.update(depth_image(boxes, pose), *pose)
    return floor


def way(floor: FloorMap, planner: GridPlanner, start: EgoPose, x: float, y: float) -> Ways:
    return ways(planner.weights(floor, start), np.array([floor.cell_of(x, y)]), floor.cell_m)


def points(floor: FloorMap, found: Ways, start: EgoPose) -> np.ndarray:
    return floor.points_of(found.path(floor.cell_of(start.x_m, start.y_m)))


def test_the_constants_agree() -> None:
    assert grid_kernels.OBSTACLE == OBSTACLE


def test_costs_of_an_empty_floor_are_lengths() -> None:
    weights = np.full((21, 41), 2, np.int32)
    found = ways(weights, np.array([[10, 0]]), 0.1)
    assert found.costs_m[10, 40] == pytest.approx(4.0)
    assert found.costs_m[20, 10] == pytest.approx(10 * 0.14)  # ten diagonal steps
    assert found.costs_m[15, 20] == pytest.approx(5 * 0.14 + 15 * 0.1)
    path = found.path((15, 20))
    assert path[0].tolist() == [15, 20]
    assert path[-1].tolist() == [10, 0]
    assert len(path) == 21
    assert (np.abs(np.diff(path, axis=0)).max(axis=1) == 1).all()


def test_costs_are_those_of_the_cheaper_way_by_hand() -> None:
    weights = np.array([[2, 8, 2], [2, 2, 2], [2, 0, 2]], np.int32)
    found = ways(weights, np.array([[0, 0]]), 1.0)
    assert found.costs_m[0, 2] == pytest.approx(2 * 1.4)  # diagonally past the dear cell
    assert found.costs_m[0, 1] == pytest.approx(2.5)  # 5 * (2 + 8) // 2 tenths
    assert found.costs_m[2, 1] == np.inf
    assert found.path((2, 1)).tolist() == [[2, 1]]


def test_the_nearest_of_several_sources_wins_even_if_it_is_impassable() -> None:
    weights = np.full((5, 20), 2, np.int32)
    weights[2, 19] = 0
    found = ways(weights, np.array([[2, 0], [2, 19]]), 0.1)
    assert found.path((2, 15))[-1].tolist() == [2, 19]
    assert found.path((2, 4))[-1].tolist() == [2, 0]


def test_clearance_is_euclidean_up_to_the_limit() -> None:
    grid = np.full((20, 20), FREE, np.uint8)
    grid[5:8, 5:8] = OBSTACLE
    squared = grid_kernels.squared_clearance(grid, 4)
    assert squared[6, 6] == 0
    assert squared[6, 10] == 9
    assert squared[10, 10] == 18 or squared[10, 10] == 17
    assert squared[9, 9] == 8
    assert squared[19, 19] == 17  # beyond


@pytest.mark.slow
def test_a_way_goes_round_an_obstacle_with_room_for_the_robot() -> None:
    box: Box = (1.0, -0.8, 0.0, 1.5, 0.4, 0.9)
    floor = mapped([*room(-1, -2, 4, 2), box], [(0.0, 0.0), (2.5, 0.0)])
    planner = GridPlanner()
    path = points(floor, way(floor, planner, START, 2.5, 0.0), START)
    dx = np.maximum(np.maximum(1.0 - path[:, 0], path[:, 0] - 1.5), 0)
    dy = np.maximum(np.maximum(-0.8 - path[:, 1], path[:, 1] - 0.4), 0)
    assert np.hypot(dx, dy).min() > 0.18
    assert path[:, 1].max() == pytest.approx(0.65, abs=0.2)  # the shorter side
    assert path[-1] == pytest.approx((2.5, 0.0), abs=0.026)


@pytest.mark.slow
def test_a_way_leads_through_the_middle_of_a_door() -> None:
    boxes = [*room(-1, -3, 4, 2), *wall_with_door(1.5, -3, 2, -1.0)]
    floor = mapped(boxes, [(0.0, 0.0), (0.5, -1.0), (2.5, 0.5)])
    path = points(floor, way(floor, GridPlanner(), START, 2.5, 0.5), START)
    crossing = path[(path[:, 0] > 1.5) & (path[:, 0] < 1.6)]
    assert np.abs(crossing[:, 1] + 1.0).max() < 0.32 - 0.1  # 0.5 less the radius, and a bit


@pytest.mark.slow
def test_no_way_leads_through_a_gap_that_is_narrower_than_the_robot() -> None:
    gap: list[Box] = [(1.5, -3, 0, 1.6, -0.15, 2.5), (1.5, 0.15, 0, 1.6, 2, 2.5)]
    floor = mapped([*room(-1, -3, 4, 2), *gap], [(0.0, 0.0), (2.5, 0.0)])
    assert way(floor, GridPlanner(), START, 2.5, 0.0).costs_m[floor.cell_of(0, 0)] == np.inf


@pytest.mark.slow
def test_known_floor_is_preferred_and_unknown_is_closed_on_request() -> None:
    floor = mapped(room(-1, -2, 2, 2), [(0.0, 0.0)])
    inside = floor.cell_of(1.0, 1.0)
    behind = floor.cell_of(4.0, 0.0)
    weights = GridPlanner(unknown=None).weights(floor, START)
    assert weights[inside] == 2
    assert weights[behind] == 0
    assert GridPlanner(unknown=1.5).weights(floor, START)[behind] == 5
    assert floor.grid[behind] == UNKNOWN


@pytest.mark.slow
def test_a_robot_pressed_against_a_wall_finds_away() -> None:
    floor = mapped(room(-1, -2, 2, 2), [(0.0, 0.0)])
    pressed = EgoPose(1.85, 0.0, 0.0)  # nearer than its radius, on the map
    found = way(floor, GridPlanner(), pressed, 0.0, 0.0)
    assert found.costs_m[floor.cell_of(1.85, 0.0)] < 4.0


@pytest.mark.slow
def test_a_robot_in_a_tight_place_gets_no_closer_to_what_it_touches() -> None:
    floor = mapped(room(-1, -2, 2, 2), [(0.0, 0.0)])
    weights = GridPlanner().weights(floor, EgoPose(1.85, 0.0, 0.0))
    assert weights[floor.cell_of(1.8, 0.0)] > 0  # back
    assert weights[floor.cell_of(1.92, 0.0)] == 0  # on
    assert GridPlanner().weights(floor, START)[floor.cell_of(1.85, 0.0)] == 0


@pytest.mark.slow
def test_it_aims_straight_where_it_can_and_not_across_a_corner() -> None:
    boxes = [*room(-1, -3, 4, 2), *wall_with_door(1.5, -3, 2, -1.0)]
    floor = mapped(boxes, [(0.0, 0.0), (0.5, -1.0), (2.5, 0.5)])
    planner = GridPlanner()
    weights = planner.weights(floor, START)
    found = ways(weights, np.array([floor.cell_of(2.5, 0.5)]), floor.cell_m)
    x, y = planner.aim(floor, weights, found.path(floor.cell_of(0.0, 0.0)))
    assert 0.3 < math.hypot(x, y) <= planner.sight_m + 0.05
    assert y < -0.2  # towards the door, not towards the goal


@pytest.mark.parametrize(
    ("degrees", "action"), [(0, FORWARD), (7, FORWARD), (-7, FORWARD), (8, LEFT), (-8, RIGHT)]
)
def test_it_turns_only_if_that_lessens_the_error(degrees: float, action: int) -> None:
    angle = math.radians(degrees)
    pose = EgoPose(1.0, 1.0, 0.5)
    assert steer(pose, 1 + math.cos(0.5 + angle), 1 + math.sin(0.5 + angle)) == action


@pytest.mark.slow
def test_a_bump_is_an_obstacle_ahead() -> None:
    floor = mapped(room(-1, -2, 4, 2), [(0.0, 0.0)])
    mark_bump(floor, EgoPose(0.0, 0.0, math.pi / 2), 0.18)
    assert floor.state_at(0.0, 0.23) == OBSTACLE
    assert floor.state_at(0.23, 0.0) == FREE
    unmark_bump(floor, EgoPose(0.0, 0.0, math.pi / 2), 0.18)
    assert floor.state_at(0.0, 0.23) == FREE
    assert was_blocked(START, EgoPose(0.1, 0.0, 0.0))
    assert not was_blocked(START, EgoPose(0.2, 0.0, 0.0))


def test_cells_within_a_distance() -> None:
    floor = FloorMap()
    near = cells_within(floor, floor.grid.shape, 1.0, -0.5, 0.3)
    places = floor.points_of(np.argwhere(near))
    assert np.hypot(*(places - [1.0, -0.5]).T).max() <= 0.3
    assert near.sum() * floor.cell_m**2 == pytest.approx(math.pi * 0.09, rel=0.05)
    assert near[floor.cell_of(1.0, -0.25)]
    assert not near[floor.cell_of(1.0, -0.85)]
