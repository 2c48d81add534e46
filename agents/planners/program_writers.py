"""Writers of the programs of `VoyagerPlanner`: a language model, or templates that are none."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from handeye.agents.core.conversation import Message, ToolCall, ToolSpec, Usage
from handeye.agents.core.instruction_parser import parse
from handeye.agents.core.scene_notes import SceneNotes
from handeye.agents.core.strict_json import parse_json
from handeye.agents.core.success_detector import statement_of
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.language_models.language_model import LanguageModel
from handeye.agents.language_models.text_tool_calls import tell_tools
from handeye.agents.planners.react import read_prompt
from handeye.agents.planners.skill_library import Skill

MAX_TOKENS = 1024
TEXT, LINES = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
FIELDS: dict[str, Any] = {
    "name": TEXT, "description": TEXT, "parameters": LINES, "source": LINES, "expects": TEXT,
    "arguments": LINES,
}  # fmt: skip
DRAFT_SCHEMA = {
    "type": "object", "properties": FIELDS, "required": list(FIELDS), "additionalProperties": False,
}  # fmt: skip


class WrittenSkill(NamedTuple):
    """A skill and what to call it with, or what is wrong with what was written.

    Attributes:
        skill: new, or one that was known.
        arguments: for each parameter its words.
        problem: "" if it can be run.
    """

    skill: Skill
    arguments: Mapping[str, str]
    problem: str = ""


class ProgramWriter(Protocol):
    """Instruction -> program."""

    writer_id: str

    @property
    def usage(self) -> Usage:
        """Tokens so far."""

    def write(
        self,
        instruction: str,
        tools: Sequence[ToolSpec],
        known: Sequence[Skill],
        failures: Sequence[str],
    ) -> WrittenSkill | None:
        """A program for an instruction; None if there is none to be written.

        Args:
            instruction: in words.
            tools: what a program may call.
            known: skills that may do, best first.
            failures: what came of the drafts before, for this instruction.
        """


class ModelWriter:
    """A language model that writes skills as JSON, and may call those that are known."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.writer_id = model.model_id
        self.usage = Usage()

    def write(
        self,
        instruction: str,
        tools: Sequence[ToolSpec],
        known: Sequence[Skill],
        failures: Sequence[str],
    ) -> WrittenSkill | None:
        """Ask once.

        Raises:
            LanguageModelError: the model could not be asked.
        """
        told = [f"Instruction: {instruction}", *(_told(skill) for skill in known)]
        told += [f"A program for it has failed: {failure}" for failure in failures]
        messages = [Message("system", (read_prompt("voyager"),)), Message("user", tuple(told))]
        reply = self._model.reply(
            tell_tools(messages, tools), schema=DRAFT_SCHEMA, max_tokens=MAX_TOKENS
        )
        self.usage = Usage(
            self.usage.input_tokens + reply.usage.input_tokens,
            self.usage.output_tokens + reply.usage.output_tokens,
        )
        try:
            fields = parse_json(reply.text)
        except ValueError as error:
            return WrittenSkill(Skill("", "", (), ()), {}, f"the reply was no JSON object: {error}")
        if not isinstance(fields, dict):
            return WrittenSkill(Skill("", "", (), ()), {}, "the reply was no JSON object")
        return self._draft(fields, {skill.name: skill for skill in known})

    def _draft(self, fields: Mapping[str, Any], known: Mapping[str, Skill]) -> WrittenSkill:
        texts = {name: str(fields.get(name, "")) for name in ("name", "description", "expects")}
        lists = {name: fields.get(name) or [] for name in ("parameters", "source", "arguments")}
        if not all(isinstance(value, list) for value in lists.values()):
            return WrittenSkill(
                Skill("", "", (), ()), {}, "parameters, source and arguments are lists"
            )
        parts = {name: tuple(map(str, value)) for name, value in lists.items()}
        skill = Skill(
            texts["name"],
            texts["description"],
            parts["parameters"],
            parts["source"],
            texts["expects"],
            self.writer_id,
        )
        skill = skill if skill.source else known.get(skill.name, skill)
        if len(parts["arguments"]) != len(skill.parameters):
            return WrittenSkill(skill, {}, f"{skill.name} takes {len(skill.parameters)} arguments")
        return WrittenSkill(skill, dict(zip(skill.parameters, parts["arguments"], strict=True)))


def _told(skill: Skill) -> str:
    shown = {"name": skill.name, "description": skill.description}
    return "A skill that you know: " + json.dumps(
        {**shown, "parameters": skill.parameters, "source": skill.source}
    )


class TemplateWriter:
    """NOT a language model: the calls that patterns find in an instruction, made a program.

    It stands in where no model is at hand, so that the whole loop can be tried without one.
    """

    writer_id = "templates (no language model)"
    usage = Usage()

    def write(
        self,
        instruction: str,
        tools: Sequence[ToolSpec],
        known: Sequence[Skill],
        failures: Sequence[str],
    ) -> WrittenSkill | None:
        """A known skill of the same calls, else a new one; after a failure one that tries twice."""
        calls = parse(instruction)
        if not calls:
            return None
        slots = [(tool, name, words) for tool, given in calls for name, words in given.items()]
        arguments = {name: words for _, name, words in slots}
        name = "do_" + "_then_".join(tool for tool, _ in calls) + "_retrying" * bool(failures)
        for skill in known:
            if skill.name == name:
                return WrittenSkill(skill, arguments)
        lines = [f"{tool}({', '.join(given)})" for tool, given in calls]
        if failures:
            lines = [line for call in lines for line in _twice(call)]
        skill = Skill(
            name,
            description=instruction,
            parameters=tuple(arguments),
            source=tuple(lines),
            expects=_expected(calls, tools),
            writer=self.writer_id,
        )
        return WrittenSkill(skill, arguments)


def _twice(call: str) -> tuple[str, ...]:
    return (f"result = {call}", "if not result['ok']:", f"    {call}")


def _expected(calls: Sequence[tuple[str, Mapping[str, str]]], tools: Sequence[ToolSpec]) -> str:
    """Return what is so after the last call, its objects named by parameters; "" if unseen."""
    tool, given = calls[-1]
    if "side" in given:  # the relation depends on the argument
        return ""
    held = "{target}" if calls[0][0] == "pick" and len(calls) > 1 else ""
    traits = next((spec.traits for spec in tools if spec.name == tool), ToolTraits())
    call = ToolCall(tool, {name: f"{{{name}}}" for name in given}, "")
    return statement_of(call, traits, SceneNotes((), held))
