"""Masks of things -> their places, sizes, properties and relations."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.eyes.crops import CropNet, covers, crops
from handeye.perception.eyes.pixels import STRIDE_PX, PixelMaps

GEOMETRY = 18  # numbers that say where and how large an object is, in these parts:
MIDDLE, LOW_EDGES, HIGH_EDGES = slice(0, 2), slice(4, 6), slice(6, 8)  # shares of the picture
PLACE, ON_GROUND, HEIGHT = slice(9, 12), slice(9, 11), 11  # scaled x, y, z; x and y; z
TOP, BOTTOM, TOP_AND_BOTTOM = slice(15, 16), slice(16, 17), slice(15, 17)  # scaled z
KNOWN = slice(17, 18)  # whether places are known
PAIR = 12  # numbers that say how one object stands to another
COVERED = 0.3  # A cell counts for an object's edges and heights from this share on.
NO_VALUE = 10.0  # A number beyond every scaled place.


class Things(NamedTuple):
    """N things of each of B frames, some of them padding.

    Attributes:
        kinds: (B, N, 1 + kinds) logits, class 0: nothing that has a name.
        colours: (B, N, colours) logits.
        sizes: (B, N, sizes) logits.
        states: (B, N, states) logits.
        geometry: (B, N, 18), see `geometry_of`.
        pairs: (B, N, N, 12), see `pairs_of`.
        relations: (B, N, N, relations) logits that the row's thing stands so to the column's.
        present: (B, N) bool, which are things and no padding.
    """

    kinds: Tensor
    colours: Tensor
    sizes: Tensor
    states: Tensor
    geometry: Tensor
    pairs: Tensor
    relations: Tensor
    present: Tensor

    @property
    def properties(self) -> Tensor:
        """(B, N, P) probabilities of all classes, side by side."""
        heads = (self.kinds, self.colours, self.sizes, self.states)
        return torch.cat([logits.softmax(-1) for logits in heads], dim=-1)


class ThingNet(nn.Module):
    """Properties and relations of objects, from the features under their masks and their places.

    Properties come from separate softmaxes, so that their product holds for pairs never seen
    together. A kind's classifier sees no colour: otherwise it would learn that some pairs never
    occurred in training.
    """

    def __init__(
        self, features: int, width: int, kinds: int, colours: int, sizes: int, states: int,
        relations: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.split = (colours, sizes, states)
        self.crops = CropNet(width)
        self.kind = nn.Sequential(
            nn.LayerNorm(width + GEOMETRY), nn.Linear(width + GEOMETRY, 2 * width), nn.SiLU(),
            nn.Linear(2 * width, 1 + kinds),
        )  # fmt: skip
        self.norm = nn.LayerNorm(features + width)
        self.mlp = nn.Sequential(
            nn.Linear(features + width + GEOMETRY, 2 * width), nn.SiLU(),
            nn.Linear(2 * width, width), nn.SiLU(),
        )  # fmt: skip
        self.head = nn.Linear(width, sum(self.split))
        self.tint = nn.Sequential(nn.Linear(3, 32), nn.SiLU(), nn.Linear(32, colours))
        known = 1 + kinds + sum(self.split)
        self.one = nn.Linear(known, 48)  # a thing as the first end of a relation
        self.other = nn.Linear(known, 48)
        self.pair = nn.Sequential(nn.Linear(PAIR, 96), nn.SiLU(), nn.Linear(96, 48))
        self.relation = nn.Sequential(
            nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, relations)
        )

    def forward(self, maps: PixelMaps, frames: Tensor, owners: Tensor, present: Tensor) -> Things:
        """Classify the objects whose pixels are given.

        Args:
            maps: of the frames.
            frames: (B, 7, H, W).
            owners: (B, H, W) int64, 1 + the thing whose pixel it is, 0 for none.
            present: (B, N) bool.
        """
        cover = covers(owners, present.shape[1])
        geometry = geometry_of(F.avg_pool2d(frames[:, 3:], STRIDE_PX), cover)
        cut = self.crops(crops(frames, owners, cover, geometry[..., HEIGHT]))
        parts = [pooled(maps.fine, cover), pooled(maps.coarse, halved(cover)), cut]
        seen = torch.cat(parts, dim=-1)
        hidden = self.mlp(torch.cat([self.norm(seen), geometry], dim=-1))
        kinds = self.kind(torch.cat([cut, geometry], dim=-1)).float()
        colours, sizes, states = self.head(hidden).float().split(self.split, dim=-1)
        colours = colours + self.tint(pooled(F.avg_pool2d(frames[:, :3], STRIDE_PX), cover))
        pairs = pairs_of(geometry)
        heads = (kinds, colours, sizes, states)
        known = torch.cat([logits.softmax(-1) for logits in heads], dim=-1)
        ends = self.one(known)[:, :, None] + self.other(known)[:, None]
        relations = self.relation(self.pair(pairs) + ends)
        return Things(*heads, geometry, pairs, relations, present)


def pooled(maps: Tensor, cover: Tensor) -> Tensor:
    """Average features (B, C, h, w) under each mask (B, N, h, w): (B, N, C)."""
    weights = cover.flatten(2)
    weights = weights / weights.sum(-1, keepdim=True).clamp_min(1e-3)
    return weights @ maps.flatten(2).transpose(1, 2)


def halved(cover: Tensor) -> Tensor:
    """Masks at half the resolution."""
    rows, columns = cover.shape[2:]
    small = F.avg_pool2d(cover.flatten(0, 1)[:, None], 2)  # frames without things pass too
    return small.view(*cover.shape[:2], rows // 2, columns // 2)


def geometry_of(places: Tensor, cover: Tensor) -> Tensor:
    """Return places and sizes of objects: (B, N, 18).

    Middle and spread across and down the picture (4), edges (4), root of the area (1), all as
    shares of the picture; mean and spread of the scaled places x, y, z (6), greatest and least z
    (2), whether places are known (1).

    Args:
        places: (B, 4, h, w) scaled x, y, z and whether they are known, of every cell.
        cover: (B, N, h, w).
    """
    rows, columns = cover.shape[2:]
    y = ((torch.arange(rows, device=cover.device) + 0.5) / rows)[:, None].expand(rows, columns)
    x = ((torch.arange(columns, device=cover.device) + 0.5) / columns).expand(rows, columns)
    flat = cover.flatten(2)
    share = flat / flat.sum(-1, keepdim=True).clamp_min(1e-3)
    grid = torch.stack([x.flatten(), y.flatten()], dim=-1)
    middle = share @ grid
    spread = (share @ grid**2 - middle**2).clamp_min(1e-8).sqrt()
    inside = flat > COVERED * flat.amax(-1, keepdim=True)
    low = grid.where(inside[..., None], 2.0).amin(2)
    high = grid.where(inside[..., None], -1.0).amax(2)
    area = flat.mean(-1, keepdim=True).sqrt()
    known = places[:, 3].flatten(1)[:, None]  # (B, 1, cells)
    sure = share * known
    sure = sure / sure.sum(-1, keepdim=True).clamp_min(1e-3)
    xyz = places[:, :3].flatten(2).transpose(1, 2)
    mean = sure @ xyz
    deviation = (sure @ xyz**2 - mean**2).clamp_min(1e-8).sqrt()
    z, solid = places[:, 2].flatten(1)[:, None], inside & (known > 0.99)
    top = z.where(solid, -NO_VALUE).amax(-1, keepdim=True).clamp_min(-1.0)
    bottom = z.where(solid, NO_VALUE).amin(-1, keepdim=True).clamp_max(1.0)
    told = (share * known).sum(-1, keepdim=True)
    parts = [middle, spread, low, high, area, mean, deviation, top, bottom, told]
    return torch.cat(parts, dim=-1)


def pairs_of(geometry: Tensor) -> Tensor:
    """Return how objects stand to one another, from `geometry_of` (B, N, 18): (B, N, N, 12).

    From the column's thing to the row's: middles across and down (2), places x, y, z (3), tops and
    bottoms (2), bottom over top (1), how far apart on the ground (1), shares of the row's and of
    the column's box that the other covers (2), whether places are known (1).
    """
    one, other = geometry[:, :, None], geometry[:, None]
    gap = one - other
    low = torch.maximum(one[..., LOW_EDGES], other[..., LOW_EDGES])
    high = torch.minimum(one[..., HIGH_EDGES], other[..., HIGH_EDGES])
    common = (high - low).clamp_min(0.0).prod(-1, keepdim=True)
    boxes = ((end[..., LOW_EDGES], end[..., HIGH_EDGES]) for end in (one, other))
    sides = [(last - first).clamp_min(1e-3) for first, last in boxes]
    shares = [common / side.prod(-1, keepdim=True) for side in sides]
    apart = (gap[..., ON_GROUND] ** 2).sum(-1, keepdim=True).add(1e-8).sqrt()
    told = (one[..., KNOWN] * other[..., KNOWN]).expand(apart.shape)
    over = one[..., BOTTOM] - other[..., TOP]
    parts = [4.0 * gap[..., MIDDLE], gap[..., PLACE], gap[..., TOP_AND_BOTTOM], over, apart]
    return torch.cat([*parts, *shares, told], dim=-1)
