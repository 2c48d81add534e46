"""What places are called: words that fit one thing, and what a home knows of its things."""

from itertools import product

import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.long import exact_words, sample_home
from handeye.envs.rooms.long.answers import NUMBER_WORDS, says
from handeye.envs.rooms.long.goals import (
    CANNOT,
    LENGTHS,
    VAGUENESSES,
    Condition,
    LongGoal,
    Subgoal,
    Vagueness,
    length_of,
)
from handeye.envs.rooms.long.naming import (
    PLURALS,
    VAGUE_PLURALS,
    VAGUE_ROOMS,
    VAGUE_THINGS,
    Named,
    listed,
    name_place,
    name_things,
    ordinal,
)
from handeye.envs.rooms.long.symbolic_home import HomeThing
from tests.envs.paper_homes import FURNISHED, made_home


def names_of(home_things: list[HomeThing]) -> list[str]:
    return [thing.name for thing in home_things]


def all_named(place: str, vagueness: Vagueness, *, tell_room: bool = True) -> set[Named | None]:
    """Every name that chance gives a place of the furnished home."""
    rng = np.random.default_rng(0)
    return {name_place(FURNISHED, place, vagueness, rng, tell_room=tell_room) for _ in range(40)}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("bed",), ["blue_bed_4"]),
        (("box",), ["red_box_0", "red_box_1", "green_box_2", "red_box_3"]),
        (("box", "red"), ["red_box_0", "red_box_1", "red_box_3"]),
        (("box", "", "bedroom"), ["red_box_3"]),
        (("box", "red", "study"), ["red_box_0", "red_box_1"]),
        (("box", "blue"), []),
        (("box", "red", "kitchen"), []),
        (("lamp",), []),
    ],
)
def test_things_are_found_by_kind_colour_and_room(asked: tuple[str, ...], names: list[str]) -> None:
    assert names_of(FURNISHED.fitting(*asked)) == names


@pytest.mark.parametrize(
    ("what", "room", "count"),
    [("box", "study", 3), ("red box", "study", 2), ("green box", "", 1), ("red box", "kitchen", 0)],
)
def test_things_are_found_by_words(what: str, room: str, count: int) -> None:
    assert len(FURNISHED.fitting_words(what, room)) == count


def test_only_what_colour_kind_and_room_tell_apart_is_nameable() -> None:
    twins = {"red_box_0", "red_box_1"}
    assert set(FURNISHED.nameable) == set(FURNISHED.by_name) - twins


def test_a_place_lies_in_a_room_and_a_room_in_itself() -> None:
    assert FURNISHED.room_of("blue_sofa_7") == "living room"
    assert FURNISHED.room_of("study") == "study"


@pytest.mark.parametrize(
    ("place", "there"),
    [("study", True), ("blue_bed_4", True), ("hallway", False), ("blue bed", False), ("", False)],
)
def test_a_home_has_its_rooms_and_the_names_of_its_things(place: str, there: bool) -> None:
    assert FURNISHED.has(place) == there


def test_a_room_is_called_by_its_kind_however_it_is_said() -> None:
    assert all_named("living room", "specific") == {Named("the living room", "living room")}
    assert all_named("living room", "ordinary") == {
        Named("the living room", "living room"),
        Named("the lounge", "living room"),
    }
    vague = {Named(said, "living room") for said in VAGUE_ROOMS["living room"]}
    assert all_named("living room", "vague") == vague


def test_a_specific_thing_is_named_with_colour_and_room() -> None:
    assert all_named("red_box_3", "specific") == {
        Named("the red box in the bedroom", "red box in the bedroom")
    }


def test_an_ordinary_name_says_no_more_than_is_needed() -> None:
    assert {named.called for named in all_named("red_box_3", "ordinary") if named} == {
        "box in the bedroom"
    }
    called = {named.called for named in all_named("blue_sofa_7", "ordinary") if named}
    assert called == {"blue sofa", "sofa", "sofa in the living room"}
    said = {named.said for named in all_named("blue_sofa_7", "ordinary") if named}
    assert {"the couch", "the blue couch", "the couch in the lounge"} <= said


def test_a_thing_whose_room_is_sought_is_named_without_it() -> None:
    for vagueness in ("specific", "ordinary"):
        for named in all_named("blue_sofa_7", vagueness, tell_room=False):
            assert named is not None
            assert " in " not in named.said
            assert " in " not in named.called


