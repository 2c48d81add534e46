"""Who may look at whom among the queries and words of a Q-Former, one mask for each of its losses.

Rows look, columns are looked at (Li et al. 2023, BLIP-2, §3.1, figure 2):

                 contrastive    matching      captioning
                 query word     query word    query word
        query      ■     ·        ■     ■       ■     ·
        word       ·     ■        ■     ■       ■     ◣   ◣: itself and earlier words

All take the number of queries K (0 for words alone) and `present` (B, L), True at words, and return
(B, 1, K + L, K + L) bool. Every position may look at itself, so that none looks at nothing.
"""

import torch
from torch import Tensor


def contrastive_mask(queries: int, present: Tensor) -> Tensor:
    """Queries and words apart: neither may know the other before both are compared."""
    return _mask(queries, present, _everywhere(present), forth=False, back=False)


def matching_mask(queries: int, present: Tensor) -> Tensor:
    """All see all: the queries can tell details that fit from those that do not."""
    return _mask(queries, present, _everywhere(present), forth=True, back=True)


def captioning_mask(queries: int, present: Tensor) -> Tensor:
    """A word sees the queries and earlier words: all it knows of the frame came through them."""
    return _mask(queries, present, _everywhere(present).tril(), forth=False, back=True)


def _everywhere(present: Tensor) -> Tensor:
    return present.new_ones(present.shape[1], present.shape[1])


def _mask(queries: int, present: Tensor, among: Tensor, *, forth: bool, back: bool) -> Tensor:
    """Put four rectangles together: `among` words, `forth` queries to words, `back` the reverse."""
    batch, words = present.shape
    mask = present.new_zeros(batch, queries + words, queries + words)
    mask[:, :queries, :queries] = True
    mask[:, :queries, queries:] = present[:, None] & forth
    mask[:, queries:, :queries] = back
    mask[:, queries:, queries:] = present[:, None] & among
    itself = torch.eye(queries + words, dtype=torch.bool, device=present.device)
    return (mask | itself)[:, None]
