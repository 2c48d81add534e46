"""The tools of an apartment, in a world of boxes with eyes that know what each box is."""

import math
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import CannotDo, Toolbox, ToolResult
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.sight.rooms_perception import SeenObject, Sight
from handeye.agents.sight.rooms_words import Query, RoomWords
from handeye.agents.tools import rooms_skills as skills
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.rooms import rooms_toolbox
from handeye.agents.tools.rooms_context import RoomsContext
from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose
from handeye.policies.navigation.grid_planner import LEFT
from tests.perception.box_world import Base, Box, cast, room, wall_with_door

WALLS = [*room(-1.5, -2, 4.5, 2), *wall_with_door(1.5, -2, 2, -1.0)]
THINGS: list[tuple[str, str, Box]] = [
    ("red", "chair", (-1.4, 1.2, 0.0, -1.0, 1.6, 0.8)),
    ("red", "box", (3.8, 1.3, 0.0, 4.2, 1.7, 0.4)),
    ("green", "box", (2.2, 1.3, 0.0, 2.6, 1.7, 0.4)),
]
KINDS, COLOURS, ROOMS = ("chair", "box", "bed"), ("red", "green"), ("kitchen", "study", "bathroom")
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
    size_px = 64

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
        rgb = np.zeros((self.size_px, self.size_px, 3), np.uint8)
        return {**self.base.observation(self.size_px), "rgb_ego": rgb, "instruction": "look"}


class BoxEyes:
    """Knows every box; rooms lie left and right of the wall."""

    perception_id = "boxes"
    words = WORDS
    kinds: tuple[str, ...] = KINDS
    colours: tuple[str, ...] = COLOURS
    rooms: tuple[str, ...] = ROOMS
    sizes_m = np.array([(0.4, 0.4), (0.4, 0.4), (1.5, 2.0)])

    def __init__(self, home: BoxHome, *, guesses: bool = False) -> None:
        self._home, self.guesses = home, guesses

    def see(self, observation: Mapping[str, Any]) -> Sight:
        pose = EgoPose.from_proprio(observation["proprio"])
        depth, shown = cast(self._home.base.boxes, pose, self._home.size_px)
        x = EgoCamera().points(depth, pose)[2::4, 2::4, 0]
        odds = np.zeros((*x.shape, len(ROOMS)), np.float32)
        odds[..., 0], odds[..., 1] = x < 1.5, x >= 1.5
        looks, things = np.zeros((*x.shape, len(KINDS) + len(COLOURS)), np.float32), []
        for index, (colour, kind, _) in enumerate(THINGS, len(WALLS)):
            mask = shown == index
            kinds = np.eye(len(KINDS), dtype=np.float32)[KINDS.index(kind)]
            colours = np.eye(len(COLOURS), dtype=np.float32)[COLOURS.index(colour)]
            looks[mask[2::4, 2::4]] = np.concatenate([0.6 * kinds + 0.1, 0.9 * colours])
            if mask.sum() >= 4:
                things.append(SeenObject(kinds, colours, mask, str(index)))
        return Sight([], odds, looks) if self.guesses else Sight(things, odds)

    def read(self, observation: Mapping[str, Any], pose: EgoPose) -> list[str]:
        return ["<STUDY>"] if pose.yaw_rad > 1 else []


@pytest.fixture
def home() -> BoxHome:
    return BoxHome()


@pytest.fixture
def bench(home: BoxHome) -> RoomsContext:
    robot = Robot(home, max_steps=900)
    robot.reset(0)
    return RoomsContext(robot, BoxEyes(home))


@pytest.fixture
def box(bench: RoomsContext) -> Toolbox:
    return rooms_toolbox(bench, SafetyGate())


def call(box: Toolbox, name: str, **arguments: Any) -> ToolResult:
    return box.call(ToolCall(name, arguments, "call"))


