"""Perceiver: a few latents read everything, and are read by what is wanted."""

import torch
from torch import Tensor, nn

from handeye.perception.encoders.text import PAD_ID, TextEncoder
from handeye.perception.families.family import Answer, Exchange, Family, FamilyConfig, Prefix
from handeye.perception.families.frames import FrameEncoder
from handeye.perception.fusions.latents import PerceiverDecoder, PerceiverEncoder
from handeye.perception.losses.next_token import IGNORED, label_loss
from handeye.perception.losses.total import Counted

LATENTS = 32


class Perceiver(Family):
    """Words and patches -> 32 latents -> one output for each query (Jaegle et al. 2021, 2022).

        [ word ... word | patch ... patch of every frame ] -> 32 latents attend -> blocks
        query of answer place n -> cross-attention over the latents -> word n

    It answers all words at once: each place of the answer is a query.
    """

    source = "Jaegle et al. 2022, arXiv:2107.14795"
    learns = ("caption", "vqa")

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config)
        width, heads = config.width, config.heads
        self.text = TextEncoder(
            config.vocabulary, config.max_words + 1, width, config.text_layers, heads
        )
        self.frames = FrameEncoder(config)
        self.place = nn.Parameter(torch.randn(self.frames.cells, width) * 0.02)
        self.latents = PerceiverEncoder(width, width, heads, LATENTS, config.fusion_layers)
        self.query = nn.Parameter(torch.randn(config.max_words, width) * 0.02)
        self.decoder = PerceiverDecoder(width, width, heads)
        self.word = nn.Linear(width, config.vocabulary)

    def prefix(self, frames: Tensor, words: Tensor, state: Tensor | None = None) -> Prefix:
        """See `Family`; the tokens are the latents."""
        text, present = self.text(words)
        patches = self.frames(frames)
        cells = (patches + self.place).flatten(1, 2)  # (B, K * C, width)
        there = torch.ones(cells.shape[:2], dtype=torch.bool, device=cells.device)
        latents = self.latents(torch.cat([text, cells], dim=1), torch.cat([present, there], dim=1))
        mask = torch.ones(latents.shape[:2], dtype=torch.bool, device=latents.device)
        return Prefix(latents, mask, text, present, patches)

    def losses(self, batch: Exchange) -> dict[str, Counted]:
        """Each word of answers, at its own place."""
        logits = self._say(batch.frames, batch.words, batch.answer.shape[1])
        labels = batch.answer.masked_fill(batch.answer == PAD_ID, IGNORED)
        return {"answer": label_loss(logits, labels)}

    def answer(self, frames: Tensor, words: Tensor) -> Answer:
        """Frames (B, K, 3, px, px) and words (B, L) -> the likeliest word at each place."""
        return Answer(ids=self._say(frames, words, len(self.query)).argmax(-1))

    def _say(self, frames: Tensor, words: Tensor, length: int) -> Tensor:
        """(B, length, vocabulary) logits."""
        if length > len(self.query):
            raise ValueError(f"an answer of {length} words; at most {len(self.query)} are said")
        latents = self.prefix(frames, words).tokens
        said: Tensor = self.word(self.decoder(self.query[:length], latents))
        return said
