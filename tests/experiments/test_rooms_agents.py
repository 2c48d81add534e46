"""Agents in apartments: what truth shows, how calls are judged, and the expert's script."""

from collections.abc import Iterator

import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import ToolResult
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.rooms import rooms_tools
from handeye.agents.tools.rooms_context import RoomsContext
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.long import home_of
from handeye.envs.suites import ROOMS, ROOMS_LONG, world_of
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.oracles.oracle_rooms_perception import OracleRoomsPerception, room_words
from handeye.experiments.oracles.rooms_call_checks import RoomsCallChecks
from handeye.experiments.oracles.rooms_oracle_planner import RoomsOraclePlanner
from handeye.perception.mapping.ego_camera import EgoPose

SEED = 2_000_000


@pytest.fixture(scope="module")
def env() -> Iterator[RoomsEnv]:
    made = RoomsEnv("rooms-long", max_steps=50)
    made.reset(seed=SEED, options={"task": "round_trip"})
    yield made
    made.close()


@pytest.fixture(scope="module")
def bench(env: RoomsEnv) -> RoomsContext:
    robot = Robot(env, max_steps=50)
    robot.reset(SEED, {"task": "round_trip"})
    found = RoomsContext(robot, OracleRoomsPerception(env))
    found.watch()
    return found


def test_truth_shows_things_where_they_are(env: RoomsEnv, bench: RoomsContext) -> None:
    home, start = home_of(env.scene), env.scene.start
    assert bench.room == home.start_room
    cos, sin = np.cos(start.yaw_rad), np.sin(start.yaw_rad)
    for thing in bench.in_view:
        piece = env.scene.things[thing.identity]
        x, y = (thing.points_m @ np.array([[cos, sin], [-sin, cos]]) + start.xy).T
        away = piece.distances_m(np.stack([x, y], axis=1))
        assert np.median(away) < 0.1
        assert bench.memory.name_of(thing) == f"{piece.colour} {piece.kind}"


def test_truth_sees_each_thing_of_enough_pixels_once(env: RoomsEnv) -> None:
    eyes = OracleRoomsPerception(env)
    sight = eyes.see(env.observe())
    names = [thing.identity for thing in sight.things]
    assert len(names) == len(set(names))
    assert all(thing.mask.sum() >= 10 for thing in sight.things)
    assert sight.rooms.shape[2] == len(eyes.rooms)
    assert np.isin(sight.rooms, (0.0, 1.0)).all()
    assert all(isinstance(text, str) for text in eyes.read(env.observe(), EgoPose(0, 0, 0)))


def test_synonyms_and_plurals_are_understood() -> None:
    words = room_words()
    assert words.read("the couch in the lounge")[:3] == ("sofa", "", "living room")
    assert words.read("green bookshelves").kind == "shelf"
    assert words.read("corridor").is_room


def test_calls_are_judged_by_what_is_there(env: RoomsEnv, bench: RoomsContext) -> None:
    truth, home = RoomsCallChecks(env), home_of(env.scene)
    specs = {tool.spec.name: tool.spec for tool in rooms_tools(bench)}
    room = home.rooms[0]
    absent = next(room for room in ROOM_KINDS if room not in home.rooms)
    thing = home.things[0]
    for target, unreal in (
        (room, False),
        (absent, True),
        (f"{thing.colour} {thing.kind}", False),
        ("#999", True),
        ("something to dream of", True),
    ):
        assert truth.unreal(specs["go_to"], {"target": target}, bench) == unreal
    assert not truth.unreal(specs["look"], {}, bench)
    assert not truth.violates(specs["go_to"], bench)
    assert truth.verdict(specs["count"], {}, bench) is None


def test_the_expert_explores_for_what_is_not_seen_and_ends_with_the_answer(env: RoomsEnv) -> None:
    planner = RoomsOraclePlanner(env)
    for seed in range(SEED, SEED + 20):
        env.reset(seed=seed, options={"task": "how_many"})
        if env.task.about(env.goal)["feasible"]:
            break
    planner.reset("", (), 0)
    history: list[Step] = []
    asked = planner.next_call(history)
    unseen = ToolResult.failed("it has not been seen yet; explore to find it", "not_seen")
    names = []
    for _ in range(20):
        if isinstance(asked, Done):
            break
        names.append(asked.name)
        seen = asked.name != "count" or "explore" in names
        history.append(Step(asked, ToolResult(True, "done") if seen else unseen))
        asked = planner.next_call(history)
    assert names[:3] == ["count", "explore", "count"]
    assert names[-1] == "go_back"
    assert asked == Done("success", env.goal.answer)
    assert len({step.call.call_id for step in history}) == len(history)


@pytest.mark.slow
def test_the_expert_says_what_cannot_be_done(env: RoomsEnv) -> None:
    planner = RoomsOraclePlanner(env)
    for seed in range(SEED, SEED + 60):
        env.reset(seed=seed, options={"task": "how_many"})
        if not env.task.about(env.goal)["feasible"]:
            break
    planner.reset("", (), 0)
    first = planner.next_call([])
    assert isinstance(first, ToolCall)
    assert first.name == "count"  # as one who does not know yet
    unseen = ToolResult.failed("it has not been seen yet; explore to find it", "not_seen")
    call = planner.next_call([Step(first, unseen)])
    assert isinstance(call, ToolCall)
    assert call.name == "explore"
    gone = ToolResult.failed("all that can be reached is explored; nothing fits it", "explored")
    claimed = planner.next_call([Step(call, gone)])
    assert isinstance(claimed, Done)
    assert claimed.claim == "cannot"


def test_both_suites_of_apartments_have_tools(env: RoomsEnv) -> None:
    assert world_of("rooms-long") is ROOMS_LONG
    assert world_of("rooms") is ROOMS
    tools = tool_set_of("rooms-long")
    assert tools.expert is not None
    assert tool_set_of("rooms").expert is None
    assert tools.pictures_so_far(env) == 1
    assert home_of(env.scene).start_room in tools.describe_scene(env)
    assert set(tools.perceptions) == {"truth", "eyes"}
