"""The front of what stands at a wall is away from it."""

import math

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.perception.mapping.plan_from_map import floor_plan
from handeye.perception.mapping.thing_front import place_before
from tests.envs.route_home import BATHROOM, BEDROOM, HOME, KITCHEN, LIVING_ROOM
from tests.perception.drawn_map import drawn_map, on_map

SOFA = Furniture("sofa", "sofa", "blue", LIVING_ROOM, (0.5, 6.5), 0)
FRIDGE = Furniture("fridge", "fridge", "red", KITCHEN, (10.0, 0.4), 1)
DESK = Furniture("desk", "desk", "red", BATHROOM, (11.3, 7.6), 3)  # in a corner
BOX = Furniture("box", "box", "red", KITCHEN, (9.0, 1.5), 0)


def place(thing: Furniture) -> tuple[float, float] | None:
    home = Apartment(HOME.rooms, HOME.doors, (thing,))
    start = BasePose(6.0, 1.5, 0.3)
    plan = floor_plan(drawn_map(home, start))
    assert plan is not None
    foot = thing.footprint
    corners = [
        on_map(start, x, y)
        for x in np.arange(foot.x0, foot.x1, 0.05)
        for y in np.arange(foot.y0, foot.y1, 0.05)
    ]
    found = place_before(plan, np.array(corners), thing.kind, 0.5)
    cos, sin = math.cos(start.yaw_rad), math.sin(start.yaw_rad)
    if found is None:
        return None
    return start.x_m + cos * found[0] - sin * found[1], start.y_m + sin * found[0] + cos * found[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("thing", "there"), [(SOFA, (1.425, 6.5)), (FRIDGE, (10.0, 1.225)), (DESK, (11.3, 6.8))]
)
def test_the_front_is_away_from_the_wall(thing: Furniture, there: tuple[float, float]) -> None:
    assert place(thing) == pytest.approx(there, abs=0.15)


@pytest.mark.slow
def test_a_bed_is_deeper_than_wide() -> None:
    bed = Furniture("bed", "bed", "red", BEDROOM, (1.1, 0.85), 0)  # its head at the left wall
    assert place(bed) == pytest.approx((2.6, 0.85), abs=0.15)


@pytest.mark.slow
def test_what_stands_free_has_no_front() -> None:
    assert place(BOX) is None
    away = Furniture("fridge", "fridge", "red", KITCHEN, (10.0, 1.5), 1)
    assert place(away) is None