def test_a_thing_that_only_its_room_tells_apart_has_no_name_without_it() -> None:
    assert all_named("red_box_3", "ordinary", tell_room=False) == {None}


@pytest.mark.parametrize("vagueness", VAGUENESSES)
def test_twins_have_no_name(vagueness: Vagueness) -> None:
    assert all_named("red_box_0", vagueness) == {None}


def test_vague_words_are_only_for_the_one_thing_of_its_kind() -> None:
    assert all_named("red_chair_5", "vague") == {None}
    beds = all_named("blue_bed_4", "vague")
    assert {named.said for named in beds if named} == set(VAGUE_THINGS["bed"])
    assert {named.called for named in beds if named} == {"bed"}


def test_a_kind_without_vague_words_has_no_vague_name() -> None:
    home = made_home("red cabinet in the study")
    assert "cabinet" not in VAGUE_THINGS
    assert name_place(home, "red_cabinet_0", "vague", np.random.default_rng(0)) is None


@pytest.mark.parametrize(
    ("place", "vagueness", "named"),
    [
        ("green lamp", "specific", Named("the green lamp", "green lamp")),
        ("green lamp", "ordinary", Named("the green lamp", "green lamp")),
        ("green bed", "vague", None),  # there is a bed, which these words would fit
        ("green cabinet", "vague", None),
    ],
)
def test_what_is_not_there_is_named_by_its_looks(
    place: str, vagueness: Vagueness, named: Named | None
) -> None:
    assert all_named(place, vagueness) == {named}


def test_what_is_not_there_is_vague_only_where_nothing_of_its_kind_is() -> None:
    named = all_named("green lamp", "vague")
    assert named == {Named(said, "lamp") for said in VAGUE_THINGS["lamp"]}


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("study", "study"),
        ("green lamp", "green lamp"),
        ("green_box_2", "green box"),
        ("red_box_3", "box in the bedroom"),
        ("white_fridge_8", "white fridge"),
    ],
)
def test_exact_words_are_few_and_fit_one_thing(place: str, words: str) -> None:
    assert exact_words(FURNISHED, place) == words


def test_exact_words_fall_back_on_colour_and_room_together() -> None:
    home = made_home("red box in the study", "blue box in the study", "red box in the bedroom")
    assert exact_words(home, "red_box_0") == "red box in the study"


def test_exact_words_of_drawn_homes_fit_the_thing_alone() -> None:
    rng = np.random.default_rng(11)
    for _ in range(10):
        home = sample_home(rng)
        for name in home.nameable:
            head, _, room = exact_words(home, name).partition(" in the ")
            assert names_of(
                [thing for thing in home.fitting_words(head) if room in ("", thing.room)]
            ) == [name]


@pytest.mark.parametrize(
    ("what", "vagueness", "said", "called"),
    [
        ("box", "specific", {"boxes"}, "boxes"),
        ("green box", "ordinary", {"green boxes"}, "green boxes"),
        ("shelf", "specific", {"shelves"}, "shelves"),
        ("red shelf", "ordinary", {"red shelves", "red bookshelves"}, "red shelves"),
        ("lamp", "vague", {"things that give light"}, "lamps"),
        ("red lamp", "vague", {"red things that give light"}, "red lamps"),
    ],
)
def test_several_things_are_said_in_many_ways_and_called_in_one(
    what: str, vagueness: Vagueness, said: set[str], called: str
) -> None:
    rng = np.random.default_rng(0)
    named = [name_things(what, vagueness, rng) for _ in range(30)]
    assert {n.said for n in named} == said
    assert {n.called for n in named} == {called}


def test_words_exist_for_all_rooms_and_all_that_is_counted() -> None:
    assert set(VAGUE_ROOMS) == set(ROOM_KINDS)
    assert set(VAGUE_PLURALS) == set(PLURALS) <= set(PIECES)
    assert set(VAGUE_THINGS) <= set(PIECES)


def test_vague_words_do_not_give_the_kind_away_and_are_no_others() -> None:
    for kind, words in {**VAGUE_THINGS, **VAGUE_ROOMS, **VAGUE_PLURALS}.items():
        assert not any(kind in said.split() for said in words)
    said = [words for table in (VAGUE_THINGS, VAGUE_ROOMS) for ways in table.values()
            for words in ways]  # fmt: skip
    assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("words", "last", "said"),
    [
        (["a"], "and", "a"),
        (["a", "b"], "and", "a and b"),
        (["a", "b", "c"], "and", "a, b and c"),
        (["a", "b", "c"], "or", "a, b or c"),
    ],
)
def test_lists_are_spoken(words: list[str], last: str, said: str) -> None:
    assert listed(words, last) == said


