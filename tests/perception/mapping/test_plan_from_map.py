"""Doorways and rooms are found on maps drawn by hand, however the walls are turned."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import Door, Rect
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.plan_from_map import EstimatedPlan, floor_plan, wall_angle
from tests.envs.route_home import HALLWAY, HOME, KITCHEN, STUDY
from tests.perception.drawn_map import drawn_map, on_map

IN_STUDY = BasePose(6.0, 1.5, 0.4)


def plan_of(
    home: Apartment = HOME, start: BasePose = IN_STUDY, unseen: Sequence[Rect] = ()
) -> EstimatedPlan:
    plan = floor_plan(drawn_map(home, start, unseen=unseen))
    assert plan is not None
    return plan


def places(plan: EstimatedPlan) -> list[tuple[float, float]]:
    return sorted(plan.to_map(*door.middle_m) for door in plan.doorways)


@pytest.mark.slow
@pytest.mark.parametrize("yaw_rad", [0.0, 0.4, -0.7, 2.0])
def test_all_doorways_are_found_where_they_are(yaw_rad: float) -> None:
    start = BasePose(6.0, 1.5, yaw_rad)
    plan = plan_of(start=start)
    true = sorted(on_map(start, *door.centre_m) for door in HOME.doors)
    np.testing.assert_allclose(places(plan), true, atol=0.1)
    hallway = plan.room_at(*on_map(start, 6.0, 3.8))
    assert all(hallway in door.rooms for door in plan.doorways)
    assert len(plan.doors_of(plan.room_at(0.0, 0.0))) == 1


def test_no_wall_no_plan() -> None:
    assert floor_plan(FloorMap()) is None


@pytest.mark.slow
def test_a_gap_beside_a_cabinet_is_no_doorway() -> None:
    cabinet = Furniture("cabinet", "cabinet", "red", HALLWAY, (7.8, 4.3), 3)
    box = Furniture("box", "box", "red", STUDY, (5.0, 2.0), 0)
    plan = plan_of(replace(HOME, furniture=(*HOME.furniture[1:], cabinet, box)))
    assert len(plan.doorways) == len(HOME.doors)


@pytest.mark.slow
def test_a_doorway_beside_a_cabinet_is_one() -> None:
    cabinet = Furniture("cabinet", "cabinet", "red", STUDY, (4.93, 2.7), 1)  # hides its jamb
    plan = plan_of(replace(HOME, furniture=(cabinet,)))
    assert len(plan.doorways) == len(HOME.doors)


@pytest.mark.slow
def test_a_doorway_in_a_corner_is_one() -> None:
    corner = Door((HALLWAY, KITCHEN), (8.6, 3.0))
    doors = (*HOME.doors[: KITCHEN - 1], corner, *HOME.doors[KITCHEN:])
    plan = plan_of(replace(HOME, doors=doors, furniture=()))
    assert len(plan.doorways) == len(HOME.doors)


@pytest.mark.slow
def test_a_doorway_whose_floor_or_jamb_is_not_seen_is_left_out() -> None:
    floor = plan_of(unseen=[Rect(3.5, 4.4, 4.5, 4.8)])
    assert len(floor.doorways) == len(HOME.doors) - 1
    jamb = plan_of(unseen=[Rect(2.5, 4.4, 3.52, 4.8)])
    assert len(jamb.doorways) == len(HOME.doors) - 1


@pytest.mark.slow
def test_rooms_end_at_doorways() -> None:
    plan = plan_of()
    study = plan.room_at(0.0, 0.0)
    assert plan.middle_of(study) == pytest.approx((0.0, 0.0), abs=0.1)
    assert plan.is_within(study, *on_map(IN_STUDY, 4.5, 0.5))
    assert not plan.is_within(study, *on_map(IN_STUDY, 3.5, 0.5))
    assert plan.room_at(*on_map(IN_STUDY, 5.0, 1.0)) == study  # furniture is part of it
    assert plan.room_at(*on_map(IN_STUDY, -3.0, -3.0)) == 0
    north = (plan.quarter(math.pi / 2 - IN_STUDY.yaw_rad)) % 4
    end = plan.end_of(study, north)
    assert end == pytest.approx(on_map(IN_STUDY, 6.0, 2.45), abs=0.15)


@pytest.mark.slow
def test_a_room_that_goes_on_unseen_is_not_closed() -> None:
    plan = plan_of()
    assert plan.is_closed(plan.room_at(0.0, 0.0))
    plan = plan_of(unseen=[Rect(4.0, 0.0, 5.5, 2.9)])
    assert not plan.is_closed(plan.room_at(0.0, 0.0))


@pytest.mark.slow
def test_a_doorway_tells_its_sides() -> None:
    plan = plan_of(start=BasePose(6.0, 1.5, 0.0))
    study = plan.room_at(0.0, 0.0)
    (door,) = plan.doors_of(study)
    assert door.outward(study) == plan.quarter(math.pi / 2)
    assert door.beyond(study) == plan.room_at(0.0, 2.3)
    assert door.outward(door.beyond(study)) == plan.quarter(-math.pi / 2)


@pytest.mark.parametrize("angle", [-0.6, 0.0, 0.3])
def test_the_angle_of_walls(angle: float) -> None:
    line = np.linspace(0.0, 4.0, 80)
    walls = np.concatenate([np.c_[line, 0 * line], np.c_[0 * line, line]])
    cos, sin = math.cos(angle), math.sin(angle)
    points = walls @ np.array([[cos, sin], [-sin, cos]])
    assert wall_angle(points) == pytest.approx(angle, abs=0.015)
    assert wall_angle(points, angle + 0.01) == pytest.approx(angle, abs=0.015)
