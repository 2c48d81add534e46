"""Sigmoid loss: every image and text of a batch is a pair or is not, each by itself."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.losses.pairs import Gather, alone, check_pairs, similarity
from handeye.perception.losses.total import Counted


class SigmoidLoss(nn.Module):
    """L = −1/B Σ_ij log σ(z_ij (t x_i·y_j + b)), z = 1 for pairs, else −1 (SigLIP, §3.2).

    The scale t is learned as its logarithm from log 10, the bias b from −10: at first nearly all
    of the many wrong pairs are told to be wrong (Zhai et al. 2023).
    """

    def __init__(self, scale: float = 10.0, bias: float = -10.0) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale)))
        self.bias = nn.Parameter(torch.tensor(bias))

    def forward(self, images: Tensor, texts: Tensor, gather: Gather = alone) -> Counted:
        """Images (B, D), texts (B, D), row by row a pair -> a loss of B images.

        Raises:
            ValueError: images and texts are not as many.
        """
        check_pairs(images, texts)
        all_texts, first = gather(texts)
        logits = self.log_scale.exp() * similarity(images, all_texts) + self.bias  # (B, all)
        own = first + torch.arange(len(images), device=images.device)
        signs = 2 * F.one_hot(own, len(all_texts)) - 1
        return Counted(-F.logsigmoid(signs * logits).sum(), logits.new_tensor(float(len(images))))
