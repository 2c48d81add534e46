"""Recorded episodes of the tabletop, as a family with action slots learns from them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch

from handeye.experiments.data.tabletop_dataset import (
    PIXEL_SAMPLES,
    REFERRED,
    Batch,
    TabletopTrainingSet,
)
from handeye.experiments.data.training_set import PolicyRequest, Scored, Trainable
from handeye.experiments.records.checkpoints import take_weights
from handeye.perception.families.vocabulary import Vocabulary
from handeye.policies.checkpoint_files import load_processor
from handeye.policies.families.config import FAMILY_PRESETS
from handeye.policies.families.loss import acting_losses, acting_metrics
from handeye.policies.families.model import FamilyPolicy
from handeye.policies.families.processor import FamilyPolicyProcessor


class FamilyTrainingSet(TabletopTrainingSet):
    """The tabletop's decisions for any family, see `TabletopTrainingSet`."""

    presets: ClassVar[Mapping[str, Callable[..., Any]]] = FAMILY_PRESETS

    def build(self, request: PolicyRequest, seed: int) -> Trainable:
        """Build a `FamilyPolicy` whose words are those recorded, or those it starts from."""
        words = Vocabulary.train([] if request.blind else self.instructions()).words
        if request.start is not None:
            words = tuple(load_processor(FamilyPolicyProcessor, request.start).words)
        config = FAMILY_PRESETS[request.preset](
            request.family,
            action_mode=self.action_mode,
            vocabulary=len(words),
            grounded=request.grounded,
            referred=REFERRED,
        )
        processor = FamilyPolicyProcessor(
            words, config.max_words, config.px, config.px, len(config.proprio_scales)
        )
        model = FamilyPolicy(config)
        if request.start is not None:
            take_weights(model, request.start)
        elif config.grounded:
            truth = self.draw(np.random.default_rng(seed), processor, PIXEL_SAMPLES).targets
            seen = (truth.front_visible > 0) & (truth.referred_given > 0)
            model.places.fit_pixels(truth.front_xy[seen], truth.referred_xyz[seen])
        score = partial(score_actions, softness_bins=request.loss.softness_bins)
        return Trainable(model, processor, score, request.loss.terms)


def score_actions(model: FamilyPolicy, batch: Batch, *, softness_bins: float) -> Scored:
    """Return what a `FamilyPolicy` learns from a batch."""
    output = model(**batch.inputs)
    with torch.autocast(output.logits.device.type, enabled=False):
        terms = acting_losses(output, batch.targets, model.tokenizer, softness_bins)
        return Scored(terms, acting_metrics(output, batch.targets, model.tokenizer))
