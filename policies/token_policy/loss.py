"""Losses of a `TokenPolicy`: action tokens, and everything the simulator can teach for free."""

from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from handeye.perception.losses.grounding import grounding_loss, naming_loss
from handeye.perception.losses.total import Counted, counted
from handeye.policies.token_policy.model import TokenPolicyOutput
from handeye.policies.tokens.action_tokenizer import CONTINUE_ID, TERMINATE_ID, ActionTokenizer

XYZ_SCALE_M = 0.05  # an error of this size costs about 1


class ActionTruth(Protocol):
    """The part of the truth that action tokens are trained on."""

    @property
    def action_bins(self) -> Tensor:
        """(B, values) float, continuous bin coordinates."""

    @property
    def terminate(self) -> Tensor:
        """(B,) bool."""


class Targets(NamedTuple):
    """The truth beside a batch of B decisions with R referred objects each."""

    action_bins: Tensor  # (B, 7) float, continuous bin coordinates
    terminate: Tensor  # (B,) bool
    front_xy: Tensor  # (B, R, 2) centre of each referred object's mask in [0, 1]
    front_visible: Tensor  # (B, R) float, 1 where that mask is seen
    wrist_xy: Tensor  # (B, R, 2)
    wrist_visible: Tensor  # (B, R)
    referred_xyz: Tensor  # (B, R, 3) metres, world
    referred_given: Tensor  # (B, R) float, 1 where the instruction refers to such an object
    aims_xyz: Tensor  # (B, 2, 3) metres, where the work begins and where it ends
    named: Tensor  # (B, R, classes) bool, the classes that the words allow for each object
    relation: Tensor  # (B,) int64, class of the relation that the words ask for; 0 is none
    front_kinds: Tensor  # (B, rows, columns) int64, what fills each cell; 0 is nothing
    front_colours: Tensor  # (B, rows, columns) int64
    wrist_kinds: Tensor  # the same for the wrist camera
    wrist_colours: Tensor

    def tokens(self, tokenizer: ActionTokenizer) -> Tensor:
        """The true action as ids (B, 8), for teacher forcing."""
        firsts = torch.tensor([tokenizer.slot_range(s)[0] for s in range(1, tokenizer.slots)])
        ends = torch.where(self.terminate, TERMINATE_ID, CONTINUE_ID)
        return torch.cat([ends[:, None], self.action_bins.round().long() + firsts], dim=1)


def policy_losses(
    output: TokenPolicyOutput,
    targets: Targets,
    tokenizer: ActionTokenizer,
    kinds: int,
    softness_bins: float,
) -> dict[str, Counted]:
    """Return the terms by name.

    `kinds` is how many of the class channels are kinds, "nothing" included; colours follow.
    """
    referred = targets.front_xy.shape[1]
    return {
        **action_losses(output.logits, targets, tokenizer, softness_bins),
        "grounding_front": grounding_loss(
            output.front_logits[:, :referred], targets.front_xy, targets.front_visible
        ),
        "grounding_wrist": grounding_loss(
            output.wrist_logits[:, :referred], targets.wrist_xy, targets.wrist_visible
        ),
        "referred_xyz": xyz_loss(output.referred_xyz, targets.referred_xyz, targets.referred_given),
        "aims_xyz": xyz_loss(
            output.aims_xyz, targets.aims_xyz, torch.ones_like(targets.aims_xyz[..., 0])
        ),
        "naming": naming_loss(
            output.named_classes, targets.named, (kinds, targets.named.shape[2] - kinds)
        ),
        "relation": counted(F.cross_entropy(output.relation, targets.relation, reduction="none")),
        "cells_front": _cell_loss(
            output.front_classes, targets.front_kinds, targets.front_colours, kinds
        ),
        "cells_wrist": _cell_loss(
            output.wrist_classes, targets.wrist_kinds, targets.wrist_colours, kinds
        ),
    }


