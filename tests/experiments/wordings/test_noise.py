import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS
from handeye.envs.people.utterances import read_utterances
from handeye.experiments.wordings.noise import ENDS, REASONS, STARTS, as_typed, slipped

WORDS = "put the red block in the bowl, then press the green button"


def test_words_are_typed_alike_every_time_and_in_many_ways() -> None:
    typed = [as_typed(WORDS, np.random.default_rng(n)) for n in range(200)]
    assert typed == [as_typed(WORDS, np.random.default_rng(n)) for n in range(200)]
    assert len(set(typed)) > 120
    assert all(typed)


def test_second_thoughts_end_with_what_is_meant() -> None:
    typed = [as_typed(WORDS, np.random.default_rng(n)).lower() for n in range(400)]
    others = set(COLOURS) - {"red", "green"}
    corrected = [t for t in typed if any(f" {colour}" in t for colour in others)]
    assert corrected
    for text in corrected:
        other = next(colour for colour in others if f" {colour}" in text)
        after = text[text.index(other) :]
        assert "block" in after or "button" in after or "blo" in after or "but" in after


@pytest.mark.parametrize("word", ["block", "cylinder", "open", "Drawer"])
def test_a_slip_changes_at_most_two_letters(word: str) -> None:
    for n in range(50):
        other = slipped(word, np.random.default_rng(n))
        assert abs(len(other) - len(word)) <= 1
        assert other[0] == word[0]
        assert sum(a != b for a, b in zip(sorted(other), sorted(word), strict=False)) <= len(word)


def test_what_is_said_around_an_instruction_is_no_sentence_of_the_corpus() -> None:
    written = {u.words.lower() for w in ("tabletop", "rooms") for u in read_utterances(w, "test")}
    assert not written & {*STARTS, *ENDS, *REASONS}
