"""Configuration of `TokenPolicy` and its presets."""

from collections.abc import Callable
from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

from handeye.policies.tokens.action_tokenizer import ActionTokenizer

# joints (rad), tcp x y z (m), tcp roll pitch yaw (rad), gripper width (m)
TABLETOP_PROPRIO = (3.0,) * 7 + (0.5,) * 3 + (1.6,) * 3 + (0.08,)


@strict
class TokenPolicyConfig(PreTrainedConfig):
    """Every size of a `TokenPolicy`.

    `kinds` and `colours` name the classes of the dense head, `relations` what the words can ask for
    beside objects, such as "left" or "open" (class 0, "nothing", comes on top of each);
    `referred` maps per camera are trained against the simulator's masks, the others are free.
    """

    model_type = "handeye_token_policy"

    action_mode: str = "ee_pose"
    decoding: str = "parallel"
    bins: int = 256
    front_px: int = 128
    wrist_px: int = 128
    proprio_scale: list[float] | None = None
    vocabulary: int = 64
    max_words: int = 31
    width: int = 128
    heads: int = 4
    layers: int = 3
    text_layers: int = 2
    front_stem: int = 48
    front_width: int = 96
    front_film_blocks: int = 2
    wrist_stem: int = 32
    wrist_width: int = 64
    wrist_film_blocks: int = 1
    referred: int = 2
    front_free: int = 6
    wrist_free: int = 2
    kinds: list[str] | None = None
    colours: list[str] | None = None
    relations: list[str] | None = None

    @property
    def proprio_scales(self) -> list[float]:
        """Divisors of the proprio numbers; by default the ranges of the tabletop's arm."""
        return list(self.proprio_scale or TABLETOP_PROPRIO)

    def action_tokenizer(self) -> ActionTokenizer:
        """The tokenizer of this policy's action mode."""
        return ActionTokenizer.for_mode(self.action_mode, self.bins)


def nano(**changes: Any) -> TokenPolicyConfig:
    """At most 3M parameters: trains and runs on two CPU cores."""
    return TokenPolicyConfig(**changes)


def small(**changes: Any) -> TokenPolicyConfig:
    """At most 25M parameters, for a GPU or a patient CPU."""
    sizes: dict[str, Any] = {
        "width": 384,
        "heads": 6,
        "layers": 6,
        "text_layers": 2,
        "front_stem": 80,
        "front_width": 256,
        "front_film_blocks": 4,
        "wrist_stem": 64,
        "wrist_width": 128,
    }
    return TokenPolicyConfig(**(sizes | changes))


PRESETS: dict[str, Callable[..., TokenPolicyConfig]] = {"nano": nano, "small": small}
