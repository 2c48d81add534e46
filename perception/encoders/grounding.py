"""Places in a frame that an instruction names: attention maps, their labels, their tokens."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.encoders.image import FeatureMaps

OCTAVES = 8
PEAK_RADIUS = 0.16  # of the frame's side, 2.5 cells of 16
GLIMPSE = 5  # cells of the stride-4 map read around a grounded position, along each axis


class Queries(NamedTuple):
    """Queries of an instruction to the frames, M things of which the first are referred objects."""

    tokens: Tensor  # (B, M, width)
    classes: Tensor  # (B, M, classes) how much each class of a cell speaks for it

    def part(self, *slices: slice) -> "Queries":
        """The queries of some slices along M."""
        tokens = torch.cat([self.tokens[:, part] for part in slices], dim=1)
        return Queries(tokens, torch.cat([self.classes[:, part] for part in slices], dim=1))


class InstructionQueries(nn.Module):
    """Text tokens -> queries: learned questions that read the instruction by attention."""

    def __init__(self, queries: int, classes: int, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.question = nn.Parameter(torch.randn(queries, width) * 0.5)
        self.ask = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )
        self.to_classes = nn.Linear(width, classes)

    def forward(self, text: Tensor, present: Tensor) -> Queries:
        """Text (B, L, width) with `present` (B, L) True at words."""
        batch, _, width = text.shape
        shape = (batch, -1, self.heads, width // self.heads)
        asked = self.ask(self.question).expand(batch, -1, -1).reshape(shape).transpose(1, 2)
        keys, values = self.key_value(text).chunk(2, dim=-1)
        scores = asked @ keys.reshape(shape).permute(0, 2, 3, 1) * (width // self.heads) ** -0.5
        odds = scores.masked_fill(~present[:, None, None, :], -torch.inf).softmax(-1)
        read = odds.to(values.dtype) @ values.reshape(shape).transpose(1, 2)
        tokens = self.question + read.transpose(1, 2).reshape(batch, -1, width)
        tokens = tokens + self.mlp(self.norm(tokens))
        return Queries(tokens, self.to_classes(tokens).float())


class Grounding(NamedTuple):
    """Attention of M queries over one frame of C = rows x columns cells."""

    tokens: Tensor  # (B, M, width)
    logits: Tensor  # (B, M, C) float32, before the softmax over cells
    xy: Tensor  # (B, M, 2) float32, expected position in [0, 1]: x to the right, y down


class GroundedTokens(nn.Module):
    """Queries -> attention maps over a frame -> few tokens that know where they look.

    A query scores every cell twice: by features of the conditioned map, and by a sum over the
    classes (kinds, colours) that the cell seems to hold. The second score is additive in kind and
    colour, so it extends to pairs never seen together. A token carries the features its map
    collects, Fourier features (Tancik et al. 2020) of the position its map expects, and a glimpse
    of the finer map around that position. The first queries are trained against the simulator's
    masks (`grounding_loss`), the rest are free, like the spatial softmax of Finn et al. 2016 and
    TokenLearner (Ryoo et al. 2021). A trained map's position is expected around its peak only: of
    two objects it points at the likelier, never at the empty middle.
    """

    def __init__(
        self, queries: int, trained: int, channels: int, fine_channels: int, width: int
    ) -> None:
        super().__init__()
        self.trained = trained
        self.to_key = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, channels))
        self.key = nn.Conv2d(channels, channels, 1)
        self.value = nn.Conv2d(channels, width, 1)
        self.position = nn.Linear(4 * OCTAVES, width)
        self.glimpse = nn.Linear(fine_channels * GLIMPSE * GLIMPSE, width)
        self.mix = nn.Sequential(nn.LayerNorm(width), nn.SiLU(), nn.Linear(width, width))
        self.name = nn.Parameter(torch.randn(queries, width) * 0.02)

    def forward(self, maps: FeatureMaps, odds: Tensor, queries: Queries) -> Grounding:
        """Maps of one camera and each cell's odds of the classes (B, classes, rows, columns)."""
        # both projections are linear: taken of M queries and M pools, not of all C cells
        cells = maps.conditioned.flatten(2)  # (B, channels, C)
        asked, scale = self.to_key(queries.tokens), cells.shape[1] ** -0.5
        logits = (asked @ self.key.weight.flatten(1)) @ cells + (asked @ self.key.bias)[..., None]
        logits = logits.float() * scale + queries.classes @ odds.flatten(2)
        attention = logits.softmax(-1)
        centres = cell_centres(maps.conditioned.shape[2], maps.conditioned.shape[3], logits)
        peaks = near_peak(logits[:, : self.trained], centres).softmax(-1)
        xy = torch.cat([peaks, attention[:, self.trained :]], dim=1) @ centres
        pooled = attention.to(cells.dtype) @ cells.transpose(1, 2)
        pooled = F.linear(pooled, self.value.weight.flatten(1), self.value.bias)
        here = self.position(fourier_features(xy, OCTAVES))
        glimpse = self.glimpse(glimpses(maps.fine, xy.detach(), GLIMPSE))
        return Grounding(self.mix(pooled + here + glimpse) + self.name, logits, xy)


