"""Records and maps of ways through an apartment of two rooms."""

import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import Door, Rect, Room
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import Leg, RoomGoal, RoomScene
from handeye.envs.rooms.tasks import ROOM_TASKS, RoomTask
from handeye.envs.rooms.tasks.point_goal import PointGoal
from handeye.experiments.evaluation.navigation_episode import (
    draw_map,
    episode_map,
    navigation_record,
    record_of,
    shortest_path,
)
from handeye.experiments.evaluation.navigation_metrics import path_length_m
from handeye.experiments.oracles.baselines import OraclePolicy
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord
from handeye.policies.rollout import rollout

HOME = Apartment(
    rooms=(Room("kitchen", Rect(0, 0, 3, 4)), Room("study", Rect(3, 0, 6, 4))),
    doors=(Door((0, 1), (3.0, 2.0)),),
    furniture=(Furniture("red_table_0", "table", "red", 0, (1.5, 3.0), 0),),
)
SCENE = RoomScene(HOME, BasePose(1.0, 2.0, 0.0))
THROUGH = RoomGoal(place_m=(5.0, 2.0))
TOLD = RoomGoal(place_m=(5.0, 2.0), path_m=((1.0, 2.0), (5.0, 2.0)))
STRAIGHT = np.stack([np.linspace(1.0, 5.0, 17), np.full(17, 2.0)], axis=1)


class ThereAndBack(PointGoal):
    """A task of two legs: to the place and back to the start."""

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        return (*super().legs(scene, goal), Leg((scene.start.xy,)))


def test_a_straight_way_through_a_door_by_hand() -> None:
    walked = navigation_record(
        SCENE, PointGoal(), THROUGH, STRAIGHT + 0.0012, collisions=2, oracle_success=True
    )
    assert walked.shortest_m == pytest.approx(4.0)
    assert len(walked.path_xy) == 17
    assert walked.path_xy[1] == (1.25, 2.0)  # to a centimetre
    assert (walked.collisions, walked.ndtw, walked.oracle_success) == (2, None, True)


@pytest.mark.parametrize("times", [1, 3])  # as after turning in place
def test_likeness_to_the_described_path_does_not_depend_on_turns(times: int) -> None:
    def _likeness(path: np.ndarray) -> float | None:
        turned = np.repeat(path, times, axis=0)
        return navigation_record(
            SCENE, PointGoal(), TOLD, turned, collisions=0, oracle_success=False
        ).ndtw

    assert _likeness(STRAIGHT) == pytest.approx(1.0)
    assert _likeness(STRAIGHT + np.array([0.0, 0.5])) == pytest.approx(math.exp(-0.5))
    # 17 points of the reference, 0, 0.25, ... 4 m away from one that stayed at the start.
    assert _likeness(STRAIGHT[:1]) == pytest.approx(math.exp(-2.0))


@pytest.mark.parametrize(("task", "length_m"), [(PointGoal(), 4.0), (ThereAndBack(), 8.0)])
def test_the_shortest_way_follows_the_legs(task: RoomTask, length_m: float) -> None:
    walked = navigation_record(SCENE, task, THROUGH, STRAIGHT, collisions=0, oracle_success=True)
    assert walked.shortest_m == pytest.approx(length_m)


def test_a_described_detour_is_no_longer_than_the_shortest_way() -> None:
    detour = RoomGoal(place_m=(5.0, 2.0), path_m=((1.0, 2.0), (1.0, 0.5), (5.0, 0.5), (5.0, 2.0)))
    assert shortest_path(SCENE, PointGoal(), detour) == pytest.approx(np.array(STRAIGHT[[0, -1]]))


def test_a_goal_without_a_way_is_refused() -> None:
    apart = RoomScene(Apartment(HOME.rooms, ()), SCENE.start)
    with pytest.raises(ValueError, match="must be rejected with its scene"):
        shortest_path(apart, PointGoal(), THROUGH)


@pytest.mark.parametrize("task", list(ROOM_TASKS))
def test_lengths_are_those_of_the_scripted_legs(task: str) -> None:
    env = RoomsEnv(task, cameras=())
    env.reset(seed=1_000_000)
    if not env.goal.path_m:
        way = shortest_path(env.scene, env.task, env.goal)
        assert path_length_m(way) == pytest.approx(env.shortest_path_m())
    env.close()


def test_the_experts_episode_is_recorded_and_drawn() -> None:
    job = EpisodeJob("oracle", "point_goal", "point_goal", "unseen", 1_000_003)
    env = RoomsEnv(job.suite, split=job.split, cameras=())
    visited: list[tuple[float, float]] = []
    result = rollout(
        env,
        OraclePolicy(env),
        seed=job.seed,
        options={"task": job.task},
        on_step=lambda *_: visited.append(env.state.here.xy),
    )
    walked = record_of(env, visited)
    assert walked.oracle_success
    assert walked.collisions == result.info["collisions"]
    assert len(walked.path_xy) == result.steps + 1
    assert walked.path_xy[0] == tuple(np.round(env.scene.start.xy, 2))
    assert walked.shortest_m == pytest.approx(env.shortest_path_m())
    assert path_length_m(np.array(walked.path_xy)) > 0.5 * walked.shortest_m
    record = replace(EpisodeRecord.lost(job, ""), navigation=walked)
    picture = draw_map(job, record)
    assert all(room.kind in picture for room in env.scene.apartment.rooms)
    env.close()


def test_only_navigation_to_the_own_goal_has_a_map() -> None:
    job = EpisodeJob("oracle", "point_goal", "point_goal", "seen", 1_000_000)
    walked = navigation_record(
        SCENE, PointGoal(), THROUGH, STRAIGHT, collisions=0, oracle_success=True
    )
    record = EpisodeRecord.lost(job, "")
    for asked, known in (
        (job, record),
        (replace(job, condition="contradictory"), replace(record, navigation=walked)),
    ):
        with pytest.raises(ValueError, match="own goal has a map"):
            draw_map(asked, known)


@pytest.mark.parametrize(
    ("goal", "said"), [(THROUGH, "shortest path"), (TOLD, "described path")], ids=["free", "told"]
)
def test_the_map_says_what_is_dashed(goal: RoomGoal, said: str) -> None:
    walked = navigation_record(
        SCENE, PointGoal(), goal, STRAIGHT, collisions=0, oracle_success=True
    )
    picture = ElementTree.fromstring(episode_map(SCENE, PointGoal(), goal, walked))
    texts = {element.text for element in picture.iter() if element.tag.endswith("text")}
    assert {said, "kitchen", "study", "goal"} <= texts
    assert len({"shortest path", "described path"} & texts) == 1
