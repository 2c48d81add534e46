"""Losses of a `HistoryPolicy`: action tokens, and everything the simulator can teach for free."""

import math
from dataclasses import asdict, dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from handeye.perception.losses.grounding import naming_loss
from handeye.perception.losses.next_token import label_loss
from handeye.perception.losses.total import Counted, counted
from handeye.policies.history.model import (
    BEARINGS,
    DISTANCE_M,
    DISTANCES,
    Heard,
    HistoryOutput,
    Views,
)
from handeye.policies.token_policy.loss import action_losses, value_logits
from handeye.policies.tokens.action_tokenizer import (
    CONTINUE_ID,
    DISCRETE_MODE,
    TERMINATE_ID,
    ActionTokenizer,
)

SOFT_BEARINGS, SOFT_DISTANCES = 0.7, 0.7  # Gaussian widths of labels, in bins
SOFT_VELOCITIES, SHARP = 1.0, 0.05


class HistoryTargets(NamedTuple):
    """The truth beside D decisions, F frames and I instructions."""

    action_bins: Tensor  # (D, values) float, continuous bin coordinates
    terminate: Tensor  # (D,) bool
    waypoint_m: Tensor  # (D, 2) ahead and left of the robot
    answer: Tensor  # (D,) int64, IGNORED where nothing has to be said
    referred: Tensor  # (F, C) share of each cell that shows what the words refer to, at most 1
    cells: Tensor  # (F, 3, rows, columns) int64, kind, colour and room of each cell; 0 is nothing
    named: Tensor  # (I, 1, classes) bool, the classes that the words allow
    directions: Tensor  # (I, L) int64, which way a number counts, IGNORED elsewhere
    intent: Tensor  # (I,) int64


@dataclass(frozen=True)
class HistoryWeights:
    """Share of each term in the total."""

    action: float = 2.0
    bearing: float = 1.0
    distance: float = 0.5
    answer: float = 0.2
    grounding: float = 0.5
    seen: float = 0.5
    cells: float = 0.3
    naming: float = 0.5
    directions: float = 0.5
    intent: float = 0.3

    @property
    def terms(self) -> dict[str, float]:
        """Weight of every term by its name; to terminate counts as one more value of the action."""
        return {**asdict(self), "terminate": self.action}


def history_losses(
    said: tuple[HistoryOutput, Views, Heard],
    targets: HistoryTargets,
    tokenizer: ActionTokenizer,
    mode: str,
    counts: tuple[int, int, int],
) -> dict[str, Counted]:
    """Return the terms by name.

    Args:
        said: what the model said.
        targets: the truth.
        tokenizer: of the actions.
        mode: of the actions; the discrete one's tokens have no neighbours.
        counts: of the classes of kinds, colours and rooms.
    """
    output, views, heard = said
    soft = SHARP if mode == DISCRETE_MODE else SOFT_VELOCITIES
    bearing, distance = waypoint_bins(targets.waypoint_m)
    there = targets.referred.sum(-1)
    found = targets.referred / there.clamp_min(1e-6)[:, None]
    ground = -(found * views.attention.log_softmax(-1)).sum(-1)
    classes = views.classes.split(counts, dim=1)
    return {
        **action_losses(output.logits, targets, tokenizer, soft),
        "bearing": _soft_loss(output.bearing, bearing, SOFT_BEARINGS, BEARINGS),
        "distance": _soft_loss(output.distance, distance, SOFT_DISTANCES, 0),
        "answer": label_loss(output.answer[None], targets.answer[None]),
        "grounding": counted(ground, there > 0),
        "seen": counted(
            F.binary_cross_entropy_with_logits(views.seen, (there > 0).float(), reduction="none")
        ),
        "cells": counted(
            torch.stack(
                [
                    F.cross_entropy(said_here, true, reduction="none")
                    for said_here, true in zip(classes, targets.cells.unbind(1), strict=True)
                ]
            ).sum(0)
        ),
        "naming": naming_loss(heard.queries.classes[:, :1], targets.named, counts),
        "directions": label_loss(heard.directions, targets.directions),
        "intent": counted(F.cross_entropy(heard.intent, targets.intent, reduction="none")),
    }


def waypoint_bins(waypoint_m: Tensor) -> tuple[Tensor, Tensor]:
    """Continuous bin coordinates (D,) of the bearing and of the distance of (D, 2) in m."""
    angle = torch.atan2(waypoint_m[:, 1], waypoint_m[:, 0])
    bearing = (angle / (2 * math.pi) + 0.5) * BEARINGS
    distance = waypoint_m.norm(dim=-1) / DISTANCE_M - 0.5
    return bearing, distance.clamp(0.0, DISTANCES - 1.0)


def _soft_loss(logits: Tensor, place: Tensor, softness: float, period: int) -> Counted:
    """Cross-entropy with Gaussian labels around `place` (D,), on a ring of `period` bins if any."""
    away = place[:, None] - torch.arange(logits.shape[1], device=logits.device)
    if period:
        away = torch.remainder(away + period / 2, period) - period / 2
    soft = (-0.5 * (away / softness) ** 2).softmax(-1)
    return counted(-(soft * logits.log_softmax(-1)).sum(-1))


@torch.no_grad()
def history_metrics(
    said: tuple[HistoryOutput, Views, Heard], targets: HistoryTargets, tokenizer: ActionTokenizer
) -> dict[str, Tensor]:
    """Accuracies: of values within a bin, of stops by recall and precision, of bearings, sight."""
    output, views, heard = said
    ends = output.logits[:, 0, CONTINUE_ID : TERMINATE_ID + 1].argmax(-1).bool()
    both = (ends & targets.terminate).sum()
    going = (~targets.terminate).float()[:, None]
    off = (value_logits(output.logits, tokenizer).argmax(-1) - targets.action_bins).abs()
    true_bearing, _ = waypoint_bins(targets.waypoint_m)
    turn = (output.bearing.argmax(-1) - true_bearing).abs()
    visible = targets.referred.sum(-1) > 0
    return {
        "move_accuracy": ((off < 0.51) * going).mean(1).sum() / going.sum().clamp_min(1),
        "stop_recall": both / targets.terminate.sum().clamp_min(1),
        "stop_precision": both / ends.sum().clamp_min(1),
        "bearing_accuracy": (torch.minimum(turn, BEARINGS - turn) < 1.0).float().mean(),
        "seen_accuracy": ((views.seen > 0) == visible).float().mean(),
        "intent_accuracy": (heard.intent.argmax(-1) == targets.intent).float().mean(),
    }
