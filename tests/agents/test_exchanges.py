"""What real servers answered, asked again in the same words."""

from pathlib import Path

import numpy as np

from handeye.agents.asking import Patience
from handeye.agents.capability_probe import LOOK, probed_abilities
from handeye.agents.conversation import Message, Reply
from handeye.agents.language_model import Abilities
from handeye.agents.openai_wire import OpenAIWire
from tests.agents.exchanges import replayed

MODEL = "rigged"
TWICE = Message("user", ("look twice",))


def converse(url: str, cache: Path) -> tuple[Abilities, list[Reply]]:
    """A probe and a conversation of three turns; recorded from a server, then replayed."""
    rng = np.random.default_rng(0)
    hasty = Patience(attempts=2, first_wait_s=0.01)
    can = probed_abilities(MODEL, url, rng, cache_folder=cache, patience=hasty)
    model = OpenAIWire(MODEL, url, abilities=can, rng=rng, patience=hasty)
    spoke = model.reply([TWICE])
    called = model.reply([TWICE], [LOOK])
    answers = [Message("tool", ("empty",), call_id=call.call_id) for call in called.calls]
    ended = model.reply([TWICE, Message("assistant", (), called.calls), *answers], [LOOK])
    return can, [spoke, called, ended]


def test_transformers_serve(tmp_path: Path) -> None:
    with replayed("transformers_serve.jsonl") as url:
        can, (spoke, called, ended) = converse(url, tmp_path)
    assert can == Abilities(tools=True, parallel_calls=True)
    assert spoke.text == "yes indeed"
    assert [call.arguments["place"] for call in called.calls] == ["left", "right"]
    assert ended.text == "done looking"
    assert ended.usage.output_tokens > 0
