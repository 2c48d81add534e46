import pytest
import torch

from handeye.perception.towers.convolution import ConvolutionTower


def test_cells_have_a_stride_of_eight() -> None:
    patches = ConvolutionTower(8, 16, 2)(torch.rand(2, 3, 48, 48))
    assert patches.tokens.shape == (2, 36, 16)
    assert (patches.rows, patches.columns) == (6, 6)


def test_without_film_the_text_is_not_looked_at() -> None:
    tower, frames = ConvolutionTower(8, 16, 2), torch.rand(2, 3, 16, 16)
    assert torch.equal(tower(frames).tokens, tower(frames, torch.randn(2, 4)).tokens)


def test_with_film_the_text_changes_what_is_seen() -> None:
    tower, frames = ConvolutionTower(8, 16, 2, text_width=4), torch.rand(1, 3, 16, 16)
    text, other = torch.randn(1, 4), torch.randn(1, 4)
    assert torch.equal(tower(frames, text).tokens, tower(frames, other).tokens)  # the identity
    for block in tower.trunk.film:
        torch.nn.init.normal_(block.film.weight)
    assert not torch.allclose(tower(frames, text).tokens, tower(frames, other).tokens)


def test_every_weight_learns_from_the_tokens() -> None:
    tower = ConvolutionTower(8, 16, 2, text_width=4)
    tower(torch.rand(2, 3, 16, 16), torch.randn(2, 4)).tokens.square().mean().backward()
    assert [name for name, p in tower.named_parameters() if p.grad is None] == []


def test_a_side_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 8"):
        ConvolutionTower(8, 16, 1)(torch.rand(1, 3, 20, 20))
