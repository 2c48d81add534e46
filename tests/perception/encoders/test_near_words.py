"""Words that training never says, read as trained ones."""

import pytest

from handeye.perception.encoders.near_words import nearest_known
from handeye.perception.encoders.text import SPECIALS, UNKNOWN_ID, InstructionTokenizer

KNOWN = ("bowl", "block", "blocks", "dish", "push", "small", "put")


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("platter", "dish"),
        ("bricks", "blocks"),  # plural by plural
        ("platters", "dish"),  # whose plural is not known
        ("jostling", "push"),
        ("jostled", "push"),
        ("dishes", "dish"),  # known but for its ending
        ("zxqy", None),
        ("s", None),
        ("", None),
    ],
)
def test_a_word_is_read_as_the_known_one_nearest_in_meaning(word: str, near: str | None) -> None:
    assert nearest_known(word, KNOWN) == near


def test_what_a_policy_knows_decides_what_a_word_with_several_meanings_is() -> None:
    assert nearest_known("basin", {"bowl"}) == "bowl"
    assert nearest_known("basin", {"sink", "bowl"}) == "sink"
    assert nearest_known("basin", ()) is None


def test_a_tokenizer_knows_words_by_their_meaning_and_others_not() -> None:
    tokenizer = InstructionTokenizer([*SPECIALS, *KNOWN])
    read, meant = tokenizer.encode("Jostle a PLATTER"), tokenizer.encode("push a dish")
    assert (read == meant).all()
    assert tokenizer.encode("the")[1] == UNKNOWN_ID


def test_a_blind_tokenizer_still_knows_nothing() -> None:
    tokenizer = InstructionTokenizer(SPECIALS)
    assert (tokenizer.encode("push the platter") == tokenizer.encode("bowl")).all()
