"""Observation and words -> tensors of `HistoryPolicy`, the same in training and in serving."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from transformers import AutoProcessor

from handeye.perception.instructions.navigation_program import NUMBER, instruction_words
from handeye.perception.instructions.program_reader import program_ids
from handeye.perception.mapping.room_segmenter import eye_input
from handeye.policies.history.config import HistoryPolicyConfig
from handeye.policies.navigation.ego_processor import EgoProcessor, ego_parts

PROPRIO = 6


class HistoryPolicyProcessor(EgoProcessor):
    """Colour and depth -> frames at the policy's size; words -> ids and the values of numbers."""

    def read(self, instruction: str) -> dict[str, Tensor]:
        """One instruction as `words` and `numbers_m` (1, L). A blank one is allowed."""
        words, values_m = instruction_words(instruction)
        return self.spoken([words], [values_m])

    def spoken(
        self, sentences: Sequence[Sequence[str]], values_m: Sequence[Sequence[float]]
    ) -> dict[str, Tensor]:
        """Split sentences, numbers as `NUMBER`, and their values in order: two (I, L) tensors."""
        ids = program_ids(self.instructions, sentences)
        numbers = np.zeros(ids.shape, np.float32)
        for row, words, values in zip(numbers, sentences, values_m, strict=True):
            row[[1 + at for at, word in enumerate(words) if word == NUMBER]] = values
        return {"words": torch.from_numpy(ids), "numbers_m": torch.from_numpy(numbers)}

    def observe(self, observation: Mapping[str, Any]) -> dict[str, Tensor]:
        """One observation as `frames` (1, 4, px, px) and `proprio` (1, 6).

        Raises:
            ValueError: a part is missing, of a wrong size or type, or not finite.
        """
        rgb, depth_m, proprio = ego_parts(observation)
        frames = self.frames(rgb[None], depth_m[None])
        return {"frames": frames, "proprio": self.felt(proprio[None])}

    def frames(self, rgb: NDArray[np.uint8], depth_m: NDArray[np.float32]) -> Tensor:
        """uint8 (F, H, H, 3) and m (F, H, H), H a multiple of `px` -> (F, 4, px, px).

        Larger frames are averaged down, so that training and serving see the same pixels.
        """
        side = rgb.shape[1]
        if rgb.dtype != np.uint8 or rgb.shape[1:] != (side, side, 3):
            raise ValueError(f"a frame is uint8 (H, H, 3), this one {rgb.dtype} {rgb.shape[1:]}")
        if depth_m.shape != rgb.shape[:3] or side % self.px:
            raise ValueError(
                f"this policy sees colour and depth at {self.px} px or a multiple; got "
                f"{rgb.shape[1:]} and {depth_m.shape[1:]}"
            )
        seen = eye_input(torch.from_numpy(rgb), torch.from_numpy(depth_m))
        return F.avg_pool2d(seen, side // self.px) if side > self.px else seen

    def felt(self, proprio: NDArray[Any]) -> Tensor:
        """Proprio (F, 6) -> float32; ValueError when it is not finite."""
        if proprio.shape[1:] != (PROPRIO,) or not np.isfinite(proprio).all():
            raise ValueError(
                f"proprio is {PROPRIO} finite numbers, got {proprio}: the simulator or a sensor "
                "has failed"
            )
        return torch.from_numpy(proprio.astype(np.float32))


AutoProcessor.register(HistoryPolicyConfig, HistoryPolicyProcessor, exist_ok=True)
