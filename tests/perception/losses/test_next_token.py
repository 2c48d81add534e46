import pytest
import torch
import torch.nn.functional as F
from transformers.loss.loss_utils import ForCausalLMLoss

from handeye.perception.losses.next_token import IGNORED, answer_labels, label_loss, next_token_loss


def test_only_the_answer_counts() -> None:
    ids = torch.tensor([[4, 5, 6, 7]])
    answer = torch.tensor([[False, False, True, True]])
    labels = answer_labels(ids, answer)
    assert labels.tolist() == [[IGNORED, IGNORED, 6, 7]]
    logits = torch.randn(1, 4, 9)
    loss = next_token_loss(logits, labels)
    expected = F.cross_entropy(logits[0, 1:3], ids[0, 2:], reduction="sum")
    torch.testing.assert_close(loss.total, expected)
    assert loss.count == 2


def test_its_mean_is_transformers_causal_loss() -> None:
    logits, labels = torch.randn(3, 6, 9), torch.randint(9, (3, 6))
    labels[0, :4] = IGNORED
    expected = ForCausalLMLoss(logits, labels, vocab_size=9)
    torch.testing.assert_close(next_token_loss(logits, labels).mean, expected)


def test_a_batch_without_answers_costs_nothing() -> None:
    logits = torch.randn(1, 3, 5, requires_grad=True)
    loss = next_token_loss(logits, torch.full((1, 3), IGNORED))
    assert loss.total == loss.count == 0
    loss.mean.backward()


def test_labels_of_other_positions_are_refused() -> None:
    with pytest.raises(ValueError, match="one label, or -100, for each position"):
        label_loss(torch.zeros(1, 3, 5), torch.zeros(1, 4, dtype=torch.long))
