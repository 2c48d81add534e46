"""Kinds of instructions that say where to go: in order, in any order, back, and again."""

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.long.draws import counted_looks, draw_places, draw_thing, one_name
from handeye.envs.rooms.long.goals import (
    GO_BACK,
    STOP_AT_START,
    Condition,
    Subgoal,
    visits,
)
from handeye.envs.rooms.long.kind import Draft, Kind, go_to
from handeye.envs.rooms.long.symbolic_home import SymbolicHome


def _in_order(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    places = draw_places(home, size, rng)
    if places is None:
        return None
    *first, last = places
    return Draft(places, (*visits(*first), Condition("stop", last)), go_to(*places))


def _any_order(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    places = draw_places(home, size, rng, room_share=0.0)  # a tour goes through every room
    if places is None:
        return None
    conditions = (*visits(*places, ordered=False), STOP_AT_START)
    return Draft(places, conditions, (*go_to(*places), GO_BACK))


def _round_trip(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    places = draw_places(home, size, rng)
    if places is None:
        return None
    return Draft(places, (*visits(*places), STOP_AT_START), (*go_to(*places), GO_BACK))


def _patrol(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    others = [room for room in home.rooms if room != home.start_room]
    if len(others) != size:
        return None
    conditions = (*visits(*home.rooms, ordered=False), STOP_AT_START)
    return Draft((), conditions, (Subgoal("explore"), *go_to(*others), GO_BACK))


def _shuttle(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    places = draw_places(home, 2, rng)
    if places is None or home.room_of(places[1]) == home.start_room:
        return None
    way = places * size
    conditions = (*visits(*way[:-1]), Condition("stop", way[-1]))
    return Draft(places, conditions, go_to(*way), number=size)


def _each_of(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    found = [
        (room, what)
        for room in home.rooms
        for what in counted_looks(home)
        if room != home.start_room and len(home.fitting_words(what, room)) == size
    ]
    if not found:
        return None
    room, what = found[int(rng.integers(len(found)))]
    names = [thing.name for thing in home.fitting_words(what, room)]
    conditions = visits(*names, ordered=False)
    subgoals = (*go_to(room), Subgoal("detect", room, what), *go_to(*names))
    return Draft((room,), conditions, subgoals, what=what)


def _room_with(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    thing = draw_thing(home, rng)
    others = draw_places(home, size, rng)
    if thing is None or others is None:
        return None
    room = home.room_of(thing)
    if home.room_of(others[0]) == room:
        return None
    way = (room, *others)
    conditions = (*visits(*way[:-1]), Condition("stop", way[-1]))
    return Draft((thing, *others), conditions, (Subgoal("explore", thing), *go_to(*way)))


def _back_to_nth(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    places = draw_places(home, size, rng)
    if places is None:
        return None
    number = int(rng.integers(1, size))
    back = places[number - 1]
    conditions = (*visits(*places), Condition("stop", back))
    return Draft(places, conditions, go_to(*places, back), number=number)


def _retrace(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    places = draw_places(home, size, rng)
    if places is None:
        return None
    way = (*places, *places[-2::-1])
    conditions = (*visits(*way[:-1]), Condition("stop", way[-1]))
    return Draft(places, conditions, go_to(*way))


def _ask_which(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    several = [
        kind
        for kind in sorted({thing.kind for thing in home.things})
        if len({thing.colour for thing in home.fitting(kind)}) == len(home.fitting(kind)) > 1
    ]
    if not several:
        return None
    kind = one_name(several, rng)
    name = one_name([thing.name for thing in home.fitting(kind)], rng)
    others = draw_places(home, size, rng)
    if others is None or (others and home.room_of(others[0]) == home.room_of(name)):
        return None
    way = (name, *others)
    conditions = (*visits(*way[:-1]), Condition("stop", way[-1]))
    asked = Subgoal("ask_user", what=f"which {kind} do you mean?")
    return Draft(way, conditions, (asked, *go_to(*way)), what=kind)


VISITS: dict[str, Kind] = {
    "visit_in_order": Kind(
        "places one after the other; it stops at the last",
        _in_order,
        {"short": (2,), "medium": (3, 4), "long": (5, 6)},
        spell_out(
            "(go|drive|move) to {places}",
            "visit {places} and (stay|stop) there",
            "(first|now) go to {firsts}, finally to {last} and stop there",
        ),
        spell_out("I want you to pass by {firsts}, and to (end up|wait) at {last}"),
        (
            (
                "each of these is a stop of yours, in the order given, and you remain at the "
                "one that ends the list : {places}"
            ),
            "have {firsts} behind you by the time you come to {last}, where you remain",
        ),
        lacking=6,
    ),
    "visit_reversed": Kind(
        "the place named first is the last one to go to",
        _in_order,
        {"short": (2,), "medium": (3, 4)},
        spell_out(
            "(go|drive) to {last}, but (first|before that) to {firsts}",
            "before you (go|drive) to {last}, (visit|go to) {firsts}",
            "(stop|end) at {last} after (visiting|a visit to) {firsts}",
        ),
        spell_out("{last} is where I (need|want) you, though not before you saw {firsts}"),
        (
            (
                "have {firsts} behind you by the time you come to {last}, which I name first "
                "all the same"
            ),
        ),
        lacking=4,
    ),
    "visit_any_order": Kind(
        "all of the places in any order, then the start again",
        _any_order,
        {"medium": (2, 3), "long": (4, 5)},
        spell_out(
            "(visit|go to) {any} in any order and (come|drive) back to the start",
            "(come back|return) here after you have been at {any}, the order does not matter",
            "in whatever order you like, (visit|see) {any}, then return to the start",
        ),
        spell_out("do not miss {any}, I (wait|stay) here until you are back"),
        (
            (
                "choose the order yourself as long as {any} all get to see you, and be here "
                "again at the end"
            ),
        ),
        lacking=5,
    ),
    "round_trip": Kind(
        "places one after the other, then the start again",
        _round_trip,
        {"short": (1,), "medium": (2, 3), "long": (4, 5)},
        spell_out(
            "(go|drive) to {places}, then (come back|return) to the start",
            "visit {places} and (return|come back) to where you started",
            "(come|drive) back here after (going|driving) to {places}",
        ),
        spell_out("have a look at {places}, I (want|need) you here again afterwards"),
        (
            (
                "each of these is a stop of yours, in the order given, and the start is the "
                "one that ends the tour : {places}"
            ),
            "be here again at the end, with {places} behind you",
        ),
        lacking=5,
    ),
    "patrol": Kind(
        "every room of the apartment, then the start again",
        _patrol,
        {"medium": (2,), "long": (3, 4, 5, 6, 7)},
        spell_out(
            "(go into|visit|look into) every room and (come|drive) back to the start",
            "(drive|go) through all rooms, then return (here|to the start)",
        ),
        spell_out("do your rounds and (report back here|come home)"),
        (
            "I want no room left in which you have not been when I find you here again",
        ),
        lacking=0,
    ),
    "shuttle": Kind(
        "to and fro between two places, so many times",
        _shuttle,
        {"medium": (2,), "long": (3,)},
        spell_out(
            "(go|drive) from {a} to {b} {times}",
            "(go|drive) to {a} and then to {b}, and do (that|so) {times}",
        ),
        spell_out("I want to see you (come|drive) from {a} to {b} {times}"),
        (
            "let {a} and {b} have you by turns, {b} after {a}, {times} each",
        ),
        lacking=2,
    ),
    "each_of": Kind(
        "up to every one of several alike things in a room",
        _each_of,
        {"medium": (2,), "long": (3, 4, 5)},
        spell_out(
            "(go up to|visit|drive to) (each|every one) of the {things} in {a}",
            "visit all {things} in {a}, one (by|after) one",
        ),
        spell_out("there are {things} in {a}, (pay all of them a visit|leave none out)"),
        (
            (
                "none of the {things} in {a} should be left without you standing next to it "
                "for a moment"
            ),
        ),
    ),
    "room_with": Kind(
        "into the room where a thing stands, then to places",
        _room_with,
        {"medium": (1, 2), "long": (3, 4)},
        spell_out(
            "(go|drive) into the room with {a}, then to {rest}",
            "find out which room has {a}, go in, (then|and after that) go to {rest}",
        ),
        spell_out("wherever {a} may be, enter that room, and (later|then) be at {rest}"),
        (
            (
                "I don't know which room it is, but {a} is in there and so should you be, "
                "before {rest}"
            ),
        ),
    ),
    "back_to_nth": Kind(
        "places one after the other, then back to the first, second, ... of them",
        _back_to_nth,
        {"medium": (2, 3), "long": (4, 5)},
        spell_out(
            "(go to|visit) {places}, then (return|go back) to the {nth} of these places",
            "visit {places} and (stop|end) at the {nth} place you (visited|went to)",
        ),
        spell_out("see {places}, and (wait|stay) where you were {nth}"),
        (
            "have {places} behind you, and of those places let the {nth} be where you end up again",
        ),
        lacking=5,
    ),
    "retrace": Kind(
        "places one after the other, and the same way back to the first",
        _retrace,
        {"medium": (2,), "long": (3, 4)},
        spell_out(
            "(go|drive) to {places} and then the same way back to {a}",
            "visit {places}, then (visit|see) them again in reverse order, {last} aside",
        ),
        spell_out("{places}, and (all of it|the whole way) backwards until {a}"),
        (
            "have {places} behind you, and then do that way in reverse until {a} is where you are",
        ),
        lacking=4,
    ),
    "ask_which": Kind(
        "to one of several things that only the user can tell, then to places",
        _ask_which,
        {"short": (0,), "medium": (1, 2), "long": (3,)},
        spell_out(
            "(go|drive) to the {kind} that I like best{then}, ask me which it is",
            "ask me which {kind} I mean and (go|drive) to it{then}",
        ),
        spell_out("(go|drive) to my {kind}{then}"),
        (
            "more than one {kind} is around, so let me choose the one that you should be at{then}",
        ),
        lacking=0,
    ),
}  # fmt: skip
