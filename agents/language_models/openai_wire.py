"""Any server of OpenAI's chat completions: vLLM, Ollama, llama.cpp, transformers serve, hosted.

Non-obvious behaviours:
- Without `abilities.tools` tools are told and calls read in words; without `abilities.images` a
  picture is its caption; without `abilities.schema` the schema is told in words. The reply's
  schema is checked in any case.
- Fields that a server refuses by name (`seed`, `temperature`, ...) are left out from then on.
- `log_likelihoods` is exact where the server tells `prompt_logprobs` (vLLM): the continuation's
  share of the whole conversation's log-probability. Elsewhere, with `abilities.logprobs`, the model
  is asked to choose a letter, and each continuation gets its letter's log-probability: fit for
  comparing the continuations with each other and for nothing else.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from handeye.agents.core.conversation import Message, Reply, ToolSpec
from handeye.agents.language_models.json_client import JsonClient
from handeye.agents.language_models.language_model import Abilities, LanguageModelError
from handeye.agents.language_models.openai_messages import (
    read_reply,
    wire_messages,
    wire_schema,
    wire_tools,
)
from handeye.agents.language_models.retries import Retrier, RetryPolicy, ServerFault, error_of
from handeye.agents.language_models.text_tool_calls import (
    caption_images,
    merge_turns,
    tell_schema,
    tell_tools,
)

HOSTED = "https://api.openai.com/v1"
OPTIONAL_FIELDS = ("seed", "temperature", "parallel_tool_calls", "max_tokens")
LETTERS = "ABCDEFGHIJKLMNOPQRST"  # Servers tell as many alternatives of a token.


class OpenAIWire:
    """A model behind a chat-completions server."""

    def __init__(
        self,
        model: str,
        base_url: str = HOSTED,
        *,
        abilities: Abilities,
        rng: np.random.Generator,
        retry_policy: RetryPolicy | None = None,
        key_variable: str = "",
    ) -> None:
        """Open no connection yet.

        Args:
            model: as the server names it.
            base_url: up to and with `/v1`.
            abilities: as probed, see `capability_probe`.
            rng: for the jitter of retries.
            retry_policy: with its faults; None for the usual.
            key_variable: environment variable with the key; "" for OPENAI_API_KEY where that
                company is asked and HANDEYE_API_KEY elsewhere, so that no key goes astray.
        """
        hosted = base_url.rstrip("/") == HOSTED
        variable = key_variable or ("OPENAI_API_KEY" if hosted else "HANDEYE_API_KEY")
        self._server = JsonClient(base_url, variable)
        self._asker = Retrier(retry_policy or RetryPolicy(), rng)
        self._refused: set[str] = set()
        self.model = model
        self.model_id = f"openai:{model}@{self._server.base_url}"
        self.abilities = abilities

    def __repr__(self) -> str:
        return f"OpenAIWire({self.model_id!r})"

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        """The next turn, see `LanguageModel`."""
        can = self.abilities
        if not can.images:
            messages = caption_images(messages)
        if not can.tools:
            messages = tell_tools(messages, tools)
        if schema is not None and not can.schema:
            messages = tell_schema(messages, schema)
        if not can.tools:
            messages = merge_turns(messages)
        body = {
            "messages": wire_messages(messages),
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "seed": seed,
        }
        if tools and can.tools:
            body["tools"] = wire_tools(tools)
        if schema is not None and can.schema:
            body["response_format"] = wire_schema(schema)

        def read(answer: dict[str, Any]) -> Reply:
            """Read one answer, in the form that this server gives."""
            return read_reply(answer, tools, schema, calls_in_words=not can.tools)

        answer, retries, latency_s = self._ask(body, read)
        return replace(answer, latency_s=latency_s, retries=retries)

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        """Log-probability of each continuation, see `LanguageModel` and the notes above."""
        if not continuations:
            return []
        messages = merge_turns(tell_tools(caption_images(messages), ()))
        if self.abilities.prompt_logprobs:
            before = self._log_likelihood_of(messages)
            return [
                self._log_likelihood_of([*messages, Message("assistant", (words,))]) - before
                for words in continuations
            ]
        if self.abilities.logprobs:
            return self._log_likelihoods_of_letters(messages, continuations)
        raise LanguageModelError(
            f"{self.model_id} tells no probabilities; use a server that does (vLLM, llama.cpp), "
            "or transformers:<folder>"
        )

    def _log_likelihood_of(self, messages: Sequence[Message]) -> float:
        """Of the whole conversation; of what comes before a reply if no reply stands last."""
        open_turn = messages[-1].role == "assistant"
        body = {
            "messages": wire_messages(messages),
            "max_tokens": 1,
            "prompt_logprobs": 0,
            "add_generation_prompt": not open_turn,
            "continue_final_message": open_turn,
        }
        return self._ask(body, _prompt_log_likelihood)[0]

    def _log_likelihoods_of_letters(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        if len(continuations) > len(LETTERS):
            raise LanguageModelError(
                f"{self.model_id} can compare {len(LETTERS)} continuations at most, not "
                f"{len(continuations)}; offer fewer, or use a server with prompt_logprobs (vLLM)"
            )
        letters = LETTERS[: len(continuations)]
        options = [
            f"{letter}: {words}" for letter, words in zip(letters, continuations, strict=True)
        ]
        words = "\n".join(["Choose the best. Answer with its letter alone.", *options])
        told = merge_turns([*messages, Message("user", (words,))])
        body = {
            "messages": wire_messages(told),
            "max_tokens": 1,
            "temperature": 0.0,
            "logprobs": True,
            "top_logprobs": 20,
        }
        seen, _, _ = self._ask(body, _first_token_log_likelihoods)
        if not any(letter in seen for letter in letters):
            answers = ", ".join(sorted(seen)[:5])
            raise LanguageModelError(
                f"{self.model_id} did not answer with a letter but with one of: {answers}; "
                "use a server with prompt_logprobs (vLLM), or transformers:<folder>"
            )
        least = min(seen.values())  # whatever is not listed is less likely than all that is
        return [seen.get(letter, least) for letter in letters]

    def _ask(self, body: dict[str, Any], read: Any) -> tuple[Any, int, float]:
        """Return what `read` makes of the answer, the retries, the seconds."""

        def attempt(limit_s: float) -> Any:
            """Ask once and read the answer; ServerFault where it cannot be read."""
            answer = self._server.post("chat/completions", self._welcome(body), limit_s)
            try:
                return read(answer)
            except ValueError as error:
                said = answer.get("error", sorted(answer)[:8])
                told = self._server.hide(repr(said))[:200]
                cause = f"{self._server.base_url} answered oddly: {error}; it says {told}"
                remedy = "is it a chat-completions server? Look into its log"
                raise ServerFault(cause, remedy, again=True) from None

        # A server refuses one field at a time; every refusal but the last is mended by leaving out.
        for _ in OPTIONAL_FIELDS:
            try:
                return self._asker.ask(attempt)
            except ServerFault as fault:
                if not self._mend(body, fault):
                    raise error_of(self.model_id, fault) from None
        raise LanguageModelError(f"{self.model_id} refuses {', '.join(OPTIONAL_FIELDS)}")

    def _mend(self, body: dict[str, Any], fault: ServerFault) -> bool:
        """Remember an optional field that the server refuses by name; False if it is not that."""
        if fault.status not in (400, 422):
            return False
        named = [f for f in OPTIONAL_FIELDS if f in fault.cause and f in self._welcome(body)]
        self._refused.update(named[:1])
        return bool(named)

    def _welcome(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body without what the server refuses."""
        kept = {name: value for name, value in body.items() if name not in self._refused}
        if "max_tokens" in self._refused:
            kept["max_completion_tokens"] = body["max_tokens"]
        return {"model": self.model, **kept}


def _prompt_log_likelihood(answer: dict[str, Any]) -> float:
    """Sum of vLLM's `prompt_logprobs`: per token {id: {"logprob": ...}}, null for the first."""
    told = answer.get("prompt_logprobs")
    if not isinstance(told, list) or len(told) < 2:
        raise ValueError("it has no prompt_logprobs")
    try:
        return math.fsum(next(iter(token.values()))["logprob"] for token in told[1:])
    except (AttributeError, KeyError, TypeError, StopIteration):
        raise ValueError("its prompt_logprobs are malformed") from None


def _first_token_log_likelihoods(answer: dict[str, Any]) -> dict[str, float]:
    """The likeliest first tokens, without space around them -> log-probability."""
    try:
        likeliest = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        pairs = [(str(item["token"]).strip(), float(item["logprob"])) for item in likeliest]
    except (KeyError, IndexError, TypeError, ValueError):
        raise ValueError("it has no choices[0].logprobs.content[0].top_logprobs") from None
    if not pairs:
        raise ValueError("its top_logprobs are empty")
    best: dict[str, float] = {}
    for token, log_likelihood in pairs:
        best[token] = max(log_likelihood, best.get(token, -math.inf))
    return best
