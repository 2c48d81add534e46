"""Sizes and names of `Eyes`."""

from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

EYES_TYPE = "handeye_eyes"


@strict
class EyesConfig(PreTrainedConfig):
    """Every size of `Eyes`, and the names of its classes.

    `kinds` do not hold "nothing", which comes first in every head of kinds; `sizes` and `states`
    begin with "" (does not apply). `tiers` gives each kind one of `tier_count` tiers: things of
    different tiers may hide one another's middle (a block in a bowl) and are grouped apart. Scores
    are divided by the temperatures, which are fitted after training.
    """

    model_type = EYES_TYPE

    format_version: int = 2  # raise it when checkpoints of before no longer fit
    stem: int = 24
    middle: int = 48
    deep: int = 96
    blocks: int = 2
    width: int = 96
    heads: int = 4
    layers: int = 3
    vocabulary: int = 64
    max_words: int = 31
    kinds: list[str] | None = None
    tiers: list[int] | None = None
    colours: list[str] | None = None
    sizes: list[str] | None = None
    states: list[str] | None = None
    relations: list[str] | None = None
    answers: list[str] | None = None
    tier_count: int = 3
    match_temperature: float = 1.0
    answer_temperature: float = 1.0

    def names(self, field: str) -> list[str]:
        """A list of names, empty if it is not set."""
        return list(getattr(self, field) or ())


def eyes_nano(**changes: Any) -> EyesConfig:
    """Less than a million parameters: trains and looks on one CPU core."""
    return EyesConfig(**changes)
