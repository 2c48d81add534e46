"""A robot that sees no way on forgets what it only bumped into, and dares narrow gaps."""

import math

import pytest

from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.mapping.floor_map import FloorMap
from handeye.policies.navigation.explorer import Explorer
from handeye.policies.navigation.grid_planner import LEFT, GridPlanner, mark_bump
from tests.perception.box_world import Base, Box, room, wall_with_door

EACH_WAY_RAD = [math.radians(30 * k) for k in range(12)]


def explorer_in(boxes: list[Box]) -> Explorer:
    """That has looked all around, from its start."""
    base, explorer = Base(boxes), Explorer(GridPlanner(), FloorMap())
    for _ in range(25):
        explorer.see(base.observation())
        base.do(LEFT)
    while explorer._turned_rad < math.tau - explorer.floor.camera.fov_rad:
        explorer.explore(cracks=False)
    return explorer


@pytest.mark.slow
def test_a_robot_walled_in_by_bumps_goes_on() -> None:
    explorer = explorer_in([*room(-1.5, -2, 4.5, 2), *wall_with_door(1.5, -2, 2, -1.0)])
    assert explorer.explore(cracks=False) is not None
    for yaw_rad in EACH_WAY_RAD:
        pose = EgoPose(explorer.pose.x_m, explorer.pose.y_m, yaw_rad)
        mark_bump(explorer.floor, pose, explorer.planner.radius_m)
        explorer._bumps.append(pose)
    assert explorer.explore(cracks=False) is None
    assert explorer.try_harder()
    assert explorer.explore(cracks=False) is not None


@pytest.mark.slow
def test_it_tries_harder_once() -> None:
    explorer = explorer_in(room(-2, -2, 2, 2))
    radius_m = explorer.planner.radius_m
    assert explorer.try_harder()
    assert not explorer.try_harder()
    assert explorer.planner.radius_m == pytest.approx(radius_m - explorer.floor.cell_m)
