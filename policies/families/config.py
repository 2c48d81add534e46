"""Configuration of `FamilyPolicy`: a family's sizes and those of what acts on it."""

from collections.abc import Callable
from typing import Any

from huggingface_hub.dataclasses import strict

from handeye.perception.families.family import FamilyConfig
from handeye.perception.families.registry import family_class
from handeye.policies.token_policy.config import TABLETOP_PROPRIO
from handeye.policies.tokens.action_tokenizer import ActionTokenizer


@strict
class FamilyPolicyConfig(FamilyConfig):
    """Sizes of the family, and of the trunk with the action slots.

    `grounded` policies point at the `referred` objects by maps that the simulator's masks train;
    the others have their actions to learn from alone.
    """

    model_type = "handeye_family_policy"

    action_mode: str = "ee_pose"
    bins: int = 256
    trunk_layers: int = 2
    referred: int = 2
    grounded: bool = True
    proprio_scale: list[float] | None = None

    @property
    def proprio_scales(self) -> list[float]:
        """Divisors of the proprio numbers; by default the ranges of the tabletop's arm."""
        return list(self.proprio_scale or TABLETOP_PROPRIO)

    def action_tokenizer(self) -> ActionTokenizer:
        """Return the tokenizer of this policy's action mode."""
        return ActionTokenizer.for_mode(self.action_mode, self.bins)


@strict
class Rt2PolicyConfig(FamilyPolicyConfig):
    """Sizes of a language model that says actions: no trunk of its own, nothing that points."""

    model_type = "handeye_rt2_policy"


CONFIGS: dict[str, type[FamilyPolicyConfig]] = {"rt2": Rt2PolicyConfig}  # the others are alike


def tiny(family: str, **changes: Any) -> FamilyPolicyConfig:
    """A few ten thousand parameters: for tests."""
    sizes = {
        "px": 32, "patch": 8, "width": 32, "heads": 2, "tower_layers": 1, "text_layers": 1,
        "fusion_layers": 1, "language_layers": 1, "trunk_layers": 1, "frame_tokens": 4,
    }  # fmt: skip
    return _config(family, sizes | changes)


def nano(family: str, **changes: Any) -> FamilyPolicyConfig:
    """At most 3M parameters and 16 tokens a frame: trains and runs on two CPU cores."""
    return _config(family, changes)


def small(family: str, **changes: Any) -> FamilyPolicyConfig:
    """At most 55M parameters, for a GPU."""
    sizes = {
        "width": 384, "heads": 6, "tower_layers": 6, "text_layers": 3, "fusion_layers": 4,
        "language_layers": 6, "trunk_layers": 3,
    }  # fmt: skip
    return _config(family, sizes | changes)


def _config(family: str, changes: dict[str, Any]) -> FamilyPolicyConfig:
    kind = CONFIGS.get(family, FamilyPolicyConfig)
    return kind(**{"family": family, **family_class(family).usual, **changes})


FAMILY_PRESETS: dict[str, Callable[..., FamilyPolicyConfig]] = {
    "tiny": tiny,
    "nano": nano,
    "small": small,
}
