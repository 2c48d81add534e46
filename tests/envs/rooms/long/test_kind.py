"""Every kind of instruction asks for what its words say: its answer and its way are recounted."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from handeye.base.names import UnknownName
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.long import KINDS, Condition, LongGoal, Subgoal, SymbolicHome, sample_home
from handeye.envs.rooms.long.draws import (
    counted_looks,
    draw_absent,
    draw_counted,
    draw_places,
    draw_rooms,
    draw_thing,
    one_name,
)
from handeye.envs.rooms.long.goals import ANSWER, CANNOT, GO_BACK, STOP_AT_START
from handeye.envs.rooms.long.kind import Draft, count, go_to, infeasible, reported
from handeye.envs.rooms.long.naming import PLURALS
from handeye.envs.rooms.long.questions import MOST_IN_ALL, most_of
from handeye.envs.rooms.long.sampling import HELD_OUT_ROOMS, draw_goal, is_held_out
from handeye.envs.rooms.long.words import say
from tests.envs.paper_homes import FURNISHED, made_home


def drafts(kind: str, seed: int = 0) -> Iterator[tuple[SymbolicHome, int, Draft]]:
    """Homes, sizes and what is drawn in them."""
    rng = np.random.default_rng(seed)
    sizes = sorted({size for sizes in KINDS[kind].sizes.values() for size in sizes})
    for _ in range(25):
        home = sample_home(rng)
        for size in sizes:
            draft = KINDS[kind].draw(home, size, rng)
            if draft is not None:
                yield home, size, draft


def amounts(home: SymbolicHome, draft: Draft, rooms: tuple[str, ...]) -> list[int]:
    return [len(home.fitting_words(draft.what, room)) for room in rooms]


def visited(draft: Draft) -> list[str]:
    return [c.place for c in draft.conditions if c.what == "visit"]


def end(draft: Draft) -> str:
    (stop,) = (c.place for c in draft.conditions if c.what == "stop")
    return stop


@pytest.mark.parametrize("kind", ["how_many", "total", "how_many_more"])
def test_numbers_asked_for_are_recounted(kind: str) -> None:
    for home, size, draft in drafts(kind):
        rooms = draft.places[: 1 if kind == "how_many" else size]
        numbers = amounts(home, draft, rooms)
        right = numbers[0] - numbers[1] if kind == "how_many_more" else sum(numbers)
        assert draft.answer == str(right)
        assert right >= (kind == "how_many_more")


def test_all_of_a_home_is_counted_up_to_what_words_can_say() -> None:
    for home, _, draft in drafts("how_many_in_all"):
        assert draft.answer == str(sum(amounts(home, draft, home.rooms)))
        assert int(draft.answer) <= MOST_IN_ALL
    for home, _, draft in drafts("how_many_rooms"):
        assert draft.answer == str(len(home.rooms))


@pytest.mark.parametrize("kind", ["whether", "as_many"])
def test_yes_and_no_are_right_and_both_come(kind: str) -> None:
    answers = set()
    for home, _, draft in drafts(kind):
        numbers = amounts(home, draft, draft.places[: 1 if kind == "whether" else 2])
        holds = numbers[0] > 0 if kind == "whether" else numbers[0] == numbers[1] > 0
        assert draft.answer == ("yes" if holds else "no")
        answers.add(draft.answer)
    assert answers == {"yes", "no"}


def test_a_thing_that_is_looked_for_is_in_the_room_of_the_answer() -> None:
    for home, _, draft in drafts("where_is"):
        thing = home.by_name[draft.places[0]]
        assert draft.answer == thing.room != home.start_room
        assert home.fitting(thing.kind, thing.colour) == [thing]


def test_a_thing_whose_colour_is_asked_for_is_told_by_its_room() -> None:
    for home, _, draft in drafts("what_colour"):
        thing = home.by_name[draft.places[0]]
        assert draft.answer == thing.colour
        assert home.fitting(thing.kind, room=thing.room) == [thing]


def test_just_one_of_the_rooms_has_what_is_asked_for() -> None:
    for home, _, draft in drafts("which_has"):
        having = [room for room in draft.places if home.fitting_words(draft.what, room)]
        assert having == [draft.answer]


@pytest.mark.parametrize("kind", ["most", "where_most"])
def test_the_most_is_more_than_in_each_other_room(kind: str) -> None:
    for home, size, draft in drafts(kind):
        best = draft.answer or end(draft)
        numbers = dict(zip(draft.places, amounts(home, draft, draft.places), strict=True))
        assert len(numbers) == size
        assert all(numbers[best] > numbers[room] for room in numbers if room != best)
        assert set(visited(draft)) == set(draft.places)


@pytest.mark.parametrize(
    ("what", "rooms", "best"),
    [
        ("box", ("study", "bedroom"), "study"),
        ("red box", ("bedroom", "study", "kitchen"), "study"),
        ("chair", ("bathroom", "living room"), ""),
        ("lamp", ("study", "bedroom"), ""),
        ("green box", ("bedroom",), "bedroom"),
    ],
)
def test_a_tie_has_no_most(what: str, rooms: tuple[str, ...], best: str) -> None:
    assert most_of(FURNISHED, what, rooms) == best


def test_a_choice_ends_where_what_was_found_leads() -> None:
    ends = set()
    for home, _, draft in drafts("stay_or_go"):
        room, other = draft.places
        is_there = bool(home.fitting_words(draft.what, room))
        assert end(draft) == (room if is_there else other)
        assert visited(draft) == [room]
        ends.add(is_there)
    assert ends == {True, False}


@pytest.mark.parametrize("kind", ["if_there", "if_more_than"])
def test_a_branch_goes_one_of_its_two_ways(kind: str) -> None:
    ways = set()
    for home, size, draft in drafts(kind):
        room, *places = draft.places
        (found,) = amounts(home, draft, (room,))
        holds = found > draft.number
        way = places[:size] if holds else places[size:]
        assert len(places) == 2 * size
        assert [*visited(draft), end(draft)] == [room, *way]
        assert draft.subgoals == (Subgoal("count", room, draft.what), *go_to(*way))
        ways.add(holds)
    assert ways == {True, False}


def test_a_search_stops_at_the_first_room_that_has_it() -> None:
    for home, _, draft in drafts("search_through"):
        numbers = amounts(home, draft, draft.places)
        first = next(k for k, number in enumerate(numbers) if number)
        assert end(draft) == draft.places[first]
        assert visited(draft) == list(draft.places[: first + 1])


def test_visits_in_order_end_at_the_last_place() -> None:
    for _, size, draft in drafts("visit_in_order"):
        assert len(draft.places) == size
        assert [*visited(draft), end(draft)] == list(draft.places)
        assert [c.after for c in draft.conditions[:-1]] == list(range(-1, size - 2))


@pytest.mark.parametrize("kind", ["visit_any_order", "round_trip"])
def test_trips_end_at_the_start(kind: str) -> None:
    for _, _, draft in drafts(kind):
        assert draft.conditions[-1] == STOP_AT_START
        assert draft.subgoals == (*go_to(*draft.places), GO_BACK)
        waits = {c.after for c in draft.conditions[1:-1]}
        assert waits <= {-1} if kind == "visit_any_order" else -1 not in waits


def test_a_patrol_is_of_all_rooms() -> None:
    for home, size, draft in drafts("patrol"):
        assert size == len(home.rooms) - 1
        assert set(visited(draft)) == set(home.rooms)
        assert draft.subgoals[0] == Subgoal("explore")
        assert draft.subgoals[-1] == GO_BACK


def test_a_shuttle_goes_to_and_fro() -> None:
    for home, size, draft in drafts("shuttle"):
        a, b = draft.places
        assert home.room_of(a) != home.room_of(b)
        assert [*visited(draft), end(draft)] == [a, b] * size
        assert draft.number == size


def test_each_of_several_things_is_visited() -> None:
    for home, size, draft in drafts("each_of"):
        things = {thing.name for thing in home.fitting_words(draft.what, draft.places[0])}
        assert set(visited(draft)) == things
        assert len(things) == size
        assert draft.subgoals[1] == Subgoal("detect", draft.places[0], draft.what)


def test_a_room_is_found_by_a_thing_in_it() -> None:
    for home, _, draft in drafts("room_with"):
        thing, *others = draft.places
        assert [*visited(draft), end(draft)] == [home.room_of(thing), *others]
        assert draft.subgoals[0] == Subgoal("explore", thing)


def test_the_way_back_ends_at_the_nth_place_or_the_first() -> None:
    for _, size, draft in drafts("back_to_nth"):
        assert 1 <= draft.number < size
        assert end(draft) == draft.places[draft.number - 1]
    for _, _, draft in drafts("retrace"):
        way = [*visited(draft), end(draft)]
        assert way == way[::-1]
        assert way[: len(draft.places)] == list(draft.places)


def test_the_user_is_asked_only_where_the_colour_tells() -> None:
    for home, _, draft in drafts("ask_which"):
        alike = home.fitting(draft.what)
        assert len({thing.colour for thing in alike}) == len(alike) > 1
        assert home.by_name[draft.places[0]] in alike
        assert draft.subgoals[0] == Subgoal("ask_user", what=f"which {draft.what} do you mean?")


@pytest.mark.parametrize("kind", KINDS)
def test_a_home_of_one_empty_room_has_next_to_nothing_to_ask(kind: str) -> None:
    empty = made_home(rooms=("kitchen",))
    rng = np.random.default_rng(0)
    sizes = [size for sizes in KINDS[kind].sizes.values() for size in sizes]
    found = [KINDS[kind].draw(empty, size, rng) for size in sizes]
    assert any(found) == (kind == "how_many_rooms")


def test_places_are_drawn_once_each_and_in_another_room_than_before() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        places = draw_places(FURNISHED, 4, rng)
        assert places is not None
        assert len(set(places)) == 4
        way = [FURNISHED.start_room, *map(FURNISHED.room_of, places)]
        assert all(a != b for a, b in pairwise(way))
        assert not {"red_box_0", "red_box_1"} & set(places)  # twins
    assert draw_places(FURNISHED, 0, rng) == ()
    assert draw_places(made_home(rooms=("kitchen",)), 1, rng) is None


def test_rooms_are_drawn_without_the_start() -> None:
    rng = np.random.default_rng(0)
    assert set(draw_rooms(FURNISHED, 4, rng) or ()) == set(FURNISHED.rooms) - {"kitchen"}
    assert draw_rooms(FURNISHED, 5, rng) is None


def test_things_are_drawn_that_kind_and_colour_single_out() -> None:
    rng = np.random.default_rng(0)
    drawn = {draw_thing(FURNISHED, rng) for _ in range(60)}
    assert drawn == {"green_box_2", "blue_bed_4", "red_chair_5", "green_chair_6", "blue_sofa_7"}
    assert draw_thing(made_home("red box in the kitchen"), rng) is None


def test_what_is_counted_is_countable_in_words() -> None:
    looks = counted_looks(FURNISHED)
    assert looks == ["box", "chair", "green box", "green chair", "red box", "red chair"]
    assert all(look.split()[-1] in PLURALS for look in looks)


def test_what_is_drawn_to_count_is_not_too_many() -> None:
    rng = np.random.default_rng(0)
    drawn = {draw_counted(FURNISHED, ["study"], rng, most=2) for _ in range(60)}
    assert drawn == {"chair", "green box", "green chair", "red box", "red chair"}
    crowd = made_home(*["red box in the study"] * 6)
    assert draw_counted(crowd, ["study"], rng) is None
    assert draw_counted(crowd, [""], rng, most=6) in ("box", "red box")


def test_what_is_absent_is_of_the_same_sort_and_not_there() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        room, thing = (draw_absent(FURNISHED, place, rng) for place in ("study", "blue_bed_4"))
        assert room in ROOM_KINDS
        assert room not in FURNISHED.rooms
        assert not FURNISHED.fitting_words(thing)
        assert len(thing.split()) == 2


def test_one_name_is_drawn_of_all() -> None:
    rng = np.random.default_rng(0)
    assert {one_name("abc", rng) for _ in range(30)} == {*"abc"}


def test_parts_of_solutions_keep_their_order() -> None:
    assert go_to("a", "b") == (Subgoal("go_to", "a"), Subgoal("go_to", "b"))
    assert count("box", "a", "b") == (Subgoal("count", "a", "box"), Subgoal("count", "b", "box"))
    been = (Condition("visit", "a"),)
    draft = reported(("a",), been, go_to("a"), "3", "box")
    assert draft.conditions == (*been, STOP_AT_START, ANSWER)
    assert draft.subgoals == (Subgoal("go_to", "a"), GO_BACK)
    assert (draft.answer, draft.what, draft.number) == ("3", "box", 0)


@pytest.mark.parametrize("which", [0, 1])
def test_an_infeasible_goal_asks_only_for_the_word_that_it_is(which: int) -> None:
    draft = Draft(("a", "b"), (Condition("stop", "b"),), go_to("a", "b"), what="box", number=2)
    lacking = infeasible(draft, which, "attic")
    assert lacking.places[which] == "attic"
    assert lacking.places[1 - which] == draft.places[1 - which]
    assert (lacking.conditions, lacking.answer) == ((ANSWER,), CANNOT)
    assert lacking.subgoals == (Subgoal("explore", "attic"),)
    assert (lacking.what, lacking.number) == ("box", 2)


def test_every_kind_holds_two_first_rooms_out_and_none_holds_all() -> None:
    rooms = {room for held in HELD_OUT_ROOMS.values() for room in held}
    assert set(HELD_OUT_ROOMS) == set(KINDS)
    for kind in KINDS:
        held = [room for room in rooms if is_held_out(FURNISHED, kind, (room,))]
        assert len(held) == 2
    for room in rooms:
        held = [kind for kind in KINDS if is_held_out(FURNISHED, kind, (room,))]
        assert 0 < len(held) < len(KINDS) / 2


def test_a_thing_holds_out_as_its_room_does_and_no_place_as_the_start() -> None:
    for kind in KINDS:
        assert is_held_out(FURNISHED, kind, ("blue_bed_4",)) == is_held_out(
            FURNISHED, kind, ("bedroom",)
        )
        assert is_held_out(FURNISHED, kind, ()) == is_held_out(FURNISHED, kind, ("kitchen",))


def test_goals_are_drawn_as_long_and_as_plain_as_asked_for() -> None:
    rng = np.random.default_rng(0)
    found = [
        draw_goal(FURNISHED, "round_trip", rng, length="medium", vagueness="specific")
        for _ in range(10)
    ]
    assert any(found)
    for goal in found:
        assert goal is None or (goal.length, goal.vagueness) == ("medium", "specific")
    with pytest.raises(UnknownName, match="round_trip"):
        draw_goal(FURNISHED, "round_trips", rng)


def words_of(goal: LongGoal, *, split: str = "seen") -> set[str]:
    """All that chance says of a goal in the furnished home."""
    rng = np.random.default_rng(0)
    said = [say(FURNISHED, goal, KINDS[goal.kind], split, rng) for _ in range(80)]
    return {words.words for words in said if words is not None}


def test_numbers_and_ordinals_are_in_the_words() -> None:
    places = ("study", "bedroom", "bathroom")
    back = words_of(LongGoal("back_to_nth", "medium", "specific", places, number=2))
    assert all(" second " in words for words in back)
    branch = LongGoal("if_more_than", "short", "specific", places, what="red box", number=3)
    for words in words_of(branch):
        assert "more than three" in words
        assert "red boxes" in words
    shuttle = words_of(LongGoal("shuttle", "medium", "specific", places[:2], number=2))
    assert all(words.endswith("twice") for words in shuttle)


def test_a_branch_says_yes_before_no() -> None:
    goal = LongGoal("if_there", "short", "specific", ("study", "bedroom", "bathroom"), what="box")
    for words in words_of(goal):
        assert "a box" in words
        assert words.index("the bedroom") < words.index("the bathroom")


def test_held_out_phrasings_are_said_in_their_split_only() -> None:
    goal = LongGoal("round_trip", "short", "specific", ("study",))
    tour = "each of these is a stop of yours, in the order given, and the start is the one that"
    held_out = {
        f"{tour} ends the tour : the study",
        "be here again at the end, with the study behind you",
    }
    assert words_of(goal, split="phrasing") == held_out
    assert not words_of(goal) & held_out


def test_the_colour_that_is_asked_for_is_not_said() -> None:
    goal = LongGoal("what_colour", "short", "specific", ("blue_bed_4",), answer="blue")
    said = words_of(goal)
    assert said
    assert not any("blue" in words for words in said)
    assert all("the bed in the bedroom" in words for words in said)


def test_a_detour_of_several_places_has_an_order() -> None:
    one = LongGoal("how_many", "medium", "specific", ("study", "bedroom"), what="box")
    assert not any("order" in words for words in words_of(one))
    two = LongGoal("how_many", "long", "specific", ("study", "bedroom", "bathroom"), what="box")
    detour = "the bedroom and the bathroom in this order"
    assert all(detour in words for words in words_of(two))


def test_which_one_is_meant_is_not_said_but_tools_can_call_it() -> None:
    goal = LongGoal("ask_which", "short", "specific", ("red_chair_5",), what="chair")
    said = say(FURNISHED, goal, KINDS["ask_which"], "seen", np.random.default_rng(0))
    assert said is not None
    assert "red" not in said.words
    assert said.called["red_chair_5"] == "red chair"


def test_a_goal_about_twins_has_no_words() -> None:
    assert words_of(LongGoal("round_trip", "short", "ordinary", ("red_box_0",))) == set()
