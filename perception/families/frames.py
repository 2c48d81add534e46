"""Frames of several cameras through one tower."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from handeye.base.names import look_up
from handeye.perception.families.family import FamilyConfig
from handeye.perception.towers.convolution import STRIDE, ConvolutionTower
from handeye.perception.towers.patch_vit import PatchViT
from handeye.perception.towers.vision import VisionTower


class FrameEncoder(nn.Module):
    """K frames -> the patches of each, in a family's width, with a name for each camera.

        frames (B, K, 3, px, px) -> tower, as (B * K) -> linear where widths differ
                                 -> + camera name -> (B, K, C, width)

    Args:
        config: the tower's name and sizes.
        text_width: of the pooled words, for towers that look with them in mind.
    """

    def __init__(self, config: FamilyConfig, text_width: int | None = None) -> None:
        super().__init__()
        self.tower = tower_of(config, text_width)
        same = self.tower.width == config.width
        self.project = nn.Identity() if same else nn.Linear(self.tower.width, config.width)
        self.cells = (config.px // (STRIDE if config.tower == "convolution" else config.patch)) ** 2
        self.camera = nn.Parameter(torch.randn(config.cameras, 1, config.width) * 0.02)

    def forward(self, frames: Tensor, text: Tensor | None = None) -> Tensor:
        """Frames (B, K, 3, px, px) in [0, 1], text (B, text_width) -> (B, K, C, width)."""
        batch, count = frames.shape[:2]
        if count > len(self.camera):
            raise ValueError(f"{count} frames for a model of {len(self.camera)} cameras")
        spread = None if text is None else text.repeat_interleave(count, 0)
        tokens = self.tower(frames.flatten(0, 1), spread).tokens
        patches: Tensor = self.project(tokens).unflatten(0, (batch, count))
        return patches + self.camera[:count]


def tower_of(config: FamilyConfig, text_width: int | None = None) -> VisionTower:
    """Return the tower that a config names, of random weights.

    Raises:
        UnknownName: there is no such tower.
    """
    towers: dict[str, Callable[[], VisionTower]] = {
        "patch-vit": lambda: PatchViT(
            config.px, config.patch, config.width, config.tower_layers, config.heads
        ),
        "convolution": lambda: ConvolutionTower(
            config.width // 2, config.width, config.tower_layers, text_width
        ),
    }
    return look_up("tower", config.tower, towers)()
