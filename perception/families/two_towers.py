"""Families that see and read apart: a tower each, joined by whoever acts on both."""

import torch
from torch import Tensor

from handeye.perception.connectors.registry import make_connector
from handeye.perception.encoders.text import CLASS_ID, TextEncoder
from handeye.perception.families.family import Family, FamilyConfig, Prefix
from handeye.perception.families.frames import FrameEncoder


class TwoTowers(Family):
    """Words -> L tokens, frames -> patches -> few tokens of each frame, neither seeing the other.

    [ [class] word ... word | frame 1: K tokens | frame 2: K tokens ]
    """

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config)
        self.text = TextEncoder(
            config.vocabulary, config.max_words + 1, config.width, config.text_layers, config.heads
        )
        self.frames = FrameEncoder(config)
        self.connector = make_connector(
            config.connector, config.width, config.width, self.frames.cells, config.frame_tokens
        )

    def prefix(self, frames: Tensor, words: Tensor) -> Prefix:
        """See `Family`."""
        text, present = self.text(words)
        patches = self.frames(frames)
        seen = self.connector(patches.flatten(0, 1)).unflatten(0, patches.shape[:2]).flatten(1, 2)
        there = torch.ones(seen.shape[:2], dtype=torch.bool, device=seen.device)
        tokens, mask = torch.cat([text, seen], dim=1), torch.cat([present, there], dim=1)
        return Prefix(tokens, mask, text, present, patches)

    def read(self, ids: Tensor) -> Tensor:
        """Ids (B, A) of texts without [class] -> (B, width) of the whole of each."""
        first = torch.full_like(ids[:, :1], CLASS_ID)
        words = torch.cat([first, ids], dim=1)[:, : self.config.max_words + 1]
        return self.text(words)[0][:, 0]
