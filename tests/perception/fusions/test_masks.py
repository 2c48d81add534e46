import pytest
import torch

from handeye.perception.fusions.masks import (
    causal_mask,
    last_image_mask,
    padding_mask,
    prefix_mask,
)


def drawn(mask: torch.Tensor) -> list[str]:
    """The first row of a batch as lines of 1 and 0."""
    return ["".join(map(str, line)) for line in mask[0, 0].int().tolist()]


def test_a_token_sees_itself_and_the_past() -> None:
    present = torch.tensor([[True, True, True, False]])
    assert drawn(causal_mask(present)) == ["1000", "1100", "1110", "1111"]
    assert drawn(padding_mask(present)) == ["1110"]


def test_padding_before_the_text_is_seen_by_nobody_else() -> None:
    present = torch.tensor([[False, True, True]])
    assert drawn(causal_mask(present)) == ["100", "010", "011"]


def test_a_prefix_sees_all_of_itself_and_nothing_of_the_rest() -> None:
    prefix = torch.tensor([[True, True, False, False]])
    assert drawn(prefix_mask(prefix, torch.ones_like(prefix))) == ["1100", "1100", "1110", "1111"]


def test_a_padded_prefix_is_not_seen() -> None:
    prefix = torch.tensor([[True, False, True, False]])
    present = torch.tensor([[True, False, True, True]])
    assert drawn(prefix_mask(prefix, present)) == ["1010", "1100", "1010", "1011"]


def test_words_see_the_last_image_before_them_alone() -> None:
    marks = torch.tensor([[False, True, False, True, False]])
    assert drawn(last_image_mask(marks, 2, 3)) == [
        "000000",
        "111000",
        "111000",
        "000111",
        "000111",
    ]


def test_more_marks_than_images_are_refused() -> None:
    with pytest.raises(ValueError, match="2 image marks but 1 images"):
        last_image_mask(torch.ones(1, 2, dtype=torch.bool), 1, 3)
