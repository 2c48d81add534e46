"""The tokenizer of `handeye-planner`: byte-level BPE learned from traces, fixed texts as one token.

Calls begin and end in fixed texts, and tools often answer the same: each of those is a token of its
own, so that a call takes six to ten tokens.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from handeye.agents.core.planner import PLAN
from handeye.agents.embedded.planner_chat import (
    ASSISTANT,
    CALL_CLOSE,
    CALL_OPEN,
    END,
    PAD,
    RESULT,
    SAID_BEFORE,
    TEMPLATE,
    USER,
)
from handeye.experiments.traces.plan_annotation import Trace

STEP_BEGINS = re.compile(r"; \w+ ")  # with the blank: what follows is spelt as in the call itself
FREQUENT = 0.004  # share of all results from which a result is a token


def trace_messages(trace: Trace) -> list[dict[str, Any]]:
    """The conversation of a trace, as chat templates take it."""
    turns: list[dict[str, Any]] = [{"role": "user", "content": SAID_BEFORE + trace.instruction}]
    for turn in trace.turns:
        function = {"name": turn.call.name, "arguments": dict(turn.call.arguments)}
        turns.append({"role": "assistant", "content": "", "tool_calls": [{"function": function}]})
        if turn.result:
            turns.append({"role": "tool", "content": turn.result})
    return turns


def make_tokenizer(traces: Sequence[Trace], vocabulary: int) -> PreTrainedTokenizerFast:
    """Learn a tokenizer.

    Args:
        traces: what it is learned from.
        vocabulary: tokens in all.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [PAD, USER, ASSISTANT, RESULT, END]
    whole = [*call_texts(traces), *frequent_results(traces)]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(whole),
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(traces), trainer)
    tokenizer.add_tokens([AddedToken(text, normalized=False, special=False) for text in whole])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def call_texts(traces: Sequence[Trace]) -> list[str]:
    """The fixed texts that the calls of traces consist of, but for their arguments."""
    texts = dict.fromkeys(
        ('"}}' + CALL_CLOSE, CALL_OPEN + '{"name": "', '", "arguments": {"', '": "')
    )
    for call in (turn.call for trace in traces for turn in trace.turns):
        begin = f'{CALL_OPEN}{{"name": "{call.name}", "arguments": {{'
        for k, name in enumerate(call.arguments):
            texts[(f'", "{name}": "' if k else f'{begin}"{name}": "')] = None
        if not call.arguments:
            texts[begin + "}}" + CALL_CLOSE] = None
        if call.name == PLAN.spec.name:
            texts.update(dict.fromkeys(STEP_BEGINS.findall(call.arguments["steps"])))
    return list(texts)


def frequent_results(traces: Sequence[Trace]) -> list[str]:
    """What tools answer again and again."""
    counts = Counter(turn.result for trace in traces for turn in trace.turns if turn.result)
    least = FREQUENT * counts.total()
    return sorted(text for text, count in counts.items() if count > least and " at x=" not in text)


def _texts(traces: Sequence[Trace]) -> Iterable[str]:
    for trace in traces:
        yield trace.instruction
        for turn in trace.turns:
            yield from (str(value) for value in turn.call.arguments.values())
            yield " ".join(_without_places(turn.result))


def _without_places(text: str) -> list[str]:
    return [piece.split(" m", 1)[-1] for piece in text.split(" at x=")]
