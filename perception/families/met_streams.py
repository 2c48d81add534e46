"""Families that read and see apart and then let words and regions meet: BERT with eyes."""

import torch
from torch import Tensor, nn

from handeye.perception.connectors.registry import make_connector
from handeye.perception.encoders.text import CLASS_ID, PAD_ID, TextEncoder
from handeye.perception.families.family import Answer, Exchange, Family, FamilyConfig, Prefix
from handeye.perception.families.frames import FrameEncoder
from handeye.perception.families.vocabulary import FIRST_WORD_ID, MASK_ID
from handeye.perception.losses.masked import mask_words
from handeye.perception.losses.matching import matching_loss
from handeye.perception.losses.next_token import label_loss
from handeye.perception.losses.total import Counted

SEED = 17  # of which words are masked; the batch decides the rest


class MetStreams(Family):
    """Words (B, L) and regions (B, N) -> `meet` -> the same, each knowing of the other.

    It learns to foretell masked words and to tell a caption from one that is untrue by a word. It
    can score texts, and fill in the words that a text masks.
    """

    learns = ("caption", "hard_negative")
    terms = ("masked_words", "matching")

    def __init__(self, config: FamilyConfig, meet: nn.Module) -> None:
        super().__init__(config)
        self.text = TextEncoder(
            config.vocabulary, config.max_words + 1, config.width, config.text_layers, config.heads
        )
        self.frames = FrameEncoder(config)
        self.connector = make_connector(
            config.connector, config.width, config.width, self.frames.cells, config.frame_tokens
        )
        self.meet = meet
        self.word = nn.Linear(config.width, config.vocabulary)
        self.match = nn.Linear(config.width, 1)

    def prefix(self, frames: Tensor, words: Tensor, state: Tensor | None = None) -> Prefix:
        """See `Family`."""
        text, present = self.text(words)
        patches = self.frames(frames)
        regions = self.connector(patches.flatten(0, 1)).unflatten(0, patches.shape[:2])
        text, regions = self.meet(text, present, regions.flatten(1, 2))
        there = torch.ones(regions.shape[:2], dtype=torch.bool, device=regions.device)
        tokens, mask = torch.cat([text, regions], dim=1), torch.cat([present, there], dim=1)
        return Prefix(tokens, mask, text, present, patches)

    def losses(self, batch: Exchange) -> dict[str, Counted]:
        """Masked words of captions, and whether a caption is true."""
        generator = torch.Generator(batch.answer.device).manual_seed(SEED + int(batch.answer.sum()))
        maskable = batch.answer >= FIRST_WORD_ID
        known = range(FIRST_WORD_ID, self.config.vocabulary)
        hidden, labels = mask_words(batch.answer, maskable, MASK_ID, known, generator)
        read = self.prefix(batch.frames, _told(hidden)).text
        terms = {"masked_words": label_loss(self.word(read[:, 1:]), labels)}
        untrue = (batch.wrong != PAD_ID).any(1)
        if untrue.any():
            scores = [
                self.score(batch.frames[untrue], _told(texts[untrue]))
                for texts in (batch.answer, batch.wrong)
            ]
            true = torch.ones(int(untrue.sum()), dtype=torch.bool, device=untrue.device)
            terms["matching"] = matching_loss(torch.cat(scores), torch.cat([true, ~true]))
        return terms

    def answer(self, frames: Tensor, words: Tensor) -> Answer:
        """Frames (B, K, 3, px, px) and words (B, L) with [mask] -> filled in, and whether true."""
        text = self.prefix(frames, words).text
        filled = torch.where(words == MASK_ID, self.word(text).argmax(-1), words)
        return Answer(ids=filled, scores=self.match(text[:, 0]))

    def score(self, frames: Tensor, words: Tensor) -> Tensor:
        """Frames (B, K, 3, px, px), words (B, L) -> (B,) log-odds that the words are true."""
        scores: Tensor = self.match(self.prefix(frames, words).text[:, 0])[:, 0]
        return scores


def _told(ids: Tensor) -> Tensor:
    """Ids (B, A) of a text -> (B, 1 + A) with [class] before them."""
    return torch.cat([torch.full_like(ids[:, :1], CLASS_ID), ids], dim=1)
