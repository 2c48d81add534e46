"""A baseline that knows the grammar of calls and nothing else: any valid call, at random.

Its words are those that a planner could copy: spans of the instruction and handles it was told.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import DONE, Done, Step, decision_of
from handeye.agents.core.scene_notes import handles_told

LONGEST_SPAN = 4  # A name has at most so many words of the instruction.
LARGEST = 10  # The largest whole number that is drawn.
RANDOM_CALLS = 0xCA11  # The purpose of its generator.


class RandomPlanner:
    """Each tool as likely as the other, `done` among them; each argument uniform as well."""

    planner_id = "random-valid (baseline)"
    usage = Usage()

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Learn the tools and the words."""
        self._tools = (*tools, DONE.spec)
        self._spans = spans(instruction)
        self._rng = np.random.default_rng([seed, RANDOM_CALLS])

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """Any valid call."""
        words = [*self._spans, *handles_told(history)]
        tool = self._tools[int(self._rng.integers(len(self._tools)))]
        arguments = {
            name: self._value(schema, words)
            for name, schema in tool.parameters["properties"].items()
        }
        return decision_of(ToolCall(tool.name, arguments, f"call_{len(history) + 1}"))

    def _value(self, schema: Mapping[str, Any], words: Sequence[str]) -> Any:
        """A value that the schema of `tools.schema_of` allows."""
        if "anyOf" in schema:
            options = schema["anyOf"]
            return self._value(options[int(self._rng.integers(len(options)))], words)
        if "enum" in schema:
            return schema["enum"][int(self._rng.integers(len(schema["enum"])))]
        kind = schema["type"]
        if kind == "string":
            return words[int(self._rng.integers(len(words)))] if words else ""
        if kind == "array":
            return [self._value(schema["items"], words) for _ in range(self._rng.integers(1, 4))]
        if kind == "boolean":
            return bool(self._rng.integers(2))
        if kind == "integer":
            return int(self._rng.integers(LARGEST + 1))
        return float(self._rng.uniform()) if kind == "number" else None


def spans(instruction: str) -> list[str]:
    """Every run of one to `LONGEST_SPAN` words of an instruction, each once."""
    words = re.findall(r"[\w'-]+", instruction.lower())
    return list(
        dict.fromkeys(
            " ".join(words[start : start + length])
            for length in range(1, LONGEST_SPAN + 1)
            for start in range(len(words) - length + 1)
        )
    )
