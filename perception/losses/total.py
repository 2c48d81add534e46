"""Losses normalised over the whole update, however it is split.

An update of M micro-batches on P processes minimizes, for each term t with weight w_t,

    L = Σ_t w_t (Σ_mp total_tmp) / (Σ_mp count_tmp)

so a word weighs the same in a batch of long answers as in one of short ones. The mean of the
parts' means would not: its words weigh more where there are few. Counts come from labels, so they
are known before the first backward pass; then every part's gradient is simply added.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Counted:
    """A loss of one batch before it is divided."""

    total: Tensor  # () float32, the sum
    count: Tensor  # () float32, over how many things; no gradient

    def __add__(self, other: "Counted") -> "Counted":
        """Return the same loss of two batches together."""
        return Counted(self.total + other.total, self.count + other.count)

    @property
    def mean(self) -> Tensor:
        """Return the mean of this batch alone; 0 where nothing was counted."""
        return self.total / self.count.clamp_min(1)


def counted(losses: Tensor, where: Tensor | None = None) -> Counted:
    """Sum losses of any shape: all, or where the bool `where`, of the same shape, is True."""
    if where is None:
        number = torch.tensor(float(losses.numel()), device=losses.device)
        return Counted(losses.float().sum(), number)
    kept = torch.where(where, losses.float(), 0.0)
    return Counted(kept.sum(), where.sum().float())


def update_counts(
    names: Iterable[str],
    parts: Iterable[Mapping[str, Tensor]],
    add: Callable[[Tensor], Tensor] | None = None,
) -> dict[str, Tensor]:
    """Count each term over the whole update.

    Args:
        names: of the terms, the same in the same order on every process.
        parts: counts by name of this process's micro-batches; a term that one lacks counts 0.
        add: sums a tensor over all processes; None for one process.
    """
    names, parts = list(names), list(parts)
    devices = [count.device for part in parts for count in part.values()]
    nothing = torch.zeros((), device=devices[0] if devices else None)
    sums = [sum((part.get(name, nothing) for part in parts), nothing) for name in names]
    counts = torch.stack([count.float() for count in sums])
    if add is not None:
        counts = add(counts)
    return dict(zip(names, counts.unbind(), strict=True))


def share_of_update(
    terms: Mapping[str, Counted],
    counts: Mapping[str, Tensor],
    weights: Mapping[str, float],
) -> Tensor:
    """Return what one micro-batch adds to the update's loss; gradients are added up everywhere.

    Args:
        terms: of this micro-batch.
        counts: of the whole update, from `update_counts`.
        weights: of the terms.

    Raises:
        ValueError: there is no term, or one has no weight or no count.
    """
    if not terms:
        raise ValueError(
            "this batch gave no loss; give its family a batch of a kind that it learns"
        )
    if lacking := sorted(name for name in terms if name not in weights or name not in counts):
        raise ValueError(
            f"the losses {', '.join(lacking)} have no weight or were not counted for this update; "
            f"there are weights of {', '.join(weights)} and counts of {', '.join(counts)}"
        )
    shares = [
        weights[name] * term.total / counts[name].clamp_min(1) for name, term in terms.items()
    ]
    return torch.stack(shares).sum()
