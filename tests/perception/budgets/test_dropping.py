import pytest
import torch

from handeye.perception.budgets.dropping import TextDropping


def test_the_tokens_that_the_words_ask_for_are_kept_in_order() -> None:
    dropping = TextDropping(4, 4, keep=2)
    with torch.no_grad():
        for layer in (dropping.ask, dropping.key):
            layer.weight.copy_(5 * torch.eye(4))
            layer.bias.zero_()
    tokens = torch.eye(4)[None]
    text = torch.stack([torch.eye(4)[3], torch.eye(4)[1], torch.eye(4)[0]])[None]
    kept = dropping(tokens, text, torch.tensor([[True, True, False]]))
    assert kept.kept.tolist() == [[1, 3]]
    torch.testing.assert_close(kept.tokens, tokens[:, [1, 3]])
    assert kept.share.sum() > 0.9


def test_padding_asks_for_nothing() -> None:
    dropping, tokens, text = TextDropping(8, 6, 3), torch.randn(1, 10, 8), torch.randn(1, 4, 6)
    short = dropping(tokens, text[:, :2], torch.ones(1, 2, dtype=torch.bool))
    padded = dropping(tokens, text, torch.tensor([[True, True, False, False]]))
    assert torch.equal(short.kept, padded.kept)
    torch.testing.assert_close(short.share, padded.share)


def test_the_choice_learns_from_what_reads_the_tokens() -> None:
    dropping = TextDropping(8, 6, 3)
    kept = dropping(torch.randn(2, 10, 8), torch.randn(2, 4, 6), torch.ones(2, 4).bool())
    kept.tokens.square().sum().backward()
    assert dropping.ask.weight.grad is not None
    assert dropping.ask.weight.grad.abs().sum() > 0


def test_too_few_tokens_and_no_words_are_refused() -> None:
    dropping, text = TextDropping(8, 6, 3), torch.randn(1, 4, 6)
    with pytest.raises(ValueError, match="keep at most 2"):
        dropping(torch.randn(1, 2, 8), text, torch.ones(1, 4).bool())
    with pytest.raises(ValueError, match="no words"):
        dropping(torch.randn(1, 5, 8), text, torch.zeros(1, 4).bool())
