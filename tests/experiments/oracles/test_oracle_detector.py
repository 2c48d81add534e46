"""The classical baseline of navigation: what its detector may know, and that it gets there."""

import numpy as np
import pytest

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.pictures.meshes import thing_body
from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.evaluation.config import EvaluateConfig, PolicyFlags
from handeye.experiments.evaluation.plan import plan_evaluation
from handeye.experiments.oracles.frontier_baseline import FrontierBaseline
from handeye.experiments.oracles.oracle_detector import (
    LEAST_PX,
    OracleDetector,
    to_start,
    to_world,
)
from handeye.perception.mapping.ego_camera import EgoPose
from handeye.policies.rollout import Rollout, rollout

SEED = 1_000_000
OUTSIDE = (40.0, 40.0)  # of any apartment: nothing is seen from there


def reset(task: str, seed: int = SEED) -> RoomsEnv:
    env = RoomsEnv(task, split="unseen")
    env.reset(seed=seed)
    return env


def look(env: RoomsEnv, detector: OracleDetector) -> np.ndarray | None:
    observation = env.observe()
    return detector(observation, EgoPose.from_proprio(observation["proprio"]))


def drive(task: str, seed: int) -> tuple[RoomsEnv, Rollout]:
    env = RoomsEnv(task, split="unseen")
    return env, rollout(env, FrontierBaseline(env), seed=seed)


def test_the_start_frame_by_hand() -> None:
    env = reset("object_goal")
    x, y, yaw = env.scene.start.x_m, env.scene.start.y_m, env.scene.start.yaw_rad
    ahead = np.array([[2.0, 0.0]])
    there = np.array([[x + 2 * np.cos(yaw), y + 2 * np.sin(yaw)]])
    assert to_world(env, ahead) == pytest.approx(there)
    assert to_start(env, there) == pytest.approx(ahead)
    env.close()


@pytest.mark.slow
def test_a_thing_is_known_where_its_pixels_are_and_not_before() -> None:
    env = reset("object_goal", SEED + 2)  # it stands behind the robot
    detector, found = OracleDetector(env), []
    (name,) = env.goal.referred
    for _ in range(24):
        points = look(env, detector)
        shown = env.renderer.render([env.state.here]).segmentation[0] == thing_body(env.scene, name)
        assert (points is not None) == (shown.sum() >= LEAST_PX)
        if points is not None:
            found.append(env.scene.things[name].distances_m(to_world(env, points)).max())
            break
        env.step(np.array(2))
    assert len(found) == 1
    assert env.record.steps > 0
    assert found[0] < 0.1
    env.close()


@pytest.mark.slow
def test_places_of_a_relation_wait_until_all_it_is_about_was_seen() -> None:
    env = reset("relational", SEED + 3)
    while env.goal.relation != "between":
        env.reset(seed=env.episode_seed + 1)
    detector = OracleDetector(env)
    first, second = env.goal.referred
    env.state = env.state._replace(track=np.array([[*OUTSIDE, 0.0]]))
    detector.seen = {first}
    assert look(env, detector) is None
    detector.seen |= {first, second}
    places = look(env, detector)
    assert places is not None
    room = env.scene.things[first].room
    assert env.scene.inside(room, to_world(env, places), 0.0).all()
    env.close()


def test_floor_of_a_room_lies_well_inside_it() -> None:
    env = reset("room_goal")  # seen through the open door
    detector = OracleDetector(env)
    for _ in range(12):
        env.step(np.array(2))
        points = look(env, detector)
    assert points is not None
    assert len(points)
    room = env.scene.room_index(env.goal.referred[0])
    assert env.scene.inside(room, to_world(env, points), 0.49).all()
    env.close()


@pytest.mark.slow
def test_the_observation_stays_as_it_is() -> None:
    env, result = drive("object_goal", SEED + 5)
    assert result.info["is_success"]
    assert result.ended_by == "terminate"
    assert not [key for key in env.observe() if "segmentation" in key]
    env.close()


@pytest.mark.slow
def test_it_comes_back_after_the_visit() -> None:
    env, result = drive("go_back", SEED + 1)
    assert result.info["is_success"]
    assert env.record.path_length_m > 4.0
    env.close()


@pytest.mark.slow
def test_it_looks_around_before_it_answers() -> None:
    env, result = drive("count_things", SEED + 1)
    assert result.info["is_success"]
    turned = np.diff(env.state.track[-121:, 2]).sum()
    assert turned == pytest.approx(2 * np.pi, abs=0.01)  # 24 turns of 5 ticks
    env.close()


@pytest.mark.slow
def test_cracks_are_looked_into_before_it_gives_up() -> None:
    # Furniture leaves of the way to the living room a frontier of less than 0.3 m.
    env, result = drive("room_goal", SEED + 2)
    assert result.info["is_success"]
    env.close()


@pytest.mark.slow
def test_what_it_does_depends_on_the_seed_alone() -> None:
    env = RoomsEnv("follow_sign", split="unseen")
    policy = open_policy("frontier").build(env)
    first = rollout(env, policy, seed=SEED).info["state_hash"]
    rollout(env, policy, seed=SEED + 1)
    assert rollout(env, policy, seed=SEED).info["state_hash"] == first
    env.close()


def test_there_is_none_on_the_tabletop(tmp_path: object) -> None:
    config = EvaluateConfig(PolicyFlags("frontier"), tmp_path, suite="put_in")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"put_in has none; give --suite rooms"):
        plan_evaluation(config)
