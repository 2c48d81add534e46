import torch

from handeye.perception.losses.grounding import grounding_loss, naming_loss


def test_the_grounding_loss_prefers_the_right_cell_and_skips_the_unseen() -> None:
    xy = torch.tensor([[[0.375, 0.625], [0.1, 0.1]]])
    right, wrong = torch.zeros(1, 2, 16), torch.zeros(1, 2, 16)
    right[0, 0, 2 * 4 + 1] = 9.0
    wrong[0, 0, 0] = 9.0
    seen = torch.tensor([[1.0, 0.0]])
    costs = [float(grounding_loss(logits, xy, seen).mean) for logits in (right, wrong)]
    assert costs[0] < 0.01 < costs[1]
    assert grounding_loss(wrong, xy, 0 * seen).mean == 0


def test_naming_costs_nothing_where_the_words_say_nothing() -> None:
    scores = torch.randn(2, 2, 5)
    everything = torch.ones(2, 2, 5, dtype=torch.bool)
    assert naming_loss(scores, everything, (3, 2)).mean.abs() < 1e-6
    first = everything.clone()
    first[..., 1:3] = False
    sure = torch.zeros(2, 2, 5)
    sure[..., 0] = 20.0
    assert naming_loss(sure, first, (3, 2)).mean < 1e-3 < naming_loss(-sure, first, (3, 2)).mean
