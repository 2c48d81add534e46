"""Conversations with real servers, live: `make test-servers`; with RECORD=1 they become the tapes.

Left out of `make test`, which replays the tapes in test_recorded_servers.py.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from handeye.experiments.showcase.http_cassette import (
    Conversation,
    HttpCassette,
    recording,
    replaying,
)
from tests.agents.live_servers import Live, llama_cpp, planner_folder, transformers_serve
from tests.agents.server_conversations import CONVERSATIONS

TAPES = Path(__file__).with_name("exchanges")
SERVERS: dict[str, Callable[[Path, Path], Any]] = {
    "llama_cpp": llama_cpp,
    "transformers_serve": transformers_serve,
}
pytestmark = [
    pytest.mark.servers,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        "HANDEYE_TEST_SERVERS" not in os.environ, reason="real servers: make test-servers"
    ),
]


@pytest.mark.parametrize("name", SERVERS)
def test_a_real_server_is_understood(name: str, tmp_path: Path) -> None:
    folder = planner_folder()
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    with SERVERS[name](folder, tmp_path) as live:
        tape = HttpCassette(live.server, live.model, weights, spoken_with(live))
    for topic, conversation in tape.conversations.items():
        with replaying(conversation.exchanges) as url:
            assert CONVERSATIONS[topic](url, tape.model) == conversation.found
    if os.environ.get("HANDEYE_RECORD"):
        tape.save(TAPES / f"{name}.json")


def spoken_with(live: Live) -> dict[str, Conversation]:
    told = {}
    for topic, converse in CONVERSATIONS.items():
        with recording(live.url) as (url, exchanges):
            found = converse(url, live.model)
        told[topic] = Conversation(found, tuple(exchanges))
    return told
