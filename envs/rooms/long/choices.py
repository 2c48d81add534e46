"""Kinds of instructions whose way depends on what is found."""

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.long.draws import (
    counted_looks,
    draw_counted,
    draw_places,
    draw_rooms,
    one_name,
)
from handeye.envs.rooms.long.goals import Condition, Subgoal, visits
from handeye.envs.rooms.long.kind import Draft, Kind, count, go_to
from handeye.envs.rooms.long.questions import most_of
from handeye.envs.rooms.long.symbolic_home import SymbolicHome


def _stay_or_go(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    room, what, is_there = _looked_for(home, rng)
    other = draw_rooms(home, size, rng)
    if not what or other is None or room in other:
        return None
    end = room if is_there else other[0]
    conditions = (*visits(room), Condition("stop", end))
    return Draft((room, *other), conditions, (*count(what, room), *go_to(end)), what=what)


def _if_there(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    room, what, is_there = _looked_for(home, rng)
    return _branch(home, size, rng, room, what, is_there)


def _if_more_than(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, 1, rng)
    what = None if rooms is None else draw_counted(home, rooms, rng)
    if rooms is None or what is None:
        return None
    found = len(home.fitting_words(what, rooms[0]))
    number = max(0, found - int(rng.integers(2)))  # as often more than that as not
    draft = _branch(home, size, rng, rooms[0], what, found > number)
    return None if draft is None else draft._replace(number=number)


def _where_most(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, size, rng)
    what = None if rooms is None else draw_counted(home, rooms, rng)
    if rooms is None or what is None:
        return None
    end = most_of(home, what, rooms)
    if not end:
        return None
    conditions = (*visits(*rooms, ordered=False), Condition("stop", end))
    return Draft(rooms, conditions, (*count(what, *rooms), *go_to(end)), what=what)


def _search_through(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, size, rng)
    if rooms is None:
        return None
    first = int(rng.integers(size))
    looks = [
        what
        for what in counted_looks(home)
        if [bool(home.fitting_words(what, room)) for room in rooms[: first + 1]]
        == [False] * first + [True]
    ]
    if not looks:
        return None
    what, seen = one_name(looks, rng), rooms[: first + 1]
    conditions = (*visits(*seen), Condition("stop", rooms[first]))
    return Draft(rooms, conditions, (*count(what, *seen), *go_to(rooms[first])), what=what)


def _looked_for(home: SymbolicHome, rng: np.random.Generator) -> tuple[str, str, bool]:
    """A room, what may be there, and whether it is: as often as not. No words if there are none."""
    rooms, is_there = draw_rooms(home, 1, rng), bool(rng.random() < 0.5)
    if rooms is None:
        return "", "", is_there
    looks = [w for w in counted_looks(home) if bool(home.fitting_words(w, rooms[0])) == is_there]
    return rooms[0], one_name(looks, rng) if looks else "", is_there


def _branch(
    home: SymbolicHome, size: int, rng: np.random.Generator, room: str, what: str, holds: bool
) -> Draft | None:
    """Look into a room; then to the first `size` places if it holds, else to as many others."""
    places = draw_places(home, 2 * size, rng)
    if not what or places is None or room in (places[0], places[size]):
        return None
    way = places[:size] if holds else places[size:]
    conditions = (*visits(room, *way[:-1]), Condition("stop", way[-1]))
    subgoals: tuple[Subgoal, ...] = (*count(what, room), *go_to(*way))
    return Draft((room, *places), conditions, subgoals, what=what)


CHOICES: dict[str, Kind] = {
    "stay_or_go": Kind(
        "stop in a room if something is there, else in another room",
        _stay_or_go,
        {"short": (1,)},
        spell_out(
            "if {a} has {thing} stop there, otherwise (go|drive) to {b}",
            "(look|go) into {a} and stay if there is {thing}, (if not|otherwise) go to {b}",
        ),
        spell_out("wait in {a}, but only if it has {thing} ; (else|otherwise) {b} will do"),
        (
            (
                "it all depends on {thing} : where {a} contains it, be there when I come, and"
                " where not, be in {b}"
            ),
        ),
    ),
    "if_there": Kind(
        "to some places if something is in a room, else to others",
        _if_there,
        {"short": (1,), "medium": (2, 3), "long": (4,)},
        spell_out(
            "look into {a} : if there is {thing}, go to {yes}, (otherwise|if not) to {no}",
            "if there is {thing} in {a}, (go|drive) to {yes}, otherwise go to {no}",
        ),
        spell_out("should {a} have {thing}, {yes} is (next|where to go), or else {no}"),
        (
            (
                "it all depends on {thing} : where {a} contains it, your way is {yes}, and "
                "where not, it is {no}"
            ),
        ),
    ),
    "if_more_than": Kind(
        "to some places if there are more than so many in a room, else to others",
        _if_more_than,
        {"short": (1,), "medium": (2, 3), "long": (4,)},
        spell_out(
            "if {a} has more than {number} {things}, go to {yes}, (otherwise|if not) to {no}",
            "count the {things} in {a} : with more than {number} (go|drive) to {yes}, else to {no}",
        ),
        spell_out("(with|given) more than {number} {things} in {a}, {yes} is next, or else {no}"),
        (
            (
                "it all depends on the number of {things} that {a} contains : above {number},"
                " your way is {yes}, and not above it, {no}"
            ),
        ),
    ),
    "where_most": Kind(
        "stop in the room that has the most of something",
        _where_most,
        {"medium": (2, 3), "long": (4, 5)},
        spell_out(
            "(go|drive) to whichever of {any} has (more|the most) {things}",
            "look into {any} and stop in the one with (more|the most) {things}",
        ),
        spell_out("{or} : wait where you (see|find) the most {things}"),
        (
            "compare {any} for {things} and be at the end in the room that comes first",
        ),
        lacking=5,
    ),
    "search_through": Kind(
        "look into rooms in order and stop in the first that has something",
        _search_through,
        {"short": (2, 3), "medium": (2, 3, 4), "long": (4, 5)},
        spell_out(
            "look for {thing} in {places}, in that order, and stop in the first that has it",
            "search {places} one by one for {thing} and (stop|stay) where you find the first",
        ),
        spell_out("{thing} would be nice, (try|look in) {places} and stay with the first"),
        (
            (
                "{places} is the order in which to look, and where {thing} turns up you look "
                "no further but remain"
            ),
        ),
    ),
}  # fmt: skip
