"""What is held out is far from what training says, by word edits and by the words themselves."""

from itertools import chain
from typing import Any

import numpy as np
import pytest

from handeye.envs.base.synonyms import Synonyms
from handeye.envs.rooms import long as rooms
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.scene.language import ROOM_WORDS, THING_WORDS
from handeye.envs.rooms.scene.synonyms import ROOM_SYNONYMS
from handeye.envs.suites import make_suite_env
from handeye.envs.tabletop.long import sample_long_goal
from handeye.envs.tabletop.long.words import PLURALS
from handeye.envs.tabletop.world.language import KIND_WORDS, SIZE_WORDS
from handeye.envs.tabletop.world.synonyms import TABLE_SYNONYMS
from handeye.experiments.checks.held_out_words import (
    LEAST_EDITS,
    Pattern,
    held_out_patterns,
    nearest_trained,
    synonym_words,
    training_patterns,
    training_words,
    word_edits,
    words_of,
)
from handeye.experiments.wordings.paraphrases import WRAPPERS, word_long, word_rooms

TRAINED_NOUNS = {
    noun
    for table in (KIND_WORDS, SIZE_WORDS, THING_WORDS)
    for noun in chain.from_iterable(table.values())
}


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


def test_no_synonym_occurs_in_the_words_of_training() -> None:
    assert len(synonym_words()) > 80
    assert not synonym_words() & training_words()
    rng = np.random.default_rng(3)  # what is written into slots, too
    for _ in range(100):
        table, home = sample_long_goal(rng), rooms.sample_long_goal(rng)
        said = [table.instruction, word_long(table.goal, table.layout.things, rng)]
        said += [home.said.words, word_rooms(home, rng).words]
        assert not synonym_words() & words_of(said)


@pytest.mark.parametrize(
    ("synonyms", "nouns"),
    [
        (TABLE_SYNONYMS, (*KIND_WORDS.values(), *SIZE_WORDS.values(), PLURALS.values())),
        (ROOM_SYNONYMS, (*THING_WORDS.values(), *ROOM_WORDS.values(), ROOM_KINDS)),
    ],
)
def test_every_noun_of_the_suites_has_a_synonym(synonyms: Synonyms, nouns: Any) -> None:
    for noun in chain.from_iterable(nouns):
        said = synonyms.replaced(f"near the red {noun}")
        assert words_of([said]) - {"near", "the", "red"} <= synonyms.words, said


@pytest.mark.parametrize("suite", ["tabletop-core", "tabletop-long", "rooms", "rooms-long"])
def test_instructions_of_the_split_say_synonyms(suite: str) -> None:
    env = make_suite_env(suite, split="synonym", cameras=())
    for seed in range(1_000_000, 1_000_005):
        env.sample_episode(seed=seed)
        said = env.instruction
        assert synonym_words() & words_of([said]), said
        assert not TRAINED_NOUNS & words_of([said]), said
        assert said == env.words_for(env.goal_index)
