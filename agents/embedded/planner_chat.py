"""Writes conversations for `handeye-planner`: its chat template, and the same text from messages.

    <|user|>put the star in the cup<|assistant|><tool_call>
    {"name": "pick", "arguments": {"target": "star"}}
    </tool_call><|end|><|result|>ok: it is in the hand<|assistant|>...

It was trained with fixed tools, so the system prompt and the tools' schemas are left out; so are
places in metres, which it could not compute with, and pictures, which it does not see. The template
does the same for whoever serves the weights.
"""

import json
import re
from collections.abc import Sequence

from handeye.agents.core.conversation import Message, ToolCall
from handeye.agents.core.strict_json import parse_json

USER, ASSISTANT, RESULT, END = "<|user|>", "<|assistant|>", "<|result|>", "<|end|>"
PAD = "<|pad|>"
CALL_OPEN, CALL_CLOSE = "<tool_call>\n", "\n</tool_call>"
SAID_BEFORE = "Instruction: "  # A planner's first turn begins with this.
TOLD_IN_WORDS = re.compile(r"^Result of \w+:\n")  # text_tool_calls.py writes it.
PLACE = " at x="  # A place in a tool's result begins so and ends with " m".

TEMPLATE = """
{%- macro told(text) -%}
{%- for piece in text.replace('<|', '< |').split('\\n[picture')[0].split('PLACE') -%}
{%- if loop.first -%}{{ piece }}{%- else -%}{{ piece.split(' m')[1:] | join(' m') }}{%- endif -%}
{%- endfor -%}
{%- endmacro -%}
{#- tools are known by heart -#}
{%- set seen = namespace(user=false) -%}
{%- for message in messages -%}
{%- set content = message.content if message.content is string else '' -%}
{%- if message.role == 'user' and not seen.user -%}
{%- set seen.user = true -%}
{{- 'USER' + content.split('SAID')[-1].replace('<|', '< |') -}}
{%- elif message.role == 'assistant' -%}
{{- 'ASSISTANT' -}}
{%- if message.tool_calls -%}
{%- for call in message.tool_calls[:1] -%}
{%- set args = call.function.arguments -%}
{{- '<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' -}}
{{- (args if args is string else args | tojson).replace('<|', '< |') -}}
{{- '}\\n</tool_call>' -}}
{%- endfor -%}
{%- else -%}{{- content.replace('<|', '< |') -}}{%- endif -%}
{{- 'END' -}}
{%- elif message.role != 'system' -%}
{{- 'RESULT' + told(content) -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- 'ASSISTANT' -}}{%- endif -%}
"""
for word, mark in (("USER", USER), ("ASSISTANT", ASSISTANT), ("END", END), ("RESULT", RESULT),
                   ("PLACE", PLACE), ("SAID", SAID_BEFORE)):  # fmt: skip
    TEMPLATE = TEMPLATE.replace(f"'{word}'", f"'{mark}'")
TEMPLATE = TEMPLATE.strip()


def call_text(call: ToolCall) -> str:
    """A call as the model writes it."""
    said = json.dumps({"name": call.name, "arguments": dict(call.arguments)}, ensure_ascii=False)
    return CALL_OPEN + said + CALL_CLOSE


def result_text(told: str) -> str:
    """Return what a tool told, as the model reads it: without places in metres and pictures."""
    first, *rest = told.split("\n[picture")[0].split(PLACE)
    return first + "".join(piece.partition(" m")[2] for piece in rest)


def conversation_texts(messages: Sequence[Message]) -> list[str]:
    """A conversation, turn by turn, as the template writes it, up to where the reply begins.

    Turns of planners that tell tools in words are understood too: a call as a JSON object, a result
    as the user's.
    """
    texts: list[str] = []
    for message in messages:
        said = unmarked("\n".join(part for part in message.parts if isinstance(part, str)))
        if message.role == "system":
            continue
        if message.role == "assistant":
            texts.append(ASSISTANT + (_called(message, said)) + END)
        elif message.role == "user" and not texts:
            texts.append(USER + said.split(SAID_BEFORE)[-1])
        else:
            texts.append(RESULT + result_text(TOLD_IN_WORDS.sub("", said)))
    return [*texts, ASSISTANT]


def unmarked(words: str) -> str:
    """Words of users, tools and scenes, in which no mark of a turn can be hidden."""
    return words.replace("<|", "< |")


def _called(message: Message, said: str) -> str:
    if message.calls:
        return unmarked(call_text(message.calls[0]))
    try:
        parse_json(said)
    except ValueError:
        return said
    return CALL_OPEN + said + CALL_CLOSE
