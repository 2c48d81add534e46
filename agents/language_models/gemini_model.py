"""Gemini through Google's own SDK, the extra `handeye[gemini]`; it tells no probabilities here.

Non-obvious behaviour: Gemini 3 refuses a call sent back without the signature of its thoughts; as a
conversation does not keep it, a placeholder is sent in its stead that other clients of the service
send too. It was not tried here against the service itself.
"""

import base64
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

KEY = "GEMINI_API_KEY"
REFUSALS = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY")
NO_SIGNATURE = b"skip_thought_signature_validator"


class GeminiModel:
    """A model of Google's generative service."""

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
            sdk: Any = importlib.import_module("google.genai")
            self._errors: Any = importlib.import_module("google.genai.errors")
        except ImportError as error:
            raise LanguageModelError(
                f"gemini:{model} needs Google's SDK; pip install 'handeye[gemini]'"
            ) from error
        self._key = key_from(KEY)
        if not self._key:
            raise LanguageModelError(f"gemini:{model} needs a key; set {KEY} in the environment")
        options = {"base_url": base_url} if base_url else {}
        self._client = sdk.Client(api_key=self._key.reveal(), http_options=options)
        self._asker = Retrier(retry_policy or RetryPolicy(), rng)
        self._model = model
        self.model_id = f"gemini:{model}"
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
        """The next turn, see `LanguageModel`."""
        config: dict[str, Any] = {"temperature": 0.0, "seed": seed, "max_output_tokens": max_tokens}
        system = "\n".join(m.text for m in messages if m.role == "system")
        if system:
            config["system_instruction"] = system
        if tools:
            config["tools"] = [{"function_declarations": [_declare(tool) for tool in tools]}]
        if schema is not None:
            config["response_mime_type"] = "application/json"
            config["response_json_schema"] = dict(schema)
        contents = contents_for_gemini(messages)

        def send(limit_s: float) -> Any:
            """Send the conversation once."""
            return self._send(contents, config, limit_s)

        try:
            said, retries, latency_s = self._asker.ask(send)
        except ServerFault as fault:
            raise error_of(self.model_id, fault) from None
        return replace(_read(said, tools, schema), latency_s=latency_s, retries=retries)

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        """Refused: the service tells no probabilities of given words."""
        raise LanguageModelError(
            f"{self.model_id} tells no probabilities; use a server that does, or transformers:"
        )

    def _send(self, contents: list[Any], config: dict[str, Any], limit_s: float) -> Any:
        timed = {**config, "http_options": {"timeout": max(1, int(limit_s * 1000))}}
        try:
            said = self._client.models.generate_content(
                model=self._model, contents=contents, config=timed
            )
        except self._errors.APIError as error:
            words = self._key.hide_in(str(error.message))[:300]
            headers = getattr(error.response, "headers", None) or {}
            retry_after = headers.get("retry-after", "")
            raise fault_of_status(int(error.code), words, retry_after, KEY) from None
        # The SDK lets its HTTP library's and its parsers' exceptions pass; none is ours to tell.
        except Exception as error:
            cause = self._key.hide_in(f"{type(error).__name__}: {error}")[:300]
            raise ServerFault(cause, "check the network, then run again", again=True) from None
        # Every field is optional to the SDK: any JSON object passes as an answer.
        if not said.candidates and not said.prompt_feedback:
            raise ServerFault("the server answered oddly: no candidates", "check the address", True)
        return said


def contents_for_gemini(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The turns as that service wants them: it joins results with calls by name and order."""
    turned: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    for message in messages:
        if message.role == "system":
            continue
        role = "model" if message.role == "assistant" else "user"
        parts = [_part(part) for part in message.parts if part != ""]
        if message.role == "tool":
            answer = {
                "id": message.call_id,
                "name": names.get(message.call_id, "unknown"),
                "response": {"result": message.text},
            }
            images = [_part(part) for part in message.parts if isinstance(part, Image)]
            parts = [{"function_response": answer}, *images]
        for call in message.calls:
            names[call.call_id] = call.name
            written = {"id": call.call_id, "name": call.name, "args": dict(call.arguments)}
            parts.append({"function_call": written, "thought_signature": NO_SIGNATURE})
        if turned and turned[-1]["role"] == role:
            turned[-1]["parts"] += parts
        else:
            turned.append({"role": role, "parts": parts})
    return turned


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, Image):
        png = base64.b64decode(png_base64(part))
        return {"inline_data": {"mime_type": "image/png", "data": png}}
    return {"text": part}


def _declare(tool: ToolSpec) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters_json_schema": dict(tool.parameters),
    }


def _read(said: Any, tools: Sequence[ToolSpec], schema: Mapping[str, Any] | None) -> Reply:
    candidate = said.candidates[0] if said.candidates else None
    reason = getattr(getattr(candidate, "finish_reason", None), "name", "")
    stop: Stop = "length" if reason == "MAX_TOKENS" else "end"
    if candidate is None or reason in REFUSALS:
        stop = "refusal"
    content = candidate.content.parts if candidate and candidate.content else None
    parts = [part for part in content or () if not part.thought]
    text = "\n".join(part.text for part in parts if part.text)
    wished = [part.function_call for part in parts if part.function_call][:MAX_CALLS]
    calls = tuple(
        read_call(call.name, call.args, call.id or f"call_{i}", tools)
        for i, call in enumerate(wished)
    )
    counted = said.usage_metadata
    told = (counted.prompt_token_count or 0) if counted else 0
    wrote = (counted.candidates_token_count or 0) if counted else 0
    return finished_reply(text, calls, stop, Usage(told, wrote), schema)
