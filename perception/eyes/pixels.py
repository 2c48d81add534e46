"""A frame with the places that its pixels show -> feature maps and what every pixel belongs to."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.encoders.image import ChannelNorm, ConvBlock, pointwise

CHANNELS = 7  # red, green, blue, x, y, z (scaled), whether the place is known
STRIDE_PX = 4  # of the fine maps
RARE = -4.0  # log-odds, before training, of a cell that holds a middle


class PixelMaps(NamedTuple):
    """Maps of B frames (H, W); h, w = H / 4, W / 4.

    Attributes:
        fine: (B, stem, h, w) features.
        coarse: (B, middle, h / 2, w / 2) features.
        tiers: (B, 1 + tiers, H, W) logits: nothing, or a thing of that tier.
        centres: (B, tiers, h, w) logits: here is the middle of a thing of that tier.
        votes: (B, 2, h, w) where the middle of this cell's thing is: right and down, in cells.
        kinds: (B, 1 + kinds, h / 2, w / 2) logits.
    """

    fine: Tensor
    coarse: Tensor
    tiers: Tensor
    centres: Tensor
    votes: Tensor
    kinds: Tensor


class PixelNet(nn.Module):
    """A U-Net with heads that group pixels into things (Panoptic-DeepLab, Cheng et al. 2020).

    frame (B, 7, H, W)
      4x4 patches                        -> (B, stem, H/4, W/4)
      2x2 patches, block                 -> (B, middle, H/8, W/8)
      2x2 patches, blocks, frame's mean  -> (B, deep, H/16, W/16)
      up, added, block; up, added, block -> coarse at H/8 and fine at H/4
    """

    def __init__(
        self, stem: int, middle: int, deep: int, blocks: int, tiers: int, kinds: int
    ) -> None:
        super().__init__()
        self.tiers = tiers
        self.patches = nn.Conv2d(CHANNELS * STRIDE_PX**2, stem, 1)
        self.down_middle = nn.Conv2d(4 * stem, middle, 1)
        self.middle = ConvBlock(middle)
        self.down_deep = nn.Conv2d(4 * middle, deep, 1)
        self.deep = nn.ModuleList(ConvBlock(deep) for _ in range(blocks))
        self.whole = nn.Linear(deep, deep)
        self.up_middle = nn.Conv2d(deep, middle, 1)
        self.join_middle = ConvBlock(middle)
        self.up_stem = nn.Conv2d(middle, stem, 1)
        self.join_stem = ConvBlock(stem)
        self.norms = nn.ModuleList(ChannelNorm(width) for width in (stem, middle, deep))
        self.tier_head = nn.Conv2d(stem, (1 + tiers) * STRIDE_PX**2, 1)
        self.centre_head = nn.Conv2d(stem, tiers, 1)
        self.vote_head = nn.Conv2d(stem, 2, 1)
        self.kind_head = nn.Conv2d(middle, 1 + kinds, 1)
        nn.init.constant_(self.centre_head.bias, RARE)  # type: ignore[arg-type]

    def forward(self, frames: Tensor) -> PixelMaps:
        """Frames (B, 7, H, W) as `EyesProcessor` makes them; H and W multiples of 16."""
        cells = F.pixel_unshuffle(frames, STRIDE_PX).contiguous(memory_format=torch.channels_last)
        stem = F.relu(self.norms[0](pointwise(self.patches, cells)))
        middle = F.relu(self.norms[1](pointwise(self.down_middle, _patches(stem))))
        middle = self.middle(middle)
        deep = F.relu(self.norms[2](pointwise(self.down_deep, _patches(middle))))
        for block in self.deep:
            deep = block(deep)
        deep = F.relu(deep + self.whole(deep.mean((2, 3)))[:, :, None, None])
        coarse = self.join_middle(middle + _doubled(pointwise(self.up_middle, deep)))
        fine = self.join_stem(stem + _doubled(pointwise(self.up_stem, coarse)))
        return PixelMaps(
            fine,
            coarse,
            F.pixel_shuffle(pointwise(self.tier_head, fine), STRIDE_PX),
            pointwise(self.centre_head, fine),
            8.0 * pointwise(self.vote_head, fine),
            pointwise(self.kind_head, coarse),
        )


def likeliest(logits: Tensor) -> Tensor:
    """The channel that is greatest at each pixel, (..., C, H, W) -> (..., H, W) int64.

    What `argmax` gives, but for few channels 20 times as fast: along a dimension that is not the
    last one `argmax` goes through memory in strides.
    """
    best, index = logits.select(-3, 0), logits.new_zeros((), dtype=torch.long)
    for number, channel in enumerate(logits.unbind(-3)[1:], 1):
        index = torch.where(channel > best, number, index)
        best = torch.maximum(best, channel)
    return index


def _patches(maps: Tensor) -> Tensor:
    """(B, C, H, W) -> (B, 4 C, H / 2, W / 2)."""
    return F.pixel_unshuffle(maps, 2).contiguous(memory_format=torch.channels_last)


def _doubled(maps: Tensor) -> Tensor:
    return F.interpolate(maps, scale_factor=2.0, mode="nearest")
