"""Action values as places: the odds of every bin, pointing at what was grounded and at the tcp."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from handeye.policies.tokens.action_tokenizer import ActionTokenizer

FIRST_WIDTH_BINS = 6.0
OFFSET_BINS = 10.0  # one unit of the layer's output
NARROWEST_BINS = 0.7
IMPOSSIBLE = -1e4  # finite, so that a value without any anchor has a gradient


class Anchors(NamedTuple):
    """Values that an action is likely to repeat or to stand near, for K sources."""

    bins: Tensor  # (B, values, K) float32, in bin coordinates
    valid: Tensor  # (values, K) bool, where a source says something about a value


class PointingHead(nn.Module):
    """Log-odds of each bin as a mixture of Gaussians around anchors, and a uniform part.

    Most waypoints are "there", "beside that" or "as now". Beside the free logits of the action
    head, each value's token therefore chooses an anchor, an offset from it and a width, so that
    a place once grounded is copied rather than learned bin by bin (in the spirit of pointer
    networks, Vinyals et al. 2015).
    """

    def __init__(self, width: int, sources: int) -> None:
        super().__init__()
        self.sources = sources
        self.mixture = nn.Linear(width, 3 * sources + 1)
        nn.init.zeros_(self.mixture.weight)
        nn.init.zeros_(self.mixture.bias)

    def forward(self, tokens: Tensor, anchors: Anchors, tokenizer: ActionTokenizer) -> Tensor:
        """Tokens of the values (B, values, width) -> log-odds (B, values, bins), float32."""
        gates, offsets, widths = self.mixture(tokens.float()).split(
            [self.sources + 1, self.sources, self.sources], dim=-1
        )
        nowhere = torch.ones_like(anchors.valid[:, :1])
        usable = torch.cat([anchors.valid, nowhere], dim=1)
        gates = gates.masked_fill(~usable, IMPOSSIBLE).log_softmax(-1)
        centres = anchors.bins + OFFSET_BINS * offsets
        spread = FIRST_WIDTH_BINS * widths.clamp(-4, 4).exp() + NARROWEST_BINS
        bins = torch.arange(tokenizer.bins, dtype=torch.float32, device=tokens.device)
        off = (bins[:, None] - centres[..., None, :]) / spread[..., None, :]
        density = -0.5 * off**2 - (spread[..., None, :].log() + 0.5 * math.log(2 * math.pi))
        near = (density + gates[..., None, :-1]).logsumexp(-1)
        far = gates[..., -1:] - math.log(tokenizer.bins)
        return torch.logaddexp(near, far.expand_as(near))
