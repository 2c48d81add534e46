"""A BERT layer over queries and words in which the queries may also look at a frame."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.attention import Activation, SelfAttention
from handeye.perception.encoders.cross_attention import CrossAttention


class PostNormMlp(nn.Module):
    """LN(x + MLP(x)), the second half of a BERT layer."""

    def __init__(self, width: int, expansion: int, activation: Activation, eps: float) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(width, expansion * width), activation(), nn.Linear(expansion * width, width)
        )
        self.norm = nn.LayerNorm(width, eps)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, width) -> (B, N, width)."""
        return self.norm(tokens + self.mlp(tokens))


class QFormerLayer(nn.Module):
    """One layer over queries q and words w, post-norm as in BERT.

    [q, w] <- LN([q, w] + SelfAttention([q, w], mask))
    q <- LN(q + CrossAttention(q, frame))      where the layer has `frame_width`
    q <- LN(q + MLP_q(q));  w <- LN(w + MLP_w(w))      the words' part where it has `words`
    """

    def __init__(
        self,
        width: int,
        heads: int,
        frame_width: int | None,
        words: bool,
        expansion: int = 4,
        activation: Activation = nn.GELU,
        eps: float = 1e-12,
    ) -> None:
        super().__init__()
        self.attention = SelfAttention(width, heads)
        self.norm = nn.LayerNorm(width, eps)
        self.look = CrossAttention(width, heads, frame_width) if frame_width else None
        self.norm_look = nn.LayerNorm(width, eps) if frame_width else None
        self.query_mlp = PostNormMlp(width, expansion, activation, eps)
        self.word_mlp = PostNormMlp(width, expansion, activation, eps) if words else None

    def forward(
        self, queries: Tensor, words: Tensor, frame: Tensor | None, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Queries (B, K, width), words (B, L, width), frame (B, N, frame_width): the first two."""
        together = torch.cat([queries, words], dim=1)
        together = self.norm(together + self.attention(together, mask, None)[0])
        queries, words = together.split([queries.shape[1], words.shape[1]], dim=1)
        if self.look is not None and self.norm_look is not None and frame is not None:
            queries = self.norm_look(queries + self.look(queries, frame))
        if frame is not None:
            queries = self.query_mlp(queries)
        return queries, words if self.word_mlp is None else self.word_mlp(words)
