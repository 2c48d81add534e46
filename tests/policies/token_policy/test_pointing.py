import torch

from handeye.policies.token_policy.pointing import Anchors, PointingHead
from handeye.policies.tokens.action_tokenizer import ActionTokenizer

TOKENIZER = ActionTokenizer.for_mode("ee_pose")


def anchors(position: float) -> Anchors:
    valid = torch.ones(7, 2, dtype=torch.bool)
    valid[6] = False
    return Anchors(torch.full((1, 7, 2), position), valid)


def test_at_first_the_anchors_are_the_likeliest_bins() -> None:
    odds = PointingHead(8, 2)(torch.randn(1, 7, 8), anchors(100.0), TOKENIZER)
    assert odds.shape == (1, 7, 256)
    assert (odds[0, :6].argmax(-1) == 100).all()


def test_a_value_without_anchors_is_uniform_and_trains() -> None:
    head = PointingHead(8, 2)
    odds = head(torch.randn(1, 7, 8), anchors(100.0), TOKENIZER)
    assert (odds[0, 6] - odds[0, 6, 0]).abs().max() < 1e-6
    odds.square().sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters() if p.grad is not None)


def test_the_odds_are_of_a_distribution() -> None:
    draw = torch.Generator().manual_seed(0)
    head = PointingHead(8, 2)
    torch.nn.init.normal_(head.mixture.weight, std=0.1, generator=draw)
    # Well inside, so that no Gaussian's tail leaves the bins.
    where = 100 + torch.rand(4, 7, 2, generator=draw) * 55
    tokens = torch.randn(4, 7, 8, generator=draw)
    total = head(tokens, Anchors(where, anchors(0).valid), TOKENIZER).exp().sum(-1)
    torch.testing.assert_close(total, torch.ones_like(total), rtol=0, atol=0.02)


def test_gradients_reach_the_anchors() -> None:
    where = torch.full((1, 7, 2), 50.0, requires_grad=True)
    odds = PointingHead(8, 2)(torch.randn(1, 7, 8), Anchors(where, anchors(0).valid), TOKENIZER)
    odds[0, 0, 60].backward()
    assert where.grad is not None
    assert (where.grad[0, 0] > 0).all()  # towards the true bin
