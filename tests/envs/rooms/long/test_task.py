"""What must be so in rooms-long: in order, at the end, in words; and what is nearly so."""

import json
from dataclasses import asdict, replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.base.names import UnknownName
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.episode import RoomEpisode, RoomEpisodeGoal
from handeye.envs.rooms.long import HELD_OUT_KINDS
from handeye.envs.rooms.long.goals import CANNOT, Condition, LongGoal, Subgoal, visits
from handeye.envs.rooms.long.symbolic_home import START, home_of
from handeye.envs.rooms.long.task import LONG_ROOM_TASKS, LongRoomGoal
from handeye.envs.rooms.registry import ROOMS
from handeye.envs.rooms.scene.mobile_base import STOP
from handeye.envs.rooms.scene.scene import BaseTrajectory, RoomGoal, RoomScene
from handeye.envs.rooms.scene.viewpoints import places_in_room, viewpoints
from handeye.envs.suites import worded_tasks

TASK = LONG_ROOM_TASKS["visit_in_order"]()


@pytest.fixture(scope="module")
def scene() -> RoomScene:
    found, *_ = ROOMS.make_task("room_goal").draw_scene(np.random.default_rng(4), "seen")
    return found


@pytest.fixture(scope="module")
def rooms(scene: RoomScene) -> list[str]:
    return [room.kind for room in scene.apartment.rooms]


def inside(scene: RoomScene, room: str) -> tuple[float, float]:
    x, y = places_in_room(scene, scene.room_index(room))[-1].tolist()
    return x, y


def walk(scene: RoomScene, *places: tuple[float, float], answer: str = "") -> BaseTrajectory:
    """Jumps from place to place, facing along +x."""
    track: NDArray[np.float64] = np.array([(*scene.start.xy, 0.0), *((*p, 0.0) for p in places)])
    return BaseTrajectory(track, answer)


def goal(*conditions: Condition, answer: str = "") -> LongRoomGoal:
    return LongRoomGoal(
        answer=answer,
        work=LongGoal("k", "short", "ordinary", (), answer=answer, conditions=conditions),
    )


def test_visits_count_in_their_order_only(scene: RoomScene, rooms: list[str]) -> None:
    a, b, *_ = (room for room in rooms if room != _start_room(scene))
    at_a, at_b = inside(scene, a), inside(scene, b)
    ordered = goal(*visits(a, b))
    assert TASK.done(scene, ordered, walk(scene, at_a, at_b))
    assert not TASK.done(scene, ordered, walk(scene, at_b, at_a))
    assert not TASK.done(scene, ordered, walk(scene, at_b))
    assert TASK.done(scene, ordered, walk(scene, at_b, at_a, at_b))
    assert TASK.done(scene, goal(*visits(a, b, ordered=False)), walk(scene, at_b, at_a))


def _start_room(scene: RoomScene) -> str:
    return scene.apartment.rooms[scene.apartment.room_at(*scene.start.xy)].kind


def test_the_end_counts_for_a_stop(scene: RoomScene, rooms: list[str]) -> None:
    stop = goal(Condition("stop", rooms[0]))
    there = inside(scene, rooms[0])
    other = inside(scene, next(room for room in rooms[1:]))
    assert TASK.done(scene, stop, walk(scene, there))
    assert not TASK.done(scene, stop, walk(scene, there, other))
    back = goal(Condition("stop", START))
    x, y = scene.start.xy
    assert TASK.done(scene, back, walk(scene, other, (x + 0.9, y)))
    assert not TASK.done(scene, back, walk(scene, other, (x + 1.1, y)))


def test_a_doorway_is_not_in_the_room(scene: RoomScene) -> None:
    door = scene.apartment.doors[0]
    for room in door.rooms:
        kind = scene.apartment.rooms[room].kind
        assert not TASK.done(
            scene, goal(*visits(kind)), BaseTrajectory(np.array([(*door.centre_m, 0.0)]))
        )


def test_a_thing_is_visited_near_and_stopped_at_in_view(scene: RoomScene) -> None:
    name, place = next(
        (piece.name, places[0])
        for piece in scene.apartment.furniture
        if len(places := viewpoints(scene, piece.name))
    )
    x, y = place.tolist()
    cx, cy = scene.things[name].footprint.centre
    towards = float(np.arctan2(cy - y, cx - x))
    facing, away = (BaseTrajectory(np.array([(x, y, yaw)])) for yaw in (towards, towards + np.pi))
    visited, stopped = goal(Condition("visit", name)), goal(Condition("stop", name))
    assert TASK.done(scene, visited, away)
    assert TASK.done(scene, stopped, facing)
    assert not TASK.done(scene, stopped, away)


