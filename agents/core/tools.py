"""Tools: typed functions that a planner may call, and the closed list of them.

A tool is one function with a Google docstring; its schema is read off both. What a model does wrong
comes back to it as text; exceptions of our own code propagate.
"""

import inspect
import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

from handeye.agents.core.conversation import Image, ToolCall, ToolSpec
from handeye.agents.core.tool_arguments import departure, unknown_tool
from handeye.agents.core.tool_traits import ToolTraits, traits_of

MAX_TEXT_CHARS = 500  # A string argument has at most so many characters.
MAX_ITEMS = 50  # A list argument has at most so many items.
JSON_TYPES: dict[type, str] = {int: "integer", float: "number", bool: "boolean"}
Cause = Literal[
    "", "not_seen", "ambiguous", "unknown_words", "explored", "unreachable", "hand_empty",
    "hand_full", "missed", "lost", "beside", "blocked", "denied", "mistake", "over",
]  # fmt: skip
"""Why a call failed, for programs: what it names is not seen, is several things or is no word of
this world; all is explored without it; there is no way; the hand is empty, or full; the fingers
closed on nothing; something was lost, was let go beside its place, or blocked the way; the gate
denied it; it was written wrongly; the episode is over."""
ARGUMENT = re.compile(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)


class CannotDo(RuntimeError):
    """A tool does not do what it was asked for.

    Args:
        reason: why, in words for the planner.
        cause: why, for programs.
        data: plain values for programs, such as the objects that words fit.
    """

    def __init__(self, reason: str, cause: Cause = "", **data: Any) -> None:
        super().__init__(reason)
        self.data = {"cause": cause, **data} if cause else data


@dataclass(frozen=True, eq=False)
class ToolResult:
    """The answer of a tool.

    Attributes:
        ok: whether it did what was asked.
        reason: what came of it, in words.
        image: a picture to look at.
        data: the same as plain values, for programs. Tools that list objects give "objects", each
            with its "handle" and "name"; those that use the hand give "held", the name of what is
            in it or "", and "taken", the words by which that was picked; failures give "cause".
    """

    ok: bool
    reason: str
    image: Image | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cause(self) -> str:
        """Return why it failed, one of `Cause`."""
        return str(self.data.get("cause", ""))

    @classmethod
    def failed(cls, reason: str, cause: Cause, **data: Any) -> "ToolResult":
        """Return a failure with its cause."""
        return cls(False, reason, data={"cause": cause, **data})


class ToolGate(Protocol):
    """Decides about every call before it is carried out."""

    def check(self, call: ToolCall, traits: ToolTraits) -> str:
        """Return why the call of a tool with such traits is denied, or ""."""

    def heard(self, call: ToolCall, result: ToolResult) -> None:
        """Take in what came of a call that was carried out."""


@dataclass(frozen=True)
class Tool:
    """A function a planner may call.

    Attributes:
        spec: what a language model is told.
        function: takes the arguments by name.
    """

    spec: ToolSpec
    function: Callable[..., ToolResult]

    @classmethod
    def of(cls, function: Callable[..., ToolResult], *bound: object) -> "Tool":
        """A tool from a typed function; `bound` fills its first parameters, which stay hidden.

        Raises:
            TypeError: a parameter without a hint or a description, or of a type no tool takes;
                traits of a parameter that there is not.
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
        traits = traits_of(function)
        unknown = {*traits.names, *traits.acted_on, traits.moved, ""} - {*properties, ""}
        if unknown:
            raise TypeError(f"{function.__name__}: its traits name no parameter {unknown.pop()!r}")
        spec = ToolSpec(function.__name__, " ".join(summary.split()), schema, traits)

        def carry_out(**arguments: object) -> ToolResult:
            """Call the function with what is bound to it before the arguments."""
            return function(*bound, **arguments)

        return cls(spec, carry_out)

    def mistake_in(self, arguments: Mapping[str, Any]) -> str:
        """Return what is wrong with the arguments, or ""."""
        return departure(arguments, self.spec.parameters, self.spec.name)


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
        """Return what a language model is told of the tools."""
        return tuple(tool.spec for tool in self._tools.values())

    def call(self, call: ToolCall) -> ToolResult:
        """Carry out a call, or say in words why not."""
        mistake = self.mistake_in(call)
        if mistake:
            return ToolResult.failed(mistake, "mistake")
        tool = self._tools[call.name]
        denied = self._gate.check(call, tool.spec.traits)
        if denied:
            return ToolResult.failed(denied, "denied")
        try:
            result = tool.function(**call.arguments)
        except CannotDo as stopped:
            result = ToolResult(False, str(stopped), data=stopped.data)
        self._gate.heard(call, result)
        return result

    def mistake_in(self, call: ToolCall) -> str:
        """Return what the model did wrong in writing the call, or ""."""
        if call.problem:
            return call.problem
        if call.name not in self._tools:
            return unknown_tool(call.name, self._tools)
        return self._tools[call.name].mistake_in(call.arguments)


def schema_of(hint: Any) -> dict[str, Any]:
    """JSON schema of an argument's type.

    Raises:
        TypeError: a type that no tool takes.
    """
    if hint is str:
        return {"type": "string", "maxLength": MAX_TEXT_CHARS}
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
