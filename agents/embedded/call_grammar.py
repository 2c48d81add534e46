"""Writes the grammar of the calls that make sense now: the tools, the objects named, the hand.

A call may name what the instruction names, what a tool told of, or a handle that a tool gave; what
needs an empty hand is left out while something is held, and the other way round. In apartments any
words may be a name: what the user calls the lounge is a living room to the tools there, as in all.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from handeye.agents.core.conversation import Message, ToolSpec
from handeye.agents.core.result_text import holds_after
from handeye.agents.core.tools import MAX_TEXT_CHARS
from handeye.agents.embedded.planner_chat import CALL_CLOSE, CALL_OPEN, SAID_BEFORE, result_text
from handeye.agents.intents.intent import intent_grammar

EVERYTHING = "object"
ANY_NAME = r"/[a-z][a-z' -]{0,60}/"
LONGEST_PHRASE = 9  # A name has at most so many words after its article.
FEW_WORDS = 3  # A name without an article has fewer: "more purple boxes than red ones".
ARTICLES = "the|a|an|of|all|each|every|one|both"
PHRASE = re.compile(rf"(?<![\w-])(?:{ARTICLES})\s+(?=[\w'-])", re.IGNORECASE)
HANDLE = re.compile(r"#\d+")
WORD = re.compile(r"[\w'-]+")
PLAIN = {"integer": "/-?[0-9]{1,4}/", "number": "/-?[0-9]{1,4}([.][0-9]{1,3})?/",
         "boolean": '("true" | "false")'}  # fmt: skip
STEPS = "steps"  # The argument of `plan`: calls in words, such as "pick red block; place_in bowl".
MOST_STEPS = 30
INTENT = "intent"  # The argument of `carry_out`.
FREE_TEXT = r"""/[A-Za-z0-9 ,.;:'?()#-]{0,120}/"""


def call_grammar(
    tools: Sequence[ToolSpec], messages: Sequence[Message], single: Mapping[str, int] | None = None
) -> str:
    """A grammar (llguidance's Lark) of the calls that can follow a conversation.

    Args:
        tools: what may be called; those that take arguments of other types than texts, numbers and
            choices are left out.
        messages: the conversation so far.
        single: tools without arguments whose calls are one token: name -> id.
    """
    held = holding(messages)
    barred = "empty" if held else "full"
    allowed = [tool for tool in tools if tool.traits.hand != barred and _is_plain(tool)]
    calls = [_call(tool) for tool in allowed]
    # Such tokens look like marks to llguidance: it takes them by their number alone.
    alone = "".join(f" | <[{(single or {})[t.name]}]>" for t in allowed if t.name in (single or {}))
    things = " | ".join(json.dumps(name) for name in things_named(messages))
    if drives(tools):
        things += f" | {ANY_NAME}"
    steps = " | ".join(_step(tool) for tool in tools if _is_plain(tool))
    return (
        '%llguidance {"no_forcing": true}\n'  # forced texts need not come in the usual tokens
        f"start: {json.dumps(CALL_OPEN)} call {json.dumps(CALL_CLOSE)}{alone}\n"
        f"call: {' | '.join(calls)}\nthing: THING\nTHING: {things}\ntext: {FREE_TEXT}\n"
        # In capitals a plan is one piece to the lexer, which never goes back on a longer name.
        f"STEP: {steps}\n"
        f'STEPS: (STEP ("; " STEP){{0,{MOST_STEPS - 1}}}) & /.{{0,{MAX_TEXT_CHARS}}}/\n'
        + intent_grammar()
    )


def drives(tools: Iterable[ToolSpec]) -> bool:
    """Return whether these are tools of a robot on wheels."""
    return any(tool.traits.moves == "base" for tool in tools)


def _is_plain(tool: ToolSpec) -> bool:
    schemas: Iterable[Mapping[str, Any]] = tool.parameters["properties"].values()
    return all("enum" in s or s.get("type") in ("string", *PLAIN) for s in schemas)


def _call(tool: ToolSpec) -> str:
    properties = tool.parameters["properties"]
    required = set(tool.parameters.get("required", ()))
    parts = [json.dumps(f'{{"name": "{tool.name}", "arguments": {{')]
    for k, (name, schema) in enumerate(properties.items()):
        key = json.dumps(f'{", " if k else ""}"{name}": ')
        part = f"{key} {_value(name, schema, named=name in tool.traits.names)}"
        parts.append(part if name in required else f"({part})?")
    return " ".join([*parts, json.dumps("}}")])


def _step(tool: ToolSpec) -> str:
    """A call in words: the tool, then its arguments in their order, but for what finds out."""
    parts = [json.dumps(tool.name)]
    for name in tool.parameters.get("required", ()) if tool.traits.in_plans != "inquiry" else ():
        choices = tool.parameters["properties"][name].get("enum", ())
        words = " | ".join(json.dumps(str(choice)) for choice in choices) or "THING"
        parts.append(f'" " ({words})')
    return " ".join(parts)


def _value(name: str, schema: Mapping[str, Any], *, named: bool) -> str:
    if "enum" in schema:
        return f"({' | '.join(json.dumps(json.dumps(value)) for value in schema['enum'])})"
    if schema["type"] in PLAIN:
        return PLAIN[schema["type"]]
    own = {STEPS: "STEPS", INTENT: "intent"}
    kind = "thing" if named else own.get(name, "text")
    return f'"\\"" {kind} "\\""'


def things_named(messages: Sequence[Message]) -> list[str]:
    """Noun phrases that a call may use, from the instruction and from what tools told."""
    names: dict[str, None] = {EVERYTHING: None}
    instruction = next((m.text for m in messages if m.role == "user"), "")
    for clause in re.split(r"[,;.:!?]", instruction.removeprefix(SAID_BEFORE)):
        names.update(dict.fromkeys(_phrases(clause)))
    for message in messages:
        if message.role == "tool":
            names.update(dict.fromkeys(_told(message.text)))
    return list(names)


def _phrases(clause: str) -> Iterable[str]:
    """Yield what stands after an article, in all lengths, and every few words side by side."""
    for article in PHRASE.finditer(clause):
        words = WORD.findall(clause[article.end() :])[:LONGEST_PHRASE]
        yield from (" ".join(words[: k + 1]) for k in range(len(words)))
    words = WORD.findall(clause)
    for size in range(1, FEW_WORDS + 1):
        yield from (" ".join(words[k : k + size]) for k in range(len(words) - size + 1))


def _told(text: str) -> Iterable[str]:
    """Handles, and names with fewer and fewer of their adjectives: red block, block."""
    yield from HANDLE.findall(text)
    for piece in re.split(r"[;:,.()]| in the | on the | is in | is on ", result_text(text)):
        words = WORD.findall(HANDLE.sub("", piece))[-4:]
        yield from (" ".join(words[k:]) for k in range(len(words)))


def holding(messages: Sequence[Message]) -> bool:
    """Return whether the hand holds something, as far as the conversation tells."""
    held, latest = False, ""
    for message in messages:
        if message.calls:
            latest = message.calls[0].name
        elif message.role == "tool":
            text = message.text
            if latest == "pick" and text.startswith("ok"):
                held = True
            else:
                told = holds_after(text)
                held = held if told is None else told
    return held
