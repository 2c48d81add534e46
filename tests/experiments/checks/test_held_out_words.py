"""What is held out is far from what training says, by word edits and by the words themselves."""

import pytest

from handeye.experiments.checks.held_out_words import (
    LEAST_EDITS,
    Pattern,
    held_out_patterns,
    nearest_trained,
    training_patterns,
    word_edits,
    words_of,
)
from handeye.experiments.traces.paraphrases import WRAPPERS


def test_every_held_out_pattern_is_three_edits_from_every_trained_one() -> None:
    near = nearest_trained([*held_out_patterns()], [*training_patterns()])
    assert near == []


def test_held_out_patterns_stay_clear_of_words_around_an_instruction() -> None:
    # Training says "hey, <pattern>" too: without such words, that is farther still.
    around = words_of(WRAPPERS) - {"now"}
    assert not [p for p in held_out_patterns() if around & words_of([p.text])]


def test_held_out_patterns_are_made_of_words_that_training_knows() -> None:
    known = words_of(p.text for p in training_patterns())
    said = words_of(p.text for p in held_out_patterns())
    assert len(said - known) <= 0.08 * len(said)


@pytest.mark.parametrize(
    ("a", "b", "edits"),
    [
        ("put {a} into {b}", "put {0} into {1}", 0),
        ("put {a} into {b}", "Put {0}, into {1}!", 0),
        ("{a}: lift it", "lift {0}", 2),
        ("put {a} into {b}", "into {b} put {a}", 2),
        ("do it once and do it again", "do it", 5),
        ("", "put {a}", 2),
    ],
)
def test_edits_are_of_words(a: str, b: str, edits: int) -> None:
    texts = [Pattern("", "", text).words for text in (a, b)]
    assert word_edits(*texts) == word_edits(*texts[::-1]) == edits


def test_the_nearest_pattern_is_found_below_the_bound_alone() -> None:
    held_out = [Pattern("s", "k", t) for t in ("go to {a} now", "look {a} up over there at once")]
    trained = [Pattern("s", "k", t) for t in ("walk to {a}", "go to {a}", "look at once")]
    [near] = nearest_trained(held_out, trained)
    assert (near.trained.text, near.edits) == ("go to {a}", 1)
    assert near.edits < LEAST_EDITS
    assert [n.edits for n in nearest_trained(held_out, trained, 5)] == [1, 4]
