import torch

from handeye.perception.encoders.grounding import (
    cell_centres,
    fourier_features,
    glimpses,
    near_peak,
    splat,
)


def test_a_splat_expects_its_position() -> None:
    xy = torch.rand(5, 2, 2) * 0.9 + 0.05
    share = splat(xy, 16, 16)
    assert torch.allclose(share.sum(-1), torch.ones(5, 2))
    assert ((share > 0).sum(-1) <= 4).all()
    torch.testing.assert_close(share @ cell_centres(16, 16, xy), xy)


def test_a_position_beyond_the_outer_cells_is_moved_onto_them() -> None:
    share = splat(torch.tensor([[[0.0, 1.0]]]), 4, 4)
    assert share[0, 0].reshape(4, 4)[3, 0] == 1


def test_a_glimpse_reads_the_map_around_a_position() -> None:
    maps = torch.arange(64.0).reshape(1, 1, 8, 8)
    centre = (torch.tensor([[[3.0, 5.0]]]) + 0.5) / 8
    patch = glimpses(maps, centre, 3).reshape(3, 3)
    torch.testing.assert_close(patch, maps[0, 0, 4:7, 2:5])


def test_fourier_features_tell_near_positions_apart() -> None:
    near = fourier_features(torch.tensor([[0.500], [0.504]]), 8)
    assert near.shape == (2, 16)
    assert (near[0] - near[1]).norm() > 0.5


def test_of_two_candidates_the_likelier_is_pointed_at() -> None:
    centres = cell_centres(8, 8, torch.zeros(1))
    logits = torch.zeros(1, 1, 64)
    logits[0, 0, 9], logits[0, 0, 54] = 12.0, 11.5
    middle = logits.softmax(-1) @ centres
    pointed = near_peak(logits, centres).softmax(-1) @ centres
    assert (middle[0, 0] - centres[9]).norm() > 0.2
    assert (pointed[0, 0] - centres[9]).norm() < 0.01
