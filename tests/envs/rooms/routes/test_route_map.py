"""Doors counted, turns named and things passed, checked by hand in a hallway with doors on both
sides."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from handeye.envs.rooms.apartments.floor import Door
from handeye.envs.rooms.routes.route_map import (
    BESIDE_M,
    TURNS,
    RouteMap,
    Where,
    fits_turn,
    passings,
    turn_angle,
)
from tests.envs.route_home import BEDROOM, HALLWAY, HOME, STUDY, route_map

TO_BEDROOM, TO_STUDY, TO_KITCHEN, TO_LIVING_ROOM, TO_BATHROOM = range(5)


def in_the_hallway() -> tuple[RouteMap, Where]:
    """Having just left the study, looking north."""
    home = route_map()
    return home, home.through(home.start, TO_STUDY)


def test_a_doorway_is_gone_through_at_right_angles() -> None:
    home, here = in_the_hallway()
    assert here == Where(6.0, 3.0, math.pi / 2, HALLWAY, TO_STUDY)
    back = home.through(here._replace(door=-1), TO_STUDY)
    assert (back.room, back.quarter) == (STUDY, 3)


@pytest.mark.parametrize(
    ("turn", "side", "doors"),
    [
        ("turn left", "left", [TO_BEDROOM]),
        ("turn left", "right", [TO_LIVING_ROOM]),
        ("turn right", "right", [TO_KITCHEN]),
        ("turn right", "left", [TO_BATHROOM]),
        ("turn left", "", [TO_LIVING_ROOM, TO_BEDROOM]),
        ("turn right", "", [TO_BATHROOM, TO_KITCHEN]),
        ("", "ahead", [TO_LIVING_ROOM, TO_BATHROOM]),
        ("", "left", []),
        ("turn left", "ahead", []),
    ],
)
def test_doors_are_counted_along_the_way(turn: str, side: str, doors: list[int]) -> None:
    home, here = in_the_hallway()
    assert sorted(home.doors_on(here, turn, side)) == sorted(doors)
    if side != "ahead":
        assert home.doors_on(here, turn, side) == doors


def test_the_second_door_and_the_only_door() -> None:
    home, here = in_the_hallway()
    assert home.counted_door(here, "turn left", 2, "") == TO_BEDROOM
    assert home.counted_door(here, "turn left", 0, "left") == TO_BEDROOM
    assert home.counted_door(here, "turn left", 2, "left") is None
    assert home.counted_door(here, "", 0, "ahead") is None  # there are two


def test_doors_opposite_each_other_are_not_counted_together() -> None:
    moved = Door(HOME.doors[TO_BATHROOM].rooms, (9.7, 4.6))  # 0.3 m before the kitchen's
    home = route_map(home=replace(HOME, doors=(*HOME.doors[:TO_BATHROOM], moved)))
    here = home.through(home.start, TO_STUDY)
    assert home.doors_on(here, "turn right", "") == []
    assert home.doors_on(here, "turn right", "left") == [TO_BATHROOM]


def test_leaving_does_not_mean_going_back() -> None:
    home, here = in_the_hallway()
    assert TO_STUDY not in home.exits(here)
    assert home.exits(home.through(here, TO_BEDROOM)) == [TO_BEDROOM]  # there is no other door


@pytest.mark.parametrize(
    ("x", "y", "turn"),
    [(1.0, 0.1, "go straight"), (0.1, 1.0, "turn left"), (0.1, -1.0, "turn right"),
     (-1.0, 0.1, "turn around"), (-1.0, -0.1, "turn around")],
)  # fmt: skip
def test_turns_are_named_after_the_heading(x: float, y: float, turn: str) -> None:
    for yaw in (0.0, 1.0, 2.5, -3.0):
        cos, sin = math.cos(yaw), math.sin(yaw)
        here = Where(2.0, 3.0, yaw, BEDROOM)
        angle = turn_angle(here, (2.0 + cos * x - sin * y, 3.0 + sin * x + cos * y))
        assert [t for t in TURNS if fits_turn(t, angle, -math.radians(10.0))] == [turn]


def test_between_two_turns_neither_is_clear() -> None:
    assert not any(fits_turn(turn, math.radians(30.0), -math.radians(10.0)) for turn in TURNS)


def test_a_thing_is_passed_on_the_side_where_it_stands() -> None:
    box = route_map().scene.things["red_box"]
    (there,) = passings(np.array([(6.0, 3.5), (10.0, 3.5)]), [box])
    (back,) = passings(np.array([(10.0, 3.5), (6.0, 3.5)]), [box])
    assert (there.side, back.side) == ("left", "right")
    assert there.distance_m == pytest.approx(0.6)
    assert there.aside_m == pytest.approx(0.8)
    assert there.share == pytest.approx((7.5 - 6.0) / 4.0, abs=0.06)


def test_one_stops_in_front_of_what_has_a_front() -> None:
    home = route_map()
    for room in (HALLWAY, BEDROOM):  # from wherever one comes
        here = home.start._replace(room=room)
        assert home.place_at(here, "blue_sofa") == pytest.approx((0.5 + 0.425 + BESIDE_M, 6.5))


def test_one_stops_at_the_near_side_of_what_stands_free() -> None:
    home = route_map()
    plant = home.scene.things["green_plant"]
    for dx, dy in product((-1.0, 1.0), (-0.6, 0.0, 0.6)):
        place = home.place_at(
            home.start._replace(x_m=5.0 + 2 * dx * 0.35, y_m=1.0 + dy), plant.name
        )
        assert place is not None
        assert plant.distance_m(*place) == pytest.approx(BESIDE_M)
    east = home.place_at(home.start._replace(x_m=7.0, y_m=1.0), plant.name)
    assert east is not None
    assert east[0] > plant.high_m[0]


def test_the_middle_of_a_room_is_free() -> None:
    home = route_map()
    assert home.place_in(STUDY) == (6.0, 1.5)
