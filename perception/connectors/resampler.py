"""Perceiver resampler: learned latents ask any number of tokens, and few come out."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.attention import Activation
from handeye.perception.encoders.cross_attention import CrossAttention


class ResamplerLayer(nn.Module):
    """x <- x + Attention(LN(x), [LN(z), LN(x)]);  x <- x + MLP(LN(x)), without biases.

    Keys and values are the frame's tokens z and the latents x themselves, so one layer does the
    work of cross- and self-attention.
    """

    def __init__(
        self, width: int, heads: int, expansion: int = 4, activation: Activation = nn.SiLU
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.norm_context = nn.LayerNorm(width)
        self.attention = CrossAttention(width, heads, bias=False)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, expansion * width, bias=False),
            activation(),
            nn.Linear(expansion * width, width, bias=False),
        )

    def forward(self, latents: Tensor, tokens: Tensor) -> Tensor:
        """Latents (B, K, width), tokens (B, N, width) -> latents (B, K, width)."""
        asking = self.norm(latents)
        context = torch.cat([self.norm_context(tokens), asking], dim=1)  # (B, N + K, width)
        latents = latents + self.attention(asking, context)
        return latents + self.mlp(latents)


class Resampler(nn.Module):
    """K learned latents read a frame in a few layers (Flamingo: Alayrac et al. 2022, §3.1.1).

    frame z1 … zN ──┬──────────────┐
    latents x1 … xK ┴ layer ─ … ─ layer ─ LN -> K tokens, whatever N is
    """

    def __init__(
        self,
        in_width: int,
        width: int,
        in_tokens: int,
        tokens: int,
        layers: int = 2,
        heads: int = 4,
        activation: Activation = nn.SiLU,
    ) -> None:
        super().__init__()
        self.project = nn.Linear(in_width, width)
        self.latents = nn.Parameter(torch.randn(tokens, width) * 0.02)
        self.layers = nn.ModuleList(
            ResamplerLayer(width, heads, activation=activation) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, in_tokens, in_width) -> (B, tokens, width)."""
        tokens = self.project(tokens)
        latents = self.latents.expand(tokens.shape[0], -1, -1)
        for layer in self.layers:
            latents = layer(latents, tokens)
        return self.norm(latents)
