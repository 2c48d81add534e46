"""Classify each spot of the robot's picture: a dense head for kinds, colours and rooms.

The simulator knows all three of every pixel, so the cheapest teacher is the segmentation. Kinds and
colours are told apart by separate softmaxes: their product speaks for pairs never seen together.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.encoders.image import ChannelNorm, FilmConvEncoder, pointwise
from handeye.perception.losses.total import Counted, counted

NEAREST_M = 0.3  # inverse depth is given as a share of that of this distance


class CellLogits(NamedTuple):
    """Logits per spot: (B, classes, rows, columns), class 0 of each is "none of them"."""

    kinds: Tensor
    colours: Tensor
    rooms: Tensor  # which room what is seen there lies in


class RoomSegmenter(nn.Module):
    """Colour and depth -> classes of every 4 x 4 px spot.

    frame (B, 4, px, px): red, green, blue in [0, 1] and inverse depth
      FilmConvEncoder without FiLM -> fine (B, stem, px/4, px/4) and scene (B, width, px/8, px/8)
      scene + its mean over the frame (rooms are known by all that stands in them)
      upsampled, joined with fine, 3x3 convolution -> logits at stride 4
    """

    def __init__(
        self, stem: int, width: int, blocks: int, kinds: int, colours: int, rooms: int
    ) -> None:
        super().__init__()
        self.sizes = (1 + kinds, 1 + colours, 1 + rooms)
        self.trunk = FilmConvEncoder(stem, width, 1, blocks, 0, channels=4)
        self.whole = nn.Linear(width, width)
        self.coarse = nn.Conv2d(width, width // 2, 1)
        self.fine = nn.Conv2d(stem, width // 2, 1)
        self.join = nn.Conv2d(width // 2, width // 2, 3, padding=1)
        self.norm = ChannelNorm(width // 2)
        self.head = nn.Conv2d(width // 2, sum(self.sizes), 1)

    def forward(self, frames: Tensor) -> CellLogits:
        """Frames (B, 4, px, px) as `eye_input` makes them."""
        maps = self.trunk(frames, None)
        whole = self.whole(maps.scene.mean((2, 3)))[:, :, None, None]
        coarse = pointwise(self.coarse, F.relu(maps.scene + whole))
        joined = F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        joined = F.relu(joined + pointwise(self.fine, maps.fine))
        joined = joined + F.relu(self.norm(self.join(joined)))
        return CellLogits(*pointwise(self.head, joined).float().split(self.sizes, dim=1))


def eye_input(rgb: Tensor, depth_m: Tensor) -> Tensor:
    """uint8 (B, H, W, 3) and float (B, H, W) m, 0 for nothing within reach -> (B, 4, H, W)."""
    near = torch.where(depth_m > 0, NEAREST_M / depth_m.clamp_min(NEAREST_M), 0.0)
    return torch.cat([rgb.permute(0, 3, 1, 2).float() / 255.0, near[:, None]], dim=1)


class SpotTruth(NamedTuple):
    """The classes of every spot, (B, rows, columns) int64; -1 where nothing is asked."""

    kinds: Tensor
    colours: Tensor
    rooms: Tensor


def spot_losses(spots: CellLogits, truth: SpotTruth) -> dict[str, Counted]:
    """Cross-entropy of the kinds, the colours and the rooms, of the spots that have one."""
    return {
        name: counted(F.cross_entropy(logits, classes.clamp_min(0), reduction="none"), classes >= 0)
        for name, logits, classes in zip(CellLogits._fields, spots, truth, strict=True)
    }


@torch.no_grad()
def spot_metrics(spots: CellLogits, truth: SpotTruth) -> dict[str, Tensor]:
    """Accuracy over spots that have a class."""
    rows = {}
    for name, logits, classes in zip(CellLogits._fields, spots, truth, strict=True):
        asked = classes > 0
        hit = (logits.argmax(1) == classes)[asked]
        rows[f"{name}_accuracy"] = hit.float().mean() if len(hit) else logits.new_zeros(())
    return rows
