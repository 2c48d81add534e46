from typing import NamedTuple

import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Done
from handeye.agents.core.tools import Toolbox, ToolResult
from handeye.agents.intents.intent import read_intent
from handeye.agents.intents.script import Calls
from handeye.agents.intents.table_script import TableScript
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop import tabletop_tools
from handeye.agents.tools.vision import vision_tools
from handeye.envs.base.colours import COLOURS
from handeye.envs.core.simulated_user import Unclear
from handeye.envs.tabletop.world.language import KIND_WORDS
from handeye.experiments.traces.symbolic_context import SymbolicContext
from handeye.experiments.traces.symbolic_tabletop import (
    NO_MISHAPS,
    FailureRates,
    SymbolicObject,
    SymbolicTabletop,
)
from handeye.experiments.traces.table_drafts import standing

THINGS = (
    ("block", "red", "large", (0.44, -0.1)), ("block", "green", "small", (0.54, 0.1)),
    ("star", "green", "small", (0.44, 0.1)), ("star", "red", "small", (0.54, -0.1)),
    ("bowl", "blue", "", (0.64, -0.1)), ("zone", "pink", "", (0.64, 0.3)),
    ("button", "cyan", "", (0.44, 0.3)), ("button", "red", "", (0.54, 0.3)),
    ("drawer", "yellow", "", (0.36, -0.25)), ("plate", "red", "", (0.64, 0.1)),
)  # fmt: skip
MOVING = {"pick", "press", "open_drawer", "close_drawer", "push_to"}


class Played(NamedTuple):
    """An intent that was carried out on a table of paper."""

    done: Done
    table: SymbolicTabletop
    calls: list[str]

    def seat(self, name: str) -> str:
        """What an object is in or on, by name."""
        thing = next(t for t in self.table.things if t.spec.name == name)
        held = thing.inside if thing.inside >= 0 else thing.on
        if held >= 0:
            return self.table.things[held].spec.name
        zones = [i for i, t in enumerate(self.table.things) if t.spec.kind == "zone"]
        index = self.table.things.index(thing)
        return "".join(
            self.table.things[i].spec.name for i in zones if self.table.stands_in(index, i)
        )


def play(
    intent: str,
    *,
    unclear: Unclear | None = None,
    mishaps: FailureRates = NO_MISHAPS,
    seed: int = 0,
) -> Played:
    """Carry an intent out."""
    table = SymbolicTabletop(mishaps)
    specs = [standing(*thing) for thing in THINGS]
    table.lay([SymbolicObject(s, np.array(s.position_m[:2])) for s in specs], "go", unclear)
    gate = SafetyGate()
    robot = Robot(table, max_steps=10_000, guard=gate.check_motion)
    robot.reset(seed)
    bench = SymbolicContext(robot, table)
    box = Toolbox([*tabletop_tools(bench), *vision_tools(bench)], gate)
    calls: list[str] = []
    return Played(_followed(TableScript(read_intent(intent)).run(), box, calls), table, calls)


def _followed(script: Calls[Done], box: Toolbox, calls: list[str]) -> Done:
    result: ToolResult | None = None
    while True:
        try:
            asked: ToolCall = next(script) if result is None else script.send(result)
        except StopIteration as end:
            done: Done = end.value
            return done
        calls.append(asked.name)
        result = box.call(asked)


@pytest.mark.parametrize(
    ("intent", "seats"),
    [
        ("put [green star] in [blue bowl]", ("bowl", "")),
        ("put [all star] in [bowl]", ("bowl", "bowl")),
        ("put [all star but red star] on [zone]", ("zone", "")),
        ("put [any star] on [red block]; put [it] in [plate]", ("plate", "")),
        ("stack [red block], [green star]", ("block", "")),
        ("put [red star] in [container coloured like it]", ("", "plate")),
        ("put [green star] in [drawer]; close [drawer]", ("drawer", "")),
        ("put [star] in [bowl] as many as [block]", ("bowl", "bowl")),
        ("if there is [blue star] { hold [it] } else { put [red star] on [zone] }", ("", "zone")),
        ("put [red star] in [bowl]; put [green star] on [zone]; swap [red star] with [green star]",
         ("bowl", "zone")),
        ("put [red star] on [red block]; put [red block] on [zone]", ("", "block")),
        ("put [red star] on [zone]; put [all thing on zone] off [zone]", ("", "")),
        ("put [red star] in [bowl]; put [all thing in bowl] in [plate]", ("", "plate")),
        ("push [green star] to [pink zone]", ("zone", "")),
        ("put [small green thing but block] in [bowl]", ("bowl", "")),
    ],
)  # fmt: skip
def test_things_come_to_be_where_the_intent_says(intent: str, seats: tuple[str, str]) -> None:
    """The seats are those of the green and the red star."""
    played = play(intent)
    assert played.done == Done("success", "")
    found = (played.seat("small_green_star"), played.seat("small_red_star"))
    assert tuple(name.rpartition("_")[2] for name in found) == seats


