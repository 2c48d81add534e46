"""Families whose frames become tokens of a causal language model."""

from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from handeye.perception.connectors.registry import make_connector
from handeye.perception.encoders.text import PAD_ID
from handeye.perception.families.family import Answer, Exchange, Family, FamilyConfig, Prefix
from handeye.perception.families.frames import FrameEncoder
from handeye.perception.families.language import MOST_WORDS, LanguageTrunk
from handeye.perception.fusions.masks import prefix_mask
from handeye.perception.losses.next_token import IGNORED, next_token_loss
from handeye.perception.losses.total import Counted


class LanguageFamily(Family):
    """Frames -> tower -> connector -> tokens before the words, one causal trunk over all.

        [ frame 1: K tokens | frame 2: K tokens | [class] word ... word | answer ... [end] ]
          see each other, as a prefix            | causal ----------------------------->

    Who acts looks at what the trunk makes of frames and words.
    """

    learns: ClassVar[tuple[str, ...]] = ("caption", "vqa", "dialogue", "plan", "narration")

    def __init__(self, config: FamilyConfig) -> None:
        super().__init__(config)
        self.frames = FrameEncoder(config)
        self.connector = make_connector(
            config.connector, config.width, config.width, self.frames.cells, config.frame_tokens
        )
        self.language = LanguageTrunk(config)

    @property
    def longest_answer(self) -> int:
        """Return how many words and marks an answer has at most, its end included."""
        return MOST_WORDS

    def look(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Frames (B, K, 3, px, px) -> their tokens (B, K * T, width), patches (B, K, C, width)."""
        patches = self.frames(frames)
        seen = self.connector(patches.flatten(0, 1)).unflatten(0, patches.shape[:2])
        return seen.flatten(1, 2), patches

    def prefix(self, frames: Tensor, words: Tensor, state: Tensor | None = None) -> Prefix:
        """See `Family`."""
        seen, patches = self.look(frames)
        seen = self.with_state(seen, state)
        tokens, present = self.sentence(seen, words)
        hidden = self.run(seen, tokens, present)
        heard, told = hidden[:, -words.shape[1] :], present[:, -words.shape[1] :]
        # A causal first word knows nothing of the others: the last one stands for all of them.
        whole = heard[torch.arange(len(heard)), told.long().sum(1) - 1]
        text = torch.cat([whole[:, None], heard[:, 1:]], dim=1)
        return Prefix(hidden, present, text, told, patches)

    def losses(self, batch: Exchange) -> dict[str, Counted]:
        """The next word of answers."""
        seen, _ = self.look(batch.frames)
        ids, labels = packed(batch.words, batch.answer)
        hidden = self.run(seen, *self.sentence(seen, ids))
        logits = self.language.logits(hidden[:, -ids.shape[1] :])
        return {"answer": next_token_loss(logits, labels)}

    def answer(self, frames: Tensor, words: Tensor) -> Answer:
        """Frames (B, K, 3, px, px) and words (B, L) -> the likeliest answers."""
        seen, _ = self.look(frames)
        run = partial(self.run, seen)
        return Answer(ids=self.language.write(*self.sentence(seen, words), run))

    def with_state(self, seen: Tensor, state: Tensor | None) -> Tensor:
        """Tokens of frames (B, N, width) -> the same, and of the robot's state where it has one."""
        return seen

    def sentence(self, seen: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Frames' tokens (B, N, width), ids (B, L) -> one sequence, and where it has tokens."""
        there = torch.ones(seen.shape[:2], dtype=torch.bool, device=seen.device)
        tokens = torch.cat([seen, self.language.embed(ids)], dim=1)
        return tokens, torch.cat([there, ids != PAD_ID], dim=1)

    def run(self, seen: Tensor, tokens: Tensor, present: Tensor) -> Tensor:
        """Frames' tokens (B, N, width) and the sequence with them -> what the trunk makes of it."""
        prefix = torch.arange(tokens.shape[1], device=tokens.device) < seen.shape[1]
        return self.language(tokens, present, prefix_mask(prefix[None], present))


def packed(words: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
    """Words (B, L) and answers (B, A) -> ids (B, L + A) without gaps, and labels: the answers."""
    ids = torch.cat([words, answer], dim=1)
    labels = torch.cat([torch.full_like(words, IGNORED), answer], dim=1)
    labels = labels.masked_fill(ids == PAD_ID, IGNORED)
    order = (ids == PAD_ID).long().argsort(dim=1, stable=True)  # the padding goes to the end
    return ids.gather(1, order), labels.gather(1, order)
