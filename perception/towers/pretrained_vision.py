"""Any transformers vision tower by folder: ViT, Swin, ConvNeXt, DINOv2, CLIP, SigLIP and kin."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import (
    AutoModel,
    CLIPVisionModel,
    PreTrainedConfig,
    PreTrainedModel,
    SiglipVisionModel,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES,
    MODEL_FOR_IMAGE_MAPPING_NAMES,
)

from handeye.perception.towers.frame_preparation import FramePreparation
from handeye.perception.towers.pretrained_folder import (
    PretrainedPart,
    load_weights,
    read_config,
)
from handeye.perception.towers.vision import Patches, check_frames, flattened

VISION_PARTS: Mapping[str, Any] = {  # of checkpoints that also hold a text tower, or did
    "clip": CLIPVisionModel,
    "clip_vision_model": CLIPVisionModel,
    "siglip": SiglipVisionModel,
    "siglip_vision_model": SiglipVisionModel,
}
LEADING_TOKENS = 32  # at most so many class and register tokens stand before the patches


class PretrainedVision(PretrainedPart):
    """A transformers vision model; its patch tokens, or its last feature map cell by cell.

        frames -> preparation -> [ class | registers | p_1 ... p_N ]  ViT, DINOv2, CLIP
                                 [ p_1 ... p_N ]                      SigLIP, Swin
                                 (B, width, rows, columns)            ConvNeXt, ResNet
               -> tokens (B, rows * columns, width)

    Args:
        model: of `vision_model` or `load`.
        preparation: done to frames first.
        frozen: no gradients, always in evaluation mode.
    """

    def __init__(
        self, model: PreTrainedModel, preparation: FramePreparation, frozen: bool = True
    ) -> None:
        super().__init__(model, frozen)
        self.preparation = preparation
        config = model.config
        self.width: int = getattr(config, "hidden_size", None) or config.hidden_sizes[-1]

    @classmethod
    def load(cls, folder: str | Path, frozen: bool = True, crop: bool = False) -> Self:
        """The tower of a folder, prepared as its own processor is.

        Args:
            folder: a vision model's, or a whole CLIP's or SigLIP's.
            frozen: no gradients, always in evaluation mode.
            crop: cut a border off frames where the processor does (DINOv2's, ConvNeXt's); without
                it the whole frame is seen, and cells stand where they stand in the frame.

        Raises:
            ValueError: the folder holds no vision tower, or not all of one.
        """
        folder = Path(folder)
        config = vision_config(read_config(folder, "vision tower"))
        model = load_weights(_part(config, folder), folder, config)
        side = getattr(config, "image_size", 224)
        preparation = FramePreparation.read(folder, side if isinstance(side, int) else 224, crop)
        tower = cls(model, preparation, frozen)
        try:
            with torch.no_grad():
                tower(torch.zeros(1, 3, 64, 64))
        except Exception as error:  # Any model may be asked for, and fail in its own way.
            raise ValueError(
                f"{folder} ({config.model_type}) does not turn frames into patches as a tower does "
                f"({error}); give a ViT, Swin, ConvNeXt, DINOv2, CLIP or SigLIP"
            ) from error
        return tower

    def forward(self, frames: Tensor, text: Tensor | None = None) -> Patches:
        """Frames (B, 3, px, px) in [0, 1] of any side -> the tower's tokens."""
        check_frames(frames)
        pixels = self.preparation(frames)
        options = {}
        if pixels.shape[-1] != getattr(self.model.config, "image_size", pixels.shape[-1]):
            options = {"interpolate_pos_encoding": True}
        seen = self.model(pixel_values=pixels, **options).last_hidden_state
        if seen.dim() == 4:  # (B, width, rows, columns)
            return flattened(seen)
        side = pixels.shape[-1] // _stride(self.model.config)
        leading = seen.shape[1] - side * side
        if not 0 <= leading <= LEADING_TOKENS:
            raise ValueError(f"{seen.shape[1]} tokens are no grid of {side} x {side}")
        return Patches(seen[:, leading:], side, side)


def vision_config(config: PreTrainedConfig) -> PreTrainedConfig:
    """The config of the vision part, of a whole checkpoint's or the part's own config."""
    return config.vision_config if config.model_type in ("clip", "siglip") else config


def vision_model(config: PreTrainedConfig) -> PreTrainedModel:
    """An untrained vision part of `vision_config`, for weights that come later.

    Raises:
        ValueError: the config is of no vision model.
    """
    part = VISION_PARTS.get(config.model_type)
    return _part(config, "the config").from_config(config) if part is None else part(config)


def _part(config: PreTrainedConfig, source: object) -> Any:
    """The class of the vision part."""
    kind = config.model_type
    known = MODEL_FOR_IMAGE_MAPPING_NAMES.keys() | MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES
    if kind not in known | VISION_PARTS.keys():
        raise ValueError(
            f"{source} is of a model of type {kind!r}, which sees no frames; give a ViT, Swin, "
            "ConvNeXt, DINOv2, CLIP or SigLIP"
        )
    return VISION_PARTS.get(kind, AutoModel)


def _stride(config: PreTrainedConfig) -> int:
    """Pixels between the centres of two last tokens, along one axis."""
    merges = len(config.depths) - 1 if hasattr(config, "depths") else 0  # Swin halves its grid
    return int(config.patch_size) * 2**merges
