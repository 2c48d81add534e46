"""Every way in which a server or its model misbehaves, over a real connection."""

import json
import logging
import traceback
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from handeye.agents.core.conversation import Image, Message, Reply
from handeye.agents.language_models.capability_probe import LOOK, probed_abilities
from handeye.agents.language_models.language_model import Abilities, LanguageModelError
from handeye.agents.language_models.openai_wire import OpenAIWire
from handeye.agents.language_models.retries import RetryPolicy
from tests.agents.misbehaving_server import (
    Answer,
    calls,
    closes_mid_body,
    completes,
    hangs,
    says,
    server_that,
)

HASTY = RetryPolicy(3.0, 0.3, attempts=3, first_wait_s=0.01)
NATIVE = Abilities(tools=True, images=True, schema=True, logprobs=True, parallel_calls=True)
HELLO = [Message("user", ("look",))]
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def model_at(url: str, abilities: Abilities = NATIVE) -> OpenAIWire:
    rng = np.random.default_rng(0)
    return OpenAIWire("m", url, abilities=abilities, rng=rng, retry_policy=HASTY)


def ask(*answers: Answer, **options: Any) -> Reply:
    with server_that(*answers) as (url, _):
        return model_at(url).reply(HELLO, [LOOK], **options)


def test_calls_in_parallel() -> None:
    reply = ask(calls(("look_at", '{"place": "left"}'), ("look_at", {"place": "right"})))
    assert [(c.arguments["place"], c.problem) for c in reply.calls] == [("left", ""), ("right", "")]
    assert (reply.stop, reply.usage, reply.retries) == ("calls", (7, 3), 0)
    assert reply.latency_s > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arguments", "problem"),
    [
        ("look_at", '{"place": ', "not JSON"),
        ("look_at", '{"place": NaN}', "not JSON"),
        ("look_at", "[" * 100_000, "longer than"),
        ("look_at", "[" * 5000, "not JSON"),
        ("look_at", '["left"]', "must be of type object"),
        ("look_at", '{"place": 3}', "must be of type string"),
        ("look_at", '{"place": "up"}', "must be one of"),
        ("look_at", "{}", "lacks place"),
        ("look_at", '{"place": "left", "speed": 1}', "speed"),
        ("lookat", "{}", "did you mean look_at?"),
        (None, None, "no tool ''"),
    ],
)
def test_wrong_calls_come_back_as_data(name: Any, arguments: Any, problem: str) -> None:
    (call,) = ask(calls((name, arguments))).calls
    assert problem in call.problem
    assert call.arguments == {}
    assert len(call.problem) < 400


@pytest.mark.slow
def test_odd_replies_come_back_as_data() -> None:
    assert ask(completes(content=None)) == Reply(
        usage=(7, 3),
        latency_s=pytest.approx(0, abs=2),  # type: ignore[arg-type]
    )
    cut = ask(calls(("look_at", '{"place": "le'), finish="length"))
    assert cut.stop == "length"
    assert "cut off" in cut.calls[0].problem
    refusal = ask(completes(content=None, refusal="I will not."))
    assert (refusal.stop, refusal.text) == ("refusal", "I will not.")
    long = ask(completes(content="x" * 1_000_000))
    assert (len(long.text), long.stop) == (64_000, "length")
    assert ask(completes(content="a\ud800b")).text == "a?b"


@pytest.mark.slow
def test_schema_is_checked() -> None:
    assert ask(completes(content='{"n": 1}'), schema=SCHEMA).problem == ""
    assert "must be of type integer" in ask(completes(content='{"n": "1"}'), schema=SCHEMA).problem
    assert "not JSON" in ask(completes(content="one"), schema=SCHEMA).problem


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        says(b"overloaded", 500),
        says({"error": {"message": "slow down"}}, 429, retry_after="0.01"),
        says(b"<html>"),
        says({"choices": []}),
        hangs,
        closes_mid_body,
    ],
)
def test_passing_faults_are_borne(fault: Answer) -> None:
    reply = ask(fault, completes(content="yes"))
    assert (reply.text, reply.retries) == ("yes", 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "says_so", "requests"),
    [
        (says(b"broken", 500), "500: broken (3 tries", 3),
        (says(b"", 429, retry_after="60"), "asks to wait 60 s", 1),
        (says(b"<html>"), "no JSON object", 3),
        (closes_mid_body, "broke", 3),
        (hangs, "did not answer within", 3),
        (says(b"x" * 4_100_000), "more than 4 MB", 1),
        (says({"error": "no model m"}, 404), "the model's name", 1),
        (says(b"", 401), "set HANDEYE_API_KEY", 1),
    ],
)
def test_lasting_faults_are_one_clear_error(fault: Answer, says_so: str, requests: int) -> None:
    with server_that(fault) as (url, seen):
        with pytest.raises(LanguageModelError) as caught:
            model_at(url).reply(HELLO)
        assert says_so in str(caught.value)
        assert "\n" not in str(caught.value)
        assert len(seen) == requests


