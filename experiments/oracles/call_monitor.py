"""Counts the calls of an agent and compares them with the simulator's state.

Nothing of what is noted here reaches the agent.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from handeye.agents.core.conversation import ToolSpec
from handeye.agents.core.tools import Tool, ToolResult
from handeye.experiments.records.agent import Confusion

Wrap = Callable[[Tool, Any], Tool]
"""(a tool, what the tools share) -> the same tool with something done around its calls."""


class CallChecks(Protocol):
    """What is so in a world, asked about calls; one for each environment."""

    def violates(self, tool: ToolSpec, bench: Any) -> bool:
        """Whether a call of the tool is against what it presupposes, such as an empty hand."""

    def unreal(self, tool: ToolSpec, arguments: Mapping[str, Any], bench: Any) -> bool:
        """Whether the call acts on a thing that is not in the scene."""

    def verdict(self, tool: ToolSpec, arguments: Mapping[str, Any], bench: Any) -> bool | None:
        """Whether what a success check asks about is so; None where the call is no such check."""


class CallMonitor:
    """Counts over one episode; `around` is put around every tool.

    Args:
        truth: of the environment.

    Attributes:
        made: calls so far.
        violations: calls against what they presuppose.
        hallucinated: calls that act on what is not there.
        checks: what success checks said, against the truth.
    """

    def __init__(self, truth: CallChecks) -> None:
        self._truth = truth
        self.made = self.violations = self.hallucinated = 0
        self.checks = Confusion()

    def around(self, tool: Tool, bench: Any) -> Tool:
        """The tool, watched; calls that programs make are seen as well."""

        def watched(**arguments: Any) -> ToolResult:
            """Call the tool and count what the truth says of the call."""
            self.made += 1
            self.violations += self._truth.violates(tool.spec, bench)
            self.hallucinated += self._truth.unreal(tool.spec, arguments, bench)
            result = tool.function(**arguments)
            so = self._truth.verdict(tool.spec, arguments, bench)
            if so is not None:
                self.checks = self.checks.plus(Confusion.of(result.ok, so))
            return result

        return Tool(tool.spec, watched)


class TrueChecks:
    """Success checks that say what is so: the ladder's rung of checking, an oracle."""

    def __init__(self, truth: CallChecks) -> None:
        """Check by `truth`."""
        self._truth = truth

    def around(self, tool: Tool, bench: Any) -> Tool:
        """The tool; a success check answers by the truth, where that is known."""

        def checked(**arguments: Any) -> ToolResult:
            """Call the tool and put the truth in place of a wrong verdict."""
            result = tool.function(**arguments)
            so = self._truth.verdict(tool.spec, arguments, bench)
            if so is None or so == result.ok:
                return result
            return ToolResult(so, f"it is {'so' if so else 'not so'}", result.image)

        return Tool(tool.spec, checked)
