import pytest
import torch

from handeye.perception.losses.ctc import collapse, ctc_loss


def present(*lengths: int) -> torch.Tensor:
    return torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]


def test_repeats_and_blanks_are_dropped() -> None:
    best = torch.tensor([[0, 3, 3, 0, 3, 5, 5], [2, 2, 0, 4, 4, 4, 4]])
    logits = torch.nn.functional.one_hot(best, 6).float()
    assert collapse(logits, present(7, 3)) == [[3, 3, 5], [2]]


def test_a_reading_that_fits_costs_less() -> None:
    best = torch.tensor([[1, 0, 2, 2]])
    logits = 9 * torch.nn.functional.one_hot(best, 4).float()
    right, wrong = torch.tensor([[1, 2]]), torch.tensor([[2, 1]])
    heard, letters = present(4), present(2)
    assert ctc_loss(logits, heard, right, letters).mean < 0.1
    assert ctc_loss(logits, heard, wrong, letters).mean > 3
    assert ctc_loss(logits, heard, right, letters).count == 2


def test_padding_counts_for_nothing() -> None:
    logits = torch.randn(1, 6, 4)
    labels = torch.tensor([[1, 2, 0]])
    heard = torch.tensor([[True] * 4 + [False] * 2])
    letters = torch.tensor([[True, True, False]])
    torch.testing.assert_close(
        ctc_loss(logits, heard, labels, letters).total,
        ctc_loss(logits[:, :4], present(4), labels[:, :2], present(2)).total,
    )


def test_too_short_an_utterance_is_refused() -> None:
    labels = torch.tensor([[1, 2], [3, 3]])
    logits = torch.randn(2, 2, 4)
    with pytest.raises(ValueError, match="utterance 1 has 2 audio tokens, too few for its 2"):
        ctc_loss(logits, present(2, 2), labels, present(2, 2))
