"""Losses of `handeye-eyes`: masks, names, relations, and what words mean."""

import torch
import torch.nn.functional as F
from torch import Tensor

from handeye.experiments.data.eyes_dataset import NO_CLASS, EyesBatch, EyesTargets
from handeye.experiments.data.training_set import Scored
from handeye.perception.eyes.eyes import Eyes, EyesOutput
from handeye.perception.eyes.things import Things
from handeye.perception.losses.total import Counted, counted

WEIGHTS = {
    "tiers": 2.0, "centres": 0.5, "votes": 0.2, "cells": 0.3, "kinds": 1.0, "colours": 1.0,
    "sizes": 0.5, "states": 0.7, "relations": 3.0, "match": 3.0, "other": 1.5, "answers": 1.0,
}  # fmt: skip
TOLD_SHARE = 0.4  # of the frames whose things the reader is told as they are
TOLD_LOGIT = 6.0


def score_eyes(model: Eyes, batch: EyesBatch) -> Scored:
    """Return what is learned from a batch."""
    targets = batch.targets
    output = model(**batch.inputs, told=lambda things: told(things, targets))
    return Scored(eyes_losses(output, targets), eyes_metrics(output, targets))


def told(things: Things, truth: EyesTargets) -> Things:
    """The things with their true properties in some of the frames: words can be learned early."""
    frames = torch.arange(len(things.present)) < TOLD_SHARE * len(things.present)

    def true(logits: Tensor, classes: Tensor) -> Tensor:
        """Return sure logits of the true classes for the frames that are told."""
        known = F.one_hot(classes.clamp_min(0), logits.shape[-1]) * TOLD_LOGIT
        use = frames[:, None, None] & (classes != NO_CLASS)[..., None]
        return known.to(logits.dtype).where(use, logits)

    related = (2 * truth.relations.nan_to_num() - 1) * TOLD_LOGIT
    return things._replace(
        kinds=true(things.kinds, truth.kinds),
        colours=true(things.colours, truth.colours),
        sizes=true(things.sizes, truth.sizes),
        states=true(things.states, truth.states),
        relations=related.where(frames[:, None, None, None], things.relations),
    )


def eyes_losses(output: EyesOutput, truth: EyesTargets) -> dict[str, Counted]:
    """Every term by its name in `WEIGHTS`."""
    maps, things, readings = output
    voted = torch.isfinite(truth.votes)
    away = (maps.votes - truth.votes.nan_to_num()).abs()
    terms = {
        "tiers": counted(F.cross_entropy(maps.tiers, truth.tiers, reduction="none")),
        "centres": heat_loss(maps.centres, truth.centres),
        "votes": counted(away, voted),
        "cells": counted(F.cross_entropy(maps.kinds, truth.cells, reduction="none")),
        "relations": _asked_loss(things.relations, truth.relations),
        "match": _asked_loss(readings.match, truth.match),
        "other": _asked_loss(readings.other, truth.other),
        "answers": _class_loss(readings.answers, truth.answers),
    }
    for name in ("kinds", "colours", "sizes", "states"):
        terms[name] = _class_loss(getattr(things, name), getattr(truth, name))
    return terms


def heat_loss(logits: Tensor, heat: Tensor) -> Counted:
    """Focal loss of middles, less strict near them (CornerNet, Law and Deng 2018), per thing."""
    here = heat > 0.999
    sure = logits.sigmoid()
    hit = (1 - sure) ** 2 * F.logsigmoid(logits)
    miss = (1 - heat) ** 4 * sure**2 * F.logsigmoid(-logits)
    return Counted(-hit.where(here, miss).sum(), here.sum().float())


def _asked_loss(logits: Tensor, truth: Tensor) -> Counted:
    losses = F.binary_cross_entropy_with_logits(logits, truth.nan_to_num(), reduction="none")
    return counted(losses, torch.isfinite(truth))


def _class_loss(logits: Tensor, classes: Tensor) -> Counted:
    known = classes.clamp_min(0).flatten()
    losses = F.cross_entropy(logits.flatten(0, -2), known, reduction="none")
    return counted(losses, (classes != NO_CLASS).flatten())


@torch.no_grad()
def eyes_metrics(output: EyesOutput, truth: EyesTargets) -> dict[str, Tensor]:
    """Shares of what is right: pixels, properties, sentences with all they mean, answers."""
    things, readings = output.things, output.readings
    rows = {"tier_iou": _iou(output.maps.tiers.argmax(1) > 0, truth.tiers > 0)}
    for name in ("kinds", "colours", "states"):
        classes = getattr(truth, name)
        right = getattr(things, name).argmax(-1) == classes
        rows[f"{name}_accuracy"] = right[classes != NO_CLASS].float().mean()
    wrong = ((readings.match > 0) != (truth.match > 0.5)) & torch.isfinite(truth.match)
    asked = truth.answers != NO_CLASS
    rows["match_accuracy"] = (~wrong.any(-1))[asked].float().mean()
    rows["answer_accuracy"] = (readings.answers.argmax(-1) == truth.answers)[asked].float().mean()
    return rows


def _iou(seen: Tensor, truth: Tensor) -> Tensor:
    return (seen & truth).sum() / (seen | truth).sum().clamp_min(1)
