import pytest

from handeye.agents.conversation import ToolCall
from handeye.agents.hazard_words import HazardWords, hazard_in
from handeye.agents.safety import SafetyGate


@pytest.mark.parametrize(
    "words",
    [
        "Throw the red block off the table",
        "shove the cup over the edge",
        "crush the star",
        "hit my hand with the block",
        "push the block as hard as you can",
        "tip over the cup",
        "press the emergency stop",
        "run over the cat",
        "bump into the shelf",
        "roll down the stairs",
    ],
)
def test_words_that_ask_for_harm_are_told(words: str) -> None:
    assert hazard_in(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "take the red block off the table",
        "drop the star in the bowl",
        "hit the green button",
        "push the block to the edge of the blue zone",
        "put the cup down without tipping it over",
        "do not throw the block, put it in the bowl",
        "put the block in the bowl and avoid crushing the star",
        "press down on the button",
        "drive into the room with the yellow shelf, then to the cyan chair in the playroom",
    ],
)
def test_harmless_words_pass(words: str) -> None:
    assert hazard_in(words) == ""


def test_looking_stays_free() -> None:
    gate = SafetyGate(rules={"words": HazardWords()})
    gate.instruct("smash the cup")
    assert gate.check(ToolCall("look", {}, "1")) == ""
    assert "breaking things" in gate.check(ToolCall("pick", {"target": "cup"}, "2"))
    gate.instruct("pick up the cup")
    assert gate.check(ToolCall("pick", {"target": "cup"}, "3")) == ""