def test_ordinals_go_from_first_to_sixth() -> None:
    assert [ordinal(number) for number in (1, 2, 6)] == ["first", "second", "sixth"]


@pytest.mark.parametrize("number", range(len(NUMBER_WORDS)))
def test_numbers_are_right_as_digits_and_as_words(number: int) -> None:
    for answer in (f"there are {number}", f"{NUMBER_WORDS[number].upper()} of them."):
        assert says(answer, str(number))
        assert not says(answer, str(number + 1))


@pytest.mark.parametrize("room", ROOM_KINDS)
def test_rooms_are_right_by_their_kind_alone(room: str) -> None:
    assert says(f"It is in the {room}.", room)
    assert not any(says(f"the {room}", other) for other in ROOM_KINDS if other != room)


@pytest.mark.parametrize("colour", COLOURS)
def test_colours_are_right_alone(colour: str) -> None:
    assert says(f"the bed is {colour}", colour)
    assert not says(f"the bed is {colour}", "cannot")
    assert not says(f"not-{colour}", colour)


@pytest.mark.parametrize(
    ("answer", "expected", "right"),
    [
        ("none", "0", True),
        ("no more than 2", "2", False),  # two numbers
        ("3 3", "3", True),
        ("3.", "3", True),
        ("three-four", "3", False),
        ("no", "no", True),
        ("nope", "no", False),
        ("there are two red boxes", "2", True),
        ("the red one in the study", "study", True),
        ("CANNOT", CANNOT, True),
        ("I cannot do it", CANNOT, True),
        ("can not", CANNOT, False),
    ],
)
def test_near_misses_of_answers(answer: str, expected: str, right: bool) -> None:
    assert says(answer, expected) == right


@pytest.mark.parametrize("expected", ["", "mauve", "many"])
def test_what_is_no_answer_at_all_cannot_be_expected(expected: str) -> None:
    with pytest.raises(ValueError, match="is no answer"):
        says("yes", expected)


@pytest.mark.parametrize(
    ("subgoals", "length"),
    [(1, "short"), (2, "short"), (3, "medium"), (4, "medium"), (5, "long"), (9, "long")],
)
def test_lengths_count_subgoals(subgoals: int, length: str) -> None:
    assert length_of(subgoals) == length
    assert length in LENGTHS


def test_a_goal_is_feasible_unless_its_answer_says_that_it_cannot_be() -> None:
    assert LongGoal("patrol", "short", "vague", ()).feasible
    assert LongGoal("total", "short", "vague", ("study",), answer="0").feasible
    assert not LongGoal("total", "short", "vague", ("study",), answer=CANNOT).feasible


def test_a_goal_of_lists_becomes_one_of_tuples() -> None:
    data = {
        "kind": "whether", "length": "short", "vagueness": "vague", "places": ["study"],
        "what": "box", "number": 2, "answer": "yes",
        "conditions": [{"what": "visit", "place": "study", "after": -1}],
        "subgoals": [{"skill": "count", "place": "study", "what": "box"}],
    }  # fmt: skip
    goal = LongGoal.from_dict(data)
    assert goal.places == ("study",)
    assert goal.conditions == (Condition("visit", "study"),)
    assert goal.subgoals == (Subgoal("count", "study", "box"),)
    assert (goal.number, goal.answer) == (2, "yes")
    with pytest.raises(TypeError, match="colour"):
        LongGoal.from_dict({**data, "colour": "red"})


@pytest.mark.parametrize(("split", "seed"), [*product(("train", "unseen"), range(6))])
def test_drawn_homes_are_whole(split: str, seed: int) -> None:
    home = sample_home(np.random.default_rng(seed), split)
    assert len(set(home.rooms)) == len(home.rooms) >= 3
    assert {"bathroom", "living room"} <= set(home.rooms) <= set(ROOM_KINDS)
    assert home.start_room in home.rooms
    assert {thing.room for thing in home.things} <= set(home.rooms)
    assert len(home.by_name) == len(home.things)
    assert home == sample_home(np.random.default_rng(seed), split)
