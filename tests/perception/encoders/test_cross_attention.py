import pytest
import torch

from handeye.perception.encoders.cross_attention import CrossAttention, CrossBlock


def test_tokens_read_a_context_of_another_width() -> None:
    block = CrossBlock(16, 4, context_width=6)
    assert block(torch.randn(2, 3, 16), torch.randn(2, 7, 6)).shape == (2, 3, 16)


def test_what_is_hidden_changes_nothing() -> None:
    attention, tokens = CrossAttention(16, 4), torch.randn(1, 3, 16)
    context = torch.randn(1, 5, 16)
    mask = torch.tensor([True, True, False, True, False])[None, None, None]
    other = context.clone()
    other[:, ~mask[0, 0, 0]] = 9.0
    torch.testing.assert_close(attention(tokens, context, mask), attention(tokens, other, mask))
    torch.testing.assert_close(
        attention(tokens, context, mask), attention(tokens, context[:, mask[0, 0, 0]])
    )


def test_a_token_that_sees_nothing_reads_zeros_and_has_finite_gradients() -> None:
    attention = CrossAttention(8, 2, bias=False)
    tokens = torch.randn(1, 2, 8, requires_grad=True)
    mask = torch.tensor([[[[False, False, False], [True, False, True]]]])
    read = attention(tokens, torch.randn(1, 3, 8), mask)
    assert (read[0, 0] == 0).all()
    assert (read[0, 1] != 0).any()
    read.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in attention.parameters())
    assert tokens.grad is not None
    assert (tokens.grad[0, 0] == 0).all()


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match="not a multiple of 3 heads"):
        CrossAttention(16, 3)
