import string

import numpy as np
import pytest

from handeye.envs.rendering.lettering import text_pattern


def columns_with_ink(text: str, size: int = 64) -> np.ndarray:
    return np.flatnonzero(text_pattern(text, size).max(axis=0))


@pytest.mark.parametrize("text", ["kitchen", "BATHROOM", "engineering", "living room", "42"])
def test_words_fill_the_width_and_keep_a_margin(text: str) -> None:
    pattern = text_pattern(text)
    assert pattern.shape == (64, 64)
    assert pattern.dtype == np.uint8
    columns = columns_with_ink(text)
    assert (columns[0], columns[-1]) == (2, 61)
    assert 0.05 < (pattern > 127).mean() < 0.5
    assert pattern.max() == 255


def test_letters_stay_apart_up_to_eleven_characters() -> None:
    gaps = np.diff(columns_with_ink("engineering")) > 1
    assert gaps.sum() == 10
    assert set(np.unique(text_pattern("engineering"))) == {0, 255}


def test_two_words_stand_in_two_lines_in_their_order() -> None:
    pattern = text_pattern("living room")
    rows = np.flatnonzero(pattern.max(axis=1))
    breaks = np.flatnonzero(np.diff(rows) > 1)
    assert len(breaks) == 1
    upper, lower = pattern[: rows[breaks[0]] + 1], pattern[rows[breaks[0] + 1] :]
    assert np.ptp(np.flatnonzero(upper.max(axis=0))) > np.ptp(np.flatnonzero(lower.max(axis=0)))


def test_letters_are_neither_mirrored_nor_upside_down() -> None:
    stem = text_pattern("L")
    left, right = (stem > 127)[:, :32].sum(), (stem > 127)[:, 32:].sum()
    assert left > 1.5 * right
    assert (stem[32:] > 127).sum() > 1.5 * (stem[:32] > 127).sum()


def test_case_does_not_matter_and_every_letter_differs() -> None:
    np.testing.assert_array_equal(text_pattern("Study"), text_pattern("STUDY"))
    letters = string.ascii_uppercase + string.digits
    assert len({text_pattern(letter).tobytes() for letter in letters}) == len(letters)


@pytest.mark.parametrize("size", [16, 32, 128])
def test_other_sizes_work(size: int) -> None:
    assert text_pattern("hall", size).shape == (size, size)
    assert (text_pattern("hall", size) > 127).mean() > 0.05


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "nothing to print; give it a word"),
        (" \n", "nothing to print; give it a word"),
        ("caf\u00e9", "no letter for .*use"),
        ("a\x07b", "no letter for .*use"),
    ],
)
def test_what_cannot_be_printed_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        text_pattern(text)
    with pytest.raises(ValueError, match="at least 16"):
        text_pattern("hall", 8)
