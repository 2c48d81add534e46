import pytest
import torch

from handeye.perception.budgets.merging import merge_tokens


@pytest.mark.parametrize("keep", [1, 2, 3, 7, 15, 16])
def test_exactly_as_many_are_left_as_asked(keep: int) -> None:
    tokens, places = torch.randn(2, 16, 8), torch.rand(2, 16, 2)
    merged = merge_tokens(tokens, places, keep)
    assert merged.tokens.shape == (2, keep, 8)
    assert merged.places.shape == (2, keep, 2)
    torch.testing.assert_close(merged.sizes.sum(1), torch.full((2,), 16.0))


def test_sums_of_tokens_and_places_stay() -> None:
    tokens, places = torch.randn(2, 9, 8), torch.rand(2, 9, 2)
    merged = merge_tokens(tokens, places, 4)
    weights = merged.sizes[..., None]
    torch.testing.assert_close((merged.tokens * weights).sum(1), tokens.sum(1))
    torch.testing.assert_close((merged.places * weights).sum(1), places.sum(1))


def test_alike_tokens_merge_first() -> None:
    red, blue = torch.eye(8)[0], torch.eye(8)[1]
    tokens = torch.stack([red, red, blue, torch.eye(8)[2], blue, blue])[None]
    places = torch.arange(6.0)[None, :, None]
    merged = merge_tokens(tokens, places, 4)
    found = {
        (round(float(place)), int(size))
        for place, size in zip(merged.places[0, :, 0], merged.sizes[0], strict=True)
        if size > 1
    }
    assert merged.tokens[0].unique(dim=0).shape[0] == 3  # no colour was mixed with another
    assert len(found) >= 1


def test_no_merging_is_the_identity() -> None:
    tokens, places = torch.randn(1, 5, 4), torch.rand(1, 5, 2)
    merged = merge_tokens(tokens, places, 5)
    assert torch.equal(merged.tokens, tokens)


def test_gradients_reach_every_token() -> None:
    tokens = torch.randn(1, 8, 4, requires_grad=True)
    merge_tokens(tokens, torch.rand(1, 8, 2), 3).tokens.square().sum().backward()
    assert tokens.grad is not None
    assert (tokens.grad.abs().sum(-1) > 0).all()


def test_impossible_numbers_are_refused() -> None:
    for keep in (0, 6):
        with pytest.raises(ValueError, match="keep 1 to 5"):
            merge_tokens(torch.randn(1, 5, 4), torch.rand(1, 5, 2), keep)
    with pytest.raises(ValueError, match="give one each"):
        merge_tokens(torch.randn(1, 5, 4), torch.rand(1, 4, 2), 2)
