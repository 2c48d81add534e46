from typing import Any, Literal

import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import MAX_TEXT_CHARS, CannotDo, Tool, Toolbox, ToolResult
from handeye.agents.safety.gate import Limits, SafetyGate


def lift(
    world: str,
    target: str,
    height: float,
    hand: Literal["left", "right"] = "left",
    times: int = 1,
    gently: bool = True,
    via: list[float] | None = None,
) -> ToolResult:
    """Lift a thing.
    Slowly.

    Args:
        target: what to lift, such as
            "red block".
        height: how high, m.
        hand: which hand.
        times: how often.
        gently: take care.
        via: heights on the way.
    """
    if target == "rock":
        raise CannotDo("too heavy")
    if target == "bug":
        raise ZeroDivisionError
    return ToolResult(True, f"{world} {target} {height} {hand}")


@pytest.fixture
def box() -> Toolbox:
    return Toolbox([Tool.of(lift, "earth")], SafetyGate(Limits(tools={"lift"})))


def call(box: Toolbox, name: str = "lift", **arguments: Any) -> ToolResult:
    return box.call(ToolCall(name, arguments, "1"))


def test_the_schema_is_read_off_the_function(box: Toolbox) -> None:
    (spec,) = box.specs
    assert spec.name == "lift"
    assert spec.description == "Lift a thing. Slowly."
    assert spec.parameters["required"] == ["target", "height"]
    assert spec.parameters["properties"]["hand"] == {
        "type": "string",
        "enum": ["left", "right"],
        "description": "which hand.",
        "default": "left",
    }
    assert spec.parameters["properties"]["target"]["description"].endswith('such as "red block".')
    assert "world" not in spec.parameters["properties"]


def test_a_call_is_carried_out(box: Toolbox) -> None:
    assert call(box, target="cup", height=1).reason == "earth cup 1 left"
    assert call(box, target="cup", height=0.5, via=[0.1, 0.2], hand="right").ok


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("lft", {}, "did you mean lift?"),
        ("fly", {}, "there are: lift"),
        ("lift", {"target": "cup"}, "lift lacks height"),
        (
            "lift",
            {"target": "cup", "height": 1.0, "speed": 2},
            "lift has speed, which is not taken",
        ),
        ("lift", {"target": 3, "height": 1.0}, "lift.target must be of type string"),
        ("lift", {"target": "cup", "height": "1"}, "lift.height must be of type number"),
        ("lift", {"target": "cup", "height": True}, "lift.height must be of type number"),
        ("lift", {"target": "cup", "height": float("nan")}, "finite"),
        ("lift", {"target": "cup", "height": float("inf")}, "finite"),
        (
            "lift",
            {"target": "cup", "height": 1.0, "times": 1.5},
            "lift.times must be of type integer",
        ),
        (
            "lift",
            {"target": "cup", "height": 1.0, "gently": 1},
            "lift.gently must be of type boolean",
        ),
        ("lift", {"target": "cup", "height": 1.0, "hand": "third"}, "one of ['left', 'right']"),
        ("lift", {"target": "cup", "height": 1.0, "hand": ["left"]}, "must be of type string"),
        (
            "lift",
            {"target": "cup", "height": 1.0, "via": [0.1, "x"]},
            "lift.via[1] must be of type number",
        ),
        ("lift", {"target": "cup", "height": 1.0, "via": [0.1] * 51}, "items, not 51"),
        ("lift", {"target": "x" * (MAX_TEXT_CHARS + 1), "height": 1.0}, "501 characters"),
        ("lift", {"target": "rock", "height": 1.0}, "too heavy"),
    ],
)
def test_mistakes_come_back_as_text(
    box: Toolbox, name: str, arguments: dict[str, Any], says: str
) -> None:
    result = call(box, name, **arguments)
    assert not result.ok
    assert says in result.reason


def test_a_malformed_call_says_why(box: Toolbox) -> None:
    assert box.call(ToolCall("lift", {}, "1", "no JSON")).reason == "no JSON"


def test_our_own_exceptions_propagate(box: Toolbox) -> None:
    with pytest.raises(ZeroDivisionError):
        call(box, target="bug", height=1.0)


def test_a_tool_without_words_is_refused() -> None:
    def silent(x: int) -> ToolResult:
        """Says nothing of x."""
        return ToolResult(True, "")

    with pytest.raises(TypeError, match="'x' needs"):
        Tool.of(silent)


def test_a_type_that_no_tool_takes_is_refused() -> None:
    def odd(x: bytes) -> ToolResult:
        """Take bytes.

        Args:
            x: bytes.
        """
        return ToolResult(True, "")

    with pytest.raises(TypeError, match="no tool takes"):
        Tool.of(odd)


def test_names_are_unique() -> None:
    with pytest.raises(ValueError, match="two tools"):
        Toolbox([Tool.of(lift, ""), Tool.of(lift, "")], SafetyGate())
