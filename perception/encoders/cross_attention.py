"""Attention of some tokens over others: the part that every fusion of two streams is made of."""

import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.encoders.attention import Activation


class CrossAttention(nn.Module):
    """Multi-head attention of tokens (B, M, width) over a context (B, N, context_width).

    softmax(Q Kᵀ / √d) V, where Q comes from the tokens, K and V from the context (Vaswani et al.
    2017, §3.2). A token that may look at nothing reads zeros.
    """

    def __init__(
        self, width: int, heads: int, context_width: int | None = None, bias: bool = True
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} is not a multiple of {heads} heads")
        self.heads = heads
        self.query = nn.Linear(width, width, bias)
        self.key_value = nn.Linear(context_width or width, 2 * width, bias)
        self.out = nn.Linear(width, width, bias)

    def forward(self, tokens: Tensor, context: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, M, width), (B, N, context_width) -> (B, M, width).

        `mask` is True where a token may look: bool, broadcastable to (B, heads, M, N).
        """
        queries = self.query(tokens).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        keys, values = (
            self.key_value(context)
            .unflatten(-1, (2, self.heads, -1))  # (B, N, 2, heads, d)
            .permute(2, 0, 3, 1, 4)
        )
        if mask is None:
            read = F.scaled_dot_product_attention(queries, keys, values)
        else:
            anything = mask.any(-1, keepdim=True)  # a softmax over nothing is not a number
            seen = mask | ~anything
            read = F.scaled_dot_product_attention(queries, keys, values, seen) * anything
        return self.out(read.transpose(1, 2).flatten(2))  # (B, heads, M, d) -> (B, M, width)


class CrossBlock(nn.Module):
    """Pre-norm transformer block that reads a context instead of its own tokens.

    x <- x + Attention(LN(x), LN(context));  x <- x + MLP(LN(x))
    """

    def __init__(
        self,
        width: int,
        heads: int,
        context_width: int | None = None,
        expansion: int = 4,
        activation: Activation = nn.SiLU,
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.norm_context = nn.LayerNorm(context_width or width)
        self.attention = CrossAttention(width, heads, context_width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, expansion * width), activation(), nn.Linear(expansion * width, width)
        )

    def forward(self, tokens: Tensor, context: Tensor, mask: Tensor | None = None) -> Tensor:
        """(B, M, width), (B, N, context_width) -> (B, M, width); `mask` as in `CrossAttention`."""
        tokens = tokens + self.attention(self.norm(tokens), self.norm_context(context), mask)
        return tokens + self.mlp(self.norm_mlp(tokens))
