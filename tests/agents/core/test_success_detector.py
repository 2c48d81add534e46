"""What is asked after each skill, for every tool, and what cannot be asked."""

import pytest

from handeye.agents.core.conversation import ToolCall, ToolSpec
from handeye.agents.core.scene_notes import NotedObject, SceneNotes
from handeye.agents.core.success_detector import SIDES, statement_of, success_check
from tests.agents.builders import PLANNER_TOOLS, TRAITS

SCENE = (NotedObject("#1", "red star", 0.4, 0.0), NotedObject("#2", "blue bowl", 0.5, 0.1))
EMPTY, FULL = SceneNotes(SCENE), SceneNotes(SCENE, "red star")


def specs(*checking: str) -> list[ToolSpec]:
    """The tools, of those that check only the named."""
    return [s for s in PLANNER_TOOLS if s.name not in ("check", "verify") or s.name in checking]


def call(name: str, **arguments: object) -> ToolCall:
    return ToolCall(name, arguments, "c")


@pytest.mark.parametrize(
    ("made", "noted", "statement"),
    [
        (call("pick", target="#1"), EMPTY, "the red star is held"),
        (call("pick", target="cup"), EMPTY, "the cup is held"),
        (call("place_in", container="#2"), FULL, "the red star is in the blue bowl"),
        (call("place_on", base="#2"), FULL, "the red star is on the blue bowl"),
        (call("push_to", target="#1", goal="#2"), EMPTY, "the red star is in the blue bowl"),
        (call("open_drawer", drawer="green drawer"), EMPTY, "the green drawer is open"),
        (call("close_drawer", drawer="green drawer"), EMPTY, "the green drawer is closed"),
        (call("place_in", container="#2"), EMPTY, ""),
        (call("place_on", base="#2"), EMPTY, ""),
        (call("place_beside", reference="#2", side="left"), EMPTY, ""),
        (call("press", button="button"), EMPTY, ""),
        (call("look"), FULL, ""),
    ],
)
def test_a_skill_says_what_should_be_so(made: ToolCall, noted: SceneNotes, statement: str) -> None:
    assert statement_of(made, TRAITS[made.name], noted) == statement


@pytest.mark.parametrize(("side", "words"), SIDES.items())
def test_every_side_has_its_words(side: str, words: str) -> None:
    made = call("place_beside", reference="#2", side=side)
    assert statement_of(made, TRAITS[made.name], FULL) == f"the red star is {words} the blue bowl"


def test_what_check_knows_is_checked_even_where_verify_is_at_hand() -> None:
    asked = success_check(call("place_in", container="#2"), FULL, specs("verify", "check"), "id")
    assert asked == ToolCall(
        "check", {"item": "red star", "relation": "in", "base": "#2"}, "id"
    )  # a handle stays one, which tells things of one name apart


def test_without_check_the_statement_is_verified() -> None:
    asked = success_check(call("pick", target="#1"), EMPTY, specs("verify"), "id")
    assert asked == ToolCall("verify", {"statement": "the red star is held"}, "id")


@pytest.mark.parametrize(
    ("made", "tools"),
    [
        (call("pick", target="#1"), ()),
        (call("pick", target="#1"), ("look", "detect")),
        (call("push_to", target="#1", goal="#2"), ("check",)),
        (call("press", button="button"), ("check", "verify")),
    ],
)
def test_what_no_tool_can_see_is_not_asked(made: ToolCall, tools: tuple[str, ...]) -> None:
    assert success_check(made, EMPTY, specs(*tools), "id") is None


def test_a_call_that_was_written_wrongly_is_not_checked() -> None:
    assert success_check(call("pick"), EMPTY, specs("check", "verify"), "id") is None
    assert success_check(call("no_such_tool"), EMPTY, specs("check", "verify"), "id") is None