@pytest.mark.slow
def test_what_has_not_been_seen_is_explored_for_and_driven_to(
    box: Toolbox, bench: RoomsContext
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


@pytest.mark.slow
def test_rooms_are_entered_and_counted_through(box: Toolbox, bench: RoomsContext) -> None:
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


@pytest.mark.slow
def test_words_that_fit_several_things_ask_for_a_handle(box: Toolbox) -> None:
    call(box, "explore")
    both = call(box, "go_to", target="box")
    assert not both.ok
    assert "Name one by its handle" in both.reason
    told = call(box, "detect", words="boxes in the study")
    handle = told.data["handles"][0]
    assert call(box, "go_to", target=handle).ok
    assert "no handle" in call(box, "go_to", target="#99").reason


@pytest.mark.slow
def test_looks_tell_what_is_in_view_and_around(box: Toolbox, bench: RoomsContext) -> None:
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


def test_the_user_is_asked_and_told(box: Toolbox, bench: RoomsContext, home: BoxHome) -> None:
    assert call(box, "ask_user", question="which?").reason == "the user says: the red one"
    assert "empty" in call(box, "ask_user", question=" ").reason
    bench.robot.finish("no bed", "cannot")
    assert home.said == ("no bed", "cannot")
    assert "the episode is over" in call(box, "turn", degrees=15).reason


@pytest.fixture
def guessing(home: BoxHome) -> RoomsContext:
    home.size_px = 128
    robot = Robot(home, max_steps=900)
    robot.reset(0)
    return RoomsContext(robot, BoxEyes(home, guesses=True))


@pytest.mark.slow
def test_eyes_that_guess_go_through_the_home_before_the_first_answer(
    guessing: RoomsContext,
) -> None:
    box = rooms_toolbox(guessing, SafetyGate())
    there = call(box, "go_to", target="green box")
    assert (there.ok, there.reason) == (True, "at the green box in the study")
    assert guessing.explored
    names = {guessing.memory.told(thing).split(" ", 1)[1] for thing in guessing.memory.things}
    assert names == {"red chair in the kitchen", "red box in the study", "green box in the study"}
    assert "green box in the study" in call(box, "look").reason
    assert call(box, "count", words="boxes", where="study").data["count"] == 2
    assert "nothing fits 'bed'" in call(box, "explore", words="bed").reason


@pytest.mark.slow
def test_where_a_robot_went_to_look_around_was_no_visit(guessing: RoomsContext) -> None:
    box = rooms_toolbox(guessing, SafetyGate())
    first = call(box, "visited").reason
    assert first in ("kitchen", "study")  # where the exploration ended
    call(box, "go_back")
    assert call(box, "visited").reason == ("kitchen" if first == "kitchen" else "study; kitchen")


@pytest.mark.slow
def test_after_all_is_explored_the_map_takes_no_more_guesses(guessing: RoomsContext) -> None:
    box = rooms_toolbox(guessing, SafetyGate())
    call(box, "explore")
    before, things = (
        guessing.explorer.floor.scores,
        guessing.memory.listed(guessing.memory.things).words,
    )
    call(box, "look_around")
    after = guessing.explorer.floor.scores
    assert before.shape == after.shape
    assert (before == after).all()
    assert guessing.memory.listed(guessing.memory.things).words == things


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
    box: Toolbox, bench: RoomsContext, degrees: float, turned: str, steps: int
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
    box: Toolbox, bench: RoomsContext, tool: str, arguments: dict[str, Any], reason: str
) -> None:
    told = call(box, tool, **arguments)
    assert not told.ok
    assert reason in told.reason
    assert bench.robot.steps == 0


def test_the_same_frame_is_taken_in_once(bench: RoomsContext) -> None:
    bench.watch()
    bench.robot.act(np.asarray(LEFT))
    bench.watch()
    looks = bench.explorer.floor.images
    bench.watch()
    assert bench.explorer.floor.images == looks > 0


def test_rooms_are_known_by_what_of_them_was_seen(bench: RoomsContext) -> None:
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
    bench = RoomsContext(robot, FarSighted(home))
    found = call(rooms_toolbox(bench, SafetyGate()), "explore", words="red chair")
    assert found.reason.endswith("red chair in the kitchen")


@pytest.mark.parametrize(("rooms", "looks"), [(["kitchen"], True), (["kitchen", "study"], False)])
def test_cracks_are_looked_into_where_nothing_else_leads_out_of_the_first_room(
    bench: RoomsContext, monkeypatch: pytest.MonkeyPatch, rooms: list[str], looks: bool
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
    box = rooms_toolbox(RoomsContext(robot, BoxEyes(home)), SafetyGate())
    told = call(box, "explore", words="bed")
    assert not told.ok
    assert "the episode is over" in told.reason
    assert robot.steps == 3
