"""Nouns and verbs are replaced as whole words, articles follow, and what is a noun is no verb."""

import pytest

from handeye.envs.base.synonyms import Synonyms

SYNONYMS = Synonyms(
    nouns={"star|sun": "asterisk", "living room": "parlour", "room": "chamber", "thing": "article"},
    verbs={"put|place": "lodge", "go(?! and)": "navigate", "push (?:shut|closed)": "slam shut"},
    kept=(r"\bput .* down",),
)


@pytest.mark.parametrize(
    ("words", "replaced"),
    [
        ("put the red star here", "lodge the red asterisk here"),
        ("is there a star or an armchair", "is there an asterisk or an armchair"),
        ("go to the living room", "navigate to the parlour"),
        ("go and see a star-shaped room", "go and see a star-shaped chamber"),
        ("place it in the place of the sun", "lodge it in the place of the asterisk"),
        ("something, and push shut everything", "something, and slam shut everything"),
        ("a one and an hour", "a one and an hour"),
    ],
)
def test_words_are_replaced(words: str, replaced: str) -> None:
    assert SYNONYMS.replaced(words) == replaced


def test_instructions_whose_verb_cannot_be_replaced_do_not_fit() -> None:
    assert SYNONYMS.fits("put the star in the cup")
    assert not SYNONYMS.fits("put the star down")
    assert not SYNONYMS.fits("take the star to the place")
    assert not SYNONYMS.fits("go and take it")


def test_the_words_that_are_new() -> None:
    new = {"asterisk", "parlour", "chamber", "article", "lodge", "navigate", "slam"}
    assert SYNONYMS.words == new
