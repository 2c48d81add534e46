"""What is said to real servers, live and on replay: by our planner and by OpenAI's client.

Each conversation says in plain values what came of it; live and replayed they must say the same.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from handeye.agents.core.conversation import Image, Message
from handeye.agents.language_models.language_model import Abilities
from handeye.agents.language_models.openai_messages import wire_messages, wire_tools
from handeye.agents.language_models.openai_wire import OpenAIWire
from handeye.agents.planners.react import only_call
from handeye.experiments.showcase import server_compatibility as conformance
from handeye.experiments.showcase.server_compatibility import ASKED, PATIENT, TOOLS

INSTRUCTION = "Instruction: put the red star in the blue bowl"
TURNS = 3


def planned(url: str, model: str) -> dict[str, Any]:
    """Some calls by our client, the tools told in words; each is said to have gone well.

    Returns:
        For each turn the call's name, its arguments and what is wrong with it; and all tokens.
    """
    rng = np.random.default_rng(0)
    asked = OpenAIWire(model, url, abilities=Abilities(), rng=rng, retry_policy=PATIENT)
    messages = [Message("system", ("You drive a robot.",)), Message("user", (INSTRUCTION,))]
    turns: list[list[Any]] = []
    tokens = 0
    for _ in range(TURNS):
        reply = asked.reply(messages, TOOLS, max_tokens=48)
        tokens += sum(reply.usage)
        call = only_call(reply)
        turns.append([call.name, dict(call.arguments), call.problem])
        messages.append(Message("assistant", (reply.text,), reply.calls[:1]))
        messages.append(Message("tool", ("ok: it went well",), call_id=call.call_id or "none"))
    return {"turns": turns, "tokens": tokens}


def official(url: str, model: str) -> dict[str, Any]:
    """Ask with and without tools, as a stream, and wrongly; in a few words what came of it."""
    import openai  # A second of importing, for those alone who talk to a server.

    with openai.OpenAI(base_url=url, api_key="none", max_retries=0, timeout=300.0) as client:
        say: Any = client.chat.completions
        asked: dict[str, Any] = {
            "model": model,
            "messages": [{"role": "user", "content": ASKED}],
            "max_tokens": 32,
            "temperature": 0,
            "seed": 0,
        }
        found = {
            "models": _told(lambda: [entry.id for entry in client.models.list().data]),
            "with tools": _told(lambda: _calls_of(say.create(**asked, tools=wire_tools(TOOLS)))),
            "words": say.create(**asked).choices[0].message.content,
            "streamed": _streamed(say, asked),
            "unknown model": _told(lambda: _words_of(say, {**asked, "model": "no-such-model"})),
            "picture": _told(lambda: _words_of(say, {**asked, "messages": [_picture()]})),
        }
        with say.create(**asked, stream=True) as stream:
            next(iter(stream))  # and leave
        found["after leaving"] = say.create(**asked).choices[0].message.content
    return found


def _streamed(say: Any, asked: dict[str, Any]) -> str:
    chunks = say.create(**asked, stream=True)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def _words_of(say: Any, asked: dict[str, Any]) -> str:
    return str(say.create(**asked).choices[0].message.content)


def _calls_of(answer: Any) -> list[str]:
    """How it ended, and each call as written."""
    (choice,) = answer.choices
    assert answer.usage.total_tokens > answer.usage.prompt_tokens > 0
    calls = [call.function for call in choice.message.tool_calls or ()]
    return [choice.finish_reason, *(f"{call.name} {call.arguments}" for call in calls)]


def _told(ask: Callable[[], Any]) -> Any:
    """The answer, or the name of the client's exception."""
    import openai  # A second of importing, for those alone who talk to a server.

    try:
        return ask()
    except openai.APIStatusError as error:
        return type(error).__name__


def _picture() -> dict[str, Any]:
    grey = Image(np.full((8, 8, 3), 120, np.uint8))
    return wire_messages([Message("user", (grey, "What is it?"))])[0]


CONVERSATIONS: dict[str, Callable[[str, str], dict[str, Any]]] = {
    **conformance.CONVERSATIONS,
    "planned": planned,
    "official": official,
}
