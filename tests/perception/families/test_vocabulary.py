"""Words, marks and places of a sentence as ids, and back."""

import pytest

from handeye.perception.families.vocabulary import (
    CLASS_ID,
    END_ID,
    FIRST_LOCATION_ID,
    FIRST_WORD_ID,
    MARKS,
    UNKNOWN_ID,
    Vocabulary,
)

KNOWN = Vocabulary.train(["the red block is in the bowl.", "is it red?"], max_words=8)


def test_frequent_words_come_first_and_marks_before_them() -> None:
    assert KNOWN.words[: len(MARKS)] == MARKS
    assert KNOWN.words[FIRST_LOCATION_ID] == "<loc_0>"
    assert KNOWN.words[FIRST_WORD_ID : FIRST_WORD_ID + 3] == ("is", "red", "the")
    assert not KNOWN.blind
    assert Vocabulary.train([]).blind


@pytest.mark.parametrize(
    "text",
    [
        "the red block is in the bowl.",
        "<p>red block</p><box><loc_34><loc_51></box>",
        "is <p>it</p><box><loc_0><loc_255></box> red?",
    ],
)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert KNOWN.decode([*KNOWN.ids(KNOWN.split(text)), END_ID, 300]) == text


def test_a_row_is_padded_and_starts_with_the_class() -> None:
    row = KNOWN.encode_words(KNOWN.split("The RED zzyzx"))
    assert row.tolist()[0] == CLASS_ID
    assert row.tolist()[3] == UNKNOWN_ID
    assert len(row) == 9
    with pytest.raises(ValueError, match="9 words; this policy reads at most 8"):
        KNOWN.encode_words(["red"] * 9)


def test_words_of_like_meaning_are_read_as_known_ones() -> None:
    assert KNOWN.ids(["basin"]) == KNOWN.ids(["bowl"])


def test_foreign_words_are_no_vocabulary() -> None:
    with pytest.raises(ValueError, match="starts with"):
        Vocabulary(["[pad]", "[unknown]", "[class]", "red"])
    with pytest.raises(TypeError, match="int"):
        KNOWN.split(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1001 characters"):
        KNOWN.split("a" * 1001)
