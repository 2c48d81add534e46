import pytest
import torch

from handeye.perception.losses.masked import (
    mask_regions,
    mask_words,
    masked_class_loss,
    masked_feature_loss,
)
from handeye.perception.losses.next_token import IGNORED, label_loss


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_words_are_hidden_changed_or_kept_in_the_published_shares() -> None:
    ids = torch.randint(10, 1000, (50, 200))
    maskable = torch.ones_like(ids, dtype=torch.bool)
    maskable[:, 0] = False
    read, labels = mask_words(ids, maskable, 3, range(10, 1000), generator())
    chosen = labels != IGNORED
    assert not chosen[:, 0].any()
    assert chosen[:, 1:].float().mean().item() == pytest.approx(0.15, abs=0.01)
    assert torch.equal(labels[chosen], ids[chosen])
    assert torch.equal(read[~chosen], ids[~chosen])
    assert (read[chosen] == 3).float().mean().item() == pytest.approx(0.8, abs=0.03)
    assert (read[chosen] == ids[chosen]).float().mean().item() == pytest.approx(0.1, abs=0.03)
    assert label_loss(torch.zeros(50, 200, 1000), labels).count == chosen.sum()


def test_masking_repeats_with_its_generator() -> None:
    ids = torch.arange(3, 43)[None]
    first, second = (
        mask_words(ids, ids > 5, 1, range(3, 43), generator(), share=0.5) for _ in range(2)
    )
    assert torch.equal(first[0], second[0])


def test_chosen_regions_become_zeros_but_for_a_tenth() -> None:
    regions = torch.ones(50, 100, 2)
    maskable = torch.ones(50, 100, dtype=torch.bool)
    maskable[:, 50:] = False
    read, chosen = mask_regions(regions, maskable, generator(), share=0.3)
    assert not chosen[:, 50:].any()
    assert chosen[:, :50].float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert (read[~chosen] == 1).all()
    assert (read[chosen] == 0).all(-1).float().mean().item() == pytest.approx(0.9, abs=0.03)


def test_only_chosen_regions_cost() -> None:
    chosen = torch.tensor([[True, False]])
    truth = torch.tensor([[[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]])
    right = truth.clamp_min(1e-9).log()
    wrong_elsewhere = right.clone()
    wrong_elsewhere[0, 1] = torch.tensor([-9.0, 9.0, 0.0])
    assert masked_class_loss(wrong_elsewhere, truth, chosen).mean.abs() < 1e-6
    assert masked_class_loss(torch.zeros(1, 2, 3), truth, chosen).mean > 0.3
    features = torch.randn(1, 2, 4, requires_grad=True)
    loss = masked_feature_loss(torch.zeros(1, 2, 4, requires_grad=True), features, chosen)
    torch.testing.assert_close(loss.mean, features[0, 0].square().mean())
    loss.total.backward()
    assert features.grad is None
