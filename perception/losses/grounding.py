"""Grounding: what the words name, and where in a frame it is."""

from collections.abc import Sequence

import torch
from torch import Tensor

from handeye.perception.encoders.grounding import splat
from handeye.perception.losses.total import Counted, counted


def naming_loss(scores: Tensor, named: Tensor, parts: Sequence[int]) -> Counted:
    """Cross-entropy of class scores (B, R, classes) with what the words name.

    `named` (B, R, classes) is True at every class that the words allow: all of them where they say
    nothing, which then costs nothing. `parts` splits the classes into kinds and colours.
    """
    losses = [
        -torch.where(allowed, part.log_softmax(-1), -torch.inf).logsumexp(-1)
        for part, allowed in zip(
            scores.split(list(parts), dim=-1), named.split(list(parts), dim=-1), strict=True
        )
    ]
    return counted(torch.stack(losses).sum(0))


def grounding_loss(logits: Tensor, xy: Tensor, visible: Tensor) -> Counted:
    """Cross-entropy of maps (B, K, C) against objects at xy (B, K, 2) in [0, 1], over visible ones.

    `visible` (B, K) is 1 where the object is seen in this frame and 0 where it is not. The map
    is square: C is rows squared.
    """
    rows = round(logits.shape[-1] ** 0.5)
    losses = -(splat(xy, rows, rows) * logits.float().log_softmax(-1)).sum(-1)
    return Counted((losses * visible).sum(), visible.sum())
