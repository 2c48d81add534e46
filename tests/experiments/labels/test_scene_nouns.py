"""Noun phrases by themselves: near-misses in reading, superlatives, what is said and drawn."""

import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS
from handeye.experiments.labels.scene_facts import HANDLE, RELATIONS, TABLE_KINDS, Facts, sides
from handeye.experiments.labels.scene_nouns import (
    EXTREMES,
    Noun,
    Wordlist,
    clear,
    draw_absent,
    draw_noun,
    fitting,
    read_noun,
    said,
)
from handeye.experiments.oracles.plan_specs import standing_facts
from handeye.experiments.traces.table_drafts import standing

WORDS = Wordlist(TABLE_KINDS, tuple(COLOURS), RELATIONS)


def table(*places: tuple[float, float]) -> Facts:
    """A red, green, blue and yellow block, or less, at places (x nearer, y to the right), m."""
    colours = ("red", "green", "blue", "yellow")[: len(places)]
    things = [
        standing("block", colour, "small", xy) for colour, xy in zip(colours, places, strict=True)
    ]
    return standing_facts(things, np.array(places))


@pytest.mark.parametrize(
    ("words", "noun"),
    [
        ("the red block", Noun("block", "red")),
        ("RED  Block!", Noun("block", "red")),
        ("small cubes", Noun("block", size="small")),
        ("the biggest dish", Noun("plate", extreme="largest")),
        ("a little mug", Noun("cup", size="small")),
        ("everything", Noun()),
        ("the blue one", Noun("", "blue")),
        ("the closest thing", Noun(extreme="nearest")),
        ("star on top of the drum", Noun("star", relation="on", reference=Noun("cylinder"))),
        ("star inside the cup", Noun("star", relation="in", reference=Noun("cup"))),
        (
            "handle of the green drawer",
            Noun(HANDLE, relation="of", reference=Noun("drawer", "green")),
        ),
        (
            "the block left of the cup behind the zone",
            Noun(
                "block",
                relation="left",
                reference=Noun("cup", relation="behind", reference=Noun("zone")),
            ),
        ),
    ],
)
def test_phrases_are_read(words: str, noun: Noun) -> None:
    assert read_noun(words) == noun


@pytest.mark.parametrize(
    "words", ["", "unicorn", "stars in the unicorn", "in the cup", "the one over there", "reddish"]
)
def test_phrases_without_a_known_head_or_reference_mean_nothing(words: str) -> None:
    assert read_noun(words) is None


def test_a_word_within_a_word_is_not_that_word() -> None:
    noun = read_noun("the block in the blockade cup")
    assert noun is not None
    assert noun.reference == Noun("cup")
    assert read_noun("starboard") is None


@pytest.mark.parametrize(
    ("extreme", "meant"),
    [("leftmost", 0), ("rightmost", 2), ("nearest", 1), ("farthest", 2)],
)
def test_superlatives_mean_one_thing(extreme: str, meant: int) -> None:
    facts = table((0.5, -0.3), (0.6, 0.0), (0.4, 0.3))
    assert np.flatnonzero(fitting(Noun(extreme=extreme), facts)).tolist() == [meant]


def test_a_superlative_is_among_those_that_the_rest_fits() -> None:
    facts = table((0.5, -0.3), (0.5, 0.0))
    assert np.flatnonzero(fitting(Noun("", "green", extreme="leftmost"), facts)).tolist() == [1]
    assert not fitting(Noun("cup", extreme="leftmost"), facts).any()


@pytest.mark.parametrize(("gap_m", "expected"), [(0.03, False), (0.05, True)])
def test_a_hair_decides_no_superlative(gap_m: float, expected: bool) -> None:
    facts = table((0.5, 0.0), (0.5, gap_m))
    assert clear(Noun("block", extreme="leftmost"), facts) is expected
    assert clear(Noun("block"), facts)


def test_one_thing_alone_is_no_superlative() -> None:
    assert not clear(Noun("block", extreme="nearest"), table((0.5, 0.0)))


