"""Google's real SDK against a server on loopback that speaks its wire format."""

import base64
from typing import Any

import numpy as np
import pytest

from handeye.agents.core.conversation import Image, Message, Reply
from handeye.agents.language_models.capability_probe import LOOK
from handeye.agents.language_models.gemini_model import KEY, NO_SIGNATURE, GeminiModel
from handeye.agents.language_models.language_model import LanguageModelError
from handeye.agents.language_models.retries import RetryPolicy
from tests.agents.misbehaving_server import Answer, hangs, says, server_that

pytest.importorskip("google.genai", reason="Google's SDK is not installed")

HELLO = [Message("system", ("be brief",)), Message("user", ("look",))]
SECRET = "AIza-secret"
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)


def model_at(url: str) -> GeminiModel:
    hasty = RetryPolicy(4.0, 0.5, attempts=3, first_wait_s=0.01)
    address = url.removesuffix("/v1")
    return GeminiModel("m", rng=np.random.default_rng(0), retry_policy=hasty, base_url=address)


def answers(*parts: dict[str, Any], finish: str = "STOP") -> Answer:
    candidate: dict[str, Any] = {"finishReason": finish, "index": 0}
    if parts:
        candidate["content"] = {"role": "model", "parts": list(parts)}
    usage = {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10}
    return says({"candidates": [candidate], "usageMetadata": usage})


def call(place: str, **more: Any) -> dict[str, Any]:
    return {"functionCall": {"name": "look_at", "args": {"place": place}, **more}}


def failing(status: int, kind: str, **headers: str) -> Answer:
    error = {"code": status, "message": f"{kind} for {SECRET}", "status": kind}
    return says({"error": error}, status, **headers)


def ask(*given: Answer, **options: Any) -> Reply:
    with server_that(*given) as (url, _):
        return model_at(url).reply(HELLO, [LOOK], **options)


def test_words() -> None:
    thought = {"text": "hm", "thought": True}
    with server_that(answers(thought, {"text": "yes"})) as (url, seen):
        reply = model_at(url).reply(HELLO, [LOOK], max_tokens=9, seed=4)
    assert (reply.text, reply.stop, reply.usage, reply.calls) == ("yes", "end", (7, 3), ())
    path, headers, body = seen[0]
    assert path == "/v1/models/m:generateContent"
    assert {name.lower(): value for name, value in headers.items()}["x-goog-api-key"] == SECRET
    config = body["generationConfig"]
    assert (config["maxOutputTokens"], config["seed"], config["temperature"]) == (9, 4, 0.0)
    assert body["systemInstruction"]["parts"] == [{"text": "be brief"}]
    assert body["contents"] == [{"role": "user", "parts": [{"text": "look"}]}]
    declared = body["tools"][0]["functionDeclarations"][0]
    # The SDK writes this name as it was given; JSON of protocol buffers may have either spelling.
    assert declared["parameters_json_schema"] == LOOK.parameters


def test_calls_in_parallel_and_their_results() -> None:
    picture = Image(np.zeros((4, 4, 3), np.uint8))
    called = answers({"text": "I look."}, call("left", id="a"), call("up"))
    with server_that(called, answers({"text": "empty"})) as (url, seen):
        model = model_at(url)
        reply = model.reply(HELLO, [LOOK])
        turn = Message("assistant", (reply.text,), reply.calls)
        ids = [made.call_id for made in reply.calls]
        results = [Message("tool", ("seen", picture), call_id=name) for name in ids]
        model.reply([*HELLO, turn, *results], [LOOK])
    assert (reply.text, reply.stop, ids) == ("I look.", "calls", ["a", "call_1"])
    assert reply.calls[0].arguments == {"place": "left"}
    assert "must be one of" in reply.calls[1].problem
    user, model_turn, told = seen[1][2]["contents"]
    assert [user["role"], model_turn["role"], told["role"]] == ["user", "model", "user"]
    sent = model_turn["parts"][1]
    assert sent["functionCall"] == {"id": "a", "name": "look_at", "args": {"place": "left"}}
    assert base64.urlsafe_b64decode(sent["thoughtSignature"]) == NO_SIGNATURE
    responses = [part["functionResponse"] for part in told["parts"] if "functionResponse" in part]
    assert [(r["id"], r["name"]) for r in responses] == [("a", "look_at"), ("call_1", "look_at")]
    assert responses[0]["response"] == {"result": "seen"}
    images = [part["inlineData"] for part in told["parts"] if "inlineData" in part]
    assert [image["data"][:5] for image in images] == ["iVBOR", "iVBOR"]


def test_schema_refusal_and_cut() -> None:
    with server_that(answers({"text": '{"n": 1}'})) as (url, seen):
        assert model_at(url).reply(HELLO, schema=SCHEMA).problem == ""
    config = seen[0][2]["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"] == SCHEMA
    assert ask(answers(finish="SAFETY")).stop == "refusal"
    assert ask(says({"promptFeedback": {"blockReason": "SAFETY"}})).stop == "refusal"
    assert ask(answers({"text": "so I"}, finish="MAX_TOKENS")).stop == "length"
    assert ask(answers(finish="MALFORMED_FUNCTION_CALL")).text == ""


@pytest.mark.parametrize(
    "fault",
    [failing(429, "RESOURCE_EXHAUSTED"), failing(503, "UNAVAILABLE"), hangs, says(b"<html>")],
)
def test_passing_faults_are_borne(fault: Answer) -> None:
    reply = ask(fault, answers({"text": "yes"}))
    assert (reply.text, reply.retries) == ("yes", 1)


@pytest.mark.parametrize(
    ("fault", "says_so", "requests"),
    [
        (failing(500, "INTERNAL"), "500: ", 3),
        (failing(429, "RESOURCE_EXHAUSTED", retry_after="60"), "asks to wait 60 s", 1),
        (failing(401, "UNAUTHENTICATED"), f"set {KEY}", 1),
        (failing(400, "INVALID_ARGUMENT"), "does not take this request", 1),
        (hangs, "Timeout", 3),
        (says({"odd": 1}), "answered oddly", 3),
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