def test_answers_are_judged(scene: RoomScene) -> None:
    asked = goal(Condition("answer"), answer="2")
    assert TASK.done(scene, asked, walk(scene, answer="there are two"))
    assert not TASK.done(scene, asked, walk(scene, answer="there are three"))
    assert not TASK.done(scene, asked, walk(scene))


def test_goals_survive_json(scene: RoomScene) -> None:
    drawn = next(iter(TASK.goals(scene, np.random.default_rng(0))))
    plain = RoomGoal(("kitchen",))
    for goal in (drawn, plain):
        recorded = RoomEpisodeGoal(1, ("go there",), goal)
        written = json.loads(json.dumps(asdict(recorded)))
        assert RoomEpisode._goal_from_json(written) == recorded
    with pytest.raises(ValueError, match="no goal of rooms-long"):
        TASK.conditions(scene, plain, walk(scene))


@pytest.fixture
def env() -> RoomsEnv:
    return RoomsEnv("rooms-long", cameras=())


def first(env: RoomsEnv, task: str, *, feasible: bool) -> int:
    """A seed whose goal can, or cannot, be done."""
    for seed in range(2_000_000, 2_000_100):
        env.reset(seed=seed, options={"task": task})
        if env.task.about(env.goal)["feasible"] == feasible:
            return seed
    raise AssertionError("none")


def test_what_cannot_be_done_is_solved_by_saying_so(env: RoomsEnv) -> None:
    seed = first(env, "how_many", feasible=False)
    assert env.finish("no such room", "cannot")["is_success"]
    env.reset(seed=seed, options={"task": "how_many"})
    assert not env.finish("3")["is_success"]


def test_what_can_be_done_is_not_solved_by_refusing(env: RoomsEnv) -> None:
    first(env, "how_many_rooms", feasible=True)
    right = env.goal.answer
    info = env.finish(right, "cannot")
    assert not info["is_success"]
    assert (info["kind"], info["length"], info["feasible"]) == ("how_many_rooms", "short", True)


def test_episodes_may_last_as_their_subgoals_need(env: RoomsEnv) -> None:
    lasting = {}
    for task in ("how_many_rooms", "retrace"):
        env.reset(seed=2_000_000, options={"task": task})
        lasting[task] = env.max_steps
    assert 500 < lasting["how_many_rooms"] < lasting["retrace"]
    short = RoomsEnv("rooms-long", cameras=(), max_steps=3)
    short.reset(seed=2_000_000)
    assert short.max_steps == 3


def test_the_user_says_which_one_is_meant(env: RoomsEnv) -> None:
    env.reset(seed=2_000_000, options={"task": "ask_which"})
    colour = env.scene.things[env.goal.referred[0]].colour
    assert env.ask("which one?") == f"the {colour} one"
    assert env.ask(" ") == "What do you want to know?"
    env.reset(seed=2_000_000, options={"task": "patrol"})
    assert env.ask("which one?") == "I have nothing to add."
    *_, info = env.step(np.array(STOP))
    assert (info["questions"], info["is_success"]) == (1, False)


def test_suites_and_splits_have_names() -> None:
    trained, held_out = ROOMS.tasks_of("rooms-long"), ROOMS.tasks_of("rooms-long", "kind")
    assert {*trained, *held_out} == {*LONG_ROOM_TASKS}
    assert held_out == HELD_OUT_KINDS
    assert not {*trained} & {*held_out}
    assert "kind" in ROOMS.splits_of("rooms-long")
    assert "kind" not in ROOMS.splits_of(trained[0])
    assert ROOMS.tasks_of("patrol") == ("patrol",)
    assert "combination" in ROOMS.splits_of("rooms-long")
    assert "combination" not in ROOMS.splits_of("rooms")
    with pytest.raises(UnknownName, match="patrols"):
        ROOMS.make_task("patrols")
    with pytest.raises(UnknownName, match="combination"):
        RoomsEnv("rooms", split="combination")


