"""Latents: a few learned tokens read any number of others, think, and are read by queries."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.attention import Activation, Block
from handeye.perception.encoders.cross_attention import CrossBlock
from handeye.perception.fusions.masks import padding_mask


class PerceiverEncoder(nn.Module):
    """K latents <- any tokens, then self-attention among the K alone (Jaegle et al. 2021, §3.1).

        tokens of every sense x1 … xN ─┐
        latents z1 … zK ── cross-attention ── block ─ … ─ block -> (B, K, width)

    The cost grows with N K and with K², never with N².
    """

    def __init__(
        self,
        in_width: int,
        width: int,
        heads: int,
        latents: int = 32,
        layers: int = 2,
        expansion: int = 4,
        activation: Activation = nn.SiLU,
    ) -> None:
        super().__init__()
        self.latents = nn.Parameter(torch.randn(latents, width) * 0.02)
        self.read = CrossBlock(width, heads, in_width, expansion, activation)
        self.blocks = nn.ModuleList(
            Block(width, heads, expansion, activation) for _ in range(layers)
        )

    def forward(self, tokens: Tensor, present: Tensor | None = None) -> Tensor:
        """(B, N, in_width), `present` (B, N) True where there is a token -> (B, K, width)."""
        mask = None if present is None else padding_mask(present)
        latents = self.read(self.latents.expand(tokens.shape[0], -1, -1), tokens, mask)
        for block in self.blocks:
            latents, _ = block(latents)
        return latents


class PerceiverDecoder(nn.Module):
    """One output for each query (Perceiver IO: Jaegle et al. 2022, §3.2).

        latents z1 … zK ─┐
        queries q1 … qM ─ cross-attention -> (B, M, query_width)

    A query says which output is wanted: a word's place, a patch's place, a task.
    """

    def __init__(
        self,
        query_width: int,
        width: int,
        heads: int,
        expansion: int = 4,
        activation: Activation = nn.SiLU,
    ) -> None:
        super().__init__()
        self.ask = CrossBlock(query_width, heads, width, expansion, activation)

    def forward(self, queries: Tensor, latents: Tensor) -> Tensor:
        """Queries (B, M, query_width) or (M, query_width), latents (B, K, width)."""
        return self.ask(queries.expand(latents.shape[0], -1, -1), latents)
