"""Ask the same question once: replies kept as JSON files, keyed by all that determines them."""

import hashlib
import json
import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from handeye.agents.core.conversation import Image, Message, Part, Reply, ToolCall, ToolSpec, Usage
from handeye.agents.language_models.language_model import LanguageModel


class ReplyCache:
    """A language model whose replies are kept in a folder.

    A kept reply counts neither latency nor retries: nothing was asked.
    """

    def __init__(self, model: LanguageModel, folder: Path) -> None:
        """Wrap `model`; `folder` is made when something is to be kept."""
        self._model = model
        self._folder = folder
        self.model_id = model.model_id
        self.abilities = model.abilities
        self.hits = 0
        self.misses = 0

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
        seed: int = 0,
    ) -> Reply:
        """The kept reply, else the model's, see `LanguageModel`."""
        told = [[tool.name, tool.description, tool.parameters] for tool in tools]
        question = ["reply", self._asked(messages), told, schema, max_tokens, seed]
        key = json.dumps(question, sort_keys=True)
        kept = read_entry(self._folder, key, _reply_of)
        if kept is not None:
            self.hits += 1
            return kept
        self.misses += 1
        answer = self._model.reply(messages, tools, schema=schema, max_tokens=max_tokens, seed=seed)
        entry = {**asdict(answer), "latency_s": 0.0, "retries": 0}
        entry["calls"] = [call._asdict() for call in answer.calls]
        write_entry(self._folder, key, {**entry, "usage": answer.usage._asdict()})
        return answer

    def log_likelihoods(
        self, messages: Sequence[Message], continuations: Sequence[str]
    ) -> list[float]:
        """The kept values, else the model's, see `LanguageModel`."""
        key = json.dumps(["log_likelihoods", self._asked(messages), list(continuations)])
        kept = read_entry(self._folder, key, lambda entry: [float(x) for x in entry["values"]])
        if kept is not None and len(kept) == len(continuations):
            self.hits += 1
            return kept
        self.misses += 1
        values = self._model.log_likelihoods(messages, continuations)
        write_entry(self._folder, key, {"values": values})
        return values

    def _asked(self, messages: Sequence[Message]) -> list[Any]:
        turns = [
            [
                message.role,
                [_told(part) for part in message.parts],
                [call._asdict() for call in message.calls],
                message.call_id,
            ]
            for message in messages
        ]
        return [self.model_id, list(self.abilities), turns]


def read_entry(folder: Path, key: str, read: Any = dict) -> Any:
    """Return what is kept for a key, None if nothing is.

    A file that cannot be read is told of once in a warning and counts as absent, so that it is
    asked anew and written over.

    Args:
        folder: of the cache.
        key: all that determines the entry.
        read: makes the value of the JSON object; whatever it raises means a damaged file.
    """
    path = _path_of(folder, key)
    try:
        text = path.read_text()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        _warn(path, error)
        return None
    try:
        kept = json.loads(text)
        if kept["key"] != key:
            raise ValueError("it answers another question")
        return read(kept["entry"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        _warn(path, error)
        return None


def write_entry(folder: Path, key: str, entry: Mapping[str, Any]) -> None:
    """Keep an entry: the whole file or none, even if killed."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump({"key": key, "entry": dict(entry)}, file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(_path_of(folder, key))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _path_of(folder: Path, key: str) -> Path:
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _warn(path: Path, error: Exception) -> None:
    warnings.warn(f"{path} is damaged ({error}); asking anew", stacklevel=3)


def _told(part: Part) -> Any:
    if isinstance(part, Image):
        pixels = hashlib.sha256(part.rgb.tobytes()).hexdigest()
        return {"image": [list(part.rgb.shape), pixels, part.caption]}
    return part


def _reply_of(entry: Mapping[str, Any]) -> Reply:
    calls = tuple(ToolCall(**call) for call in entry["calls"])
    return Reply(**{**entry, "calls": calls, "usage": Usage(**entry["usage"])})
