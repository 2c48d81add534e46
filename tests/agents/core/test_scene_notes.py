import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Step
from handeye.agents.core.scene_notes import NotedObject, SceneNotes, scene_notes, things_in
from handeye.agents.core.tools import ToolResult

SEEN = "#1 small red block at x=0.400 y=-0.100 m; #2 blue bowl at x=0.500 y=0.000 m"
THINGS = (NotedObject("#1", "small red block", 0.4, -0.1), NotedObject("#2", "blue bowl", 0.5, 0.0))


def step(name: str, ok: bool = True, reason: str = "", **arguments: str) -> Step:
    return Step(ToolCall(name, arguments, "c"), ToolResult(ok, reason))


def test_things_are_read_from_words() -> None:
    assert things_in(SEEN) == THINGS
    assert things_in("nothing") == ()
    noted = SceneNotes(THINGS)
    assert noted.called("the red block") == [THINGS[0]]
    assert noted.called("#2") == [THINGS[1]]
    assert noted.called("green block") == []
    assert noted.name_of("#2") == "blue bowl"
    assert noted.name_of("#9") == "#9"


def test_the_hand_is_followed() -> None:
    history = [step("detect", reason=SEEN, words="object"), step("pick", target="#1")]
    assert scene_notes(history) == SceneNotes(THINGS, "small red block")
    blocked = step("place_in", ok=False, reason="denied: not there", container="bowl")
    assert scene_notes([*history, blocked]).held
    lost = step("place_in", ok=False, reason="it was lost on the way", container="bowl")
    assert not scene_notes([*history, lost]).held
    assert not scene_notes(
        [*history, step("place_on", reason="it was let go there", base="bowl")]
    ).held
    assert not scene_notes([*history, step("look", reason="The hand is empty.")]).held
    assert scene_notes([step("pick", ok=False, target="x")]) == SceneNotes()


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
    history = [step("detect", reason=SEEN, words="object")]
    assert (
        scene_notes([*history, step("detect", reason=fewer, words="object")]).things == THINGS[1:]
    )
    assert scene_notes([*history, step("detect", reason=fewer, words="bowl")]).things == THINGS
    missed = step("detect", ok=False, reason="nothing in view fits", words="object")
    assert scene_notes([*history, missed]).things == THINGS


def test_words_that_no_look_has_shown_are_what_is_held() -> None:
    assert scene_notes([step("pick", target="green cup")]).held == "green cup"


@pytest.mark.parametrize("tool", ["pick", "push_to", "check"])
def test_only_tools_that_empty_the_hand_empty_it(tool: str) -> None:
    told = step(tool, ok=False, reason="the hand is empty", target="bowl")
    assert scene_notes([step("pick", target="star"), told]).held == "star"
