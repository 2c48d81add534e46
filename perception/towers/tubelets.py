"""A video transformer on tubelets: patches with a depth in time."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.attention import Block
from handeye.perception.towers.video import VideoTokens, check_video


class TubeletVideo(nn.Module):
    """ViViT's tubelet embedding and joint attention (Arnab et al. 2021, sections 3.2 and 3.3).

        video (B, T, 3, px, px) -> 3-D convolution, kernel = stride = (tubelet, patch, patch)
              -> (T / tubelet) * (px / patch)^2 tokens + positions -> blocks -> norm

    Args:
        px: side of the frames.
        patch: side of a tubelet in pixels.
        frames: T.
        tubelet: its length in frames.
        width: of the tokens.
        layers: blocks.
        heads: of attention.
    """

    def __init__(
        self, px: int, patch: int, frames: int, tubelet: int, width: int, layers: int, heads: int
    ) -> None:
        super().__init__()
        if px % patch or frames % tubelet:
            raise ValueError(
                f"{frames} frames of {px} px do not divide into tubelets of {tubelet} frames and "
                f"{patch} px"
            )
        self.width, self.frames, self.px = width, frames, px
        self.kernel = (tubelet, patch)
        self.steps, self.side = frames // tubelet, px // patch
        self.embed = nn.Linear(3 * tubelet * patch * patch, width)
        self.place = nn.Parameter(torch.randn(self.steps * self.side**2, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, video: Tensor, text: Tensor | None = None) -> VideoTokens:
        """Video (B, frames, 3, px, px) in [0, 1] -> tokens of steps of `tubelet` frames."""
        check_video(video, self.frames)
        if video.shape[-1] != self.px:
            raise ValueError(
                f"this tower takes frames of {self.px} px, not {video.shape[-1]}; render them at "
                f"{self.px} px"
            )
        tokens = self.embed(tubelets(4.0 * (video - 0.5), *self.kernel)) + self.place
        for block in self.blocks:
            tokens, _ = block(tokens)
        return VideoTokens(self.norm(tokens), self.steps, self.side, self.side)


def tubelets(video: Tensor, depth: int, patch: int) -> Tensor:
    """Video (B, T, 3, px, px) -> tubelets (B, N, 3 * depth * patch * patch), in time order."""
    cells = video.unflatten(4, (-1, patch)).unflatten(3, (-1, patch)).unflatten(1, (-1, depth))
    # (B, steps, depth, 3, rows, patch, columns, patch)
    return cells.permute(0, 1, 4, 6, 3, 2, 5, 7).flatten(4).flatten(1, 3)
