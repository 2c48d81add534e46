"""Observation -> tensors of `TokenPolicy`: the one transform of training and serving."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoProcessor, BatchFeature, ProcessorMixin

from handeye.perception.encoders.text import InstructionTokenizer
from handeye.policies.token_policy.config import TokenPolicyConfig


class TokenPolicyProcessor(ProcessorMixin):
    """Frames -> [0, 1] at the policy's size, instruction -> word ids, joints checked.

    `words` is the trained vocabulary of `InstructionTokenizer`; it travels in
    processor_config.json, so a checkpoint folder needs no other tokenizer file.
    """

    attributes: ClassVar[list[str]] = []
    vocabulary_class: ClassVar[Any] = InstructionTokenizer

    def __init__(
        self,
        words: Sequence[str],
        max_words: int = 31,
        front_px: int = 128,
        wrist_px: int = 128,
        proprio_size: int = 14,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.words = list(words)
        self.max_words = max_words
        self.front_px = front_px
        self.wrist_px = wrist_px
        self.proprio_size = proprio_size
        self.instructions = self.vocabulary_class(self.words, max_words)

    def to_dict(self) -> dict[str, Any]:
        """The constructor's arguments; the tokenizer is rebuilt from `words`."""
        saved: dict[str, Any] = super().to_dict()
        saved.pop("instructions", None)
        return saved

    def __call__(self, observation: Mapping[str, Any], instruction: str) -> BatchFeature:
        """One observation and its instruction -> a batch of one."""
        words = torch.from_numpy(self.instructions.encode(instruction))[None]
        return BatchFeature({**self.observe(observation), "words": words})

    def observe(self, observation: Mapping[str, Any]) -> dict[str, Tensor]:
        """The frames and joints of one observation, as a batch of one."""
        for key in ("rgb_front", "rgb_wrist", "proprio"):
            if key not in observation:
                raise ValueError(
                    f"the observation has no {key!r} (it has {', '.join(observation)}); "
                    "make the environment with the front and wrist cameras"
                )
        return {
            "front": self.frames(np.asarray(observation["rgb_front"])[None], self.front_px),
            "wrist": self.frames(np.asarray(observation["rgb_wrist"])[None], self.wrist_px),
            "proprio": self.joints(np.asarray(observation["proprio"])[None]),
        }

    def frames(self, rgb: NDArray[np.uint8], size_px: int) -> Tensor:
        """uint8 (B, H, W, 3), H = W a multiple of `size_px` -> float (B, 3, size, size) in [0, 1].

        Larger frames are averaged down, so that training and serving see the same pixels.
        """
        if not isinstance(rgb, np.ndarray) or rgb.dtype != np.uint8:
            raise ValueError(f"a frame is a uint8 array, not {getattr(rgb, 'dtype', type(rgb))}")
        if rgb.ndim != 4 or rgb.shape[3] != 3 or rgb.shape[1] != rgb.shape[2]:
            raise ValueError(f"a frame has shape (H, H, 3), this one {rgb.shape[1:]}")
        if rgb.shape[1] % size_px:
            raise ValueError(
                f"a frame of {rgb.shape[1]} px does not reduce to {size_px} px; "
                f"render at {size_px} px or a multiple"
            )
        factor = rgb.shape[1] // size_px
        maps = torch.from_numpy(np.ascontiguousarray(rgb)).permute(0, 3, 1, 2).float()
        if factor > 1:
            maps = torch.nn.functional.avg_pool2d(maps, factor)
        return maps / 255.0

    def joints(self, proprio: NDArray[Any]) -> Tensor:
        """Proprio (B, P) -> float32; ValueError when it is not finite."""
        if proprio.ndim != 2 or proprio.shape[1] != self.proprio_size:
            raise ValueError(f"proprio has {self.proprio_size} numbers, got {proprio.shape[1:]}")
        if not np.isfinite(proprio).all():
            raise ValueError("proprio is not finite; the simulator or the sensor has failed")
        return torch.from_numpy(proprio.astype(np.float32))


AutoProcessor.register(TokenPolicyConfig, TokenPolicyProcessor, exist_ok=True)
