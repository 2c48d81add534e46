"""Configuration of `HistoryPolicy` and its presets."""

from collections.abc import Callable
from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import PreTrainedConfig

from handeye.perception.instructions.program_reader import MAX_WORDS
from handeye.policies.tokens.action_tokenizer import (
    DISCRETE_ACTIONS,
    DISCRETE_MODE,
    ActionTokenizer,
)

VELOCITY_STRIDE = 20  # at 10 Hz a step moves a quarter as far as in the discrete mode


@strict
class HistoryPolicyConfig(PreTrainedConfig):
    """Every size of a `HistoryPolicy`, and the names of its classes ("nothing" left out).

    `history` frames are remembered, the one now included, `stride` steps apart; `free` maps of each
    come on top of the one that is trained against the simulator's masks.
    """

    model_type = "handeye_history_policy"

    action_mode: str = DISCRETE_MODE
    bins: int = 32
    px: int = 64
    history: int = 6
    stride: int = 5
    vocabulary: int = 64
    max_words: int = MAX_WORDS
    width: int = 128
    heads: int = 4
    layers: int = 2
    text_layers: int = 2
    stem: int = 32
    eye_width: int = 64
    film_blocks: int = 2
    free: int = 1
    layout: int = 1
    kinds: list[str] | None = None
    colours: list[str] | None = None
    rooms: list[str] | None = None

    @property
    def class_counts(self) -> tuple[int, int, int]:
        """Numbers of kinds, colours and rooms, "nothing" included."""
        kinds, colours, rooms = (len(n or ()) for n in (self.kinds, self.colours, self.rooms))
        return 1 + kinds, 1 + colours, 1 + rooms

    def action_tokenizer(self) -> ActionTokenizer:
        """Return the tokenizer: terminate, then a bin per velocity, or one of three moves."""
        if self.action_mode == DISCRETE_MODE:
            return ActionTokenizer((0.5,), (DISCRETE_ACTIONS - 0.5,), DISCRETE_ACTIONS - 1)
        return ActionTokenizer.for_mode(self.action_mode, self.bins)


def history_nano(**changes: Any) -> HistoryPolicyConfig:
    """Suite rooms: acts by tokens on 6 frames, at most 3M parameters."""
    return HistoryPolicyConfig(**changes)


def history_small(**changes: Any) -> HistoryPolicyConfig:
    """Suite rooms: acts by tokens on 12 frames, at most 25M parameters."""
    sizes: dict[str, Any] = {
        "px": 128,
        "history": 12,
        "width": 384,
        "heads": 6,
        "layers": 6,
        "text_layers": 3,
        "stem": 48,
        "eye_width": 192,
        "film_blocks": 3,
        "free": 3,
    }
    return HistoryPolicyConfig(**(sizes | changes))


HISTORY_PRESETS: dict[str, Callable[..., HistoryPolicyConfig]] = {
    "history-nano": history_nano,
    "history-small": history_small,
}
