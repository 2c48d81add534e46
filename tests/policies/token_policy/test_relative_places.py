"""Relative places: what joins the action tokens."""

import pytest
import torch

from handeye.policies.token_policy.relative_places import RelativePlaces


def places(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(4, 3, 3, generator=generator), torch.rand(4, 14, generator=generator)


def test_one_vector_a_sample_and_no_gradient_into_the_places() -> None:
    module = RelativePlaces(3, 14, 32)
    where, extra = places()
    where.requires_grad_()
    out = module(where, extra)
    assert out.shape == (4, 32)
    out.sum().backward()
    assert where.grad is None
    assert all(p.grad is not None for p in module.parameters())


def test_it_tells_which_place_is_which() -> None:
    module = RelativePlaces(3, 14, 32)
    where, extra = places()
    swapped = where[:, [1, 0, 2]]
    assert not torch.allclose(module(where, extra), module(swapped, extra))


def test_places_on_one_spot_have_no_heading_and_stay_finite() -> None:
    module = RelativePlaces(2, 1, 16)
    where = torch.full((2, 2, 3), 0.4)
    out = module(where, torch.zeros(2, 1))
    assert torch.isfinite(out).all()
    torch.testing.assert_close(out[0], out[1])


@pytest.mark.slow
def test_it_can_learn_the_point_behind_an_object_seen_from_a_zone() -> None:
    torch.manual_seed(0)
    module = RelativePlaces(2, 1, 64)
    read = torch.nn.Linear(64, 2)
    optimizer = torch.optim.Adam([*module.parameters(), *read.parameters()], lr=3e-3)
    for _ in range(300):
        where = torch.rand(128, 2, 3) * 0.4
        way = torch.nn.functional.normalize(where[:, 1, :2] - where[:, 0, :2], dim=-1)
        truth = where[:, 0, :2] - 0.08 * way
        loss = ((read(module(where, torch.zeros(128, 1))) - truth) ** 2).sum(-1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.sqrt() < 0.03, "metres; a constant guess is 0.18 off"
