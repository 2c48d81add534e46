"""The tools of an apartment, in a world of boxes with eyes that know what each box is."""

import math
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from handeye.agents import rooms_skills as skills
from handeye.agents.conversation import ToolCall
from handeye.agents.robot import CannotDo, Robot
from handeye.agents.rooms_bench import RoomBench
from handeye.agents.rooms_memory import RoomMemory
from handeye.agents.rooms_perception import SeenThing, Sight
from handeye.agents.rooms_tools import rooms_toolbox
from handeye.agents.rooms_words import Query, RoomWords
from handeye.agents.safety import SafetyGate
from handeye.agents.tools import Toolbox, ToolResult
from handeye.perception.ego_camera import EgoCamera, EgoPose
from handeye.policies.grid_planner import LEFT
from tests.perception.box_world import Base, Box, cast, room, wall_with_door

WALLS = [*room(-1.5, -2, 4.5, 2), *wall_with_door(1.5, -2, 2, -1.0)]
THINGS: list[tuple[str, str, Box]] = [
    ("red", "chair", (-1.4, 1.2, 0.0, -1.0, 1.6, 0.8)),
    ("red", "box", (3.8, 1.3, 0.0, 4.2, 1.7, 0.4)),
    ("green", "box", (2.2, 1.3, 0.0, 2.6, 1.7, 0.4)),
]
KINDS, COLOURS, ROOMS = ("chair", "box", "bed"), ("red", "green"), ("kitchen", "study", "bathroom")
SIZE = 64
WORDS = RoomWords(
    {"chair": "chair", "chairs": "chair", "box": "box", "boxes": "box", "bed": "bed"},
    {colour: colour for colour in COLOURS},
    {"kitchen": "kitchen", "study": "study", "office": "study", "bathroom": "bathroom"},
)


class BoxHome(gymnasium.Env[dict[str, Any], Any]):
    """Kitchen and study behind a door."""

    action_mode = "base_discrete"
    action_space = spaces.Discrete(4)
    said: tuple[str, str] = ("", "")

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        self.base = Base([*WALLS, *(box for *_, box in THINGS)])
        return self._seen(), {"is_success": False}

    def step(self, action: Any) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        self.base.do(int(action))
        return self._seen(), 0.0, False, False, {"is_success": False}

    def finish(self, answer: str, claim: str) -> dict[str, Any]:
        self.said = answer, claim
        return {"is_success": True}

    def ask(self, question: str) -> str:
        return "the red one"

    def _seen(self) -> dict[str, Any]:
        rgb = np.zeros((SIZE, SIZE, 3), np.uint8)
        return {**self.base.observation(SIZE), "rgb_ego": rgb, "instruction": "look"}


class BoxEyes:
    """Knows every box; rooms lie left and right of the wall."""

    perception_id = "boxes"
    words, kinds, colours, rooms = WORDS, KINDS, COLOURS, ROOMS
    identities = True

    def __init__(self, home: BoxHome) -> None:
        self._home = home

    def see(self, observation: Mapping[str, Any]) -> Sight:
        pose = EgoPose.from_proprio(observation["proprio"])
        depth, shown = cast(self._home.base.boxes, pose, SIZE)
        x = EgoCamera().points(depth, pose)[2::4, 2::4, 0]
        odds = np.zeros((*x.shape, len(ROOMS)), np.float32)
        odds[..., 0], odds[..., 1] = x < 1.5, x >= 1.5
        things = []
        for index, (colour, kind, _) in enumerate(THINGS, len(WALLS)):
            mask = shown == index
            if mask.sum() >= 4:
                kinds = np.eye(len(KINDS), dtype=np.float32)[KINDS.index(kind)]
                colours = np.eye(len(COLOURS), dtype=np.float32)[COLOURS.index(colour)]
                identity = str(index) if self.identities else ""
                things.append(SeenThing(kinds, colours, mask, identity))
        return Sight(things, odds)

    def read(self, observation: Mapping[str, Any], pose: EgoPose) -> list[str]:
        return ["<STUDY>"] if pose.yaw_rad > 1 else []


@pytest.fixture
def home() -> BoxHome:
    return BoxHome()


@pytest.fixture
def bench(home: BoxHome) -> RoomBench:
    robot = Robot(home, max_steps=900)
    robot.reset(0)
    return RoomBench(robot, BoxEyes(home))


@pytest.fixture
def box(bench: RoomBench) -> Toolbox:
    return rooms_toolbox(bench, SafetyGate())


def call(box: Toolbox, name: str, **arguments: Any) -> ToolResult:
    return box.call(ToolCall(name, arguments, "call"))


