"""A new tool is one typed function: gates, notes, grammar and judges read its traits."""

import pytest

from handeye.agents.core import result_text as told
from handeye.agents.core.conversation import Message, ToolCall, ToolSpec
from handeye.agents.core.planner import Step
from handeye.agents.core.scene_notes import scene_notes
from handeye.agents.core.success_detector import success_check
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import Tool, Toolbox, ToolResult
from handeye.agents.embedded.call_grammar import call_grammar
from handeye.agents.planners.saycan import is_skill
from handeye.agents.safety.default_gate import cautious_gate
from handeye.experiments.oracles.call_monitor import CallMonitor
from tests.agents.builders import PLANNER_TOOLS


@ToolTraits(
    moves="arm", hand="full", names=("hook",), in_plans="step", spoken_of=("hang",),
    achieves="the {held} hangs on the {hook}",
)  # fmt: skip
def hang(hook: str) -> ToolResult:
    """Hang what the hand holds on a hook.

    Args:
        hook: words that fit one hook.
    """
    return ToolResult(True, f"it hangs on the {hook}", data={"held": ""})


@ToolTraits(harmless=True)
def listen() -> ToolResult:
    """Listen."""
    return ToolResult(True, "it is quiet")


def undeclared() -> ToolResult:
    """Do something of which nothing is known."""
    return ToolResult(True, "done")


HANG = Tool.of(hang)
CALL = ToolCall("hang", {"hook": "hook"}, "1")


@pytest.mark.parametrize(
    ("instruction", "denied"),
    [("hang the cup up", set()), ("smash the cup", {"hang", "undeclared"})],
)
def test_the_gate_lets_a_new_tool_act_only_where_acting_is_allowed(
    instruction: str, denied: set[str]
) -> None:
    gate = cautious_gate()
    gate.instruct(instruction)
    box = Toolbox(map(Tool.of, (hang, listen, undeclared)), gate)
    calls = [CALL, ToolCall("listen", {}, "2"), ToolCall("undeclared", {}, "3")]
    assert {call.name for call in calls if box.call(call).cause == "denied"} == denied


def test_notes_and_success_checks_follow_a_new_tool() -> None:
    taken = ToolResult(True, "", data={"held": "red cup", "taken": "red cup"})
    history = [Step(ToolCall("fetch", {}, "0"), taken)]
    before = scene_notes(history)
    assert before.held == "red cup"
    tools = [HANG.spec, *PLANNER_TOOLS]
    asked = success_check(CALL, before, tools, "id")
    assert asked == ToolCall("verify", {"statement": "the red cup hangs on the hook"}, "id")
    history.append(Step(CALL, HANG.function(**CALL.arguments)))
    assert scene_notes(history).held == ""
    assert is_skill(HANG.spec)


def test_the_grammar_and_the_judge_know_what_hand_a_new_tool_needs() -> None:
    empty = (Message("user", ("Instruction: hang the cup on the hook",)),)
    picked = (
        Message("assistant", (), (ToolCall("pick", {"target": "cup"}, "1"),)),
        Message("tool", ("ok: it is in the hand",), call_id="1"),
    )
    assert '\\"name\\": \\"hang\\"' not in call_grammar([*PLANNER_TOOLS, HANG.spec], empty)
    assert '\\"name\\": \\"hang\\"' in call_grammar([*PLANNER_TOOLS, HANG.spec], (*empty, *picked))


def test_a_judge_reads_what_a_new_tool_presupposes() -> None:
    class Judge:
        def violates(self, tool: ToolSpec, bench: object) -> bool:
            return tool.traits.hand == "full"

        def unreal(self, tool: ToolSpec, arguments: object, bench: object) -> bool:
            return "hook" in tool.traits.acted_on

        def verdict(self, tool: ToolSpec, arguments: object, bench: object) -> None:
            return None

    monitor = CallMonitor(Judge())
    monitor.around(HANG, None).function(hook="hook")
    assert (monitor.violations, monitor.hallucinated) == (1, 1)


def test_traits_of_a_parameter_that_there_is_not_are_our_mistake() -> None:
    @ToolTraits(names=("target",))
    def odd(thing: str) -> ToolResult:
        """Do something odd.

        Args:
            thing: what to.
        """
        return ToolResult(True, thing)

    with pytest.raises(TypeError, match="no parameter 'target'"):
        Tool.of(odd)


def test_every_sentence_about_the_hand_is_read_as_it_is_meant() -> None:
    empty = (told.LET_GO, told.LET_GO_BESIDE, told.LOST, told.NOTHING_TO_PLACE, told.HAND_EMPTY)
    assert {told.holds_after(words) for words in empty} == {False}
    full = (told.ALREADY_FULL, told.HAND_FULL, told.hand_holds("cup"))
    assert {told.holds_after(words) for words in full} == {True}
    assert told.holds_after(told.hand_holds("")) is False
    assert told.holds_after("the hand has moved") is None
