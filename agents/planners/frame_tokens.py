"""A frame as a few object tokens: what the trained eyes of `handeye-nano` make of it.

The trunk was trained on this simulator and is frozen here. Its scene map says for each cell which
kind and colour shows there; the cells that are surest to show something, and surer than their
neighbours, become tokens: PaLM-E found object tokens the most sample-efficient of its inputs.

    frame (B, 3, 128, 128) -> scene map (B, 96, 16, 16) -> tokens (B, 12, 125)
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from handeye.perception.encoders.image import pointwise
from handeye.policies.checkpoint_files import load_runner
from handeye.policies.token_policy.model import TokenPolicy
from handeye.policies.token_policy.runner import TokenPolicyRunner

EYES = Path(__file__).resolve().parents[2] / "policies" / "checkpoints" / "handeye-nano"
TOKENS = 12  # A frame has at most so many objects; the weakest tokens are background and say so.
FAR = 1e3  # Log-odds by which all peaks come before other cells.


class FrameTokenizer:
    """Frames -> object tokens, with the trunk of a trained policy."""

    def __init__(self, policy: TokenPolicyRunner) -> None:
        self._model: TokenPolicy = policy.model
        self._processor = policy.processor
        # Scene features, classes, the place in the frame, and how sure it is that something shows.
        self.width = self._model.config.front_width + sum(self._model.class_counts) + 3

    @classmethod
    def load(cls) -> "FrameTokenizer":
        """With the eyes that are shipped."""
        return cls(load_runner(EYES, TokenPolicyRunner))

    @torch.inference_mode()
    def __call__(self, rgb: NDArray[np.uint8]) -> Tensor:
        """Frames (B, H, H, 3), H a multiple of 128 -> tokens (B, TOKENS, width) float32."""
        frames = self._processor.frames(rgb, self._processor.front_px)
        scene = self._model.front(frames, None).scene
        logits = pointwise(self._model.classify_front, scene).float()
        kinds, colours = logits.split(self._model.class_counts, 1)
        # Odds, since shares are all but 1 all over a large thing.
        odds = kinds[:, 1:].logsumexp(1, keepdim=True) - kinds[:, :1]
        is_peak = odds == F.max_pool2d(odds, 3, 1, 1)
        rows, columns = scene.shape[2:]
        y, x = torch.meshgrid(
            torch.linspace(-1, 1, rows), torch.linspace(-1, 1, columns), indexing="ij"
        )
        place = torch.stack([x, y]).expand(len(scene), 2, rows, columns)
        classes = [kinds.softmax(1), colours.softmax(1)]
        cells = torch.cat([scene, *classes, place, odds.sigmoid()], 1).flatten(2)  # (B, width, C)
        cells = cells * is_peak.flatten(2)  # what is beside a peak is nothing of its own
        best = (odds + FAR * is_peak).flatten(1).topk(TOKENS, dim=1).indices
        chosen = cells.gather(2, best[:, None].expand(-1, cells.shape[1], -1))
        return chosen.transpose(1, 2).float().contiguous()