def test_what_has_not_been_seen_is_explored_for_and_driven_to(
    box: Toolbox, bench: RoomBench
) -> None:
    assert call(box, "where_am_i").reason == "in the kitchen, 0.0 m from the start"
    missing = call(box, "go_to", target="green box")
    assert not missing.ok
    assert "explore to find it" in missing.reason
    found = call(box, "explore", words="green box")
    assert found.ok
    assert "green box in the study" in found.reason
    there = call(box, "go_to", target="the green box")
    assert (there.ok, there.reason) == (True, "at the green box in the study")
    x, y, _ = bench.explorer.pose
    assert math.hypot(max(2.2 - x, 0, x - 2.6), max(1.3 - y, 0, y - 1.7)) <= 1.0
    assert call(box, "visited").reason == "kitchen; study"
    back = call(box, "go_back")
    assert back.ok
    assert bench.from_start_m <= 1.0


def test_rooms_are_entered_and_counted_through(box: Toolbox, bench: RoomBench) -> None:
    assert not call(box, "count", words="boxes", where="office").ok
    assert call(box, "explore", words="study").reason == "found the study"
    counted = call(box, "count", words="boxes", where="study")
    assert (counted.ok, counted.data["count"]) == (True, 2)
    assert bench.room == "study"
    assert call(box, "count", words="red boxes in the study").data["count"] == 1
    everything = call(box, "explore")
    assert everything.ok
    assert "Rooms seen: kitchen, study" in everything.reason
    gone = call(box, "explore", words="bed")
    assert not gone.ok
    assert "all that can be reached is explored" in gone.reason
    assert call(box, "count", words="boxes").reason.startswith("2 seen so far")
    assert "red chair" in call(box, "detect", words="chairs").reason


def test_words_that_fit_several_things_ask_for_a_handle(box: Toolbox) -> None:
    call(box, "explore")
    both = call(box, "go_to", target="box")
    assert not both.ok
    assert "Name one by its handle" in both.reason
    told = call(box, "detect", words="boxes in the study")
    handle = told.data["handles"][0]
    assert call(box, "go_to", target=handle).ok
    assert "no handle" in call(box, "go_to", target="#99").reason


def test_looks_tell_what_is_in_view_and_around(box: Toolbox, bench: RoomBench) -> None:
    first = call(box, "look")
    assert first.image is not None
    assert first.reason == "in the kitchen. In view: nothing that has a name"
    assert "red chair in the kitchen" in call(box, "look_around").reason
    before = bench.robot.steps
    assert "turned 90 degrees right" in call(box, "turn", degrees=-90).reason
    assert bench.robot.steps - before == 6
    assert not call(box, "turn", degrees=1e6).ok


def test_signs_are_read_as_what_the_scene_says(box: Toolbox) -> None:
    assert not call(box, "read_sign").ok
    call(box, "turn", degrees=90)
    read = call(box, "read_sign")
    assert read.ok
    assert "<seen>‹STUDY›</seen>" in read.reason


def test_the_user_is_asked_and_told(box: Toolbox, bench: RoomBench, home: BoxHome) -> None:
    assert call(box, "ask_user", question="which?").reason == "the user says: the red one"
    assert "empty" in call(box, "ask_user", question=" ").reason
    bench.robot.finish("no bed", "cannot")
    assert home.said == ("no bed", "cannot")
    assert "the episode is over" in call(box, "turn", degrees=15).reason


def test_eyes_without_identities_know_a_thing_by_its_place(home: BoxHome) -> None:
    robot = Robot(home, max_steps=900)
    robot.reset(0)
    eyes = BoxEyes(home)
    eyes.identities = False
    bench = RoomBench(robot, eyes)
    box = rooms_toolbox(bench, SafetyGate())
    call(box, "explore")
    assert len(bench.memory.things) == len(THINGS)


def test_a_single_look_without_identity_is_not_enough() -> None:
    memory = RoomMemory(KINDS, COLOURS, ROOMS)
    seen = SeenThing(np.array([1, 0, 0], np.float32), np.array([1, 0], np.float32), np.ones((1, 1)))
    points, rooms = np.array([[0.01 + 0.05 * k, 0.0] for k in range(6)]), np.ones(3, np.float32)
    memory.add(seen, points, rooms)
    assert memory.things == []
    memory.add(seen, points + 0.05, rooms)
    (thing,) = memory.things
    assert memory.told(thing) == "#1 red chair in the kitchen"
    assert memory.add(seen, points[:2], rooms) is None
    assert memory.fitting(Query("box")) == []


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("the red chair", Query("chair", "red")),
        ("boxes in the office", Query("box", "", "study")),
        ("study", Query(room="study")),
        ("everything in the kitchen", Query(room="kitchen", anything=True)),
    ],
)
def test_words_are_read(words: str, query: Query) -> None:
    assert WORDS.read(words) == query
    assert query.is_room == (words == "study")


