"""InfoNCE: each image finds its text among the batch's, each text its image."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.losses.pairs import Gather, alone, check_pairs, similarity
from handeye.perception.losses.total import Counted

MOST_SCALE = 100.0


class InfoNce(nn.Module):
    """L = −1/2B Σ_i [log softmax_j(s x_i·y_j)_i + log softmax_j(s x_j·y_i)_i] (CLIP, §2.3).

    x, y are unit vectors of images and texts. The scale s = 1/τ is learned as its logarithm, from
    τ = 0.07, and never exceeds 100 (Radford et al. 2021, §2.5).
    """

    def __init__(self, temperature: float = 0.07) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))

    def forward(self, images: Tensor, texts: Tensor, gather: Gather = alone) -> Counted:
        """Images (B, D) or (B, K, D), texts (B, D), row by row a pair -> a loss of B pairs.

        Raises:
            ValueError: images and texts are not as many, or one pair has none to be told from.
        """
        check_pairs(images, texts)
        all_images, first = gather(images)
        all_texts, _ = gather(texts)
        if len(all_texts) < 2:
            raise ValueError("one pair has no other to be told from; contrast batches of 2 or more")
        with torch.no_grad():
            self.log_scale.clamp_(max=math.log(MOST_SCALE))
        scale = self.log_scale.exp()
        to_texts = scale * similarity(images, all_texts)  # (B, all)
        to_images = scale * similarity(all_images, texts).T  # (B, all)
        own = first + torch.arange(len(images), device=images.device)
        total = F.cross_entropy(to_texts, own, reduction="sum")
        total = (total + F.cross_entropy(to_images, own, reduction="sum")) / 2
        return Counted(total, total.new_tensor(float(len(images))))
