import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.agents.core.conversation import Image, Message, Reply, ToolCall, ToolSpec, Usage
from handeye.agents.language_models.cost import Cost, Metered, Price, read_price
from handeye.agents.language_models.language_model import Abilities
from handeye.agents.language_models.reply_cache import ReplyCache

ANSWER = Reply("hm", (ToolCall("f", {"x": [1]}, "c"),), "calls", Usage(1_000_000, 10), 2.0, 1)


class Echo:
    model_id = "echo:1@there"
    abilities = Abilities()
    asked = 0

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        self.asked += 1
        return ANSWER

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        self.asked += 1
        return [-1.5] * len(continuations)


def seeing(value: int) -> list[Message]:
    return [Message("user", ("what is it?", Image(np.full((2, 2, 3), value, np.uint8))))]


def test_asks_once(tmp_path: Path) -> None:
    echo = Echo()
    cache = ReplyCache(echo, tmp_path)
    first, again = cache.reply(seeing(0)), cache.reply(seeing(0))
    assert first == ANSWER
    assert (again.text, again.calls, again.usage) == (ANSWER.text, ANSWER.calls, ANSWER.usage)
    assert (again.latency_s, again.retries, echo.asked) == (0.0, 0, 1)
    cache.reply(seeing(1))
    cache.reply(seeing(0), seed=1)
    assert echo.asked == 3
    told = [cache.log_likelihoods(seeing(0), ["a", "b"]) for _ in range(2)]
    assert told == [[-1.5, -1.5]] * 2
    assert (echo.asked, cache.hits, cache.misses) == (4, 2, 4)


@pytest.mark.parametrize("damage", ["", "{", '{"key": "other", "entry": {}}', "[" * 100_000])
def test_damaged_entry_is_asked_anew(tmp_path: Path, damage: str) -> None:
    echo = Echo()
    cache = ReplyCache(echo, tmp_path)
    cache.reply(seeing(0))
    (entry,) = tmp_path.iterdir()
    entry.write_text(damage)
    with pytest.warns(UserWarning, match=r"damaged.*asking anew"):
        assert cache.reply(seeing(0)).text == "hm"
    assert cache.reply(seeing(0)).text == "hm"
    assert echo.asked == 2


def test_cost(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"echo:1": {"input": 2, "output": 100_000}}))
    metered = Metered(Echo(), read_price(file, Echo.model_id))
    metered.reply(seeing(0))
    assert metered.cost == Cost(1, 1, 1_000_000, 10, 2.0, 2.0, pytest.approx(3.0))
    assert read_price(file, "other") is None
    assert Metered(Echo(), Price(1, 1)).cost.latency_p95_s == 0.0
    file.write_text("[]")
    with pytest.raises(ValueError, match="no list of prices"):
        read_price(file, "x")
