"""A vision transformer on patches, small."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.attention import Block
from handeye.perception.towers.vision import Patches, check_frames


class PatchViT(nn.Module):
    """ViT (Dosovitskiy et al. 2021, section 3.1) without a class token.

        frame (B, 3, px, px) -> patches p_1 ... p_N, each (3 * patch * patch,)
        z_n = E p_n + place_n                 N = (px / patch)^2 tokens
        z   = blocks(z), normed               (B, N, width)

    Args:
        px: side of the frames; positions are learned for this side alone.
        patch: side of a patch in pixels.
        width: of the tokens.
        layers: blocks.
        heads: of attention.
    """

    def __init__(self, px: int, patch: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        if px % patch:
            raise ValueError(f"{px} px do not divide into patches of {patch} px")
        self.width, self.px, self.patch = width, px, patch
        self.embed = nn.Linear(3 * patch * patch, width)
        self.place = nn.Parameter(torch.randn((px // patch) ** 2, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, frames: Tensor, text: Tensor | None = None) -> Patches:
        """Frames (B, 3, px, px) in [0, 1] -> (px / patch)^2 tokens each."""
        check_frames(frames)
        if frames.shape[2] != self.px:
            raise ValueError(
                f"this tower takes frames of {self.px} px, not {frames.shape[2]}; render them at "
                f"{self.px} px or train a tower for {frames.shape[2]}"
            )
        tokens = self.embed(cut(4.0 * (frames - 0.5), self.patch)) + self.place
        for block in self.blocks:
            tokens, _ = block(tokens)
        side = self.px // self.patch
        return Patches(self.norm(tokens), side, side)


def cut(frames: Tensor, patch: int) -> Tensor:
    """Frames (B, C, px, px) -> patches (B, N, C * patch * patch), row by row."""
    cells = frames.unflatten(3, (-1, patch)).unflatten(
        2, (-1, patch)
    )  # (B, C, rows, p, columns, p)
    return cells.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)
