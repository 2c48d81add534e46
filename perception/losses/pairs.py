"""Pictures and texts compared: how alike they are, in this process and in all of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor


class Gathered(NamedTuple):
    """Rows of every process, in the order of ranks."""

    rows: Tensor  # (all, …)
    first: int  # place of this process's first row among them


Gather = Callable[[Tensor], Gathered]


def alone(rows: Tensor) -> Gathered:
    """Rows (B, …) of a process that compares within its own batch."""
    return Gathered(rows, 0)


def from_all_processes(rows: Tensor) -> Gathered:
    """Rows (B, …) of this process -> of the default process group; each must have as many.

    Gradients flow back to the process that a row came from, so adding the gradients of all
    processes gives those of one large batch.
    """
    return Gathered(_GatherRows.apply(rows), dist.get_rank() * len(rows))


class _GatherRows(torch.autograd.Function):
    """Concatenation over processes; backward, each gets the sum of what all say of its rows."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        """(B, …) -> (processes * B, …)."""
        ctx.rows = len(rows)
        parts = [torch.empty_like(rows) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """(processes * B, …) -> (B, …)."""
        gradient = gradients[0].contiguous().clone()
        dist.all_reduce(gradient)
        return gradient[dist.get_rank() * ctx.rows :][: ctx.rows]


def similarity(images: Tensor, texts: Tensor) -> Tensor:
    """Cosines of images (B, D) and texts (C, D) -> (B, C) float32.

    Of an image with several vectors (B, K, D) the one nearest to the text counts (BLIP-2: Li et
    al. 2023, §3.1).
    """
    images, texts = F.normalize(images.float(), dim=-1), F.normalize(texts.float(), dim=-1)
    if images.ndim == 3:
        return (images @ texts.T).amax(1)  # (B, K, C) -> (B, C)
    return images @ texts.T


def check_pairs(images: Tensor, texts: Tensor) -> None:
    """Check that there is a text for each image.

    Raises:
        ValueError: there is not.
    """
    if len(images) != len(texts):
        raise ValueError(f"{len(images)} images and {len(texts)} texts are no pairs, one each")
