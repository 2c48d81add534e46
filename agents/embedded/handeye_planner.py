"""`handeye-planner`: the language model that comes with handeye and plans without key or network.

A small Llama, trained here on planning traces. Its calls are written token by token, each token
one that a grammar allows (`call_grammar.py`): whatever its weights say, a call is one of the tools
there are, about things that were said or seen, and can be done with the hand as it is.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import llguidance
import llguidance.hf
import llguidance.numpy
import numpy as np
import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from handeye.agents.core.conversation import FEEDBACK, Message, Reply, ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import DONE
from handeye.agents.core.strict_json import clean_text
from handeye.agents.embedded.call_grammar import INTENT, call_grammar, drives
from handeye.agents.embedded.llama_decoder import LlamaDecoder
from handeye.agents.embedded.planner_chat import (
    ASSISTANT,
    CALL_CLOSE,
    CALL_OPEN,
    END,
    PAD,
    RESULT,
    TEMPLATE,
    call_text,
    conversation_texts,
)
from handeye.agents.language_models.language_model import Abilities, LanguageModelError
from handeye.agents.language_models.openai_messages import finished_reply
from handeye.agents.language_models.text_tool_calls import read_calls, tell_schema
from handeye.policies.checkpoint_content import REMEDY, read_json_object, verify_checksums
from handeye.policies.checkpoint_files import load_model

NAME = "handeye-planner"  # The one of `checkpoints` that is loaded where none is named.
TOKENIZER = "tokenizer.json"
CONTEXT = 1500  # A conversation with more tokens has its older results shortened.
FIRST_RESULT = 2  # The turn of what was seen first, which later turns refer to.
ANSWER = 240  # A call has at most so many tokens; plans are the longest.
# A call is finished from so many places where another token was nearly as likely.
SECOND_DRAFTS = 3
LIKELY_SECOND = -2.0  # A token of at least this log-probability (nats) is nearly as likely.
SURE = 0.4  # Success is claimed where every token of every call was at least so likely.
UNSURE = "I did what I understood, and am not sure that it is what was meant"


class _Second(NamedTuple):
    """The second likeliest token of a place, and its log-probability."""

    token: int
    chance: float


@dataclass
class _Draft:
    """A reply as far as it is written, without the end mark.

    Attributes:
        ids: its tokens.
        seconds: place -> the token that was nearly as likely there.
        log_likelihood: of its tokens, nats.
        off_grammar: whether the likeliest token has left the grammar.
        cut: whether it ended for its length.
    """

    ids: list[int]
    seconds: dict[int, _Second]
    log_likelihood: float = 0.0
    off_grammar: bool = False
    cut: bool = False


class HandeyePlanner:
    """The embedded language model.

    Args:
        model: a `LlamaForCausalLM`.
        tokenizer: its own.
        constrained: whether calls must follow the grammar.
        name: what records call it.

    Attributes:
        calls: replies with tools so far.
        raw_mistakes: those of them that would have left the grammar without it.
    """

    abilities = Abilities(tools=True, logprobs=True, prompt_logprobs=True)

    def __init__(
        self, model: Any, tokenizer: Any, *, constrained: bool = True, name: str = NAME
    ) -> None:
        self.model_id = name if constrained else f"{name}:raw"
        self._decoder, self._tokenizer = LlamaDecoder(model), tokenizer
        self._constrained = constrained
        self._end: int = tokenizer.eos_token_id
        self._assistant: int = tokenizer.convert_tokens_to_ids(ASSISTANT)
        self._lexicon = llguidance.hf.from_tokenizer(tokenizer, n_vocab=model.config.vocab_size)
        self._mask = llguidance.numpy.allocate_token_bitmask(1, model.config.vocab_size)
        self._vocabulary: int = model.config.vocab_size
        self.calls = self.raw_mistakes = 0

    @classmethod
    def load(
        cls, folder: Path | None = None, *, constrained: bool = True, name: str = NAME
    ) -> "HandeyePlanner":
        """A shipped model by its name, or one of a folder that `handeye train-planner` wrote.

        Raises:
            LanguageModelError: there is no such model.
        """
        model, tokenizer = load_weights(folder or shipped_folder(name))
        return cls(model, tokenizer, constrained=constrained, name=name)

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        """The likeliest next turn; with tools it is a call. `seed` changes nothing."""
        if schema is not None:
            messages = tell_schema(messages, schema)
        began = time.perf_counter()
        prompt = self._prompt(messages)
        grammar = call_grammar(tools, messages, self._single(tools)) if tools else ""
        said, cut = self._decode(prompt, grammar, min(max_tokens, ANSWER))
        text = clean_text(self._tokenizer.decode(said, skip_special_tokens=True)).strip()
        calls = read_calls(text, tools)[:1] if tools else ()
        answered = sum(message.role == "assistant" for message in messages)
        calls = tuple(call._replace(call_id=f"call_{answered + 1}") for call in calls)
        # Where a robot drives, to say that it is done is to stop there, which is an act.
        done = bool(calls) and calls[0].name == DONE.spec.name
        if done and calls[0].arguments.get("claim") == "success" and not drives(tools):
            mine = [not fed_back(message) for message in messages if message.role == "assistant"]
            calls = (self._as_sure(calls[0], [*prompt, *said, self._end], [*mine, True]),)
        usage = Usage(len(prompt), len(said))
        kept = "" if calls else text
        reply = finished_reply(kept, calls, "length" if cut else "end", usage, schema)
        # Only what is carried out as a whole is worth the time of looking at it once more.
        whole = bool(calls) and INTENT in calls[0].arguments
        own = [False] * answered + [True]
        sure = self.least_likely([*prompt, *said, self._end], own) if whole else 1.0
        return replace(reply, latency_s=time.perf_counter() - began, least_likely=sure)

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        """Exact log-probabilities (nats) of replies; a JSON object counts as a call."""
        prompt = self._prompt(messages)
        told = []
        for words in continuations:
            ids = self._tokenizer(as_reply(words), add_special_tokens=False)["input_ids"]
            logits = self._decoder.all_logits([*prompt, *ids], len(prompt) - 1)[:-1]
            each = logits.log_softmax(-1)[range(len(ids)), ids]
            told.append(float(each.double().sum()))
        return told

    def _decode(self, prompt: list[int], grammar: str, most: int) -> tuple[list[int], bool]:
        """New ids without the end mark, and whether they were cut off.

        Where another token was nearly as likely, the reply is finished from there too; of all that
        were written the likeliest as a whole is taken. Without constraints it is written once, raw.

        Raises:
            LanguageModelError: the grammar cannot be followed, which is a mistake of ours.
        """
        first = self._write(prompt, grammar, most, [])
        if grammar:
            self.calls += 1
            self.raw_mistakes += first.off_grammar
        if grammar and not self._constrained:
            return first.ids, first.cut
        drafts = [first]
        for place in sorted(first.seconds, key=lambda k: first.seconds[k].chance)[-SECOND_DRAFTS:]:
            begun = [*first.ids[:place], first.seconds[place].token]
            drafts.append(self._write(prompt, grammar, most, begun))
        best = max(drafts, key=lambda draft: (not draft.cut, draft.log_likelihood))
        return best.ids, best.cut

    def _write(self, prompt: list[int], grammar: str, most: int, begun: list[int]) -> _Draft:
        """A reply that starts with the ids `begun`, each further token the likeliest."""
        matcher = llguidance.LLMatcher(self._lexicon, grammar) if grammar else None
        draft = _Draft([], {})
        while len(draft.ids) < most:
            scores = self._decoder.logits([*prompt, *draft.ids]).log_softmax(-1)
            free = matcher is None or (draft.off_grammar and not self._constrained)
            allowed = None if free else self._allowed(matcher)
            if allowed is not None:
                draft.off_grammar |= not bool(allowed[int(scores.argmax())])
                if self._constrained:
                    scores = scores.masked_fill(~allowed, -torch.inf)
            token, second = scores.topk(2).indices.tolist()
            if len(draft.ids) < len(begun):
                token = begun[len(draft.ids)]
            elif not begun and float(scores[second]) >= LIKELY_SECOND:
                draft.seconds[len(draft.ids)] = _Second(second, float(scores[second]))
            draft.log_likelihood += float(scores[token])
            if token == self._end:
                return draft
            draft.ids.append(token)
            if matcher is not None and (self._constrained or not draft.off_grammar):
                matcher.consume_token(token)
        draft.cut = True
        return draft

    def _as_sure(self, claim: ToolCall, ids: list[int], own: Sequence[bool]) -> ToolCall:
        """A claim of success as it is, or of failure if a call of the conversation was a guess."""
        if self.least_likely(ids, own) >= SURE:
            return claim
        answer = claim.arguments.get("answer") or UNSURE
        return claim._replace(arguments={"claim": "failure", "answer": answer})

    def least_likely(self, ids: Sequence[int], own: Sequence[bool]) -> float:
        """Probability, before any grammar, of the least likely token that the model has said.

        Args:
            ids: of a conversation.
            own: which of the assistant's turns are the model's, and not a rule's.
        """
        said: list[int] = []
        speaks, turn = False, -1
        for place, token in enumerate(ids):
            if speaks and own[turn]:
                said.append(place)
            turn += token == self._assistant
            speaks = token == self._assistant or (speaks and token != self._end)
        if not said:
            return 1.0
        chances = self._decoder.all_logits(ids, 0).softmax(-1)
        return float(chances[[place - 1 for place in said], [ids[place] for place in said]].min())

    def _single(self, tools: Sequence[ToolSpec]) -> dict[str, int]:
        """Tools without arguments whose calls are one token, which has this id."""
        calls = {tool.name: call_text(ToolCall(tool.name, {}, "")) for tool in tools}
        encoded = self._tokenizer(list(calls.values()), add_special_tokens=False)["input_ids"]
        pairs = zip(calls, encoded, strict=True)
        return {name: ids[0] for name, ids in pairs if len(ids) == 1}

    def _allowed(self, matcher: Any) -> torch.Tensor:
        """(V,) which tokens may come next."""
        llguidance.numpy.fill_next_token_bitmask(matcher, self._mask)
        if matcher.is_error():
            raise LanguageModelError(f"the grammar of calls failed: {matcher.get_error()}")
        bits = np.unpackbits(self._mask.view(np.uint8), bitorder="little")[: self._vocabulary]
        return torch.from_numpy(bits.astype(bool))

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        """Ids of the conversation; if it is too long, its oldest results say only how it went.

        Raises:
            LanguageModelError: it is too long even so.
        """
        texts = conversation_texts(messages)
        encoded = self._tokenizer(texts, add_special_tokens=False)["input_ids"]
        total = sum(map(len, encoded))
        for turn, text in enumerate(texts):
            if total <= CONTEXT:
                break
            if turn > FIRST_RESULT and text.startswith(RESULT):
                short = self._tokenizer(text.split(":")[0], add_special_tokens=False)["input_ids"]
                total -= len(encoded[turn]) - len(short)
                encoded[turn] = short
        if total > self._decoder.room - ANSWER:
            raise LanguageModelError(
                f"{self.model_id} holds {self._decoder.room} tokens and the conversation has "
                f"{total}; give a shorter instruction"
            )
        return [token for ids in encoded for token in ids]


def fed_back(message: Message) -> bool:
    """Return whether a turn of the assistant is a call that a rule has made."""
    return any(call.call_id.startswith(FEEDBACK) for call in message.calls)


def shipped_folder(name: str = NAME) -> Path:
    """Return where weights that come with handeye are."""
    return Path(str(files("handeye.agents") / "checkpoints" / name))


def load_weights(folder: Path) -> tuple[Any, Any]:
    """A `LlamaForCausalLM` and its tokenizer; no code of the folder is run.

    Raises:
        LanguageModelError: there is no such model.
        ValueError: it is damaged or foreign.
    """
    if not (folder / "config.json").is_file():
        raise LanguageModelError(
            f"{folder} holds no model (no config.json); train one with `handeye train-planner`"
        )
    verify_checksums(folder)
    return load_model(LlamaForCausalLM, folder), _load_tokenizer(folder)


def _load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of a folder, of the one class that `handeye train-planner` writes.

    `tokenizer_config.json`, which could name another class, is for other programs.
    """
    read_json_object(folder / TOKENIZER)
    try:
        return PreTrainedTokenizerFast(
            tokenizer_file=str(folder / TOKENIZER),
            eos_token=END,
            pad_token=PAD,
            chat_template=TEMPLATE,
            clean_up_tokenization_spaces=False,
        )
    except Exception as error:  # A file can be wrong in as many ways as it has readers.
        raise ValueError(
            f"{folder / TOKENIZER} is damaged or foreign ({error}); {REMEDY}"
        ) from error


def as_reply(words: str) -> str:
    """Words as the model writes them: a call that stands as a JSON object gets its marks."""
    if not words.startswith('{"name"'):
        return words
    return CALL_OPEN + words + (CALL_CLOSE if words.endswith("}}") else "")


def shipped(spec: str) -> HandeyePlanner:
    """The model of a name such as `handeye-planner`, of that and ":raw", or a folder after them."""
    name, _, options = spec.partition(":")
    raw = options == "raw" or options.startswith("raw:")
    folder = options.removeprefix("raw").strip(":")
    path = Path(folder).expanduser() if folder else None
    return HandeyePlanner.load(path, constrained=not raw, name=name)
