"""What real servers said once, replayed: our clients and OpenAI's own still understand it."""

from pathlib import Path

import pytest

from handeye.experiments.showcase.http_cassette import HttpCassette, replaying
from tests.agents.server_conversations import CONVERSATIONS

TAPES = sorted(Path(__file__).with_name("exchanges").glob("*.json"))


def test_there_are_tapes_of_both_servers() -> None:
    servers = [HttpCassette.load(path).server.split(" ")[0] for path in TAPES]
    assert servers == ["llama.cpp", "transformers"]


@pytest.mark.slow
@pytest.mark.parametrize("topic", CONVERSATIONS)
@pytest.mark.parametrize("path", TAPES, ids=[path.stem for path in TAPES])
def test_the_same_is_understood_on_replay(path: Path, topic: str) -> None:
    tape = HttpCassette.load(path)
    conversation = tape.conversations[topic]
    with replaying(conversation.exchanges) as url:
        assert CONVERSATIONS[topic](url, tape.model) == conversation.found


def test_both_serve_the_same_weights_and_plan_alike() -> None:
    tapes = [HttpCassette.load(path) for path in TAPES]
    assert len({tape.weights_sha256 for tape in tapes}) == 1
    plans = [tape.conversations["planned"].found["turns"] for tape in tapes]
    assert plans[0] == plans[1]


def test_nothing_secret_or_local_is_on_tape() -> None:
    for path in TAPES:
        written = path.read_text()
        for word in ("authorization", "Bearer", "/tmp/", "/home/", "/root/"):
            assert word not in written, (path, word)
