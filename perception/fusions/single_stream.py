"""Single stream: words and regions in one sequence, told apart by segment embeddings."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.attention import Activation, Block
from handeye.perception.fusions.masks import padding_mask


class SingleStream(nn.Module):
    """One transformer over both senses (VisualBERT: Li et al. 2019, §3.2).

    [class] w1 … wL   z1 … zN
       + e_word       + e_region        segments
    └── blocks, all see all ──┘
    """

    def __init__(
        self, width: int, heads: int, layers: int, activation: Activation = nn.SiLU
    ) -> None:
        super().__init__()
        self.segment = nn.Parameter(torch.randn(2, width) * 0.02)
        self.blocks = nn.ModuleList(
            Block(width, heads, activation=activation) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(
        self, words: Tensor, present: Tensor, regions: Tensor, seen: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Words (B, L, width), regions (B, N, width) -> the same two after they met.

        `present` (B, L) and `seen` (B, N) are True where there is a word, a region; None: all are.
        """
        if seen is None:
            seen = present.new_ones(regions.shape[:2])
        tokens = torch.cat([words + self.segment[0], regions + self.segment[1]], dim=1)
        mask = padding_mask(torch.cat([present, seen], dim=1))
        for block in self.blocks:
            tokens, _ = block(tokens, mask)
        words, regions = self.norm(tokens).split([words.shape[1], regions.shape[1]], dim=1)
        return words, regions