def near_peak(logits: Tensor, centres: Tensor) -> Tensor:
    """Logits (B, K, C), minus infinity beyond `PEAK_RADIUS` of each map's highest cell."""
    away = centres[logits.argmax(-1)][:, :, None] - centres  # (B, K, C, 2)
    return logits.masked_fill(away.abs().amax(-1) > PEAK_RADIUS, -torch.inf)


def cell_centres(rows: int, columns: int, like: Tensor) -> Tensor:
    """x, y of the cells' centres in [0, 1], row by row: (rows * columns, 2) on `like`'s device."""
    y = (torch.arange(rows, device=like.device, dtype=torch.float32) + 0.5) / rows
    x = (torch.arange(columns, device=like.device, dtype=torch.float32) + 0.5) / columns
    return torch.stack([x.repeat(rows), y.repeat_interleave(columns)], dim=-1)


def fourier_features(values: Tensor, octaves: int) -> Tensor:
    """Sines and cosines of values (..., D) at `octaves` doubling rates: (..., 2 * octaves * D)."""
    rates = torch.pi * 2.0 ** torch.arange(octaves, device=values.device, dtype=torch.float32)
    angles = (values.float()[..., None] * rates).flatten(-2)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


def glimpses(maps: Tensor, xy: Tensor, size: int) -> Tensor:
    """Bilinear patches of maps (B, C, H, W) around xy (B, M, 2) in [0, 1]: (B, M, C*size*size)."""
    batch, _, rows, columns = maps.shape
    steps = torch.arange(size, device=maps.device, dtype=torch.float32) - (size - 1) / 2
    offsets = torch.stack(
        [steps.repeat(size) * (2 / columns), steps.repeat_interleave(size) * (2 / rows)], dim=-1
    )
    points = (2 * xy - 1)[:, :, None, :] + offsets
    patches = F.grid_sample(maps.float(), points, align_corners=False, padding_mode="zeros")
    return patches.permute(0, 2, 3, 1).reshape(batch, xy.shape[1], -1)


def splat(xy: Tensor, rows: int, columns: int) -> Tensor:
    """Distribution over cells whose expected position is xy: (B, K, 2) -> (B, K, rows*columns).

    Bilinear: at most four cells share the mass, so a map that matches it locates the object to
    a fraction of a cell. Positions beyond the outermost cell centres are moved onto them.
    """
    share_x = _hat(xy[..., 0] * columns - 0.5, columns)
    share_y = _hat(xy[..., 1] * rows - 0.5, rows)
    return (share_y[..., :, None] * share_x[..., None, :]).flatten(-2)


def _hat(position: Tensor, cells: int) -> Tensor:
    centres = torch.arange(cells, device=position.device, dtype=position.dtype)
    return (1 - (position.clamp(0, cells - 1)[..., None] - centres).abs()).clamp_min(0)
