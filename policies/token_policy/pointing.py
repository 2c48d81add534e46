"""Action values as places: the odds of every bin, pointing at what was grounded and at the tcp."""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.policies.tokens.action_tokenizer import ActionTokenizer

FIRST_WIDTH_BINS = 6.0
OFFSET_BINS = 10.0  # one unit of the layer's output
NARROWEST_BINS = 0.7
AIMS = 2  # The motion begins at the first and ends at the second.
AIM_UNIT_M = 0.1  # The layer that predicts aims counts in this unit.
DELTA_STEP_M = 0.05  # A number of 1.0 means this much in the mode ee_delta.
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


def aims_of(says: Tensor, known: Tensor) -> Tensor:
    """Return both aims (B, 2, 3), m: one of the referred places, an offset in the world and one
    along the way from the first place to the last (behind what is pushed somewhere).

    Args:
        says: (B, 2 * (4 + R)) of a layer: three offsets, one along the way, odds of the places.
        known: (B, R, 3) the referred places, m.
    """
    says = says.unflatten(1, (AIMS, -1))
    way = F.normalize(known[:, -1, :2] - known[:, 0, :2], dim=-1, eps=1e-3)
    way = F.pad(way, (0, 1))[:, None]
    offset = says[..., :3] + says[..., 3:4] * way
    return says[..., 4:].softmax(-1) @ known + AIM_UNIT_M * offset


def anchors_of(aims: Tensor, pose: Tensor, action_mode: str, tokenizer: ActionTokenizer) -> Anchors:
    """Return K places, the aims and the tcp, as values of an action mode in bins.

    Args:
        aims: (B, K - 1, 3) m, world.
        pose: (B, 6) of the tcp: x y z (m), roll pitch yaw (rad).
        action_mode: "ee_pose" or "ee_delta".
        tokenizer: of that mode.
    """
    places = torch.cat([aims, pose[:, None, :3]], dim=1)
    turns = pose[:, 3:, None].expand(-1, -1, places.shape[1])  # (B, 3, K)
    if action_mode == "ee_delta":
        places = (places - pose[:, None, :3]) / DELTA_STEP_M
        turns = torch.zeros_like(turns)
    gripper = torch.zeros_like(turns[:, :1])
    values = torch.cat([places.transpose(1, 2), turns, gripper], dim=1)  # (B, 7, K)
    low, high = (torch.tensor(b, device=values.device) for b in (tokenizer.low, tokenizer.high))
    valid = torch.ones(values.shape[1:], dtype=torch.bool, device=values.device)
    valid[3:, :-1] = False  # only the tcp says something about rotation
    valid[6] = False
    bins = (values - low[:, None]) / (high - low)[:, None] * tokenizer.bins - 0.5
    return Anchors(bins.clamp(0, tokenizer.bins - 1), valid)
