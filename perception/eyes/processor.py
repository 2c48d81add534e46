"""Frames, places and words -> tensors of `Eyes`: the one transform of training and serving."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoProcessor, ProcessorMixin

from handeye.perception.encoders.text import InstructionTokenizer
from handeye.perception.eyes.config import EyesConfig

MULTIPLE_PX = 16
MIDDLE_M = {"table": (0.5, 0.0, 0.0), "room": (2.0, 0.0, 0.0)}  # of what a camera looks at
SPAN_M = {"table": (0.2, 0.2, 0.05), "room": (2.0, 2.0, 1.0)}
FARTHEST = 3.0  # scaled places beyond it are cut


class EyesProcessor(ProcessorMixin):
    """Colours to [0, 1], places to about [-1, 1], words to ids."""

    attributes: ClassVar[list[str]] = []

    def __init__(self, words: Sequence[str], max_words: int = 31, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = list(words)
        self.max_words = max_words
        self.sentences = InstructionTokenizer(self.words, max_words)

    def to_dict(self) -> dict[str, Any]:
        """The constructor's arguments; the tokenizer is rebuilt from `words`."""
        saved: dict[str, Any] = super().to_dict()
        saved.pop("sentences", None)
        return saved

    def frames(
        self, rgb: NDArray[np.uint8], points_m: NDArray[np.floating[Any]] | None, world: str
    ) -> Tensor:
        """Frames as `Eyes` sees them, (B, 7, H, W).

        Args:
            rgb: (B, H, W, 3), sides multiples of 16.
            points_m: (B, H, W, 3) what the pixels show, m, NaN where it is not known: on the table
                in the world, in rooms ahead, left and up of the robot. None if nothing is known.
            world: "table" or "room".

        Raises:
            ValueError: other arrays.
        """
        if not isinstance(rgb, np.ndarray) or rgb.dtype != np.uint8 or rgb.ndim != 4:
            raise ValueError("frames are a uint8 array (B, H, W, 3)")
        if rgb.shape[3] != 3 or rgb.shape[1] % MULTIPLE_PX or rgb.shape[2] % MULTIPLE_PX:
            raise ValueError(
                f"a frame is (H, W, 3) with sides that are multiples of {MULTIPLE_PX}, this one "
                f"{rgb.shape[1:]}; render at 128 or 256 px"
            )
        shown = np.zeros((*rgb.shape[:3], 7), np.float32)
        shown[..., :3] = rgb
        shown[..., :3] /= 255.0
        if points_m is not None:
            if points_m.shape != rgb.shape:
                raise ValueError(f"places {points_m.shape} do not fit frames {rgb.shape}")
            middle, span = (np.array(m[world], np.float32) for m in (MIDDLE_M, SPAN_M))
            scaled = (points_m.astype(np.float32, copy=False) - middle) / span
            np.clip(scaled, -FARTHEST, FARTHEST, out=scaled)
            shown[..., 3:6] = np.nan_to_num(scaled, copy=False)
            shown[..., 6] = np.isfinite(points_m[..., 2])
        return torch.from_numpy(shown).permute(0, 3, 1, 2)

    def ids(self, sentences: Sequence[str]) -> Tensor:
        """Sentences -> ids (Q, max_words + 1); too long ones are cut, empty ones stay blank."""
        split = [self.sentences.split(sentence)[: self.max_words] for sentence in sentences]
        return torch.from_numpy(np.stack([self.sentences.encode_words(words) for words in split]))


AutoProcessor.register(EyesConfig, EyesProcessor, exist_ok=True)
