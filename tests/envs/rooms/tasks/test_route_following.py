"""The task: routes from one start, told apart by their words alone."""

import functools
import json
import math
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest

from handeye.envs.rooms.registry import ROOMS
from handeye.envs.rooms.routes.executor import follow_route
from handeye.envs.rooms.routes.language import USUAL_WORDS
from handeye.envs.rooms.routes.route_map import RouteMap
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M, BaseTrajectory, RoomGoal, RoomScene
from handeye.envs.rooms.tasks.route_following import MOST_ROUTES, RouteFollowing
from tests.envs.route_home import route_map

TASK = RouteFollowing()


@functools.cache
def drawn(seed: int, split: str) -> tuple[RoomScene, list[RoomGoal]]:
    scene, goals, _ = TASK.draw_scene(np.random.default_rng(seed), split)
    return scene, goals


def at(x: float, y: float) -> BaseTrajectory:
    return BaseTrajectory(np.array([(0.0, 0.0, 0.0), (x, y, 0.0)]))


def test_it_is_registered() -> None:
    assert isinstance(ROOMS.make_task("route_following"), RouteFollowing)


@pytest.mark.slow
@pytest.mark.parametrize("split", ["seen", "unseen", "phrasing"])
@pytest.mark.parametrize("seed", range(4))
def test_the_words_lead_to_the_end_of_their_route_alone(seed: int, split: str) -> None:
    scene, goals = drawn(seed, split)
    rng = np.random.default_rng(seed)
    assert 2 <= len(goals) <= MOST_ROUTES
    for goal in goals:
        words = TASK.instruction(scene, goal, split, rng)
        walk = follow_route(RouteMap(scene), words)
        assert TASK.done(scene, goal, at(*walk.here.xy))
        others = [other for other in goals if other is not goal]
        assert not any(TASK.done(scene, other, at(*walk.here.xy)) for other in others)
        assert len(words.split()) <= USUAL_WORDS + (15 if split == "phrasing" else 10)


@pytest.mark.parametrize("seed", range(4))
def test_the_legs_go_along_the_described_path(seed: int) -> None:
    scene, goals = drawn(seed, "seen")
    for goal in goals:
        assert goal.path_m[0] == pytest.approx(scene.start.xy)
        legs = TASK.legs(scene, goal)
        points = [leg.points_m[0] for leg in legs]
        assert all(len(leg.points_m) == 1 and scene.free.is_free(*leg.points_m[0]) for leg in legs)
        assert points[-1] == goal.path_m[-1]
        way = [scene.start.xy, *points]
        through = sum(scene.free.field_to(b).distance_m(*a) for a, b in pairwise(way))
        whole = sum(math.dist(a, b) for a, b in pairwise(goal.path_m))
        assert through == pytest.approx(whole)


def test_a_metre_from_the_end_is_near_enough_and_more_is_not() -> None:
    goal = RoomGoal(path_m=((0.0, 0.0), (3.0, 0.0)))
    scene = route_map().scene
    assert TASK.conditions(scene, goal, at(3.0, STOP_WITHIN_M)) == {"at the end": True}
    assert TASK.conditions(scene, goal, at(3.0, STOP_WITHIN_M + 0.01)) == {"at the end": False}


def test_a_goal_survives_json() -> None:
    _, goals = drawn(0, "seen")
    for goal in goals:
        assert RoomGoal.from_dict(json.loads(json.dumps(asdict(goal)))) == goal


def test_the_same_seed_draws_the_same_routes() -> None:
    scene, goals = drawn(1, "seen")
    again, same, _ = TASK.draw_scene(np.random.default_rng(1), "seen")
    assert again == scene
    assert same == goals
