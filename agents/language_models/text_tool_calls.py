"""For models without tool calling: tools, calls and results told in words, calls read from words.

The model is asked for one JSON object, {"name": ..., "arguments": {...}}. Its reply may stand in a
code fence, in <tool_call> tags or amid prose; every object of that shape is a call, in order.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handeye.agents.core.conversation import Image, Message, Part, ToolCall, ToolSpec
from handeye.agents.core.strict_json import parse_json
from handeye.agents.core.tool_arguments import MAX_ARGUMENTS_CHARS, read_call

MAX_CALLS = 16


def tell_tools(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> list[Message]:
    """The conversation with its tools described, and with calls and results as plain turns."""
    told = [_tell_turn(message) for message in messages]
    if not tools:
        return told
    lines = [
        f"- {tool.name}: {tool.description} Arguments (JSON schema): {json.dumps(tool.parameters)}"
        for tool in tools
    ]
    words = "\n".join(
        [
            "You can call these tools:",
            *lines,
            'To call one, answer with a JSON object alone: {"name": "...", "arguments": {...}}.',
            "To call none, answer in words without any JSON object.",
        ]
    )
    return with_instruction(told, words)


def tell_schema(messages: Sequence[Message], schema: Mapping[str, Any]) -> list[Message]:
    """The conversation, with the wish for JSON of that schema in words."""
    words = f"Answer with JSON alone that follows this schema: {json.dumps(schema)}"
    return with_instruction(messages, words)


def with_instruction(messages: Sequence[Message], words: str) -> list[Message]:
    """The conversation with the words at the end of its first system message."""
    if messages and messages[0].role == "system":
        first = replace(messages[0], parts=(*messages[0].parts, words))
        return [first, *messages[1:]]
    return [Message("system", (words,)), *messages]


def merge_turns(messages: Sequence[Message]) -> list[Message]:
    """Neighbours of one role made one turn: many chat templates insist that roles alternate."""
    merged: list[Message] = []
    for message in messages:
        if merged and merged[-1].role == message.role and message.role != "tool":
            last = merged[-1]
            merged[-1] = replace(
                last, parts=(*last.parts, *message.parts), calls=(*last.calls, *message.calls)
            )
        else:
            merged.append(message)
    return merged


def caption_images(messages: Sequence[Message]) -> list[Message]:
    """The conversation for a model without eyes: each image is its caption."""
    return [
        replace(message, parts=tuple(_caption(part) for part in message.parts))
        for message in messages
    ]


def read_calls(text: str, tools: Sequence[ToolSpec]) -> tuple[ToolCall, ...]:
    """The calls that stand in a model's words.

    An object counts if it has a "name" (or "tool") and "arguments" (or "parameters"), or the name
    of a tool; at most `MAX_CALLS` are read.
    """
    names = {tool.name for tool in tools}
    calls: list[ToolCall] = []
    for found in _objects_in(text[: 2 * MAX_ARGUMENTS_CHARS]):
        name = found.get("name", found.get("tool"))
        arguments = found.get("arguments", found.get("parameters"))
        if isinstance(name, str) and (name in names or arguments is not None):
            calls.append(read_call(name, arguments, f"call_{len(calls)}", tools))
        if len(calls) == MAX_CALLS:
            break
    return tuple(calls)


def _objects_in(text: str) -> list[dict[str, Any]]:
    """The outermost JSON objects of a text, in order."""
    decoder = json.JSONDecoder()
    found: list[dict[str, Any]] = []
    start = text.find("{")
    # Each failed attempt may read to the end of the text, so their number is bounded.
    for _ in range(64):
        if start < 0:
            break
        try:
            _, end = decoder.raw_decode(text, start)
            value = parse_json(text[start:end])
            found.append(value)
        except (ValueError, RecursionError):
            end = start + 1
        start = text.find("{", end)
    return found


def _tell_turn(message: Message) -> Message:
    if message.role == "tool":
        return Message("user", (f"Result of {message.call_id}:", *message.parts))
    if not message.calls:
        return message
    said = tuple(
        json.dumps({"name": call.name, "arguments": dict(call.arguments)}) for call in message.calls
    )
    return Message("assistant", (*message.parts, *said))


def _caption(part: Part) -> Part:
    if isinstance(part, Image):
        return f"[picture: {part.caption or 'not described'}]"
    return part
