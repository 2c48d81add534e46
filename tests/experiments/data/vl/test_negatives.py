"""Hard negatives differ from a true caption by one word, and are false."""

from collections import Counter

from handeye.envs.tabletop.long.words import NUMBERS
from handeye.experiments.labels.scene_nouns import read_noun
from tests.experiments.data.vl.shown import said


def test_one_word_differs() -> None:
    for one in said("hard_negative"):
        right, wrong = one.answer.split(), one.wrong.split()
        assert len(right) == len(wrong)
        assert sum(a != b for a, b in zip(right, wrong, strict=True)) == 1


def test_every_sort_of_change_occurs() -> None:
    counts = Counter(one.about for one in said("hard_negative"))
    assert set(counts) == {"colour", "kind", "relation", "state", "count"}


def test_nothing_in_view_is_what_the_false_caption_says() -> None:
    for one in said("hard_negative"):
        if one.about not in ("colour", "kind"):
            continue
        there = {(thing.kind, thing.colour) for thing in one.frames[0].things}
        for caption, holds in ((one.answer, True), (one.wrong, False)):
            phrase = caption.removeprefix("here is").removesuffix("is in view")
            noun = read_noun(phrase)
            assert noun is not None
            assert ((noun.kind, noun.colour) in there) == holds, one


def test_the_false_number_is_another_one() -> None:
    for one in said("hard_negative"):
        if one.about == "count":
            numbers = [
                next(NUMBERS.index(w) for w in text.split() if w in NUMBERS[1:])
                for text in (one.answer, one.wrong)
            ]
            assert numbers[0] == len(one.bodies) != numbers[1]


def test_sides_and_states_are_exchanged_for_their_contrary() -> None:
    contrary = {("left", "right"), ("right", "left"), ("open", "closed"), ("closed", "open")}
    for one in said("hard_negative"):
        if one.about in ("relation", "state"):
            pairs = zip(one.answer.split(), one.wrong.split(), strict=True)
            assert {pair for pair in pairs if pair[0] != pair[1]} <= contrary
