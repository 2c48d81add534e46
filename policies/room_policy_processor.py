"""Observation -> tensors of `RoomPolicy`: the one transform of training and serving."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from transformers import AutoProcessor, ProcessorMixin

from handeye.perception.program_reader import MAX_WORDS
from handeye.perception.room_eyes import eye_input
from handeye.perception.text_encoders import InstructionTokenizer
from handeye.policies.room_policy import RoomPolicyConfig


class RoomPolicyProcessor(ProcessorMixin):
    """Colour and depth frames -> eye input; keeps the vocabulary of the instructions."""

    attributes: ClassVar[list[str]] = []

    def __init__(
        self, words: Sequence[str], max_words: int = MAX_WORDS, px: int = 128, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.words = list(words)
        self.max_words, self.px = max_words, px
        self.instructions = InstructionTokenizer(self.words, max_words)

    def to_dict(self) -> dict[str, Any]:
        """The constructor's arguments; the tokenizer is rebuilt from `words`."""
        saved: dict[str, Any] = super().to_dict()
        saved.pop("instructions", None)
        return saved

    def observe(self, observation: Mapping[str, Any]) -> Tensor:
        """The frames of one observation, (1, 4, px, px).

        Raises:
            ValueError: a frame is missing or of a wrong size or type.
        """
        for key in ("rgb_ego", "depth_ego", "proprio"):
            if key not in observation:
                raise ValueError(
                    f"the observation has no {key!r} (it has {', '.join(observation)}); "
                    "make the environment with the ego camera and depth=True"
                )
        rgb, depth = np.asarray(observation["rgb_ego"]), np.asarray(observation["depth_ego"])
        size = (self.px, self.px)
        if rgb.shape != (*size, 3) or rgb.dtype != np.uint8 or depth.shape != size:
            raise ValueError(
                f"this policy sees {self.px} x {self.px} px, uint8 colour and depth; got "
                f"{rgb.shape} {rgb.dtype} and {depth.shape}"
            )
        return eye_input(torch.from_numpy(rgb)[None], torch.from_numpy(depth)[None])


AutoProcessor.register(RoomPolicyConfig, RoomPolicyProcessor, exist_ok=True)