@pytest.mark.parametrize("words", ["something to sleep in", "wooden chair", "", "chair and bed"])
def test_words_that_say_nothing_seen_are_refused(words: str) -> None:
    with pytest.raises(CannotDo, match=r"nothing that I know|one at a time"):
        WORDS.read(words)


def test_at_the_start_the_robot_has_been_in_its_room_only(box: Toolbox) -> None:
    assert call(box, "visited").reason == "kitchen"
    assert call(box, "go_back").reason == "back at the start, in the kitchen"


@pytest.mark.parametrize(
    ("degrees", "turned", "steps"),
    [(15, "15 degrees left", 1), (-100, "105 degrees right", 7), (7, "0 degrees left", 0)],
)
def test_turns_go_in_steps_of_fifteen_degrees(
    box: Toolbox, bench: RoomBench, degrees: float, turned: str, steps: int
) -> None:
    assert call(box, "turn", degrees=degrees).reason.startswith(f"turned {turned}. in the kitchen")
    assert bench.robot.steps == steps


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("go_to", {"target": "study"}, "the study has not been seen yet; explore to find it"),
        ("go_to", {"target": "#1"}, "#1 is no handle; detect the thing first"),
        ("detect", {"words": "beds"}, "'beds' is nothing that I know"),
        ("detect", {"words": "bed"}, "nothing seen so far fits 'bed'; explore to find it"),
        ("count", {"words": "boxes", "where": "attic"}, "'attic' is nothing that I know"),
        ("explore", {"words": "wooden box"}, "'wooden' is nothing that I know"),
        ("turn", {"degrees": 361}, "361 degrees are more than a turn; give -360 to 360"),
    ],
)
def test_mistakes_are_told_without_a_step(
    box: Toolbox, bench: RoomBench, tool: str, arguments: dict[str, Any], reason: str
) -> None:
    told = call(box, tool, **arguments)
    assert not told.ok
    assert reason in told.reason
    assert bench.robot.steps == 0


def test_the_same_frame_is_taken_in_once(bench: RoomBench) -> None:
    bench.watch()
    bench.robot.act(np.asarray(LEFT))
    bench.watch()
    looks = bench.explorer.floor.images
    bench.watch()
    assert bench.explorer.floor.images == looks > 0


def test_rooms_are_known_by_what_of_them_was_seen(bench: RoomBench) -> None:
    bench.watch()
    assert bench.room == "kitchen"
    assert bench.knows("kitchen")
    assert not bench.knows("bathroom")
    assert bench.known_rooms() == ["kitchen"]
    assert bench.channel("bathroom") == 2
    assert bench.from_start_m == 0.0


def test_a_thing_of_a_few_pixels_has_a_room_too(home: BoxHome) -> None:
    class FarSighted(BoxEyes):
        def see(self, observation: Mapping[str, Any]) -> Sight:
            sight = super().see(observation)
            for thing in sight.things:
                thing.mask[2::4, 2::4] = False  # no spot of the coarse picture has its middle on it
            return sight

    robot = Robot(home, max_steps=900)
    robot.reset(0)
    bench = RoomBench(robot, FarSighted(home))
    found = call(rooms_toolbox(bench, SafetyGate()), "explore", words="red chair")
    assert found.reason.endswith("red chair in the kitchen")


@pytest.mark.parametrize(("rooms", "looks"), [(["kitchen"], True), (["kitchen", "study"], False)])
def test_cracks_are_looked_into_where_nothing_else_leads_out_of_the_first_room(
    bench: RoomBench, monkeypatch: pytest.MonkeyPatch, rooms: list[str], looks: bool
) -> None:
    asked: list[bool] = []

    def explore(*, cracks: bool) -> int | None:
        asked.append(cracks)
        return LEFT if cracks and len(asked) < 5 else None

    monkeypatch.setattr(bench, "known_rooms", lambda: rooms)
    monkeypatch.setattr(bench.explorer, "explore", explore)
    before = bench.robot.steps
    assert not skills.explore(bench, lambda: False)
    assert (True in asked) == looks
    assert bench.robot.steps == before + 2 * looks


def test_an_exploration_ends_with_the_episode(home: BoxHome) -> None:
    robot = Robot(home, max_steps=3)
    robot.reset(0)
    box = rooms_toolbox(RoomBench(robot, BoxEyes(home)), SafetyGate())
    told = call(box, "explore", words="bed")
    assert not told.ok
    assert "the episode is over" in told.reason
    assert robot.steps == 3
