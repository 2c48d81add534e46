import pytest
import torch
import torch.nn.functional as F

from handeye.perception.towers.patch_vit import PatchViT, cut


def test_a_frame_becomes_a_token_a_patch() -> None:
    patches = PatchViT(32, 8, 16, 2, 2)(torch.rand(3, 3, 32, 32))
    assert patches.tokens.shape == (3, 16, 16)
    assert (patches.rows, patches.columns) == (4, 4)


def test_the_embedding_is_the_convolution_of_the_paper() -> None:
    frames, weight = torch.rand(2, 3, 16, 16), torch.randn(5, 3, 4, 4)
    ours = F.linear(cut(frames, 4), weight.flatten(1))
    theirs = F.conv2d(frames, weight, stride=4).flatten(2).transpose(1, 2)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_every_weight_learns_from_the_tokens() -> None:
    tower = PatchViT(16, 8, 16, 1, 2)
    tower(torch.rand(2, 3, 16, 16)).tokens.square().mean().backward()
    assert [name for name, p in tower.named_parameters() if p.grad is None] == []


def test_the_same_patch_elsewhere_is_another_token() -> None:
    tokens = PatchViT(16, 8, 16, 0, 2)(torch.zeros(1, 3, 16, 16)).tokens[0]
    assert not torch.allclose(tokens[0], tokens[1])


def test_other_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="render them at 32 px"):
        PatchViT(32, 8, 16, 1, 2)(torch.rand(1, 3, 64, 64))
    with pytest.raises(ValueError, match="patches of 7 px"):
        PatchViT(32, 7, 16, 1, 2)
