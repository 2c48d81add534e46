"""Paths described step by step: crossings by hand, and what every description must hold."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Furniture
from handeye.envs.rooms.apartments.furnishing import draw_apartment
from handeye.envs.rooms.routes.executor import walks_that_fit
from handeye.envs.rooms.routes.route_map import RouteMap
from handeye.envs.rooms.routes.routes import (
    MOST_STEPS,
    Target,
    crossings,
    describe,
    draw_target,
    way_to,
)
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M, RoomScene, RouteStep
from handeye.envs.rooms.tasks.task import draw_start
from tests.envs.route_home import BEDROOM, HALLWAY, HOME, KITCHEN, STUDY, route_map

SEEDS = range(60)


def descriptions(target: Target, home: RouteMap) -> set[tuple[RouteStep, ...]]:
    path = way_to(home, target)
    assert path is not None
    told = (describe(home, path, target, np.random.default_rng(seed)) for seed in SEEDS)
    return {steps for steps in told if steps is not None}


def test_a_path_crosses_doors_and_not_the_walls_beside_them() -> None:
    home = route_map()
    path = np.array([(6.2, 1.0), (6.2, 3.5), (9.0, 3.5), (9.0, 6.0)])
    (study, bathroom) = crossings(home, path)
    assert (study.door, bathroom.door) == (1, 4)
    assert study.point_m == pytest.approx((6.2, 3.0))
    assert bathroom.point_m == pytest.approx((9.0, 4.6))
    assert study.at == pytest.approx(0.8)
    assert bathroom.at == pytest.approx(2.44)
    assert crossings(home, np.array([(7.0, 1.0), (7.0, 4.0)])) == []  # through the wall


def test_a_room_is_described_in_several_ways_that_all_lead_there() -> None:
    home = route_map()
    told = descriptions(Target("room", number=BEDROOM), home)
    assert len(told) > 5
    for steps in told:
        assert walks_that_fit(home, steps)[0].here.room == BEDROOM
    actions = {step.action for steps in told for step in steps}
    assert actions >= {"leave", "turn left", "enter", "stop"}
    assert "turn right" not in actions
    assert any(RouteStep("enter", "", 1, "left") in steps for steps in told)
    assert any(RouteStep("enter", "", 2, "") in steps for steps in told)


def test_what_is_passed_is_told_with_its_side() -> None:
    told = descriptions(Target("room", number=KITCHEN), route_map())
    passed = {step for steps in told for step in steps if step.action == "pass"}
    assert RouteStep("pass", "red_box", 0, "left") in passed
    assert not {step for step in passed if step.landmark == "red_box" and step.side == "right"}


def test_leaving_alone_is_said_only_where_there_is_one_way_out() -> None:
    to_bedroom = Target("room", number=BEDROOM)
    assert any(
        s[:1] == (RouteStep("leave", "study"),) for s in descriptions(to_bedroom, route_map())
    )
    for steps in descriptions(to_bedroom, route_map(8.0, 3.7, math.pi)):
        for step, after in pairwise(steps):
            if step == RouteStep("leave", "hallway"):
                assert after == RouteStep("enter", "bedroom")


def test_a_door_is_described_by_its_room_by_counting_or_by_going_through() -> None:
    told = descriptions(Target("door", number=0), route_map())
    last = {steps[-1] for steps in told}
    assert RouteStep("stop at door", "bedroom") in last
    assert RouteStep("stop at door", "", 1, "left") in last
    assert RouteStep("stop at door") in last


def test_a_turn_is_told_only_where_it_is_clear() -> None:
    between = route_map(yaw_rad=math.radians(55.0))  # the door is 35 degrees to the left
    for steps in descriptions(Target("room", number=HALLWAY), between):
        assert steps[0].action not in ("turn left", "go straight")


def test_nobody_is_sent_to_a_thing_that_has_a_twin_in_its_room() -> None:
    home = route_map()
    assert way_to(home, Target("thing", "green_plant")) is not None
    second = Furniture("green_plant_2", "plant", "green", STUDY, (7.0, 1.0), 0)
    twins = replace(HOME, furniture=(*HOME.furniture, second))
    assert way_to(route_map(home=twins), Target("thing", "green_plant")) is None


@pytest.mark.slow
@pytest.mark.parametrize("split", ["train", "unseen"])
def test_drawn_routes_lead_back_to_their_end(split: str) -> None:
    reached = told = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        scene = RoomScene(draw_apartment(rng, split=split), BasePose(0.0, 0.0, 0.0))
        home = RouteMap(draw_start(scene, rng))
        for _ in range(6):
            target = draw_target(home, rng)
            path = way_to(home, target)
            steps = None if path is None else describe(home, path, target, rng)
            if path is None or steps is None:
                continue
            assert 2 <= len(steps) <= MOST_STEPS
            told += 1
            try:
                walk = walks_that_fit(home, steps)[0]
            except ValueError:
                continue
            reached += math.dist(walk.here.xy, path[-1]) <= STOP_WITHIN_M
    assert told > 30
    assert reached >= 0.98 * told
