"""What a `FamilyPolicy` learns from: actions, and if grounded the simulator's truth."""

import torch
from torch import Tensor

from handeye.perception.losses.grounding import grounding_loss
from handeye.perception.losses.total import Counted
from handeye.policies.families.model import FamilyPolicyOutput
from handeye.policies.token_policy.loss import (
    Targets,
    action_losses,
    action_metrics,
    place_metrics,
    xyz_loss,
)
from handeye.policies.tokens.action_tokenizer import ActionTokenizer


def acting_losses(
    output: FamilyPolicyOutput, targets: Targets, tokenizer: ActionTokenizer, softness_bins: float
) -> dict[str, Counted]:
    """Return the terms by name."""
    terms = action_losses(output.logits, targets, tokenizer, softness_bins)
    if (placed := output.placed) is not None:
        front, wrist = placed.logits.unbind(1)
        terms |= {
            "grounding_front": grounding_loss(front, targets.front_xy, targets.front_visible),
            "grounding_wrist": grounding_loss(wrist, targets.wrist_xy, targets.wrist_visible),
            "referred_xyz": xyz_loss(
                placed.referred_xyz, targets.referred_xyz, targets.referred_given
            ),
            "aims_xyz": xyz_loss(
                placed.aims_xyz, targets.aims_xyz, torch.ones_like(targets.aims_xyz[..., 0])
            ),
        }
    return terms


def acting_metrics(
    output: FamilyPolicyOutput, targets: Targets, tokenizer: ActionTokenizer
) -> dict[str, Tensor]:
    """Return accuracies of the action, and of places where the policy is grounded."""
    acted = action_metrics(output.logits, targets, tokenizer)
    if output.placed is None:
        return acted
    return {**acted, **place_metrics(output.placed.referred_xyz, output.placed.aims_xyz, targets)}