def test_no_server() -> None:
    with pytest.raises(LanguageModelError, match=r"does not take connections.*start the server"):
        model_at("http://127.0.0.1:1/v1").reply(HELLO)
    for url in ("localhost:80", "http://u:p@localhost/v1"):
        with pytest.raises(LanguageModelError):
            model_at(url)


def test_the_key_goes_to_the_server_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    key = "sk-very-secret"
    monkeypatch.setenv("HANDEYE_API_KEY", key)
    caplog.set_level(logging.DEBUG)
    with server_that(says({"error": {"message": f"bad key {key}"}}, 401)) as (url, seen):
        model = model_at(url)
        with pytest.raises(LanguageModelError) as caught:
            model.reply(HELLO)
        assert seen[0][1]["authorization"] == f"Bearer {key}"
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(model)) + caplog.text
    assert "***" in shown
    assert key not in shown
    assert key not in repr(vars(model._server))
    with pytest.raises(LanguageModelError, match="unencrypted"):
        model_at("http://example.org/v1")


def test_fields_that_a_server_refuses_are_left_out() -> None:
    message = "Unsupported parameter: 'max_tokens'; use 'max_completion_tokens'"
    refuses = says({"error": {"message": message}}, 400)
    with server_that(refuses, completes(content="yes")) as (url, seen):
        assert model_at(url).reply(HELLO, max_tokens=9).text == "yes"
        assert seen[1][2]["max_completion_tokens"] == 9
        assert "max_tokens" not in seen[1][2]


def test_without_abilities_everything_is_told_in_words() -> None:
    picture = Image(np.zeros((4, 4, 3), np.uint8), "a red cup")
    said = 'I look.\n```json\n{"name": "look_at", "arguments": {"place": "left"}}\n```'
    with server_that(completes(content=said)) as (url, seen):
        model = model_at(url, Abilities())
        reply = model.reply([*HELLO, Message("user", (picture,))], [LOOK])
        assert reply.calls[0].arguments == {"place": "left"}
        history = [*HELLO, Message("assistant", (), reply.calls)]
        model.reply([*history, Message("tool", ("empty",), call_id="call_0")], [LOOK])
    first, second = (body["messages"] for _, _, body in seen)
    assert [turn["role"] for turn in first] == ["system", "user"]
    assert "look_at" in first[0]["content"]
    assert "a red cup" in first[1]["content"]
    assert [turn["role"] for turn in second] == ["system", "user", "assistant", "user"]


def test_pictures_of_tools_follow_the_last_result() -> None:
    picture = Image(np.zeros((4, 4, 3), np.uint8))
    answers = [Message("tool", ("seen", picture), call_id=f"id{i}") for i in range(2)]
    with server_that(calls(("look_at", '{"place": "left"}'))) as (url, seen):
        made = model_at(url).reply(HELLO, [LOOK]).calls
        model_at(url).reply([*HELLO, Message("assistant", (), made), *answers], [LOOK])
    turns = seen[1][2]["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "tool", "tool", "user"]
    assert turns[4]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,iVBOR")


def prompt_logprobs(handler: Any) -> None:
    words = [turn["content"] for turn in handler.body["messages"]]
    told: Sequence[Any] = [None, *({str(i): {"logprob": -len(w)}} for i, w in enumerate(words))]
    handler.send(200, json.dumps({"choices": [], "prompt_logprobs": told}).encode())


def test_log_likelihoods() -> None:
    with server_that(prompt_logprobs) as (url, seen):
        told = model_at(url, Abilities(prompt_logprobs=True)).log_likelihoods(HELLO, ["a", "bcd"])
        assert told == [-1.0, -3.0]
        assert seen[1][2]["continue_final_message"]
    top = [{"token": " B", "logprob": -0.1}, {"token": "x", "logprob": -4.0}]
    body = {"choices": [{"logprobs": {"content": [{"top_logprobs": top}]}}]}
    with server_that(says(body)) as (url, _):
        assert model_at(url).log_likelihoods(HELLO, ["left", "right"]) == [-4.0, -0.1]
        with pytest.raises(LanguageModelError, match="tells no probabilities"):
            model_at(url, Abilities()).log_likelihoods(HELLO, ["left"])


def test_probe_is_done_once(tmp_path: Any) -> None:
    rng = np.random.default_rng(0)
    with server_that(calls(*[("look_at", '{"place": "left"}')] * 2)) as (url, seen):
        found = [
            probed_abilities("m", url, rng, cache_folder=tmp_path, retry_policy=HASTY)
            for _ in range(2)
        ]
        asked = len(seen)
    assert found == [Abilities(tools=True, parallel_calls=True)] * 2
    assert asked < 15
