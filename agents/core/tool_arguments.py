"""A model's tool call, read and checked against what the tool takes; mistakes come back as data."""

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from handeye.agents.core.conversation import ToolCall, ToolSpec
from handeye.agents.core.strict_json import parse_json

MAX_ARGUMENTS_CHARS = 64_000
MAX_NAME_CHARS = 64
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def read_call(name: Any, arguments: Any, call_id: str, tools: Sequence[ToolSpec]) -> ToolCall:
    """The call that a model wrote.

    Args:
        name: of the tool, as written.
        arguments: a JSON text, or what some servers have parsed already.
        call_id: joins the call with its result.
        tools: those that exist.

    Returns:
        The call; where anything is wrong with it, `problem` tells the model what to mend.
    """
    said = name if isinstance(name, str) else ""
    by_name = {tool.name: tool for tool in tools}
    if said not in by_name:
        return ToolCall(said[:MAX_NAME_CHARS], {}, call_id, unknown_tool(said, by_name))
    if arguments is None or arguments == "":
        arguments = {}
    if isinstance(arguments, str):
        if len(arguments) > MAX_ARGUMENTS_CHARS:
            problem = f"its arguments are longer than {MAX_ARGUMENTS_CHARS} characters"
            return ToolCall(said, {}, call_id, problem)
        try:
            arguments = parse_json(arguments)
        except ValueError as error:
            return ToolCall(said, {}, call_id, f"its arguments are not JSON: {str(error)[:200]}")
    problem = departure(arguments, {"type": "object", **by_name[said].parameters}, "arguments")
    return ToolCall(said, {} if problem else arguments, call_id, problem)


def unknown_tool(name: str, known: Iterable[str]) -> str:
    """Return what to tell a model that called a tool which does not exist."""
    names = sorted(known)
    near = difflib.get_close_matches(name.casefold(), names, 3, 0.55)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names)}"
    return f"there is no tool {name[:MAX_NAME_CHARS]!r}; {hint}"


def departure(value: Any, schema: Mapping[str, Any], where: str) -> str:
    """Return how a value departs from a JSON schema, "" if it does not.

    Known words: type, enum, const, properties, required, additionalProperties (false), items,
    minItems, maxItems, maxLength, minimum, maximum, anyOf; others are not checked. Numbers must be
    finite, and 2.0 is no integer: what takes one would not take it.
    """
    if "anyOf" in schema:
        found = [departure(value, option, where) for option in schema["anyOf"]]
        return "" if "" in found else found[0]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return f"{where} must be of type {' or '.join(kinds)}, not {_told(value)}"
    allowed = [schema["const"]] if "const" in schema else schema.get("enum")
    if allowed is not None and value not in allowed:
        return f"{where} must be one of {_told(allowed)}, not {_told(value)}"
    if isinstance(value, dict):
        return _departure_of_object(value, schema, where)
    if isinstance(value, list):
        return _departure_of_array(value, schema, where)
    longest = schema.get("maxLength", math.inf)
    if isinstance(value, str) and len(value) > longest:
        return f"{where} has {len(value)} characters; give at most {longest}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{where} must be a finite number, not {_told(value)}"
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if isinstance(value, int | float) and not low <= value <= high:
        return f"{where} must lie in [{low}, {high}], not be {_told(value)}"
    return ""


def _departure_of_object(value: dict[str, Any], schema: Mapping[str, Any], where: str) -> str:
    properties = schema.get("properties", {})
    missing = [name for name in schema.get("required", ()) if name not in value]
    if missing:
        return f"{where} lacks {', '.join(missing)}"
    unknown = [name[:MAX_NAME_CHARS] for name in value if name not in properties]
    if unknown and schema.get("additionalProperties") is False:
        known = ", ".join(properties) or "nothing"
        return f"{where} has {', '.join(unknown[:5])}, which is not taken; it takes {known}"
    found = (
        departure(value[name], properties[name], f"{where}.{name}")
        for name in properties
        if name in value
    )
    return next((problem for problem in found if problem), "")


def _departure_of_array(value: list[Any], schema: Mapping[str, Any], where: str) -> str:
    low, high = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    if not low <= len(value) <= high:
        return f"{where} must have {low} to {high} items, not {len(value)}"
    items = schema.get("items", {})
    found = (departure(item, items, f"{where}[{i}]") for i, item in enumerate(value))
    return next((problem for problem in found if problem), "")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES.get(kind, (object,)))


def _told(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= 120 else told[:117] + "..."
