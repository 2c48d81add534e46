"""The protocol of planners: they read what has happened and decide on the next call, or end."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import Tool, ToolResult
from handeye.policies.policy import Claim


class Done(NamedTuple):
    """The planner's last word.

    Attributes:
        claim: what it believes: the instruction is carried out ("success"), was tried in vain
            ("failure") or should or could not be tried ("cannot").
        answer: to a question in the instruction, or why.
    """

    claim: Claim
    answer: str = ""


class Step(NamedTuple):
    """One call and what came of it."""

    call: ToolCall
    result: ToolResult


class Planner(Protocol):
    """History -> next call. A reply that is no call is a `ToolCall` whose `problem` says so."""

    planner_id: str

    @property
    def usage(self) -> Usage:
        """Tokens since the last reset."""

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Start an instruction."""

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """Return what to do next.

        Raises:
            LanguageModelError: the model behind it could not be asked.
        """


@ToolTraits(harmless=True)
def done(claim: Claim, answer: str = "") -> ToolResult:
    """End the work. Call it when the instruction is carried out, or when it cannot be.

    Args:
        claim: success if it is carried out, failure if all tries failed, cannot if it is
            impossible, unsafe or makes no sense here.
        answer: to a question in the instruction, or the reason.
    """
    return ToolResult(True, f"{claim}: {answer}")


@ToolTraits(harmless=True)
def plan(steps: str) -> ToolResult:
    """Write down what you intend, before the first call that moves something. Nothing moves.

    Args:
        steps: the calls in their order, such as: pick red block; place_in blue bowl; press button.
    """
    return ToolResult(bool(steps.strip()), "noted" if steps.strip() else "write the steps down")


DONE, PLAN = Tool.of(done), Tool.of(plan)


def decision_of(call: ToolCall) -> ToolCall | Done:
    """The call of `done` as what it means; every other call as it is."""
    if call.name != DONE.spec.name or call.problem:
        return call
    problem = DONE.mistake_in(call.arguments)
    return call._replace(problem=problem) if problem else Done(**call.arguments)
