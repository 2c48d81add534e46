"""Tools: typed functions that a planner may call, and the closed list of them.

A tool is one function with a Google docstring; its schema is read off both. What a model does wrong
comes back to it as text; exceptions of our own code propagate.
"""

import difflib
import inspect
import math
import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

from handeye.agents.conversation import Image, ToolCall, ToolSpec
from handeye.agents.robot import CannotDo

MAX_TEXT_CHARS = 500  # of one string argument
MAX_ITEMS = 50  # of one list argument
JSON_TYPES: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
ARGUMENT = re.compile(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class ToolResult:
    """What a tool answers.

    Attributes:
        ok: whether it did what was asked.
        reason: what came of it, in words.
        image: a picture to look at.
        data: the same as plain values, for programs.
    """

    ok: bool
    reason: str
    image: Image | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


class ToolGate(Protocol):
    """Decides about every call before it is carried out."""

    def check(self, call: ToolCall) -> str:
        """Why the call is denied, or ""."""


@dataclass(frozen=True)
class Tool:
    """A function a planner may call.

    Attributes:
        spec: what a language model is told.
        function: takes the arguments by name.
        hints: type of each argument.
        required: arguments without a default.
    """

    spec: ToolSpec
    function: Callable[..., ToolResult]
    hints: Mapping[str, Any]
    required: frozenset[str]

    @classmethod
    def of(cls, function: Callable[..., ToolResult], *bound: object) -> "Tool":
        """A tool from a typed function; `bound` fills its first parameters, which stay hidden.

        Raises:
            TypeError: a parameter without a hint or a description, or of a type no tool takes.
        """
        parameters = list(inspect.signature(function).parameters.values())[len(bound) :]
        hints = get_type_hints(function)
        doc = inspect.getdoc(function) or ""
        summary, _, rest = doc.partition("\n\nArgs:\n")
        said = {name: " ".join(text.split()) for name, text in ARGUMENT.findall(rest)}
        properties, required = {}, []
        for parameter in parameters:
            name = parameter.name
            if name not in hints or name not in said:
                raise TypeError(
                    f"{function.__name__}: parameter {name!r} needs a type hint and a line under "
                    "Args: in the docstring"
                )
            properties[name] = {**schema_of(hints[name]), "description": said[name]}
            if parameter.default is inspect.Parameter.empty:
                required.append(name)
            else:
                properties[name]["default"] = parameter.default
        schema = {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }
        spec = ToolSpec(function.__name__, " ".join(summary.split()), schema)

        def carry_out(**arguments: object) -> ToolResult:
            return function(*bound, **arguments)

        shown = {name: hints[name] for name in properties}
        return cls(spec, carry_out, shown, frozenset(required))

    def mistake_in(self, arguments: Mapping[str, Any]) -> str:
        """What is wrong with the arguments, or ""."""
        unknown = [name for name in arguments if name not in self.hints]
        if unknown:
            return f"{self.spec.name} has no argument {unknown[0]!r}; it takes {self._usage()}"
        missing = sorted(self.required - set(arguments))
        if missing:
            return f"{self.spec.name} needs {', '.join(missing)}; it takes {self._usage()}"
        for name, value in arguments.items():
            problem = misfit(value, self.hints[name])
            if problem:
                return f"{self.spec.name}: {name} {problem}"
        return ""

    def _usage(self) -> str:
        names = (n if n in self.required else f"{n} (optional)" for n in self.hints)
        return ", ".join(names) or "no arguments"


class Toolbox:
    """The closed list of tools; every call passes the gate first.

    Args:
        tools: each name once.
        gate: decides about every call.
    """

    def __init__(self, tools: Iterable[Tool], gate: ToolGate) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            if tool.spec.name in self._tools:
                raise ValueError(f"two tools are called {tool.spec.name!r}; rename one")
            self._tools[tool.spec.name] = tool
        self._gate = gate

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What a language model is told of the tools."""
        return tuple(tool.spec for tool in self._tools.values())

    def call(self, call: ToolCall) -> ToolResult:
        """Carry out a call, or say in words why not."""
        problem = self.mistake_in(call) or self._gate.check(call)
        if problem:
            return ToolResult(False, problem)
        try:
            return self._tools[call.name].function(**call.arguments)
        except CannotDo as stopped:
            return ToolResult(False, str(stopped))

    def mistake_in(self, call: ToolCall) -> str:
        """What the model did wrong in writing the call, or ""."""
        if call.problem:
            return call.problem
        if call.name not in self._tools:
            return unknown_tool(call.name, self._tools)
        return self._tools[call.name].mistake_in(call.arguments)


def unknown_tool(name: str, known: Iterable[str]) -> str:
    """What to tell a model that called a tool which does not exist."""
    names = sorted(known)
    near = difflib.get_close_matches(name.casefold(), names, 3, 0.55)
    if near:
        return f"there is no tool {name[:60]!r}. Did you mean {' or '.join(near)}?"
    return f"there is no tool {name[:60]!r}. The tools are: {', '.join(names)}."


def schema_of(hint: Any) -> dict[str, Any]:
    """JSON schema of an argument's type.

    Raises:
        TypeError: a type that no tool takes.
    """
    if hint in JSON_TYPES:
        return {"type": JSON_TYPES[hint]}
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"type": "string", "enum": list(inner)}
    if origin is list:
        return {"type": "array", "items": schema_of(inner[0]), "maxItems": MAX_ITEMS}
    if origin in (Union, types.UnionType) and len(inner) == 2 and type(None) in inner:
        (one,) = (part for part in inner if part is not type(None))
        return {"anyOf": [schema_of(one), {"type": "null"}]}
    raise TypeError(f"no tool takes a {hint}; use str, int, float, bool, Literal, list or X | None")


def misfit(value: object, hint: Any) -> str:
    """Why a value does not fit an argument's type, or ""."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "" if value in inner else f"must be one of {', '.join(inner)}, got {brief(value)}"
    if origin is list:
        if not isinstance(value, list):
            return f"must be a list, got {brief(value)}"
        if len(value) > MAX_ITEMS:
            return f"has {len(value)} items; give at most {MAX_ITEMS}"
        return next(
            (f"[{i}] {bad}" for i, v in enumerate(value) if (bad := misfit(v, inner[0]))), ""
        )
    if origin in (Union, types.UnionType):
        (one,) = (part for part in inner if part is not type(None))
        return "" if value is None else misfit(value, one)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if hint is float:
        fits = number and math.isfinite(value)  # type: ignore[arg-type]
        return "" if fits else f"must be a finite number, got {brief(value)}"
    if hint is int:
        return "" if number and isinstance(value, int) else f"must be whole, got {brief(value)}"
    if not isinstance(value, hint):
        return f"must be a {JSON_TYPES[hint]}, got {brief(value)}"
    if isinstance(value, str) and len(value) > MAX_TEXT_CHARS:
        return f"has {len(value)} characters; give at most {MAX_TEXT_CHARS}"
    return ""


def brief(value: object) -> str:
    """A value as a model may be told it: never long."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
