"""Questions that read the words and then point at places of a frame, whatever tower drew it."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from handeye.perception.encoders.grounding import (
    OCTAVES,
    cell_centres,
    fourier_features,
    near_peak,
)


class Pointed(NamedTuple):
    """Attention of R questions over each of K frames of C cells.

    Attributes:
        tokens: (B, K * R, width), which know where they look.
        logits: (B, K, R, C) float32, before the softmax over cells.
        xy: (B, K, R, 2) float32, expected position in [0, 1]: x to the right, y down.
    """

    tokens: Tensor
    logits: Tensor
    xy: Tensor


class Pointers(nn.Module):
    """R learned questions -> what the words ask for -> a map over each frame's cells.

        question (R, width) <- attends to words (B, L, width) -> asked (B, R, width)
        asked . key of each cell -> logits (B, K, R, C) -> position around the peak (B, K, R, 2)
        what the map collects + Fourier features of its position -> tokens (B, K * R, width)

    The maps are trained against the simulator's masks (`grounding.grounding_loss`): without, small
    networks stay at chance at choosing the object.
    """

    def __init__(self, questions: int, frames: int, width: int) -> None:
        super().__init__()
        self.question = nn.Parameter(torch.randn(questions, width) * 0.5)
        self.read = nn.Linear(width, 2 * width)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width)
        )
        self.key_value = nn.Linear(width, 2 * width)
        self.position = nn.Linear(4 * OCTAVES, width)
        self.mix = nn.Sequential(nn.LayerNorm(width), nn.SiLU(), nn.Linear(width, width))
        self.name = nn.Parameter(torch.randn(frames * questions, width) * 0.02)

    def forward(self, text: Tensor, present: Tensor, patches: Tensor) -> Pointed:
        """Words (B, L, width), which of them are there (B, L), cells (B, K, C, width)."""
        keys, values = self.read(text).chunk(2, dim=-1)
        question = self.question.expand(len(text), -1, -1)
        read = F.scaled_dot_product_attention(question, keys, values, present[:, None, :])
        asked = self.question + read
        asked = asked + self.mlp(asked)  # (B, R, width)
        keys, values = self.key_value(patches).chunk(2, dim=-1)  # (B, K, C, width)
        logits = torch.einsum("brd,bkcd->bkrc", asked, keys).float() * keys.shape[-1] ** -0.5
        batch, frames, _, cells = logits.shape
        rows = round(cells**0.5)
        centres = cell_centres(rows, rows, logits)
        flat = logits.flatten(0, 1)  # (B * K, R, C)
        xy = (near_peak(flat, centres).softmax(-1) @ centres).unflatten(0, (batch, frames))
        pooled = logits.softmax(-1).to(values.dtype) @ values  # (B, K, R, width)
        tokens = pooled + self.position(fourier_features(xy, OCTAVES)) + asked[:, None]
        return Pointed(self.mix(tokens).flatten(1, 2) + self.name, logits, xy)
