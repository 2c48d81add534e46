import pytest
import torch

from handeye.perception.losses.matching import hard_negatives, matching_loss


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_negatives_are_wrong_and_mostly_the_most_alike() -> None:
    similarity = torch.zeros(40, 40)
    similarity[0, 7] = 9.0  # text 7 nearly fits image 0
    similarity.fill_diagonal_(20.0)
    chance = generator()
    drawn = [hard_negatives(similarity, chance) for _ in range(20)]
    rows = torch.arange(40)
    assert all((texts != rows).all() and (images != rows).all() for texts, images in drawn)
    assert sum(int(texts[0]) == 7 for texts, _ in drawn) >= 18
    assert sum(int(images[7]) == 0 for _, images in drawn) >= 18
    assert len({int(texts[1]) for texts, _ in drawn}) > 5


def test_the_same_caption_is_no_negative() -> None:
    same = torch.eye(3, dtype=torch.bool)
    same[0, 1] = same[1, 0] = True
    texts, images = hard_negatives(torch.zeros(3, 3), generator(), same)
    assert texts[:2].tolist() == [2, 2]
    assert images[:2].tolist() == [2, 2]


def test_chance_is_the_generators() -> None:
    similarity = torch.randn(20, 20)
    one, other = (hard_negatives(similarity, generator()) for _ in range(2))
    assert torch.equal(one[0], other[0])
    assert torch.equal(one[1], other[1])


def test_a_batch_without_negatives_is_refused() -> None:
    with pytest.raises(ValueError, match="larger batches of more varied captions"):
        hard_negatives(torch.zeros(1, 1), generator())


def test_the_loss_falls_when_scores_are_right() -> None:
    matched = torch.tensor([True, False])
    right = matching_loss(torch.tensor([3.0, -3.0]), matched)
    wrong = matching_loss(torch.tensor([-3.0, 3.0]), matched)
    assert right.mean < 0.1 < 3 < wrong.mean
    assert right.count == 2
