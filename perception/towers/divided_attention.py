"""A vision tower on every frame, then attention over time and space in turn."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.attention import Block, SelfAttention
from handeye.perception.towers.video import VideoTokens, check_video
from handeye.perception.towers.vision import VisionTower


class DividedVideo(nn.Module):
    """Divided space-time attention (TimeSformer, Bertasius et al. 2021, section 3).

        video (B, T, 3, px, px) -> tower, frame by frame -> (B, T, N, width) + time_t
        each block: a cell sees itself at all T times, then all N cells of its own time
        -> [ step 1: cells ... | ... | step T: cells ... ]   (B, T * N, width)

    Attention over time starts at zero, so the tower starts as the one of single frames.

    Args:
        tower: of single frames.
        frames: T.
        layers: blocks.
        heads: of attention.
    """

    def __init__(self, tower: VisionTower, frames: int, layers: int, heads: int) -> None:
        super().__init__()
        self.width, self.frames = tower.width, frames
        self.tower = tower
        self.time = nn.Parameter(torch.zeros(frames, 1, self.width))
        self.blocks = nn.ModuleList(DividedBlock(self.width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(self.width)

    def forward(self, video: Tensor, text: Tensor | None = None) -> VideoTokens:
        """Video (B, frames, 3, px, px) in [0, 1] -> tokens of all times; text goes to the tower."""
        check_video(video, self.frames)
        if text is not None:
            text = text.repeat_interleave(self.frames, dim=0)  # (B * T, text_width)
        seen = self.tower(video.flatten(0, 1), text)
        tokens = seen.tokens.unflatten(0, (-1, self.frames)) + self.time  # (B, T, N, width)
        for block in self.blocks:
            tokens = block(tokens)
        return VideoTokens(self.norm(tokens).flatten(1, 2), self.frames, seen.rows, seen.columns)


class DividedBlock(nn.Module):
    """Attention over time, then a block over space."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.time = SelfAttention(width, heads)
        nn.init.zeros_(self.time.out.weight)
        nn.init.zeros_(self.time.out.bias)
        self.space = Block(width, heads)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, T, N, width) -> (B, T, N, width)."""
        batch = len(tokens)
        over_time = tokens.transpose(1, 2).flatten(0, 1)  # (B * N, T, width)
        change, _ = self.time(self.norm(over_time), None, None)
        tokens = tokens + change.unflatten(0, (batch, -1)).transpose(1, 2)
        mixed, _ = self.space(tokens.flatten(0, 1))  # (B * T, N, width)
        return mixed.unflatten(0, (batch, -1))
