"""What scripts of both worlds share: they yield calls, are sent results, and end with a claim."""

from collections.abc import Generator
from typing import TypeVar

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Done
from handeye.agents.core.tools import ToolResult

T = TypeVar("T")
Calls = Generator[ToolCall, ToolResult, T]
"""Yields calls, each of which is sent what came of it; returns a `T`."""

GIVE_UP = ("over", "denied")  # Causes after which nothing is tried again.


class Ended(Exception):
    """The script is over before its last step.

    Attributes:
        done: what to claim.
    """

    def __init__(self, done: Done) -> None:
        super().__init__(done.answer)
        self.done = done


def call(name: str, **arguments: str) -> ToolCall:
    """A call that is not numbered yet."""
    return ToolCall(name, arguments, "")


def cannot(reason: str) -> Ended:
    """End: what is asked for cannot be done."""
    return Ended(Done("cannot", reason))


def failed(result: ToolResult) -> Ended:
    """End: it was tried in vain; or it must not be tried, and the gate has said why."""
    return Ended(Done("cannot" if result.cause == "denied" else "failure", result.reason))


def listed(names: list[str], joint: str = "and") -> str:
    """Such as "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joint} {names[-1]}"
