import torch

from handeye.policies.token_policy.loss import (
    Targets,
    action_losses,
    policy_losses,
    policy_metrics,
    value_logits,
)
from handeye.policies.token_policy.loss_weights import LossWeights
from handeye.policies.tokens.action_tokenizer import ActionTokenizer
from tests.policies.builders import observation, processor, tiny_policy

TOKENIZER = ActionTokenizer.for_mode("ee_pose")


def targets(terminate: bool = False) -> Targets:
    cells = torch.zeros(1, 16, 16, dtype=torch.int64)
    return Targets(
        action_bins=torch.tensor([[10.0, 20.3, 30.0, 128.0, 128.0, 60.0, 255.0]]),
        terminate=torch.tensor([terminate]),
        front_xy=torch.full((1, 2, 2), 0.4),
        front_visible=torch.ones(1, 2),
        wrist_xy=torch.full((1, 2, 2), 0.6),
        wrist_visible=torch.zeros(1, 2),
        referred_xyz=torch.full((1, 2, 3), 0.1),
        referred_given=torch.tensor([[1.0, 0.0]]),
        relation=torch.tensor([1]),
        aims_xyz=torch.full((1, 2, 3), 0.2),
        named=torch.ones(1, 2, 6, dtype=torch.bool),
        front_kinds=cells,
        front_colours=cells,
        wrist_kinds=cells,
        wrist_colours=cells,
    )


def sure_logits(truth: Targets) -> torch.Tensor:
    logits = torch.zeros(1, 8, TOKENIZER.vocabulary)
    return logits.scatter(2, truth.tokens(TOKENIZER)[..., None], 30.0)


def test_value_logits_are_each_slots_own_bins() -> None:
    logits = torch.arange(8.0 * TOKENIZER.vocabulary).reshape(1, 8, -1)
    own = value_logits(logits, TOKENIZER)
    for slot in range(1, 8):
        ids = TOKENIZER.slot_range(slot)
        assert torch.equal(own[0, slot - 1], logits[0, slot, ids.start : ids.stop])


def test_the_true_tokens_cost_least_and_neighbours_little() -> None:
    truth = targets()
    right = cost(sure_logits(truth), truth)
    near = truth._replace(action_bins=truth.action_bins.clamp(1, 254) + 1)
    far = truth._replace(action_bins=255 - truth.action_bins)
    costs = [cost(sure_logits(t), truth) for t in (near, far)]
    assert right < costs[0] < costs[1]


def test_values_do_not_count_where_the_truth_is_to_stop() -> None:
    truth = targets(terminate=True)
    moved = truth._replace(action_bins=255 - truth.action_bins)
    assert cost(sure_logits(truth), truth) == cost(sure_logits(moved), truth)


def cost(logits: torch.Tensor, truth: Targets) -> float:
    terms = action_losses(logits, truth, TOKENIZER, 1.5).values()
    return sum(float(term.mean) for term in terms)


def test_all_terms_are_finite_and_have_a_weight() -> None:
    model = tiny_policy().train()
    output = model(**processor()(observation(), "pick up the red block"))
    losses = policy_losses(output, targets(), TOKENIZER, 3, 1.5)
    assert all(torch.isfinite(term.total) for term in losses.values())
    assert losses["grounding_wrist"].mean == 0  # nothing is visible there
    assert losses.keys() == LossWeights().terms.keys()


def test_metrics_of_a_perfect_answer() -> None:
    model = tiny_policy()
    output = model(**processor()(observation(), "pick up the red block"))
    truth = targets()
    truth = truth._replace(action_bins=value_logits(output.logits, TOKENIZER).argmax(-1).float())
    truth = truth._replace(referred_xyz=output.referred_xyz.detach())
    metrics = policy_metrics(output, truth, TOKENIZER)
    assert metrics["token_accuracy"] == metrics["action_within_2cm"] == 1
    assert metrics["grounding_cm"] == 0
