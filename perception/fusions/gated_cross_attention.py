"""Gated cross-attention: a language model that starts blind and learns to look aside."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.encoders.cross_attention import CrossAttention


class GatedMlp(nn.Module):
    """W_down (SiLU(W_gate x) ⊙ W_up x), as in Llama (Shazeer 2020, SwiGLU)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.gate_up = nn.Linear(width, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, width, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, width) -> (B, N, width)."""
        gate, up = self.gate_up(tokens).chunk(2, dim=-1)
        return self.down(F.silu(gate) * up)


class GatedCrossAttention(nn.Module):
    """Layer put before a block of a language model (Flamingo: Alayrac et al. 2022, §3.1.2).

    x <- x + tanh(α) Attention(RMS(x), z);  x <- x + tanh(β) MLP(RMS(x)),  α = β = 0 at first

    At first the layer is the identity, so the language model speaks as if no image were there.
    Norms, MLP and the lack of biases are a Llama block's, like Idefics' layer.

    Args:
        width: of the language model.
        heads: of the attention.
        context_width: of the image's tokens z.
        hidden: inside the MLP; 4 * width where None.
        eps: of the norms.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        context_width: int | None = None,
        hidden: int | None = None,
        eps: float = 1e-6,
    ) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(width, eps)
        self.attention = CrossAttention(width, heads, context_width, bias=False)
        self.attention_gate = nn.Parameter(torch.zeros(1))
        self.norm_mlp = nn.RMSNorm(width, eps)
        self.mlp = GatedMlp(width, hidden or 4 * width)
        self.mlp_gate = nn.Parameter(torch.zeros(1))

    def forward(self, tokens: Tensor, context: Tensor, mask: Tensor | None = None) -> Tensor:
        """Text (B, L, width), image tokens (B, N, context_width) -> (B, L, width).

        `mask` (B, 1, L, N) is `masks.last_image_mask`; a word that sees no image reads nothing.
        """
        read = self.attention(self.norm(tokens), context, mask)
        tokens = tokens + self.attention_gate.tanh() * read
        return tokens + self.mlp_gate.tanh() * self.mlp(self.norm_mlp(tokens))
