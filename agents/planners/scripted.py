"""A planner that is NOT a language model: patterns turn a plain instruction into calls.

It tries the whole loop without a model, and says what the tools and skills alone can do. Failed
calls are tried again a few times; what fits no pattern it says it cannot do.
"""

from collections.abc import Sequence

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.instruction_parser import parse
from handeye.agents.core.planner import Done, Step
from handeye.agents.planners.scripted_rooms import Plan, plan_of

TRIES = 3  # The whole plan is tried at most so often.
FROM_THE_START = ("hand_empty", "hand_full", "beside")
"""Causes of a failure after which the whole plan is begun anew."""


class ScriptedPlanner:
    """Follows what `parse` reads, one call after the other."""

    planner_id = "scripted (no language model)"
    usage = Usage()

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Read the instruction; nothing is random here."""
        self._plan, self._next, self._tries, self._count = parse(instruction), 0, 1, 0
        self._drives = any(tool.traits.moves == "base" for tool in tools)
        self._way = plan_of(instruction) if self._drives else None

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The plan's next call; after a failure from where it makes sense again."""
        if not (self._way if self._drives else self._plan):
            return Done("cannot", "the instruction fits none of the patterns")
        if self._way is not None:
            return self._driven(self._way, history)
        if history and not history[-1].result.ok:
            self._tries += 1
            if self._tries > TRIES:
                return Done("failure", history[-1].result.reason)
            anew = history[-1].result.cause in FROM_THE_START
            self._next = 0 if anew else self._next - 1
        if self._next == len(self._plan):
            return Done("success")
        tool, arguments = self._plan[self._next]
        self._next, self._count = self._next + 1, self._count + 1
        return ToolCall(tool, arguments, f"call_{self._count}")

    def _driven(self, way: Plan, history: Sequence[Step]) -> ToolCall | Done:
        try:
            tool, arguments = way.send(history[-1].result) if history else next(way)
        except StopIteration as end:
            return Done(*end.value)
        self._count += 1
        return ToolCall(tool, arguments, f"call_{self._count}")
