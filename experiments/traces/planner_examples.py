"""Examples for `handeye-planner`: planning traces as token ids, drawn afresh, batched by length."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset
from transformers import PreTrainedTokenizerFast

from handeye.agents.core.planner import PLAN
from handeye.agents.embedded.planner_chat import (
    ASSISTANT,
    END,
    RESULT,
    USER,
    call_text,
    result_text,
)
from handeye.experiments.traces.plan_annotation import Trace
from handeye.experiments.traces.planning_traces import draw_trace


class DrawTrace(Protocol):
    """Draws a trace, or a reading."""

    def __call__(self, rng: np.random.Generator, split: str = ..., *, wide: bool = ...) -> Trace:
        """See `draw_trace`."""


POOL = 96  # traces that are sorted by length before they are batched
IGNORED = -100


class PlannerExample(NamedTuple):
    """A trace in tokens.

    Attributes:
        ids: of the whole conversation.
        taught: for each of them whether a model should learn to say it.
    """

    ids: list[int]
    taught: list[bool]


class PlannerBatch(NamedTuple):
    """Conversations of about one length.

    Attributes:
        ids: (B, L) padded on the right, where causal attention lets no real token see it.
        labels: (B, L) what comes next where it is taught, else `IGNORED`.
    """

    ids: Tensor
    labels: Tensor


def encode(trace: Trace, tokenizer: PreTrainedTokenizerFast) -> PlannerExample:
    """The conversation of a trace; taught are its calls, but for those that are mistakes."""
    pieces: list[tuple[str, bool]] = [(USER + trace.instruction, False)]
    for turn in trace.turns:
        pieces.append((ASSISTANT, False))
        pieces.append((call_text(turn.call) + END, turn.taught))
        if turn.result:
            pieces.append((RESULT + result_text(turn.result), False))
    encoded = tokenizer([text for text, _ in pieces], add_special_tokens=False)["input_ids"]
    ids: list[int] = []
    taught: list[bool] = []
    for tokens, (_, teach) in zip(encoded, pieces, strict=True):
        ids += tokens
        taught += [teach] * len(tokens)
    return PlannerExample(ids, taught)


def collate(examples: Sequence[PlannerExample], pad: int) -> PlannerBatch:
    """Examples as one batch."""
    longest = max(len(example.ids) for example in examples)
    ids = torch.full((len(examples), longest), pad)
    labels = torch.full((len(examples), longest), IGNORED)
    for row, (tokens, taught) in enumerate(examples):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        following = [t if teach else IGNORED for t, teach in zip(tokens, taught, strict=True)]
        labels[row, : len(tokens) - 1] = torch.tensor(following[1:])
    return PlannerBatch(ids, labels)


def up_to_a_plan(trace: Trace, rng: np.random.Generator) -> Trace:
    """The trace up to one of its plans, drawn by `rng`; the whole of it if it has none."""
    ends = [k for k, turn in enumerate(trace.turns, 1) if turn.call.name == PLAN.spec.name]
    return trace._replace(turns=trace.turns[: ends[rng.integers(len(ends))]]) if ends else trace


class PlannerExamples(IterableDataset[PlannerBatch]):
    """Endless batches of fresh traces; trace number n is the same in every run of a seed.

    Args:
        tokenizer: of the model.
        seed: of the traces.
        tokens: in a batch, padding included, at most.
        first: number of the first trace.
        cut: share of the traces that end with a plan.
        draw: of a trace.
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        seed: int,
        tokens: int,
        *,
        first: int = 0,
        cut: float = 0.0,
        draw: DrawTrace = draw_trace,
    ) -> None:
        self._tokenizer, self._seed, self._tokens = tokenizer, seed, tokens
        self._first, self._cut, self._draw = first, cut, draw

    def __iter__(self) -> Iterator[PlannerBatch]:
        """Batches; the traces of a pool come in random order of length."""
        number = self._first
        while True:
            pool = [self._example(n) for n in range(number, number + POOL)]
            number += POOL
            order = np.random.default_rng([self._seed, number, 1])
            batches = list(self._by_length(pool))
            for k in order.permutation(len(batches)):
                yield collate(batches[k], self._tokenizer.pad_token_id)

    def _example(self, number: int) -> PlannerExample:
        rng = np.random.default_rng([self._seed, number])
        trace = self._draw(rng, wide=True)
        if rng.random() < self._cut:
            trace = up_to_a_plan(trace, rng)
        return encode(trace, self._tokenizer)

    def _by_length(self, pool: list[PlannerExample]) -> Iterator[list[PlannerExample]]:
        pool.sort(key=lambda example: len(example.ids))
        batch: list[PlannerExample] = []
        for example in pool:
            if batch and len(example.ids) * (len(batch) + 1) > self._tokens:
                yield batch
                batch = []
            batch.append(example)
        yield batch
