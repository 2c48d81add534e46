"""Recording a server and replaying it: nothing but what was recorded, and no word on keys."""

import dataclasses
import json
from pathlib import Path

import httpx2
import numpy as np
import pytest

from handeye.agents.core.conversation import Image, Message
from handeye.agents.language_models.language_model import Abilities, LanguageModelError
from handeye.agents.language_models.openai_wire import OpenAIWire
from handeye.agents.language_models.retries import RetryPolicy
from handeye.experiments.showcase.http_cassette import (
    Conversation,
    Exchange,
    HttpCassette,
    TapeError,
    recording,
    replaying,
)
from tests.agents.misbehaving_server import completes, says, server_that

HASTY = RetryPolicy(3.0, 1.0, attempts=2, first_wait_s=0.01)
KEY = "sk-very-secret"
PICTURE = Image(np.full((4, 4, 3), 200, np.uint8), "a wall")


def ask(url: str, *parts: str | Image) -> str:
    able = Abilities(images=True)
    rng = np.random.default_rng(0)
    model = OpenAIWire("m", url, abilities=able, rng=rng, retry_policy=HASTY)
    return model.reply([Message("user", parts)]).text


def recorded(monkeypatch: pytest.MonkeyPatch) -> tuple[Exchange, ...]:
    monkeypatch.setenv("HANDEYE_API_KEY", KEY)
    with (
        server_that(says(b"busy", 503), completes(content="yes"), completes(content="a wall")) as (
            upstream,
            _,
        ),
        recording(upstream) as (url, exchanges),
    ):
        assert ask(url, "well?") == "yes"
        assert ask(url, "what is it?", PICTURE) == "a wall"
    return tuple(exchanges)


@pytest.mark.slow
def test_what_was_recorded_is_repeated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    exchanges = recorded(monkeypatch)
    assert [exchange.status for exchange in exchanges] == [503, 200, 200]
    HttpCassette("s 1", "m", "ab", {"talk": Conversation({"n": 2}, exchanges)}).save(
        tmp_path / "t.json"
    )
    written = (tmp_path / "t.json").read_text()
    assert KEY not in written
    assert "sha256," in written
    assert "iVBOR" not in written  # the beginning of a PNG
    tape = HttpCassette.load(tmp_path / "t.json")
    assert tape.conversations["talk"] == Conversation({"n": 2}, exchanges)
    with replaying(tape.conversations["talk"].exchanges) as url:
        assert ask(url, "well?") == "yes"
        assert ask(url, "what is it?", PICTURE) == "a wall"


@pytest.mark.slow
def test_other_requests_are_a_clear_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    exchanges = recorded(monkeypatch)
    other = Image(np.full((4, 4, 3), 10, np.uint8))
    differs = r"not recorded; asked: .*really.*recorded: .*well\?"
    refused(exchanges, ("really?",), differs)
    refused(exchanges[2:], ("what is it?", other), "not recorded")
    refused((), ("well?",), "nothing more")
    with (
        pytest.raises(TapeError, match="1 recorded requests were not made"),
        replaying(exchanges) as url,
    ):
        ask(url, "well?")


def refused(exchanges: tuple[Exchange, ...], parts: tuple[str | Image, ...], says_so: str) -> None:
    """Whoever asks is told, and even where it takes no notice the replay fails."""
    with (
        pytest.raises(TapeError, match=says_so),
        replaying(exchanges) as url,
        pytest.raises(LanguageModelError, match="418"),
    ):
        ask(url, *parts)


def test_streams_are_repeated_as_they_came() -> None:
    stream = says(b"data: 1\n\ndata: [DONE]\n\n", content_type="text/event-stream")
    with server_that(stream) as (upstream, _), recording(upstream) as (url, exchanges):
        assert httpx2.post(f"{url}/chat/completions", json={}).text.startswith("data: 1")
    with replaying(tuple(exchanges)) as url:
        answer = httpx2.post(f"{url}/chat/completions", json={})
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.text == exchanges[0].answer == "data: 1\n\ndata: [DONE]\n\n"


def test_a_server_that_is_not_there_is_told() -> None:
    with recording("http://127.0.0.1:1/v1") as (url, exchanges):
        answer = httpx2.post(f"{url}/chat/completions", json={})
    assert answer.status_code == 502
    assert "127.0.0.1:1" in answer.text
    assert exchanges == []


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": "handeye.wire_tape/1"}'])
def test_damaged_tapes_are_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(content)
    with pytest.raises(TapeError, match="is no tape"):
        HttpCassette.load(tmp_path / "t.json")


def test_a_tape_is_plain_json(tmp_path: Path) -> None:
    exchange = Exchange("POST", "/v1/chat/completions", {}, 200, "application/json", {"a": 1})
    HttpCassette("s", "m", "", {"x": Conversation({}, (exchange,))}).save(tmp_path / "t.json")
    told = json.loads((tmp_path / "t.json").read_text())
    assert told["conversations"]["x"]["exchanges"] == [dataclasses.asdict(exchange)]
