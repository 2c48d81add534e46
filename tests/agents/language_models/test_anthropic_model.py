"""Anthropic's real SDK against a server on loopback that speaks its wire format."""

from typing import Any

import numpy as np
import pytest

from handeye.agents.core.conversation import Image, Message, Reply, ToolCall
from handeye.agents.language_models.anthropic_model import KEY, AnthropicModel
from handeye.agents.language_models.capability_probe import LOOK
from handeye.agents.language_models.language_model import LanguageModelError
from handeye.agents.language_models.retries import RetryPolicy
from tests.agents.misbehaving_server import Answer, hangs, says, server_that

pytest.importorskip("anthropic", reason="Anthropic's SDK is not installed")

HELLO = [Message("system", ("be brief",)), Message("user", ("look",))]
SECRET = "sk-ant-secret"
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)


def model_at(url: str) -> AnthropicModel:
    hasty = RetryPolicy(4.0, 0.5, attempts=3, first_wait_s=0.01)
    address = url.removesuffix("/v1")
    return AnthropicModel("m", rng=np.random.default_rng(0), retry_policy=hasty, base_url=address)


def answers(*content: dict[str, Any], stop: str = "end_turn") -> Answer:
    usage = {"input_tokens": 7, "output_tokens": 3}
    body = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "usage": usage}
    told = {**body, "content": list(content), "stop_reason": stop, "stop_sequence": None}
    return says(told, content_type="application/json")


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def use(number: int, place: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"t{number}", "name": "look_at", "input": {"place": place}}


def failing(status: int, kind: str, **headers: str) -> Answer:
    error = {"type": kind, "message": f"{kind} for {SECRET}"}
    return says({"type": "error", "error": error}, status, **headers)


def ask(*given: Answer, **options: Any) -> Reply:
    with server_that(*given) as (url, _):
        return model_at(url).reply(HELLO, [LOOK], **options)


def test_words() -> None:
    with server_that(answers(text("yes"))) as (url, seen):
        reply = model_at(url).reply(HELLO, [LOOK], max_tokens=9)
    assert (reply.text, reply.stop, reply.usage, reply.calls) == ("yes", "end", (7, 3), ())
    path, headers, body = seen[0]
    assert path == "/v1/messages"
    sent = {name.lower(): value for name, value in headers.items()}
    assert sent["authorization"] == f"Bearer {SECRET}"
    assert (body["system"], body["max_tokens"]) == ("be brief", 9)
    assert body["messages"] == [{"role": "user", "content": [text("look")]}]
    assert body["tools"][0]["input_schema"] == LOOK.parameters


def test_calls_in_parallel_and_their_results() -> None:
    picture = Image(np.zeros((4, 4, 3), np.uint8))
    called = answers(text("I look."), use(0, "left"), use(1, "up"), stop="tool_use")
    with server_that(called, answers(text("empty"))) as (url, seen):
        model = model_at(url)
        reply = model.reply(HELLO, [LOOK])
        results = [Message("tool", ("seen", picture), call_id=f"t{i}") for i in range(2)]
        turn = Message("assistant", (reply.text,), reply.calls)
        model.reply([*HELLO, turn, *results, Message("user", ("well?",))], [LOOK])
    assert (reply.text, reply.stop) == ("I look.", "calls")
    assert reply.calls[0] == ToolCall("look_at", {"place": "left"}, "t0")
    assert "must be one of" in reply.calls[1].problem
    turns = seen[1][2]["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert [part["type"] for part in turns[1]["content"]] == ["text", "tool_use", "tool_use"]
    first, second, words = turns[2]["content"]
    assert (first["tool_use_id"], second["tool_use_id"]) == ("t0", "t1")
    assert first["content"][1]["source"]["data"].startswith("iVBOR")
    assert words == text("well?")


def test_schema_refusal_and_cut() -> None:
    with server_that(answers(text('{"n": 1}'))) as (url, seen):
        assert model_at(url).reply(HELLO, schema=SCHEMA).problem == ""
    assert seen[0][2]["output_config"]["format"] == {"type": "json_schema", "schema": SCHEMA}
    assert ask(answers(text("no"), stop="refusal")).stop == "refusal"
    assert ask(answers(stop="refusal")).text == ""
    cut = ask(answers({**use(0, "left"), "input": {}}, stop="max_tokens"))
    assert cut.stop == "length"
    assert "cut off" in cut.calls[0].problem


@pytest.mark.parametrize(
    "fault",
    [failing(429, "rate_limit_error", retry_after="0.01"), failing(529, "overloaded_error"), hangs],
)
def test_passing_faults_are_borne(fault: Answer) -> None:
    reply = ask(fault, answers(text("yes")))
    assert (reply.text, reply.retries) == ("yes", 1)


@pytest.mark.parametrize(
    ("fault", "says_so", "requests"),
    [
        (failing(500, "api_error"), "500: ", 3),
        (failing(401, "authentication_error"), f"set {KEY}", 1),
        (failing(400, "invalid_request_error"), "does not take this request", 1),
        (hangs, "APITimeoutError", 3),
        (says(b"<html>", content_type="text/html"), "answered oddly", 3),
    ],
)
def test_lasting_faults_are_one_clear_error(fault: Answer, says_so: str, requests: int) -> None:
    with server_that(fault) as (url, seen):
        with pytest.raises(LanguageModelError) as caught:
            model_at(url).reply(HELLO)
        assert len(seen) == requests
    assert says_so in str(caught.value)
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_it_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY)
    with pytest.raises(LanguageModelError, match=f"set {KEY}"):
        model_at("http://127.0.0.1:1")
