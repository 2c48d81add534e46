"""A planner that is told after each skill what came of it, before its model is asked again.

Huang et al. 2022, arXiv:2207.05608. Feedback is calls of the same tools as any other, made by a
rule instead of the model, seen by the gate and kept in the transcript:
- success detector: after each skill, `check` or `verify` whether it succeeded;
- scene description: at the start and after each failure, `detect` what is in view;
- human: where words fit several things, `ask_user` which of them is meant.
"""

from collections.abc import Sequence

from handeye.agents.core.conversation import FEEDBACK, ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Planner, Step
from handeye.agents.core.scene_notes import EVERYTHING, scene_notes
from handeye.agents.core.success_detector import success_check


class InnerMonologuePlanner:
    """Puts feedback between the calls of a planner that reads results.

    Args:
        inner: who plans; calls that it did not make must be told to it as any others.
    """

    def __init__(self, inner: Planner) -> None:
        self._inner = inner
        self.planner_id = f"inner-monologue over {inner.planner_id}"

    @property
    def usage(self) -> Usage:
        """Tokens of the planner within."""
        return self._inner.usage

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Start an instruction, with a description of the scene."""
        self._tools = tuple(tools)
        self._count = 0
        self._waiting: list[ToolCall] = []
        self._asked: set[str] = set()
        self._given: ToolCall | None = None  # the feedback that was asked for last
        self._add("detect", words=EVERYTHING)
        self._inner.reset(instruction, tools, seed)

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """Feedback on the last call first, then what the planner within says."""
        if history and history[-1].call != self._given:
            self._react_to(history)
        self._given = self._waiting.pop(0) if self._waiting else None
        return self._given or self._inner.next_call(history)

    def _react_to(self, history: Sequence[Step]) -> None:
        """Line up the feedback on the last step."""
        call, result = history[-1]
        if result.cause == "ambiguous":
            self._ask_which(call)
            return
        asked = success_check(
            call, scene_notes(history[:-1]), self._tools, f"{FEEDBACK}{self._count + 1}"
        )
        if asked is not None and not call.problem:
            self._count += 1
            self._waiting.append(asked)
        if not result.ok:
            self._add("detect", words=EVERYTHING)

    def _ask_which(self, call: ToolCall) -> None:
        """Ask the user once about each words that fit several things."""
        for words in map(str, call.arguments.values()):
            if words not in self._asked:
                self._asked.add(words)
                self._add("ask_user", question=f"Which {words.removeprefix('the ')} do you mean?")
                return

    def _add(self, tool: str, **arguments: str) -> None:
        if any(spec.name == tool for spec in self._tools):
            self._count += 1
            self._waiting.append(ToolCall(tool, arguments, f"{FEEDBACK}{self._count}"))
