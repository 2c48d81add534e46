"""Single stream and co-attention: two senses that meet, and what each may know."""

import pytest
import torch

from handeye.perception.fusions.co_attention import CoAttention, CoAttentionLayer
from handeye.perception.fusions.single_stream import SingleStream

PRESENT = torch.tensor([[True, True, True, False]])


@pytest.mark.parametrize("kind", [SingleStream, CoAttention])
def test_each_sense_comes_to_know_the_other_and_no_padding(
    kind: type[SingleStream] | type[CoAttention],
) -> None:
    fusion = kind(16, 4, layers=2)
    words, regions = torch.randn(1, 4, 16), torch.randn(1, 5, 16)
    seen = torch.tensor([[True, True, True, True, False]])
    first = fusion(words, PRESENT, regions, seen)
    assert [part.shape for part in first] == [words.shape, regions.shape]
    other_word, other_region, padding = words.clone(), regions.clone(), words.clone()
    other_word[0, 1] *= -1
    other_region[0, 2] *= -1
    padding[0, 3] *= -1
    assert not torch.allclose(fusion(other_word, PRESENT, regions, seen)[1], first[1])
    assert not torch.allclose(fusion(words, PRESENT, other_region, seen)[0], first[0])
    again = fusion(padding, PRESENT, regions, seen)
    torch.testing.assert_close(again[0][:, :3], first[0][:, :3])
    torch.testing.assert_close(again[1], first[1])


@pytest.mark.parametrize("kind", [SingleStream, CoAttention])
def test_all_weights_learn(kind: type[SingleStream] | type[CoAttention]) -> None:
    fusion = kind(16, 4, layers=1)
    words, regions = fusion(torch.randn(1, 4, 16), PRESENT, torch.randn(1, 5, 16))
    (words.square().sum() + regions.pow(3).sum()).backward()
    assert all(p.grad is not None for p in fusion.parameters())


def test_segments_tell_words_from_regions() -> None:
    fusion = SingleStream(16, 4, layers=1)
    tokens = torch.randn(1, 3, 16)
    words, regions = fusion(tokens, torch.ones(1, 3, dtype=torch.bool), tokens)
    assert not torch.allclose(words, regions)


def test_both_streams_ask_what_the_other_was_before() -> None:
    layer = CoAttentionLayer(16, 4)
    words, regions = torch.randn(1, 4, 16), torch.randn(1, 5, 16)
    mask = PRESENT[:, None, None, :]
    _, out = layer(words, mask, regions, None)
    expected, _ = layer.regions_block(layer.regions_ask(regions, words, mask))
    torch.testing.assert_close(out, expected)
