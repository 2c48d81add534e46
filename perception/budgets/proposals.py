"""Regions that look like objects, pooled into one token each."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.towers.vision import Patches

BINS = 3  # points along each axis at which a region is read
LEAST_SIDE = 0.02  # of the frame; a region has some extent


class Regions(NamedTuple):
    """K regions of a frame, likeliest first.

    Attributes:
        tokens: (B, K, width).
        boxes: (B, K, 4), left, top, right, bottom in [0, 1].
        scores: (B, K), logit of "an object stands here".
        objectness: (B, rows, columns), that logit at every cell, to train it by.
    """

    tokens: Tensor
    boxes: Tensor
    scores: Tensor
    objectness: Tensor


class RegionProposals(nn.Module):
    """K boxes from an objectness map -> K pooled tokens.

        patches (B, N, width) -> objectness, sides of a box at each cell
                              -> K highest cells that top their neighbours -> K boxes
        box -> 3 x 3 points, bilinear -> linear -> token + where the box lies

    Boxes grow from cells as in CenterNet (Zhou et al. 2019, section 4); a box is read at points
    between cells, never rounded, as in RoIAlign (He et al. 2017, section 3), so that the loss on
    what is read also moves the box. Kept cells hand their score's gradient on through the token.

    Args:
        width: of the patches and the tokens.
        regions: K.
    """

    def __init__(self, width: int, regions: int) -> None:
        super().__init__()
        self.regions = regions
        self.objectness = nn.Linear(width, 1)
        self.sides = nn.Linear(width, 2)
        self.read = nn.Linear(width * BINS * BINS, width)
        self.where = nn.Linear(4, width)

    def forward(self, patches: Patches) -> Regions:
        """Patches of a tower -> regions; K may not exceed the number of cells.

        Raises:
            ValueError: there are fewer cells than regions.
        """
        tokens, rows, columns = patches
        if rows * columns < self.regions:
            raise ValueError(
                f"{rows} x {columns} cells are fewer than {self.regions} regions; propose fewer"
            )
        logits = self.objectness(tokens)[..., 0]  # (B, N)
        index = peaks(logits.unflatten(1, (rows, columns))).topk(self.regions, dim=1).indices
        scores = logits.gather(1, index)
        sides = self.sides(tokens).gather(1, index[..., None].expand(-1, -1, 2)).sigmoid()
        sides = sides.clamp(min=LEAST_SIDE)
        x, y = (index % columns + 0.5) / columns, (index // columns + 0.5) / rows
        centre = torch.stack([x, y], dim=-1)
        boxes = torch.cat([centre - sides / 2, centre + sides / 2], dim=-1).clamp(0.0, 1.0)
        pooled = self.read(pool_boxes(patches.maps, boxes, BINS).flatten(2))
        gate = scores.sigmoid() / scores.sigmoid().detach()  # 1, with a gradient
        regions = (pooled + self.where(boxes)) * gate[..., None]
        return Regions(regions, boxes, scores, logits.unflatten(1, (rows, columns)))


def peaks(logits: Tensor) -> Tensor:
    """Logits (B, rows, columns) -> (B, rows * columns), those beside a higher one far below all."""
    around = F.max_pool2d(logits[:, None], 3, stride=1, padding=1)[:, 0]
    spread = logits.amax((1, 2), keepdim=True) - logits.amin((1, 2), keepdim=True) + 1.0
    return torch.where(logits == around, logits, logits - spread).flatten(1)


def pool_boxes(maps: Tensor, boxes: Tensor, bins: int) -> Tensor:
    """Read each box of maps at the centres of bins x bins parts, bilinearly between cells.

    Args:
        maps: (B, width, rows, columns).
        boxes: (B, K, 4), left, top, right, bottom in [0, 1].
        bins: parts along each axis.

    Returns:
        (B, K, width, bins * bins), row by row.
    """
    steps = (torch.arange(bins, device=maps.device) + 0.5) / bins
    low, side = boxes[..., :2], boxes[..., 2:] - boxes[..., :2]
    x = low[..., :1] + side[..., :1] * steps  # (B, K, bins)
    y = low[..., 1:] + side[..., 1:] * steps
    shape = (-1, -1, bins, bins)
    grid = torch.stack([x[:, :, None, :].expand(shape), y[..., None].expand(shape)], dim=-1)
    points = 2 * grid.flatten(2, 3) - 1  # (B, K, bins * bins, 2)
    # bfloat16 would place the points half a cell off
    read = F.grid_sample(
        maps.float(), points.float(), padding_mode="border", align_corners=False
    ).to(maps.dtype)
    return read.transpose(1, 2)
