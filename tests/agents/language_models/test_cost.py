import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from handeye.agents.core.conversation import Message, Reply, ToolSpec, Usage
from handeye.agents.language_models.cost import Cost, Metered, Price, read_price
from handeye.agents.language_models.language_model import Abilities

HELLO = [Message("user", ("look",))]


class Replying:
    """Gives the replies in their order."""

    model_id = "openai:m@http://localhost/v1"
    abilities = Abilities(tools=True)

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.asked: list[Any] = []

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        self.asked.append((messages, tools, schema, max_tokens, seed))
        return self._replies.pop(0)

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        return [-1.0 for _ in continuations]


def cost_of(*replies: Reply, price: Price | None = None) -> Cost:
    meter = Metered(Replying(*replies), price)
    for _ in replies:
        meter.reply(HELLO)
    return meter.cost


def test_totals_and_money() -> None:
    replies = (Reply("a", usage=Usage(1000, 10), retries=2), Reply(usage=Usage(500, 90)))
    assert cost_of(*replies) == Cost(2, 2, 1500, 100, 0.0, 0.0, None)
    money = cost_of(*replies, price=Price(2.0, 10.0)).money
    assert money == pytest.approx(1500 * 2.0 / 1e6 + 100 * 10.0 / 1e6)
    assert cost_of() == Cost(0, 0, 0, 0, 0.0, 0.0, None)
    assert cost_of(price=Price(1.0, 1.0)).money == 0.0


def test_latency_leaves_out_replies_that_were_not_asked_for() -> None:
    asked = [Reply(latency_s=float(s)) for s in range(1, 22)]
    kept = [Reply(latency_s=0.0)] * 50
    told = cost_of(*asked, *kept)
    assert told.calls == 71
    assert (told.latency_p50_s, told.latency_p95_s) == pytest.approx((11.0, 20.0))
    assert cost_of(Reply(latency_s=0.3)).latency_p95_s == pytest.approx(0.3)


def test_the_model_is_passed_through() -> None:
    answer = Reply("yes", usage=Usage(1, 1))
    model = Replying(answer)
    meter = Metered(model)
    assert meter.reply(HELLO, schema={"type": "object"}, max_tokens=9, seed=4) is answer
    assert model.asked == [(HELLO, (), {"type": "object"}, 9, 4)]
    assert meter.log_likelihoods(HELLO, ["a", "b"]) == [-1.0, -1.0]
    assert (meter.model_id, meter.abilities) == (model.model_id, model.abilities)
    assert meter.cost.calls == 1


def test_price_by_id_with_and_without_address(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    near, far = "openai:m@http://near/v1", "openai:m@http://far/v1"
    listed = {"openai:m": {"input": 0.15, "output": "0.6"}, near: {"input": 0, "output": 0}}
    file.write_text(json.dumps(listed))
    assert read_price(file, "openai:m") == read_price(file, far) == Price(0.15, 0.6)
    assert read_price(file, near) == Price(0.0, 0.0)
    assert read_price(file, "openai:other@http://far/v1") is None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[]",
        "no JSON",
        '{"m": 3}',
        '{"m": {"input": 1}}',
        '{"m": {"input": null, "output": 1}}',
        '{"m": {"input": "cheap", "output": 1}}',
        '{"m": {"input": NaN, "output": 1}}',
        '{"m": {"input": "nan", "output": 1}}',
        '{"m": {"input": -1, "output": 1}}',
    ],
)
def test_a_file_of_another_form_is_one_clear_error(tmp_path: Path, written: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(written)
    with pytest.raises(ValueError, match=r"json is no list of prices .*per million") as told:
        read_price(file, "m")
    assert "\n" not in str(told.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="FileNotFoundError"):
        read_price(tmp_path / "prices.json", "m")
