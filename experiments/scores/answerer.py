"""A trained family that is asked about frames."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from handeye.experiments.data.exchanges import exchange
from handeye.experiments.data.vl.vl_dataset import VlDataset
from handeye.perception.families.contrastive import Contrastive
from handeye.perception.families.family import Exchange
from handeye.policies.families.runner import FamilyPolicyRunner

BATCH = 32


class Answerer:
    """Asks a family in batches, in the plain look of the frames.

    Args:
        runner: the family with its words.
        data: the examples.
    """

    def __init__(self, runner: FamilyPolicyRunner, data: VlDataset) -> None:
        self.family = runner.model.family.eval()
        self.vocabulary = runner.processor.instructions
        self.data = data
        self._px, self._device = runner.model.config.px, runner.model.device

    def batches(self, places: Sequence[int]) -> Iterator[Exchange]:
        """Yield the examples at `places` as batches on the family's device."""
        for start in range(0, len(places), BATCH):
            some = places[start : start + BATCH]
            made = exchange(self.data, some, self.vocabulary, self._px)
            yield Exchange(*(part.to(self._device) for part in made))

    @torch.inference_mode()
    def say(self, places: Sequence[int]) -> list[str]:
        """Return what the family answers to the questions of examples.

        Raises:
            ValueError: it says nothing in words.
        """
        said: list[str] = []
        for batch in self.batches(places):
            ids = self.family.answer(batch.frames, batch.words).ids
            if ids is None:
                raise ValueError(f"a {type(self.family).__name__} says nothing in words")
            said += [self.vocabulary.decode(row) for row in ids.tolist()]
        return said

    @torch.inference_mode()
    def alike(self, places: Sequence[int]) -> NDArray[np.float32]:
        """Return how well each frame and each caption of examples fit, (frames, captions)."""
        assert isinstance(self.family, Contrastive)
        frames: list[Tensor] = []
        texts: list[Tensor] = []
        for batch in self.batches(places):
            frames.append(self.family.embed_frames(batch.frames))
            texts.append(self.family.embed_texts(batch.answer))
        scores = self.family.scores(torch.cat(frames), torch.cat(texts))
        return np.asarray(scores.float().cpu().numpy())
