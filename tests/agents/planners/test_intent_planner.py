from collections.abc import Sequence
from typing import Any

import pytest

from handeye.agents.core.conversation import Message, Reply, ToolCall, Usage
from handeye.agents.core.planner import PLAN, Done, Step
from handeye.agents.core.tools import ToolResult
from handeye.agents.intents.intent import FORMS
from handeye.agents.planners.intent_planner import CARRY_OUT, IntentPlanner
from handeye.agents.tools.rooms import rooms_tools


class Model:
    """Says what it was told to say."""

    model_id = "rigged"

    def __init__(self, *intents: str, least_likely: float = 1.0) -> None:
        self.intents, self.least_likely = list(intents), least_likely
        self.asked: list[list[Message]] = []

    def reply(self, messages: Sequence[Message], tools: Any = (), **_: Any) -> Reply:
        """The next of its replies."""
        self.asked.append(list(messages))
        text = self.intents.pop(0)
        call = ToolCall(CARRY_OUT.spec.name, {"intent": text}, "call_1")
        calls = (call,) if text else ()
        return Reply("" if text else "hm", calls, usage=Usage(3, 2), least_likely=self.least_likely)


def planner(*intents: str) -> tuple[IntentPlanner, Model]:
    """A planner with a rigged model, at the start of an instruction."""
    model = Model(*intents)
    made = IntentPlanner(model)  # type: ignore[arg-type]
    made.reset("press it", (), 0)
    return made, model


def test_the_model_is_asked_once_and_code_does_the_rest() -> None:
    made, model = planner("press [red button]")
    first = made.next_call([])
    assert isinstance(first, ToolCall)
    assert (first.name, first.call_id) == ("describe", "call_1")
    second = made.next_call([Step(first, ToolResult(True, "red button"))])
    assert isinstance(second, ToolCall)
    assert (second.name, second.call_id) == ("detect", "call_2")
    assert len(model.asked) == 1
    assert made.usage == Usage(3, 2)


def test_the_model_is_told_the_language_and_the_instruction() -> None:
    made, model = planner("press [red button]")
    made.next_call([])
    system, user = model.asked[0]
    assert all(form in str(system.parts) for form in FORMS if not form.startswith("if "))
    assert "press it" in str(user.parts)


def test_what_is_no_intent_is_written_anew() -> None:
    made, model = planner("push everything", "", "press [red button]")
    assert isinstance(made.next_call([]), ToolCall)
    assert len(model.asked) == 3
    assert "is no step; there are" in str(model.asked[1][-1].parts)


def test_a_model_that_never_says_what_is_meant_ends_in_failure() -> None:
    made, _ = planner("one", "two", "three")
    done = made.next_call([])
    assert isinstance(done, Done)
    assert done.claim == "failure"
    assert "did not understand" in done.answer


def test_what_is_meant_is_written_down_first() -> None:
    made = IntentPlanner(Model("press [red button]"))  # type: ignore[arg-type]
    made.reset("press it", (PLAN.spec,), 0)
    first = made.next_call([])
    assert isinstance(first, ToolCall)
    assert (first.name, first.arguments) == ("plan", {"steps": "press [red button]"})
    second = made.next_call([Step(first, ToolResult(True, "noted"))])
    assert isinstance(second, ToolCall)
    assert (second.name, second.call_id) == ("describe", "call_2")


@pytest.mark.parametrize(("likely", "claim"), [(0.9, "success"), (0.1, "failure")])
def test_success_is_claimed_of_what_was_read_for_sure(likely: float, claim: str) -> None:
    made = IntentPlanner(Model("tell count [block]", least_likely=likely))  # type: ignore[arg-type]
    made.reset("how many blocks are there", (), 0)
    history: list[Step] = []
    while not isinstance(decided := made.next_call(history), Done):
        history.append(Step(decided, ToolResult(True, "red block", data={"objects": []})))
    assert decided == Done(claim, "0")  # type: ignore[arg-type]


@pytest.mark.parametrize(("drives", "first"), [(False, "describe"), (True, "go_back")])
def test_the_tools_tell_which_robot_it_is(drives: bool, first: str) -> None:
    made = IntentPlanner(Model("go back"))  # type: ignore[arg-type]
    context: Any = None
    specs = [t.spec for t in rooms_tools(context)] if drives else []
    made.reset("come back", specs, 0)
    call = made.next_call([])
    assert isinstance(call, ToolCall)
    assert call.name == first
