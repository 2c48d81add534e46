"""SigLIP: every pair of frame and caption is a yes or no of its own."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.cross_attention import CrossAttention
from handeye.perception.families.contrastive import Contrastive
from handeye.perception.families.family import FamilyConfig
from handeye.perception.losses.sigmoid import SigmoidLoss


class SigLip(Contrastive):
    """CLIP's towers under a pairwise sigmoid loss, and attention pooling (Zhai et al. 2023).

        frame -> tower -> patches <- one learned query attends -> W_i -> unit length -+
                                                                                      +-> s t + b
        caption -> text encoder -> [class] -> W_t -> unit length ---------------------+

    No pair is compared with the others of its batch, so small batches lose less.
    """

    source = "Zhai et al. 2023, arXiv:2303.15343"

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config, SigmoidLoss())
        self.query = nn.Parameter(torch.randn(1, 1, config.width) * 0.02)
        self.pool = CrossAttention(config.width, config.heads)

    def scores(self, frames: Tensor, texts: Tensor) -> Tensor:
        """Unit vectors (B, width) and (T, width) -> logits (B, T)."""
        assert isinstance(self.contrast, SigmoidLoss)
        return super().scores(frames, texts) + self.contrast.bias

    def pooled(self, patches: Tensor) -> Tensor:
        """Patches (B, C, width) -> (B, width)."""
        return self.pool(self.query.expand(len(patches), -1, -1), patches)[:, 0]
