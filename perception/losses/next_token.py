"""Next token: a causal model's loss, on what it is asked to say alone."""

import torch.nn.functional as F
from torch import Tensor

from handeye.perception.losses.total import Counted

IGNORED = -100  # label of a position that does not count, as in torch and transformers


def answer_labels(ids: Tensor, answer: Tensor) -> Tensor:
    """Ids (B, N), `answer` (B, N) True where the model speaks -> labels (B, N), else `IGNORED`."""
    return ids.masked_fill(~answer, IGNORED)


def next_token_loss(logits: Tensor, labels: Tensor) -> Counted:
    """−Σ log p(id_n | ids before n), over the labels that are not `IGNORED`.

        logits   l0 l1 l2 l3        l_n foretells the id at n + 1
        labels    ·  ·  a  b        so l1 is compared with a, l2 with b

    Args:
        logits: (B, N, V).
        labels: (B, N) int64, of the same positions; they are shifted here.
    """
    return label_loss(logits[:, :-1], labels[:, 1:])


def label_loss(logits: Tensor, labels: Tensor) -> Counted:
    """Cross-entropy of logits (B, N, V) with the labels (B, N) of the same positions.

    Raises:
        ValueError: the two have different shapes.
    """
    if logits.shape[:2] != labels.shape:
        raise ValueError(
            f"logits of {tuple(logits.shape[:2])} positions cannot be compared with labels of "
            f"{tuple(labels.shape)}; give one label, or {IGNORED}, for each position"
        )
    total = F.cross_entropy(
        logits.flatten(0, 1).float(), labels.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    return Counted(total, (labels != IGNORED).sum().float())
