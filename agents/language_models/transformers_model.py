"""A chat model from a folder, run here by transformers: greedy, repeatable, exact likelihoods.

Non-obvious behaviours:
- Tools go to the chat template where it mentions them, else they are told in words; either way
  calls are read from the words ({"name": ..., "arguments": ...}, bare or in <tool_call> tags).
- Pictures are their captions, schemas are told in words.
- A folder without a chat template is refused: guessing one would measure the guess.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer

from handeye.agents.core.conversation import Message, Reply, Stop, ToolSpec, Usage
from handeye.agents.core.strict_json import clean_text
from handeye.agents.language_models.language_model import Abilities, LanguageModelError
from handeye.agents.language_models.openai_messages import finished_reply, wire_messages, wire_tools
from handeye.agents.language_models.text_tool_calls import (
    caption_images,
    merge_turns,
    read_calls,
    tell_schema,
    tell_tools,
)

CONTINUATIONS_AT_ONCE = 8


class TransformersModel:
    """A causal language model and its tokenizer."""

    def __init__(self, model: Any, tokenizer: Any, model_id: str) -> None:
        """Use a loaded model, see `load`."""
        if not tokenizer.chat_template:
            raise LanguageModelError(
                f"{model_id} has no chat template; use an instruction-tuned model, or save "
                "one with tokenizer.chat_template = ...; tokenizer.save_pretrained(folder)"
            )
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._native_tools = "tools" in str(tokenizer.chat_template)
        self._room = int(getattr(model.config, "max_position_embeddings", None) or 1 << 30)
        self.model_id = model_id
        self.abilities = Abilities(
            tools=self._native_tools,
            logprobs=True,
            prompt_logprobs=True,
            parallel_calls=self._native_tools,
        )

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> "TransformersModel":
        """The model of a folder; nothing is downloaded and no code of the folder is run.

        Raises:
            LanguageModelError: there is no such model.
        """
        if not (folder / "config.json").is_file():
            raise LanguageModelError(
                f"{folder} holds no model (no config.json); give a folder that "
                "save_pretrained wrote"
            )
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model: Any = AutoModelForCausalLM.from_pretrained(
                folder, local_files_only=True, dtype="auto", use_safetensors=True
            )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise LanguageModelError(
                f"{folder} cannot be loaded ({str(error)[:300]}); copy or convert it again"
            ) from error
        return cls(model.to(device), tokenizer, f"transformers:{folder}")

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        """The likeliest next turn, greedily; `seed` changes nothing."""
        if schema is not None:
            messages = tell_schema(messages, schema)
        began = time.perf_counter()
        prompt = self._prompt(messages, tools)
        said, stop = self._greedy(prompt, max_tokens)
        text = clean_text(self._tokenizer.decode(said, skip_special_tokens=True)).strip()
        calls = read_calls(text, tools) if tools else ()
        usage = Usage(prompt.shape[1], len(said))
        answer = finished_reply(text, calls, stop, usage, schema)
        return replace(answer, latency_s=time.perf_counter() - began)

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        """Exact log-probabilities; no token spans the end of the prompt and a continuation."""
        prompt = self._prompt(messages, ())
        encoded = [
            self._tokenizer(words, add_special_tokens=False)["input_ids"] for words in continuations
        ]
        told: list[float] = []
        for start in range(0, len(encoded), CONTINUATIONS_AT_ONCE):
            told += self._log_likelihoods_of(prompt, encoded[start : start + CONTINUATIONS_AT_ONCE])
        return told

    @torch.inference_mode()
    def _log_likelihoods_of(self, prompt: Tensor, encoded: Sequence[Sequence[int]]) -> list[float]:
        """Args: prompt (1, P) ids; encoded: ids of each continuation."""
        longest = max(len(ids) for ids in encoded)
        if longest == 0:
            return [0.0] * len(encoded)
        # Padding stands right, where causal attention lets no real token see it.
        padded = torch.zeros((len(encoded), longest), dtype=torch.long)
        for row, ids in enumerate(encoded):
            padded[row, : len(ids)] = torch.tensor(ids, dtype=torch.long)
        padded = padded.to(prompt.device)
        whole = torch.cat([prompt.expand(len(encoded), -1), padded], dim=1)
        logits = self._model(whole, use_cache=False).logits[:, prompt.shape[1] - 1 : -1]
        each = logits.float().log_softmax(-1).gather(2, padded[:, :, None])[:, :, 0]  # (B, longest)
        return [float(each[row, : len(ids)].double().sum()) for row, ids in enumerate(encoded)]

    @torch.inference_mode()
    def _greedy(self, prompt: Tensor, max_tokens: int) -> tuple[list[int], Stop]:
        """New ids without the end mark; whatever sampling the folder asks for is overruled."""
        ends = self._model.generation_config.eos_token_id
        ends = set(ends if isinstance(ends, list) else [ends]) | {self._tokenizer.eos_token_id}
        max_tokens = min(max_tokens, self._room - prompt.shape[1])
        said: list[int] = []
        ids, cache = prompt, None
        while len(said) < max_tokens:
            out = self._model(ids, past_key_values=cache, use_cache=True)
            ids, cache = out.logits[:, -1:].argmax(-1), out.past_key_values
            if int(ids) in ends:
                return said, "end"
            said.append(int(ids))
        return said, "length"

    def _prompt(self, messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Tensor:
        """Token ids (1, P) of the conversation up to where the reply begins."""
        told = caption_images(messages)
        if not self._native_tools:
            told = merge_turns(tell_tools(told, tools))
        turns = wire_messages(told)
        for turn in turns:
            for call in turn.get("tool_calls", ()):  # templates want them parsed, the wire a text
                call["function"]["arguments"] = json.loads(call["function"]["arguments"])
        offered = wire_tools(tools) if tools and self._native_tools else None
        try:
            ids = self._tokenizer.apply_chat_template(
                turns,
                tools=offered,
                add_generation_prompt=True,
                return_tensors="pt",
                return_dict=True,
            )["input_ids"]
        except Exception as error:  # a template is a program of the folder: it raises what it likes
            raise LanguageModelError(
                f"the chat template of {self.model_id} refuses this conversation ({error}); "
                "use a model whose template takes it"
            ) from error
        if ids.shape[1] >= self._room:
            raise LanguageModelError(
                f"{self.model_id} holds {self._room} tokens and the conversation has "
                f"{ids.shape[1]}; shorten it or use a model with a longer context"
            )
        return ids.to(self._model.device)
