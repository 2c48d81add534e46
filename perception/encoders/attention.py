"""Transformer blocks shared by the text encoder and the policy: pre-norm, SiLU, KV cache."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

Activation = Callable[[], nn.Module]


class KeyValue(NamedTuple):
    """Keys and values of one attention layer, each (B, heads, N, width / heads)."""

    keys: Tensor
    values: Tensor

    def extended(self, new: "KeyValue") -> "KeyValue":
        """The same cache with `new` appended along the token axis."""
        keys = torch.cat([self.keys, new.keys], dim=2)
        return KeyValue(keys, torch.cat([self.values, new.values], dim=2))


class SelfAttention(nn.Module):
    """Multi-head self-attention over (B, N, width), after Vaswani et al. 2017."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} is not a multiple of {heads} heads")
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(
        self, tokens: Tensor, mask: Tensor | None, cache: KeyValue | None
    ) -> tuple[Tensor, KeyValue]:
        """Tokens (B, N, width) and the keys and values they attended to (cache first).

        `mask` is True where a query may look: broadcastable to (B, heads, N, cached + N).
        """
        batch, count, width = tokens.shape
        qkv = self.qkv(tokens).view(batch, count, 3, self.heads, width // self.heads)
        queries, keys, values = qkv.permute(2, 0, 3, 1, 4)
        seen = KeyValue(keys, values)
        if cache is not None:
            seen = cache.extended(seen)
        # written out: for a few dozen tokens the fused kernel's backward is several times slower
        scores = queries @ seen.keys.transpose(-1, -2) * queries.shape[-1] ** -0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        mixed = scores.softmax(-1).to(seen.values.dtype) @ seen.values
        return self.out(mixed.transpose(1, 2).reshape(batch, count, width)), seen


class Block(nn.Module):
    """Pre-norm transformer block; by default with SiLU, which costs less than GELU on a CPU."""

    def __init__(
        self, width: int, heads: int, expansion: int = 4, activation: Activation = nn.SiLU
    ) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, expansion * width), activation(), nn.Linear(expansion * width, width)
        )

    def forward(
        self, tokens: Tensor, mask: Tensor | None = None, cache: KeyValue | None = None
    ) -> tuple[Tensor, KeyValue]:
        """(B, N, width) -> (B, N, width) and this layer's keys and values."""
        attended, seen = self.attention(self.norm_attention(tokens), mask, cache)
        tokens = tokens + attended
        return tokens + self.mlp(self.norm_mlp(tokens)), seen
