"""What a family with action slots learns from: the tabletop's episodes, and examples in words."""

from collections.abc import Callable, Mapping
from functools import partial
from pkgutil import resolve_name
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from torch import Tensor

from handeye.experiments.data.exchanges import draw_exchange, texts_of
from handeye.experiments.data.mixture import ACT, Mixture, kinds_of
from handeye.experiments.data.tabletop_dataset import (
    PIXEL_SAMPLES,
    REFERRED,
    Batch,
    TabletopTrainingSet,
)
from handeye.experiments.data.training_set import PolicyRequest, Scored, Trainable
from handeye.experiments.data.vl.vl_dataset import VlDataset
from handeye.experiments.records.checkpoints import take_weights
from handeye.perception.families.family import Exchange
from handeye.perception.families.registry import family_class
from handeye.perception.families.vocabulary import Vocabulary
from handeye.perception.losses.total import Counted
from handeye.policies.checkpoint_files import load_processor
from handeye.policies.families.config import FAMILY_PRESETS
from handeye.policies.families.loss import acting_losses, acting_metrics
from handeye.policies.families.model import FamilyPolicy
from handeye.policies.families.processor import FamilyPolicyProcessor
from handeye.policies.families.rt2_policy import Rt2Policy
from handeye.policies.trained import RUNNERS


class MixedBatch(NamedTuple):
    """Decisions to learn acting from, and examples in words, a batch for each part of a mixture."""

    act: Batch | None
    exchanges: tuple[Exchange, ...]


class FamilyTrainingSet(TabletopTrainingSet):
    """The tabletop's decisions for any family, see `TabletopTrainingSet`, and examples in words."""

    presets: ClassVar[Mapping[str, Callable[..., Any]]] = FAMILY_PRESETS
    _mixture: Mixture
    _kinds: Mapping[str, tuple[str, ...]]
    _vl: VlDataset
    _longest: int

    def build(self, request: PolicyRequest, seed: int) -> Trainable:
        """Build a `FamilyPolicy` whose words are those of the data, or those it starts from."""
        family = family_class(request.family)
        self._mixture = request.mixtures[0]
        parts = [part for mixture in request.mixtures for part in mixture if part != ACT]
        self._kinds = {part: kinds_of(part, family) for part in parts}
        told = self.instructions()
        if self._kinds:
            self._vl = VlDataset.load(*request.vl)
            told += texts_of(self._vl)
        words = Vocabulary.train([] if request.blind else told).words
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
        model = resolve_name(RUNNERS[config.model_type]).model_class(config)
        self._longest = model.family.longest_answer
        if request.start is not None:
            take_weights(model, request.start)
        elif config.grounded and isinstance(model, FamilyPolicy):
            truth = super().draw(np.random.default_rng(seed), processor, PIXEL_SAMPLES).targets
            seen = (truth.front_visible > 0) & (truth.referred_given > 0)
            model.places.fit_pixels(truth.front_xy[seen], truth.referred_xyz[seen])
        score = partial(score_mixed, softness_bins=request.loss.softness_bins)
        weights = {**request.loss.terms, **dict.fromkeys(family.terms, 1.0)}
        return Trainable(model, processor, score, weights)

    def mix(self, mixture: Mixture) -> None:
        """Draw from one of the mixtures that the policy was built for from now on."""
        self._mixture = mixture

    def draw(  # type: ignore[override]
        self, rng: np.random.Generator, processor: FamilyPolicyProcessor, size: int
    ) -> MixedBatch:
        """A batch of `size` samples, each of a part of the mixture by its share."""
        parts = list(self._mixture)
        counts = dict(zip(parts, rng.multinomial(size, list(self._mixture.values())), strict=True))
        acting = counts.pop(ACT, 0)
        act = super().draw(rng, processor, acting) if acting else None
        spoken = [
            draw_exchange(
                self._vl,
                self._kinds[part],
                count,
                processor.instructions,
                processor.front_px,
                rng,
                self.augmentation.jitter,
                self._longest,
            )
            for part, count in counts.items()
            if count
        ]
        return MixedBatch(act, tuple(spoken))


def score_mixed(
    model: FamilyPolicy | Rt2Policy, batch: MixedBatch, *, softness_bins: float
) -> Scored:
    """Return what a family's policy learns from a batch."""
    terms: dict[str, Counted] = {}
    metrics: dict[str, Tensor] = {}
    if batch.act is not None:
        truth = batch.act.targets.tokens(model.tokenizer)
        output = model(**batch.act.inputs, action_tokens=truth)
        with torch.autocast(output.logits.device.type, enabled=False):
            terms = acting_losses(output, batch.act.targets, model.tokenizer, softness_bins)
            metrics = acting_metrics(output, batch.act.targets, model.tokenizer)
    for spoken in batch.exchanges:
        for name, term in model.family.losses(spoken).items():
            terms[name] = terms[name] + term if name in terms else term
    return Scored(terms, metrics)
