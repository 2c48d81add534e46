"""Observation -> tensors of `RoomPolicy`: the one transform of training and serving."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoProcessor

from handeye.perception.mapping.room_segmenter import eye_input
from handeye.policies.modular.model import RoomPolicyConfig
from handeye.policies.navigation.ego_processor import EgoProcessor, ego_parts


class RoomPolicyProcessor(EgoProcessor):
    """Colour and depth frames -> eye input; keeps the vocabulary of the instructions."""

    def observe(self, observation: Mapping[str, Any]) -> Tensor:
        """The frames of one observation, (1, 4, px, px).

        Raises:
            ValueError: a frame is missing or of a wrong size or type.
        """
        rgb, depth, _ = ego_parts(observation)
        size = (self.px, self.px)
        if rgb.shape != (*size, 3) or rgb.dtype != np.uint8 or depth.shape != size:
            raise ValueError(
                f"this policy sees {self.px} x {self.px} px, uint8 colour and depth; got "
                f"{rgb.shape} {rgb.dtype} and {depth.shape}"
            )
        return eye_input(torch.from_numpy(rgb)[None], torch.from_numpy(depth)[None])


AutoProcessor.register(RoomPolicyConfig, RoomPolicyProcessor, exist_ok=True)
