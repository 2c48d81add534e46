"""What policies do that never read the words."""

import numpy as np
import pytest

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.suites import WORLDS, make_suite_env
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.adversaries.registry import ADVERSARIES, MEANINGS, adversaries_of, build
from handeye.experiments.adversaries.tour import legs_of_tour
from handeye.experiments.adversaries.usual_answer import measured, shape_of, usual_answers
from handeye.policies.rollout import rollout

SEED = 900_000


def table(task: str) -> TabletopEnv:
    return TabletopEnv(task, action_mode="ee_pose", cameras=())


def test_each_world_has_its_own() -> None:
    assert set(MEANINGS) == set(ADVERSARIES)
    table_world, *rooms = [set(adversaries_of(world)) for world in WORLDS]
    assert table_world == set(ADVERSARIES) - {"tour"}
    assert all(world == set(ADVERSARIES) - {"dumper"} for world in rooms)


def test_sweeper_tries_every_goal_and_ends_by_itself() -> None:
    env = table("press_button")
    end = rollout(env, build("sweeper", env), seed=SEED)
    assert end.info["ended_by"] == "terminate"
    assert end.info["goal_reached"]
    assert not end.info["is_success"]
    assert len([e for e in end.info["side_effects"] if e.startswith("pressed")]) == 3


def test_words_and_goal_change_nothing() -> None:
    env = table("press_button")
    hashes = set()
    for goal in (0, 1):
        options = {"goal": goal, "instruction": f"words {goal}"}
        end = rollout(env, build("sweeper", env), seed=SEED, options=options)
        hashes.add(end.info["state_hash"])
    assert len(hashes) == 1


def test_dumper_moves_more_than_one_thing() -> None:
    env = table("put_in")
    end = rollout(env, build("dumper", env), seed=SEED)
    assert end.info["ended_by"] == "terminate"
    start = [thing.position_m[:2] for thing in env.scene.objects]
    moved = [
        i
        for i, (x, y) in enumerate(start)
        if np.hypot(*(env.state.body_poses[env.scene.body(i), :2] - (x, y))) > 0.05
    ]
    assert len(moved) > 1
    assert not end.info["is_success"]


def test_dumper_leaves_a_table_without_a_place_alone() -> None:
    env = table("press_button")
    assert rollout(env, build("dumper", env), seed=SEED).steps == 0


def test_cannot_wins_what_cannot_be_done_and_nothing_else() -> None:
    env = table("impossible")
    won = {}
    env.sample_episode(seed=SEED)
    for goal, meant in enumerate(env.goals):
        end = rollout(env, build("cannot", env), seed=SEED, options={"goal": goal})
        assert (end.info["claim"], end.info["chance"]) == ("cannot", 0.5)
        won[goal] = end.info["is_success"] == (not meant.feasible)
    assert all(won.values())
    idle = rollout(env, build("idle", env), seed=SEED)
    assert (idle.info["claim"], idle.info["is_success"]) == ("success", False)


def test_what_is_usual_is_known_of_every_shipped_task() -> None:
    tasks = {task for world in WORLDS for task in world.tasks}
    assert set(usual_answers()) <= tasks
    assert 0.3 < usual_answers()["impossible"]["cannot"] < 0.7
    found = measured("press_button", range(3))
    assert found == {"answer": "", "cannot": 0.0, "goals": {" button": 3}}


def test_a_shape_tells_sorts_and_no_names() -> None:
    env = make_suite_env("put_in", cameras=())
    env.sample_episode(seed=SEED)
    _, *sorts = shape_of(env, env.goal).split(" ")
    assert sorts == [env.scene.objects[i].kind for i in env.goal.referred]


@pytest.mark.slow
def test_tour_has_been_in_every_room_and_comes_back() -> None:
    env = RoomsEnv("go_back", cameras=())
    end = rollout(env, build("tour", env), seed=SEED)
    assert end.info["ended_by"] == "terminate"
    scene, track = env.scene, env.state.track[:, :2]
    rooms = range(len(scene.apartment.rooms))
    assert len(legs_of_tour(scene)) == len(rooms) + 1
    assert all(scene.inside(room, track).any() for room in rooms)
    assert np.hypot(*(track[-1] - scene.start.xy)) < 0.5