def test_buttons_are_pressed_as_often_and_in_the_order_told() -> None:
    played = play("press [cyan button], [red button]; press [cyan button] 2 times")
    presses = {t.spec.name: t.presses for t in played.table.things if t.spec.kind == "button"}
    assert presses == {"_cyan_button": 3, "_red_button": 1}
    assert (
        play("press [button coloured like red star] as often as [block]").calls[-2:]
        == ["press"] * 2
    )


@pytest.mark.parametrize(
    ("intent", "answer"),
    [
        ("tell count [star]", "2"),
        ("tell count [red thing]", "4"),
        ("tell colour [bowl]", "blue"),
        ("tell kind [large thing]", "block"),
        ("tell more [star] or [bowl]", "stars"),
        ("tell whether there is [blue star]", "no"),
        ("tell whether same colour [green star] and [green block]", "yes"),
        ("tell whether open [drawer]", "no, it is closed"),
        ("put [red star] in [bowl]; tell where [red star]", "in the blue bowl"),
        ("tell excess [block] over [bowl]; tell whether more than 1 [star]", "1; yes"),
    ],
)
def test_what_is_asked_is_told(intent: str, answer: str) -> None:
    played = play(intent)
    assert played.done == Done("success", answer)
    assert bool(MOVING & set(played.calls)) == intent.startswith("put")


@pytest.mark.parametrize(
    ("intent", "why"),
    [
        ("put [purple star] in [bowl]", "there is no purple star"),
        ("press [cyan button]; put [red star] in [green bowl]", "there is no green bowl"),
        ("put [3 star] in [bowl]", "there are 2 of star, not 3"),
        ("put [bowl] in [plate]", "cannot take hold of the blue bowl"),
        ("at once { put [red star] in [bowl]; put [red star] in [plate] }", "two places at once"),
        ("at once { put [red block] on [green block]; put [green block] on [red block] }",
         "cannot be on"),
        ("at once { open [drawer]; close [drawer] }", "open and closed at once"),
        ("go to [kitchen]", "does not drive"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_before_anything_moves(intent: str, why: str) -> None:
    played = play(intent)
    assert played.done.claim == "cannot"
    assert why in played.done.answer
    assert not MOVING & set(played.calls)


def test_what_is_unclear_is_asked_once() -> None:
    unclear = Unclear("star", "the red one", tuple(COLOURS), tuple(KIND_WORDS))
    played = play("put [star] in [bowl]; put [star] on [zone]", unclear=unclear)
    assert played.done.claim == "success"
    assert played.calls.count("ask_user") == 1
    assert played.seat("small_red_star") == "_pink_zone"
    assert played.seat("small_green_star") == ""


def test_what_stays_unclear_moves_nothing() -> None:
    played = play("put [star] in [bowl]")
    assert played.done.claim == "cannot"
    assert "which star is meant is not clear" in played.done.answer
    assert not MOVING & set(played.calls)


def test_what_goes_wrong_is_tried_again() -> None:
    often = FailureRates(missed=0.3, dropped=0.2, toppled=0.2, unseen=0.0, overlooked=0.0)
    intent = "put [all star] in [bowl]; put [green block] on [red block]"
    played = [play(intent, mishaps=often, seed=seed) for seed in range(12)]
    succeeded = [p for p in played if p.done.claim == "success"]
    assert len(succeeded) >= 9
    for one in succeeded:  # it claims what is so
        assert one.seat("small_red_star") == one.seat("small_green_star") == "_blue_bowl"
        assert one.seat("small_green_block") == "large_red_block"