@pytest.mark.parametrize(
    ("relation", "other", "meant"),
    [
        ("left", "green", [0]),
        ("right", "red", [1]),
        ("front", "red", [2]),
        ("behind", "blue", [0, 1]),
        ("left", "red", []),
    ],
)
def test_sides_are_those_of_who_faces_the_robot(
    relation: str, other: str, meant: list[int]
) -> None:
    facts = table((0.4, 0.0), (0.4, 0.2), (0.65, 0.0))
    noun = Noun("block", relation=relation, reference=Noun("block", other))
    assert np.flatnonzero(fitting(noun, facts)).tolist() == meant


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        ((0.0, 0.2), True),
        ((0.0, 0.04), False),  # too near to tell
        ((0.1, 0.2), True),
        ((0.3, 0.2), False),  # rather in front
    ],
)
def test_a_side_is_told_by_the_larger_distance(gap: tuple[float, float], expected: bool) -> None:
    places = np.array([(0.5, 0.0), (0.5 + gap[0], gap[1])])
    related = sides(places, np.zeros(2, np.bool_))
    assert related[RELATIONS.index("right"), 1, 0] == expected
    assert related[RELATIONS.index("left"), 0, 1] == expected


def test_handles_stand_at_no_side() -> None:
    related = sides(np.array([(0.5, 0.0), (0.5, 0.2)]), np.array([True, False]))
    assert not related.any()


def test_no_thing_is_at_a_side_of_itself_nor_at_two() -> None:
    places = np.random.default_rng(0).uniform(-0.4, 0.4, (20, 2))
    related = sides(places, np.zeros(20, np.bool_))
    assert not related[:, range(20), range(20)].any()
    assert (related.sum(0) <= 1).all()
    for name, back in (("left", "right"), ("front", "behind")):
        one, other = related[RELATIONS.index(name)], related[RELATIONS.index(back)]
        assert (one == other.T).all()


@pytest.mark.parametrize(
    "noun",
    [
        Noun("block", "red", "small"),
        Noun("cup", extreme="rightmost"),
        Noun("", "blue"),
        Noun(HANDLE, relation="of", reference=Noun("drawer", "green")),
        Noun("star", "red", relation="left", reference=Noun("plate", "blue")),
        *(Noun("hexagon", extreme=extreme) for extreme in EXTREMES),
    ],
)
def test_what_is_said_reads_back(noun: Noun) -> None:
    rng = np.random.default_rng(3)
    for article in ("", "the", "a"):
        for plural in (False, True):
            words = said(noun, rng, article, plural=plural)
            assert read_noun(words) == noun, words
            assert words.startswith(article)


@pytest.mark.parametrize(
    ("kind", "plurals"),
    [("star", {"stars"}), ("plate", {"plates", "dishes"}), ("shelf", {"shelves", "bookshelves"})],
)
def test_plurals_are_spelled(kind: str, plurals: set[str]) -> None:
    rng = np.random.default_rng(0)
    assert {said(Noun(kind), rng, plural=True) for _ in range(40)} == plurals


def test_drawn_phrases_fit_what_they_mean() -> None:
    facts, rng = table((0.4, -0.2), (0.4, 0.2), (0.6, 0.0), (0.6, 0.3)), np.random.default_rng(1)
    drawn = [(i, draw_noun(facts, i, WORDS, rng)) for _ in range(60) for i in range(4)]
    assert all(fitting(noun, facts)[index] for index, noun in drawn)
    nouns = [noun for _, noun in drawn]
    assert any(noun.relation for noun in nouns)
    assert any(noun.extreme for noun in nouns)
    assert any(not noun.kind for noun in nouns)


def test_bare_phrases_have_neither_relation_nor_superlative() -> None:
    facts, rng = table((0.4, -0.2), (0.4, 0.2)), np.random.default_rng(1)
    drawn = [draw_noun(facts, 0, WORDS, rng, bare=True) for _ in range(60)]
    assert not any(noun.relation or noun.extreme for noun in drawn)


def test_draws_repeat_for_a_seed() -> None:
    facts = table((0.4, -0.2), (0.4, 0.2), (0.6, 0.0))

    def drawn() -> list[Noun | None]:
        rng = np.random.default_rng(9)
        return [draw_absent(facts, WORDS, rng) for _ in range(20)]

    assert drawn() == drawn()


def test_nothing_is_absent_where_everything_fits() -> None:
    facts = table((0.5, 0.0))
    only = Wordlist(("block",), ("red",), RELATIONS, frozenset())
    rng = np.random.default_rng(0)
    drawn = [draw_absent(facts, only, rng) for _ in range(10)]
    assert not any(fitting(noun, facts).any() for noun in drawn if noun is not None)
    assert None in drawn
