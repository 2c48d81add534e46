"""Frames -> feature maps: a small convolutional trunk conditioned on text by FiLM."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FeatureMaps(NamedTuple):
    """Features of one camera's trunk: all (B, channels, rows, columns)."""

    fine: Tensor  # stride 4, knows nothing of the instruction
    scene: Tensor  # stride 8, knows nothing of the instruction
    conditioned: Tensor  # stride 8, after FiLM by the instruction


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of (B, C, H, W); free of copies in channels_last memory."""

    def forward(self, maps: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return super().forward(maps.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def pointwise(conv: nn.Conv2d, maps: Tensor) -> Tensor:
    """A 1x1 convolution of maps (B, C, H, W) as the matrix product it is.

    In channels_last memory torch's own kernel on CPU is several times slower.
    """
    rows = F.linear(maps.permute(0, 2, 3, 1), conv.weight.flatten(1), conv.bias)
    return rows.permute(0, 3, 1, 2)


class ConvBlock(nn.Module):
    """Residual 3x3 convolution; with `text_width`, scaled and shifted per channel by the text.

    The conditioning is FiLM (Perez et al. 2018). It starts as the identity.
    """

    def __init__(self, channels: int, text_width: int | None = None) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = ChannelNorm(channels)
        self.film = nn.Linear(text_width, 2 * channels) if text_width else None
        if self.film is not None:
            nn.init.zeros_(self.film.weight)
            nn.init.zeros_(self.film.bias)

    def forward(self, maps: Tensor, text: Tensor | None = None) -> Tensor:
        """Maps (B, C, H, W), text (B, text_width) -> (B, C, H, W)."""
        change = self.norm(self.conv(maps))
        if self.film is not None and text is not None:
            scale, shift = self.film(text)[:, :, None, None].chunk(2, dim=1)
            change = change * (1 + scale) + shift
        return maps + F.relu(change)


class FilmConvEncoder(nn.Module):
    """Stride-8 convolutional trunk with coordinate channels and FiLM (recipe of BC-Z and RT-1).

    image (B, 3, px, px) in [0, 1]
      4x4 patches, 3x3 convolution        -> fine        (B, stem, px/4, px/4)
      + x, y channels, stride 2, blocks   -> scene       (B, width, px/8, px/8)
      FiLM blocks                         -> conditioned (B, width, px/8, px/8)
    """

    def __init__(
        self,
        stem: int,
        width: int,
        text_width: int,
        scene_blocks: int = 1,
        film_blocks: int = 2,
        channels: int = 3,
    ) -> None:
        super().__init__()
        self.patches = nn.Conv2d(channels, stem, 4, stride=4)
        self.stem = nn.Conv2d(stem, stem, 3, padding=1)
        self.down = nn.Conv2d(stem + 2, width, 3, stride=2, padding=1)
        self.norm = ChannelNorm(width)
        self.scene = nn.ModuleList(ConvBlock(width) for _ in range(scene_blocks))
        self.film = nn.ModuleList(ConvBlock(width, text_width) for _ in range(film_blocks))

    def forward(self, image: Tensor, text: Tensor | None) -> FeatureMaps:
        """Image (B, channels, px, px) float in [0, 1]; text (B, text_width), None: no FiLM."""
        fine = F.relu(self._embed(4.0 * (image - 0.5)))
        fine = fine + F.relu(self.stem(fine))
        scene = F.relu(self.norm(self.down(torch.cat([fine, _coordinates(fine)], dim=1))))
        for block in self.scene:
            scene = block(scene)
        conditioned = scene
        for block in self.film:
            conditioned = block(conditioned, text)
        return FeatureMaps(fine, scene, conditioned)

    def _embed(self, image: Tensor) -> Tensor:
        """Patches (a convolution whose windows do not overlap) as a matrix product."""
        size = self.patches.kernel_size[0]
        cut = image.unflatten(3, (-1, size)).unflatten(2, (-1, size))  # (B, 3, rows, s, columns, s)
        rows = cut.permute(0, 2, 4, 1, 3, 5).flatten(3)
        weight, bias = self.patches.weight.flatten(1), self.patches.bias
        return F.linear(rows, weight, bias).permute(0, 3, 1, 2)  # in channels_last memory


def _coordinates(maps: Tensor) -> Tensor:
    """x and y of every cell's centre in [-1, 1], (B, 2, H, W), in the type of `maps`."""
    batch, _, rows, columns = maps.shape
    y = (torch.arange(rows, device=maps.device) + 0.5) * (2 / rows) - 1
    x = (torch.arange(columns, device=maps.device) + 0.5) * (2 / columns) - 1
    grid = torch.stack([x.expand(rows, columns), y[:, None].expand(rows, columns)])
    return grid.to(maps.dtype).expand(batch, 2, rows, columns)
