"""A language model from one line, such as `openai:<model>@<address>`; see `FORMS`."""

import difflib
from pathlib import Path

import numpy as np

from handeye.agents.language_models.capability_probe import probed_abilities
from handeye.agents.language_models.language_model import LanguageModel, LanguageModelError
from handeye.agents.language_models.openai_wire import HOSTED, OpenAIWire
from handeye.agents.language_models.retries import RetryPolicy

# The models that come with handeye: one makes calls, the other one says what is meant. ":raw" after
# the name leaves out the grammar, ":<folder>" after that takes other weights.
PLANNER, READER = EMBEDDED = ("handeye-planner", "handeye-reader")
FORMS = {
    **{name: name for name in EMBEDDED},
    "openai": "openai:<model>@http://localhost:8080/v1",
    "anthropic": "anthropic:<model>",
    "gemini": "gemini:<model>",
    "transformers": "transformers:<folder>",
}


def load_language_model(
    spec: str,
    rng: np.random.Generator,
    *,
    retry_policy: RetryPolicy | None = None,
    cache_folder: Path | None = None,
) -> LanguageModel:
    """The model that a line names.

    Args:
        spec: one of `FORMS`; an openai model without an address is the company's own.
        rng: for the jitter of retries.
        retry_policy: with the server's faults; None for the usual.
        cache_folder: where probes are kept; None for the usual.

    Raises:
        LanguageModelError: there is no such kind, or the model cannot be reached.
    """
    kind, colon, name = spec.partition(":")
    kind, name = kind.strip(), name.strip()
    if kind in EMBEDDED:
        from handeye.agents.embedded.handeye_planner import shipped

        return shipped(spec.strip())
    if kind not in FORMS or not colon or not name:
        near = difflib.get_close_matches(kind.lower(), FORMS, 1, 0.6)
        hint = f"did you mean {FORMS[near[0]]}?" if near else f"write {', '.join(FORMS.values())}"
        raise LanguageModelError(f"{spec!r} names no language model; {hint}")
    if kind == "openai":
        model, _, base_url = name.partition("@")
        base_url = base_url or HOSTED
        can = probed_abilities(
            model, base_url, rng, cache_folder=cache_folder, retry_policy=retry_policy
        )
        return OpenAIWire(model, base_url, abilities=can, rng=rng, retry_policy=retry_policy)
    # Each of these pulls in a heavy library, which only its own users should wait for.
    if kind == "anthropic":
        from handeye.agents.language_models.anthropic_model import AnthropicModel

        return AnthropicModel(name, rng=rng, retry_policy=retry_policy)
    if kind == "gemini":
        from handeye.agents.language_models.gemini_model import GeminiModel

        return GeminiModel(name, rng=rng, retry_policy=retry_policy)
    from handeye.agents.language_models.transformers_model import TransformersModel

    return TransformersModel.load(Path(name).expanduser())
