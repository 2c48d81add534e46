import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.safety.default_gate import cautious_gate
from handeye.agents.safety.utterance_kind import kind_of
from handeye.envs.core.registry import KIND_SPLIT
from handeye.envs.people.utterances import World, read_utterances
from handeye.experiments.traces.readings import draw_reading

ARM, BASE = ToolTraits(moves="arm"), ToolTraits(moves="base")
MOVES = (
    "put",
    "push",
    "press",
    "open",
    "close",
    "hold",
    "reach",
    "stack",
    "row",
    "swap",
    "at once",
)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("could you put the star in the bowl?", "command"),
        ("would you mind opening the drawer", "command"),
        ("what I want is the red block in the bowl", "command"),
        ("do not stop before the button is down", "command"),
        ("have the block put in the bowl", "command"),
        ("wait for me in the kitchen", "command"),
        ("red button", "command"),
        ("hey robot press it", "command"),
        ("hi, open the drawer", "command"),
        ("thanks, now the star", "command"),
        ("good robot, grab the cup", "command"),
        ("how many blocks are there? then press the button", "command"),
        ("is the drawer open?", "question"),
        ("What do you see", "question"),
        ("can you tell me what colour the cup is?", "question"),
        ("do you have a kitchen?", "question"),
        ("don\u2019t touch the bowl!", "prohibition"),
        ("please keep away from the drawer", "prohibition"),
        ("never press the red button", "prohibition"),
        ("STOP!!", "stop"),
        ("hang on a second", "stop"),
        ("wait, stop moving please", "stop"),
        ("hello", "smalltalk"),
        ("thanks a lot", "smalltalk"),
        ("what can you do?", "smalltalk"),
        ("\U0001f600", "smalltalk"),
        ("", "smalltalk"),
    ],
)
def test_the_kind_of_an_utterance(words: str, kind: str) -> None:
    assert kind_of(words) == kind


@pytest.mark.parametrize("world", ["tabletop", "rooms"])
def test_what_people_say_is_of_the_kind_that_it_is(world: World) -> None:
    said = read_utterances(world, "development")
    wrong = [
        u.words
        for u in said
        if kind_of(u.words) != ("command" if u.kind in ("cannot", "harmful") else u.kind)
    ]
    assert len(wrong) <= 0.01 * len(said), wrong


@pytest.mark.parametrize("split", ["seen", "phrasing", KIND_SPLIT])
def test_instructions_of_the_suites_are_commands(split: str) -> None:
    for number in range(250):
        reading = draw_reading(np.random.default_rng([11, number]), split)
        intent = reading.turns[0].call.arguments["intent"]
        kind = kind_of(reading.instruction)
        assert kind in ("command", "question"), reading.instruction
        if intent.startswith(MOVES):
            assert kind == "command", reading.instruction


@pytest.mark.parametrize(
    ("words", "arm", "base"),
    [
        ("press the red button", True, True),
        ("is the red button pressed?", False, True),
        ("hello there", False, False),
        ("stop", False, False),
        ("don't press the red button", False, False),
    ],
)
def test_only_commands_move_the_arm(words: str, arm: bool, base: bool) -> None:
    gate = cautious_gate()
    gate.instruct(words)
    call = ToolCall("press", {"button": "red button"}, "c")
    assert (gate.check(call, ARM) == "") == arm
    assert (gate.check(call, BASE) == "") == base
    assert gate.check(call, ToolTraits(harmless=True)) == ""
