"""Conversations and replies as OpenAI's chat-completions wire writes them."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

import cv2

from handeye.agents.core.conversation import (
    Image,
    Message,
    Part,
    Reply,
    Stop,
    ToolCall,
    ToolSpec,
    Usage,
)
from handeye.agents.core.strict_json import clean_text, parse_json
from handeye.agents.core.tool_arguments import departure, read_call
from handeye.agents.language_models.text_tool_calls import read_calls

MAX_TEXT_CHARS = 64_000
MAX_CALLS = 64
STOPS: dict[str, Stop] = {
    "stop": "end",
    "tool_calls": "calls",
    "function_call": "calls",
    "length": "length",
    "content_filter": "refusal",
}


def png_base64(image: Image) -> str:
    """The image as PNG in base64."""
    _, png = cv2.imencode(".png", cv2.cvtColor(image.rgb, cv2.COLOR_RGB2BGR))
    return base64.b64encode(png.tobytes()).decode()


def wire_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The turns as the wire wants them.

    A tool's turn may hold text alone there, and all answers to one turn's calls must follow it
    without a break: images of tools are sent after the last of them, as a user's turn.
    """
    wired: list[dict[str, Any]] = []
    late: list[Part] = []
    for message in messages:
        if late and message.role != "tool":
            wired.append({"role": "user", "content": [_wire_part(part) for part in late]})
            late = []
        if message.role == "tool":
            wired.append(
                {"role": "tool", "tool_call_id": message.call_id, "content": message.text or "done"}
            )
            images = [part for part in message.parts if isinstance(part, Image)]
            late += [f"Pictures of {message.call_id}:", *images] if images else []
        elif any(isinstance(part, Image) for part in message.parts):
            parts = [_wire_part(part) for part in message.parts]
            wired.append({"role": message.role, "content": parts})
        else:
            wired.append(_wire_text(message))
    if late:
        wired.append({"role": "user", "content": [_wire_part(part) for part in late]})
    return wired


def wire_tools(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """The tools as the wire wants them."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]


def wire_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as a `response_format`; strict where the wire allows it: every field required."""
    names = set(schema.get("properties", {}))
    strict = schema.get("additionalProperties") is False and names == set(
        schema.get("required", ())
    )
    described = {"name": "reply", "schema": dict(schema), "strict": strict}
    return {"type": "json_schema", "json_schema": described}


def read_reply(
    body: Mapping[str, Any],
    tools: Sequence[ToolSpec],
    schema: Mapping[str, Any] | None,
    calls_in_words: bool,
) -> Reply:
    """Return what the server answered, every mistake of the model as data.

    Args:
        body: of the response.
        tools: that were offered.
        schema: that was asked for.
        calls_in_words: whether calls are to be read from the text.

    Raises:
        ValueError: the body has no choice with a message: the server's mistake.
    """
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise ValueError("it has no choices[0].message")
    stop = STOPS.get(str(choice.get("finish_reason")), "end")
    text = _text_of(message.get("content"))
    calls = _calls_of(message, tools)
    if calls_in_words and tools and not calls:
        calls = read_calls(text, tools)
    if isinstance(message.get("refusal"), str) and message["refusal"]:
        text, stop = text or clean_text(message["refusal"]), "refusal"
    return finished_reply(text, calls, stop, usage_of(body), schema)


def finished_reply(
    text: str,
    calls: tuple[ToolCall, ...],
    stop: Stop,
    usage: Usage,
    schema: Mapping[str, Any] | None,
) -> Reply:
    """A reply with its text bounded, its stop made to agree with its calls, its schema checked."""
    problem = ""
    if len(text) > MAX_TEXT_CHARS:
        problem = f"the text was cut after {MAX_TEXT_CHARS} characters"
        text, stop = text[:MAX_TEXT_CHARS], "length"
    if calls and stop == "end":
        stop = "calls"
    elif not calls and stop == "calls":
        stop = "end"
    if calls and stop == "length" and calls[-1].problem:
        cut = f"the reply was cut off; {calls[-1].problem}"
        calls = (*calls[:-1], calls[-1]._replace(problem=cut))
    if schema is not None and not calls and not problem and stop != "refusal":
        problem = _departure_of_text(text, schema)
    return Reply(text, calls, stop, usage, problem=problem)


def usage_of(body: Mapping[str, Any]) -> Usage:
    """The tokens that a server counted, 0 where it did not."""
    usage = body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    counts = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    return Usage(*(count if isinstance(count, int) and count > 0 else 0 for count in counts))


def _wire_part(part: Part) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    url = f"data:image/png;base64,{png_base64(part)}"
    return {"type": "image_url", "image_url": {"url": url}}


def _wire_text(message: Message) -> dict[str, Any]:
    wired: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.calls:
        wired["tool_calls"] = [
            {
                "id": call.call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            }
            for call in message.calls
        ]
    return wired


def _text_of(content: Any) -> str:
    """A message's content: a text, or on some servers a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))
    return ""


def _calls_of(message: Mapping[str, Any], tools: Sequence[ToolSpec]) -> tuple[ToolCall, ...]:
    written = message.get("tool_calls")
    calls: list[ToolCall] = []
    taken: set[str] = set()
    for item in (written if isinstance(written, list) else [])[:MAX_CALLS]:
        item = item if isinstance(item, dict) else {}
        function = item.get("function")
        function = function if isinstance(function, dict) else {}
        call_id = item.get("id")
        if not isinstance(call_id, str) or not call_id or call_id in taken:
            call_id = f"call_{len(calls)}"
        taken.add(call_id)
        calls.append(read_call(function.get("name"), function.get("arguments"), call_id, tools))
    return tuple(calls)


def _departure_of_text(text: str, schema: Mapping[str, Any]) -> str:
    try:
        return departure(parse_json(text), schema, "the reply")
    except ValueError as error:
        return f"the reply is not JSON: {str(error)[:200]}"
