"""Claude through Anthropic's own SDK, the extra `handeye[anthropic]`.

Non-obvious behaviours: the service takes neither seed nor temperature here, so replies differ
between runs unless `ReplyCache` keeps them; it tells no probabilities.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from handeye.agents.core.conversation import Image, Message, Part, Reply, Stop, ToolSpec, Usage
from handeye.agents.core.tool_arguments import read_call
from handeye.agents.language_models.json_client import key_from
from handeye.agents.language_models.language_model import Abilities, LanguageModelError
from handeye.agents.language_models.openai_messages import MAX_CALLS, finished_reply, png_base64
from handeye.agents.language_models.retries import (
    Retrier,
    RetryPolicy,
    ServerFault,
    error_of,
    fault_of_status,
)
from handeye.agents.language_models.text_tool_calls import merge_turns

KEY = "ANTHROPIC_API_KEY"
STOPS: dict[str, Stop] = {"max_tokens": "length", "tool_use": "calls", "refusal": "refusal"}


class AnthropicModel:
    """A model of Anthropic's messages service."""

    def __init__(
        self,
        model: str,
        *,
        rng: np.random.Generator,
        retry_policy: RetryPolicy | None = None,
        base_url: str | None = None,
    ) -> None:
        """Open no connection yet.

        Args:
            model: as the service names it.
            rng: for the jitter of retries.
            retry_policy: with its faults; None for the usual.
            base_url: of another server that speaks the same.

        Raises:
            LanguageModelError: the SDK or the key is missing.
        """
        try:
            self._sdk: Any = importlib.import_module("anthropic")
        except ImportError as error:
            raise LanguageModelError(
                f"anthropic:{model} needs Anthropic's SDK; pip install 'handeye[anthropic]'"
            ) from error
        self._key = key_from(KEY)
        if not self._key:
            raise LanguageModelError(f"anthropic:{model} needs a key; set {KEY} in the environment")
        self._client = self._sdk.Anthropic(
            api_key=self._key.reveal(), base_url=base_url, max_retries=0
        )
        self._asker = Retrier(retry_policy or RetryPolicy(), rng)
        self._model = model
        self.model_id = f"anthropic:{model}"
        self.abilities = Abilities(tools=True, images=True, schema=True, parallel_calls=True)

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        """The next turn, see `LanguageModel`; `seed` changes nothing."""
        body: dict[str, Any] = {
            "model": self._model,
            "max_tokens": max_tokens,
            "messages": messages_for_anthropic(messages),
        }
        system = "\n".join(m.text for m in messages if m.role == "system")
        if system:
            body["system"] = system
        if tools:
            body["tools"] = [
                {"name": t.name, "description": t.description, "input_schema": dict(t.parameters)}
                for t in tools
            ]
        if schema is not None:
            body["output_config"] = {"format": {"type": "json_schema", "schema": dict(schema)}}
        try:
            said, retries, latency_s = self._asker.ask(lambda limit_s: self._send(body, limit_s))
        except ServerFault as fault:
            raise error_of(self.model_id, fault) from None
        text = "\n".join(block.text for block in said.content if block.type == "text")
        uses = [block for block in said.content if block.type == "tool_use"][:MAX_CALLS]
        calls = tuple(read_call(use.name, use.input, use.id, tools) for use in uses)
        stop = STOPS.get(str(said.stop_reason), "end")
        usage = Usage(said.usage.input_tokens, said.usage.output_tokens)
        answer = finished_reply(text, calls, stop, usage, schema)
        return replace(answer, latency_s=latency_s, retries=retries)

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        """Refused: the service tells no probabilities."""
        raise LanguageModelError(
            f"{self.model_id} tells no probabilities; use a server that does, or transformers:"
        )

    def _send(self, body: Mapping[str, Any], limit_s: float) -> Any:
        try:
            said = self._client.messages.create(**body, timeout=limit_s)
        except self._sdk.APIStatusError as error:
            words = self._key.hide_in(str(error.message))[:300]
            retry_after = error.response.headers.get("retry-after", "")
            raise fault_of_status(error.status_code, words, retry_after, KEY) from None
        except (self._sdk.APIError, ValueError) as error:
            cause = self._key.hide_in(f"{type(error).__name__}: {error}")[:300]
            raise ServerFault(cause, "check the network, then run again", again=True) from None
        # The SDK hands on a body that is no JSON as a plain text.
        if not isinstance(getattr(said, "content", None), list):
            raise ServerFault("the server answered oddly: no message", "check the address", True)
        return said


def messages_for_anthropic(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The turns as that service wants them: results of tools are parts of a user's turn."""
    turned: list[dict[str, Any]] = []
    for message in merge_turns(messages):
        content = [_block(part) for part in message.parts if part != ""]
        role = message.role
        if role == "system":
            continue
        if role == "tool":
            role = "user"
            content = [{"type": "tool_result", "tool_use_id": message.call_id, "content": content}]
        content += [
            {"type": "tool_use", "id": c.call_id, "name": c.name, "input": dict(c.arguments)}
            for c in message.calls
        ]
        if turned and turned[-1]["role"] == role:
            turned[-1]["content"] += content
        else:
            turned.append({"role": role, "content": content})
    return turned


def _block(part: Part) -> dict[str, Any]:
    if isinstance(part, Image):
        source = {"type": "base64", "media_type": "image/png", "data": png_base64(part)}
        return {"type": "image", "source": source}
    return {"type": "text", "text": part}
