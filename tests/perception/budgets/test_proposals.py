import pytest
import torch

from handeye.perception.budgets.proposals import RegionProposals, peaks, pool_boxes
from handeye.perception.towers.vision import Patches


def test_regions_stand_where_objects_seem_to_be() -> None:
    proposals = RegionProposals(4, 2)
    with torch.no_grad():
        proposals.objectness.weight.copy_(torch.tensor([[9.0, 0, 0, 0]]))
    maps = torch.zeros(1, 4, 8, 8)
    maps[0, 0, 2, 5], maps[0, 0, 2, 6], maps[0, 0, 6, 1] = 1.0, 0.9, 0.5
    with torch.no_grad():
        regions = proposals(Patches(maps.flatten(2).transpose(1, 2), 8, 8))
    centres = (regions.boxes[..., :2] + regions.boxes[..., 2:]) / 2
    assert regions.tokens.shape == (1, 2, 4)
    inside = regions.boxes[0, 0, 0] <= 5.5 / 8 <= regions.boxes[0, 0, 2]
    assert inside
    assert abs(float(centres[0, 0, 1]) - 2.5 / 8) < 0.1
    assert regions.scores[0, 0] > regions.scores[0, 1]  # its neighbour, 0.9, is no second object
    assert regions.boxes[0, 1, 1] <= 6.5 / 8 <= regions.boxes[0, 1, 3]


def test_boxes_lie_in_the_frame_and_are_some_size() -> None:
    regions = RegionProposals(8, 5)(Patches(10 * torch.randn(3, 36, 8), 6, 6))
    assert (regions.boxes >= 0).all()
    assert (regions.boxes <= 1).all()
    assert (regions.boxes[..., 2:] > regions.boxes[..., :2]).all()
    assert regions.objectness.shape == (3, 6, 6)


def test_peaks_are_higher_than_what_is_beside_them() -> None:
    logits = torch.tensor([[[0.0, 1.0, 0.9, -4.0], [0.0, 0.0, 0.0, -5.0]]])
    order = peaks(logits)[0].argsort(descending=True)
    assert order[0] == 1
    assert order.tolist().index(2) > 0
    assert peaks(logits).isfinite().all()


def test_a_box_is_read_between_cells() -> None:
    ramp = (torch.arange(8) + 0.5) / 8
    maps = torch.stack([ramp.expand(8, 8), ramp[:, None].expand(8, 8)])[None]  # x and y
    boxes = torch.tensor([[[0.2, 0.3, 0.5, 0.9]]])
    read = pool_boxes(maps, boxes, 3).view(2, 3, 3)
    torch.testing.assert_close(read[0, 0], 0.2 + 0.3 * torch.tensor([1, 3, 5]) / 6)
    torch.testing.assert_close(read[1, :, 0], 0.3 + 0.6 * torch.tensor([1, 3, 5]) / 6)


def test_every_weight_learns_from_the_tokens_alone() -> None:
    proposals = RegionProposals(8, 3)
    proposals(Patches(torch.randn(2, 36, 8), 6, 6)).tokens.square().sum().backward()
    for name, weight in proposals.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().sum() > 0, name


def test_more_regions_than_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="propose fewer"):
        RegionProposals(8, 5)(Patches(torch.randn(1, 4, 8), 2, 2))
