"""Counts the cost of a language model: calls, tokens, seconds, money at the user's prices."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from handeye.agents.core.conversation import Message, Reply, ToolSpec
from handeye.agents.core.strict_json import parse_json
from handeye.agents.language_models.language_model import LanguageModel


class Price(NamedTuple):
    """Of a million tokens, in whatever currency the user reckons."""

    input: float
    output: float


class Cost(NamedTuple):
    """Totals of a run.

    Attributes:
        calls: replies got.
        retries: requests that failed and were sent again.
        input_tokens: told, as servers count them.
        output_tokens: said.
        latency_p50_s: median seconds of the replies that were asked for; 0 if none was.
        latency_p95_s: which 95 % of them did not exceed.
        money: at the user's price; None without one.
    """

    calls: int
    retries: int
    input_tokens: int
    output_tokens: int
    latency_p50_s: float
    latency_p95_s: float
    money: float | None


def read_price(file: Path, model_id: str) -> Price | None:
    """The price of a model from the user's file, None if it lists none.

    The file: `{"<model id>": {"input": 0.15, "output": 0.6}}`, per million tokens. An id may leave
    out the address (`openai:gpt-x`). handeye ships no prices: they would be wrong by next month.

    Raises:
        ValueError: the file is not of that form.
    """
    try:
        listed = parse_json(file.read_text())
        said = listed.get(model_id, listed.get(model_id.split("@")[0]))
        return None if said is None else Price(_amount(said["input"]), _amount(said["output"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{file} is no list of prices ({type(error).__name__}: {error}); write "
            '{"openai:some-model": {"input": 0.15, "output": 0.6}}, per million tokens'
        ) from error


def _amount(said: Any) -> float:
    amount = float(said)
    if not 0.0 <= amount < math.inf:
        raise ValueError(f"{amount} is no price")
    return amount


class Metered:
    """A language model whose replies are counted."""

    def __init__(self, model: LanguageModel, price: Price | None = None) -> None:
        """Count what `model` replies, at `price`."""
        self._model = model
        self._price = price
        self._replies: list[Reply] = []
        self.model_id = model.model_id
        self.abilities = model.abilities

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        """The model's reply, counted."""
        answer = self._model.reply(messages, tools, schema=schema, max_tokens=max_tokens, seed=seed)
        # Words and calls are the caller's to keep; a meter holds numbers alone.
        counted = Reply(usage=answer.usage, latency_s=answer.latency_s, retries=answer.retries)
        self._replies.append(counted)
        return answer

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        """The model's, not counted: servers do not say what they take."""
        return self._model.log_likelihoods(messages, continuations)

    @property
    def cost(self) -> Cost:
        """Of all replies so far."""
        told = sum(reply.usage.input_tokens for reply in self._replies)
        said = sum(reply.usage.output_tokens for reply in self._replies)
        asked_s = [reply.latency_s for reply in self._replies if reply.latency_s > 0.0]
        p50_s, p95_s = np.quantile(asked_s, [0.5, 0.95]) if asked_s else (0.0, 0.0)
        money = None
        if self._price is not None:
            money = (told * self._price.input + said * self._price.output) / 1e6
        retries = sum(reply.retries for reply in self._replies)
        return Cost(len(self._replies), retries, told, said, float(p50_s), float(p95_s), money)