def action_losses(
    logits: Tensor, targets: ActionTruth, tokenizer: ActionTokenizer, softness_bins: float
) -> dict[str, Counted]:
    """Return the cross-entropy of the first slot and of the values', each within its own ids.

    Value slots have Gaussian labels around the continuous coordinate: a neighbouring bin is
    nearly right. Where the truth is to terminate, the values mean nothing and do not count.
    """
    ends = logits[:, 0, CONTINUE_ID : TERMINATE_ID + 1]
    wrong = F.cross_entropy(ends, targets.terminate.long(), reduction="none")
    bins = torch.arange(tokenizer.bins, device=logits.device, dtype=torch.float32)
    distance = (targets.action_bins[..., None] - bins) / softness_bins
    soft = (-0.5 * distance**2).softmax(-1)  # (B, 7, bins)
    losses = -(soft * value_logits(logits, tokenizer).log_softmax(-1)).sum((1, 2))  # (B,)
    return {
        "terminate": counted(wrong / tokenizer.slots),
        "action": counted(losses / tokenizer.slots, ~targets.terminate),
    }


def value_logits(logits: Tensor, tokenizer: ActionTokenizer) -> Tensor:
    """Each value slot's own bins out of logits (B, 8, V): (B, 7, bins)."""
    values = tokenizer.slots - 1
    own = logits[:, 1:, TERMINATE_ID + 1 :].reshape(len(logits), values, values, tokenizer.bins)
    return own.diagonal(dim1=1, dim2=2).transpose(1, 2)


def _cell_loss(logits: Tensor, kind: Tensor, colour: Tensor, kinds: int) -> Counted:
    """Cross-entropy of kind and colour per cell of one camera."""
    kind_loss = F.cross_entropy(logits[:, :kinds], kind, reduction="none")
    return counted(kind_loss + F.cross_entropy(logits[:, kinds:], colour, reduction="none"))


def xyz_loss(predicted: Tensor, truth: Tensor, given: Tensor) -> Counted:
    """Return the error of places (B, K, 3) in m where `given` (B, K) is 1."""
    error = (predicted - truth) / XYZ_SCALE_M
    losses = F.smooth_l1_loss(error, torch.zeros_like(error), reduction="none").mean(-1)
    return Counted((losses * given).sum(), given.sum())


@torch.no_grad()
def policy_metrics(
    output: TokenPolicyOutput, targets: Targets, tokenizer: ActionTokenizer
) -> dict[str, Tensor]:
    """Token accuracy (within one bin), terminate accuracy, errors of aims and grounding in cm."""
    acted = action_metrics(output.logits, targets, tokenizer)
    return {**acted, **place_metrics(output.referred_xyz, output.aims_xyz, targets)}


@torch.no_grad()
def action_metrics(
    logits: Tensor, targets: Targets, tokenizer: ActionTokenizer
) -> dict[str, Tensor]:
    """Return the accuracy of tokens (within one bin), of their places and of termination."""
    ends = logits[:, 0, CONTINUE_ID : TERMINATE_ID + 1].argmax(-1).bool()
    going = ~targets.terminate
    best = value_logits(logits, tokenizer).argmax(-1)
    off_bins = (best - targets.action_bins).abs()[going]
    span_m = torch.tensor(tokenizer.high[:3]) - torch.tensor(tokenizer.low[:3])
    action_error = (off_bins[:, :3] * span_m / tokenizer.bins).norm(dim=-1)
    nothing = logits.new_zeros(())
    return {
        "token_accuracy": (off_bins <= 1.5).float().mean() if going.any() else nothing,
        "terminate_accuracy": (ends == targets.terminate).float().mean(),
        "action_cm": 100 * action_error.median() if going.any() else nothing,
        "action_within_2cm": (action_error < 0.02).float().mean() if going.any() else nothing,
    }


@torch.no_grad()
def place_metrics(referred_xyz: Tensor, aims_xyz: Tensor, targets: Targets) -> dict[str, Tensor]:
    """Return errors on the table of places (B, R, 3) and aims (B, 2, 3), in cm."""
    error = (referred_xyz - targets.referred_xyz)[..., :2].norm(dim=-1)
    aim_error = (aims_xyz - targets.aims_xyz)[..., :2].norm(dim=-1)
    given = targets.referred_given.bool()
    nothing = error.new_zeros(())
    return {
        "aim_cm": 100 * aim_error.median(),
        "aim_within_2cm": (aim_error < 0.02).float().mean(),
        "grounding_cm": 100 * error[given].median() if given.any() else nothing,
        "grounding_within_2cm": (error[given] < 0.02).float().mean() if given.any() else nothing,
    }