def test_all_kinds_are_tasks_with_a_summary() -> None:
    names = [task.name for task in LONG_ROOM_TASKS.values()]
    assert names == list(LONG_ROOM_TASKS)
    assert all(task.__doc__ for task in LONG_ROOM_TASKS.values())
    assert all(a != b for a, b in pairwise(names))


def test_step_budget_and_records_follow_the_subgoals() -> None:
    hard = LongGoal("whether", "medium", "vague", ("study",), subgoals=(Subgoal("go_back"),) * 3)
    asked = LongRoomGoal(work=hard)
    assert TASK.max_steps(goal(), "base_discrete") == 400
    assert TASK.max_steps(asked, "base_discrete") == 1000
    assert TASK.max_steps(asked, "base_velocity") == 3000
    assert TASK.about(asked) == {
        "kind": "whether",
        "length": "medium",
        "vagueness": "vague",
        "feasible": True,
    }
    gone = LongRoomGoal(work=replace(hard, answer=CANNOT))
    assert not TASK.about(gone)["feasible"]


def test_the_user_tells_a_colour_only_where_it_was_left_open() -> None:
    unclear = LongGoal("ask_which", "short", "vague", ("green_chair_3",), what="chair")
    left_open = TASK.unclear(LongRoomGoal(work=unclear))
    assert left_open is not None
    assert (left_open.about, left_open.answer) == (unclear.what, "the green one")
    assert TASK.unclear(goal()) is None


def test_a_goal_refers_to_what_the_scene_has(scene: RoomScene, rooms: list[str]) -> None:
    thing = scene.apartment.furniture[0].name
    work = LongGoal("total", "medium", "vague", (rooms[0], "attic", thing), "box", answer=CANNOT)
    made = LongRoomGoal.of(work, scene)
    assert (made.referred, made.relation, made.answer) == ((rooms[0], thing), "box", CANNOT)
    assert made.work is work


def test_conditions_are_told_by_number_and_place(scene: RoomScene, rooms: list[str]) -> None:
    asked = goal(Condition("visit", rooms[0]), Condition("stop", START), Condition("answer"),
                 answer="yes")  # fmt: skip
    told = TASK.conditions(scene, asked, walk(scene, answer="yes, it has"))
    assert list(told) == [f"1 visit {rooms[0]}", "2 stop start", "3 answer"]
    assert told["2 stop start"]
    assert told["3 answer"]


def test_a_visit_that_waits_for_one_never_made_is_not_made(
    scene: RoomScene, rooms: list[str]
) -> None:
    a, b, *_ = (room for room in rooms if room != _start_room(scene))
    told = TASK.conditions(scene, goal(*visits(a, b)), walk(scene, inside(scene, b)))
    assert list(told.values()) == [False, False]


def test_legs_are_the_places_of_the_conditions(scene: RoomScene, rooms: list[str]) -> None:
    asked = goal(Condition("visit", rooms[0]), Condition("stop", START), Condition("answer"))
    into, back = TASK.legs(scene, asked)
    assert all(scene.inside(scene.room_index(rooms[0]), np.array(into.points_m)))
    assert back.points_m == (scene.start.xy,)
    assert [leg.points_m for leg in TASK.legs(scene, goal(Condition("answer")))] == [
        (scene.start.xy,)
    ]


def test_goals_done_at_the_start_are_not_worth_asking(scene: RoomScene) -> None:
    here = _start_room(scene)
    assert not TASK.worth_asking(scene, goal(Condition("stop", here)))
    assert not TASK.worth_asking(scene, goal(Condition("stop", START)))
    assert TASK.worth_asking(scene, goal(Condition("answer"), answer=CANNOT))


def test_a_place_among_its_like_leaves_no_words(scene: RoomScene) -> None:
    name = next(p.name for p in scene.apartment.furniture if p.name not in home_of(scene).nameable)
    twin = LongRoomGoal(work=LongGoal("visit_in_order", "short", "specific", (name,)))
    with pytest.raises(ValueError, match="cannot be told from others"):
        TASK.instruction(scene, twin, "seen", np.random.default_rng(0))


def test_means_over_kinds_never_trained_are_over_these_kinds() -> None:
    assert set(worded_tasks("rooms-long", "kind")) == {*HELD_OUT_KINDS}
    assert not set(worded_tasks("rooms-long")) & {*HELD_OUT_KINDS}
