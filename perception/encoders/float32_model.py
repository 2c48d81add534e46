"""Models of transformers that are float32 unless told otherwise."""

from typing import Any, Self

import torch
from transformers import PreTrainedModel


class Float32Model(PreTrainedModel):
    """A model whose checkpoint may hold half as many bits, and which computes in float32.

    Shipped weights are float16 to be small; observations are float32.
    """

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Self:
        """Load a checkpoint as transformers does, in float32 unless `dtype` says otherwise."""
        kwargs.setdefault("dtype", torch.float32)
        loaded: Self = super().from_pretrained(*args, **kwargs)
        return loaded
