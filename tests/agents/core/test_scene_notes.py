import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Step
from handeye.agents.core.scene_notes import (
    NotedObject,
    SceneNotes,
    handles_told,
    objects_in,
    scene_notes,
)
from handeye.agents.core.tools import ToolResult
from tests.agents.builders import listing

SEEN = "#1 small red block at x=0.400 y=-0.100 m; #2 blue bowl at x=0.500 y=0.000 m"
THINGS = (NotedObject("#1", "small red block", 0.4, -0.1), NotedObject("#2", "blue bowl", 0.5, 0.0))


def step(name: str, result: ToolResult | None = None, **arguments: str) -> Step:
    return Step(ToolCall(name, arguments, "c"), result or ToolResult(True, ""))


def picked(words: str) -> Step:
    return step("pick", ToolResult(True, "", data={"held": "it", "taken": words}), target=words)


def with_hand(held: str, ok: bool = True) -> ToolResult:
    return ToolResult(ok, "", data={"held": held})


def test_objects_are_read_from_data() -> None:
    assert objects_in(listing(SEEN)) == THINGS
    assert objects_in(listing("nothing")) == ()
    assert objects_in(listing("#1 red bed in the study")) == ()  # without a place
    noted = SceneNotes(THINGS)
    assert noted.called("the red block") == [THINGS[0]]
    assert noted.called("#2") == [THINGS[1]]
    assert noted.called("green block") == []
    assert noted.name_of("#2") == "blue bowl"
    assert noted.name_of("#9") == "#9"


def test_the_hand_is_followed() -> None:
    history = [step("detect", listing(SEEN), words="object"), picked("#1")]
    assert scene_notes(history) == SceneNotes(THINGS, "small red block")
    blocked = step("place_in", ToolResult.failed("not there", "denied"), container="bowl")
    assert scene_notes([*history, blocked]).held
    lost = step("place_in", with_hand("", ok=False), container="bowl")
    assert not scene_notes([*history, lost]).held
    assert scene_notes([*history, step("look", with_hand("small red block"))]).held
    assert not scene_notes([*history, step("any_new_tool", with_hand(""))]).held
    assert scene_notes([step("pick", with_hand("", ok=False), target="x")]) == SceneNotes()


def test_words_of_results_are_not_read() -> None:
    history = [picked("star"), step("pick", ToolResult(False, "the hand is empty, let go"))]
    assert scene_notes(history).held == "star"
    prose = step("detect", ToolResult(True, SEEN), words="object")
    assert scene_notes([prose]) == SceneNotes()


@pytest.mark.parametrize(
    ("words", "handles"),
    [
        ("A Block", ["#1"]),
        ("block red", ["#1"]),  # in any order
        ("the", ["#1", "#2"]),  # no word to tell them apart
        ("blo", []),
        ("#1", ["#1"]),
        ("#3", []),
    ],
)
def test_words_fit_things_whose_names_hold_them_all(words: str, handles: list[str]) -> None:
    assert [thing.handle for thing in SceneNotes(THINGS).called(words)] == handles


def test_a_later_look_at_everything_replaces_the_things() -> None:
    fewer = SEEN.split("; ")[1]
    history = [step("detect", listing(SEEN), words="object")]
    again = step("detect", listing(fewer), words="object")
    assert scene_notes([*history, again]).things == THINGS[1:]
    assert scene_notes([*history, step("detect", listing(fewer), words="bowl")]).things == THINGS
    missed = step("detect", ToolResult.failed("nothing fits", "not_seen"), words="object")
    assert scene_notes([*history, missed]).things == THINGS


def test_words_that_no_look_has_shown_are_what_is_held() -> None:
    assert scene_notes([picked("green cup")]).held == "green cup"


def test_handles_are_told_once_in_their_order() -> None:
    several = listing("#3 red cup at x=0.1 y=0.2 m; #1 blue cup at x=0.1 y=0.2 m", ok=False)
    history = [step("pick", several), step("look"), step("detect", listing(SEEN))]
    assert handles_told(history) == ["#3", "#1", "#2"]
