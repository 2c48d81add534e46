"""Q-Former: a small BERT whose learned queries look at the frame and share attention with words."""

import torch
from torch import Tensor, nn

from handeye.perception.connectors.q_former_layer import QFormerLayer
from handeye.perception.encoders.attention import Activation

EVERY = 2  # layers have one cross-attention


class QFormer(nn.Module):
    """K learned queries between a frame and words (BLIP-2: Li et al. 2023, §3.1).

        frame z1 … zN ─ cross-attention, every second layer
                              │
        [ q1 … qK ,  [class] w1 … wL ]  ─ shared self-attention under one of `q_former_masks`
              │             │
           MLP_q          MLP_w    -> queries to the language model, words to the losses

    Args:
        in_width: of the frame's tokens.
        width: of its own tokens, and of those it gives.
        in_tokens: of a frame; any number is read.
        tokens: queries.
        layers: of which the first, third, … look at the frame.
        heads: of all attention.
        vocabulary: of the words that it reads in its pretraining; 0 for none.
        length: words at most.
        activation: of the MLPs.
        eps: of the norms.
    """

    def __init__(
        self,
        in_width: int,
        width: int,
        in_tokens: int,
        tokens: int,
        layers: int = 2,
        heads: int = 4,
        vocabulary: int = 0,
        length: int = 64,
        activation: Activation = nn.GELU,
        eps: float = 1e-12,
    ) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(tokens, width) * 0.02)
        self.word = nn.Embedding(vocabulary, width) if vocabulary else None
        self.place = nn.Parameter(torch.randn(length, width) * 0.02) if vocabulary else None
        self.norm = nn.LayerNorm(width, eps)
        self.layers = nn.ModuleList(
            QFormerLayer(
                width,
                heads,
                in_width if layer % EVERY == 0 else None,
                vocabulary > 0,
                activation=activation,
                eps=eps,
            )
            for layer in range(layers)
        )
        self.project = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, in_tokens, in_width) -> (B, tokens, width), for the language model to read."""
        return self.project(self.encode(tokens)[0])

    def encode(
        self, frame: Tensor | None, ids: Tensor | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Frame (B, N, in_width), ids (B, L) -> queries (B, K, width) and words (B, L, width).

        Without a frame there are no queries (K = 0), without ids no words (L = 0). `mask`, from
        `q_former_masks`, fits the K + L that there are.

        Raises:
            ValueError: neither is given, or words that it was not built to read.
        """
        if frame is None and ids is None:
            raise ValueError("a Q-Former reads a frame, words or both; it was given neither")
        parts = [] if frame is None else [self.queries.expand(frame.shape[0], -1, -1)]
        if ids is not None:
            parts.append(self._words(ids))
        tokens = self.norm(torch.cat(parts, dim=1))
        queries, words = tokens.tensor_split([0 if frame is None else len(self.queries)], dim=1)
        for layer in self.layers:
            queries, words = layer(queries, words, frame, mask)
        return queries, words

    def _words(self, ids: Tensor) -> Tensor:
        if self.word is None or self.place is None:
            raise ValueError("this Q-Former reads no words; build it with a vocabulary")
        if ids.shape[1] > len(self.place):
            raise ValueError(f"{ids.shape[1]} words are more than the {len(self.place)} it reads")
        return self.word(ids) + self.place[: ids.shape[1]]
