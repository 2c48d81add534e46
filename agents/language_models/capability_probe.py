"""Finds what an endpoint can do by a few tiny requests, remembered per address and model.

A claim on a model card is no ability: each one here was seen once, with this server and this model.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from handeye.agents.core.conversation import Image, Message, Reply, ToolSpec
from handeye.agents.language_models.language_model import Abilities, LanguageModelError
from handeye.agents.language_models.openai_wire import OpenAIWire
from handeye.agents.language_models.reply_cache import read_entry, write_entry
from handeye.agents.language_models.retries import RetryPolicy

ALL = Abilities(True, True, True, True, True, True)
LOOK = ToolSpec(
    "look_at",
    "Look at one place and report what is there.",
    {
        "type": "object",
        "properties": {"place": {"type": "string", "enum": ["left", "right"]}},
        "required": ["place"],
        "additionalProperties": False,
    },
)
# Impossible to follow by chance or by obedience: only a server that constrains the words does.
UNSAID = {
    "type": "object",
    "properties": {"q7": {"const": "zv-41"}},
    "required": ["q7"],
    "additionalProperties": False,
}


def default_cache_folder() -> Path:
    """Return where probes and replies are kept: HANDEYE_CACHE, else ~/.cache/handeye."""
    return Path(os.environ.get("HANDEYE_CACHE") or Path.home() / ".cache" / "handeye")


def probed_abilities(
    model: str,
    base_url: str,
    rng: np.random.Generator,
    *,
    cache_folder: Path | None = None,
    retry_policy: RetryPolicy | None = None,
    key_variable: str = "",
) -> Abilities:
    """The abilities of an endpoint: from the cache, else by asking it.

    Args:
        model: as the server names it.
        base_url: of the server.
        rng: for the jitter of retries.
        cache_folder: where results are kept; None for the usual.
        retry_policy: with the server's faults; None for the usual.
        key_variable: environment variable with the key; "" for the usual.

    Raises:
        LanguageModelError: the endpoint does not answer at all.
    """
    folder = (cache_folder or default_cache_folder()) / "probes"
    key = json.dumps([base_url.rstrip("/"), model])
    kept = read_entry(folder, key)
    if kept is not None and set(kept) == set(Abilities._fields):
        return Abilities(**{name: kept[name] is True for name in Abilities._fields})
    asked = OpenAIWire(
        model,
        base_url,
        abilities=ALL,
        rng=rng,
        retry_policy=retry_policy,
        key_variable=key_variable,
    )
    found = probe(asked)
    write_entry(folder, key, found._asdict())
    return found


def probe(model: OpenAIWire) -> Abilities:
    """The abilities that a model shows when asked for each.

    Raises:
        LanguageModelError: it does not even answer a greeting.
    """
    model.reply([Message("user", ("Say yes.",))], max_tokens=4)
    both = "Call look_at twice in this turn: once for left, once for right. Do not answer in words."
    looked = _try(lambda: model.reply([Message("user", (both,))], [LOOK], max_tokens=256))
    good = [call for call in looked.calls if not call.problem] if looked else []
    return Abilities(
        tools=bool(good),
        images=_sees(model),
        schema=_keeps_to_schema(model),
        logprobs=_tells(model, prompt=False),
        prompt_logprobs=_tells(model, prompt=True),
        parallel_calls=len(good) > 1,
    )


def _try(ask: Callable[[], Reply]) -> Reply | None:
    try:
        return ask()
    except LanguageModelError:
        return None


def _sees(model: OpenAIWire) -> bool:
    """Return whether it names the colour of two pictures rightly; a guess does so once in four."""
    for colour, rgb in (("red", (230, 20, 20)), ("blue", (20, 20, 230))):
        picture = Image(np.full((64, 64, 3), rgb, np.uint8), "a picture")
        question = Message("user", (picture, "Is this picture red or blue? Answer in one word."))
        said = _try(lambda question=question: model.reply([question], max_tokens=16))  # type: ignore[misc]
        other = "blue" if colour == "red" else "red"
        if said is None or colour not in said.text.lower() or other in said.text.lower():
            return False
    return True


def _keeps_to_schema(model: OpenAIWire) -> bool:
    greeting = [Message("user", ("Say hello.",))]
    said = _try(lambda: model.reply(greeting, schema=UNSAID, max_tokens=64))
    return said is not None and not said.problem and not said.calls


def _tells(model: OpenAIWire, prompt: bool) -> bool:
    """Return whether it tells log-probabilities of given words, or of its own."""
    everything = model.abilities
    model.abilities = Abilities(logprobs=not prompt, prompt_logprobs=prompt)
    try:
        question = [Message("user", ("Is fire hot or cold?",))]
        told = model.log_likelihoods(question, ["hot", "cold"])
        return all(np.isfinite(told))
    except LanguageModelError:
        return False
    finally:
        model.abilities = everything
