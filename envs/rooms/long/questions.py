"""Kinds of instructions that ask: look, count, compare and search, and mostly come back to tell."""

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.long.draws import (
    counted_looks,
    draw_counted,
    draw_places,
    draw_rooms,
    draw_thing,
    one_name,
)
from handeye.envs.rooms.long.goals import ANSWER, Length, Subgoal, visits
from handeye.envs.rooms.long.kind import Draft, Kind, count, go_to, reported
from handeye.envs.rooms.long.symbolic_home import SymbolicHome

MOST_IN_ALL = 10


def _where(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    thing = draw_thing(home, rng)
    others = draw_places(home, size, rng)
    if thing is None or others is None or thing in others:
        return None
    been = visits(*others)
    done = (Subgoal("explore", thing), *go_to(*others))
    return reported((thing, *others), been, done, home.room_of(thing))


def _which_has(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, size, rng)
    if rooms is None:
        return None
    having = {
        what: [r for r in rooms if home.fitting_words(what, r)] for what in counted_looks(home)
    }
    single = [what for what, where in having.items() if len(where) == 1]
    if not single:
        return None
    what = one_name(single, rng)
    answer = having[what][0]
    return reported(rooms, visits(answer), count(what, *rooms), answer, what)


def _whether(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, 1, rng)
    others = draw_places(home, size, rng)
    if rooms is None or others is None:
        return None
    is_there = rng.random() < 0.5
    looks = [w for w in counted_looks(home) if bool(home.fitting_words(w, rooms[0])) == is_there]
    if not looks:
        return None
    what = one_name(looks, rng)
    done = (*count(what, *rooms), *go_to(*others))
    places = (*rooms, *others)
    return reported(places, visits(*places), done, "yes" if is_there else "no", what)


def _colour_of(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    single = [
        t.name
        for t in home.things
        if t.room != home.start_room and len(home.fitting(t.kind, room=t.room)) == 1
    ]
    others = draw_places(home, size, rng)
    if not single or others is None:
        return None
    name = one_name(single, rng)
    places = (name, *others)
    return reported(places, visits(*places), go_to(*places), home.by_name[name].colour)


def _how_many(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, 1, rng)
    others = draw_places(home, size, rng)
    what = None if rooms is None else draw_counted(home, rooms, rng)
    if rooms is None or others is None or what is None:
        return None
    places = (*rooms, *others)
    done = (*count(what, *rooms), *go_to(*others))
    answer = str(len(home.fitting_words(what, rooms[0])))
    return reported(places, visits(*places), done, answer, what)


def _total(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, size, rng)
    what = None if rooms is None else draw_counted(home, rooms, rng)
    if rooms is None or what is None:
        return None
    total = sum(len(home.fitting_words(what, room)) for room in rooms)
    if total > MOST_IN_ALL:
        return None
    return reported(rooms, visits(*rooms, ordered=False), count(what, *rooms), str(total), what)


def _most(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, size, rng)
    what = None if rooms is None else draw_counted(home, rooms, rng)
    if rooms is None or what is None:
        return None
    answer = most_of(home, what, rooms)
    if not answer:
        return None
    conditions = (*visits(*rooms, ordered=False), ANSWER)
    return Draft(rooms, conditions, count(what, *rooms), answer, what)


def most_of(home: SymbolicHome, what: str, rooms: tuple[str, ...]) -> str:
    """The room that has more of something than each of the others; "" if none has."""
    numbers = [len(home.fitting_words(what, room)) for room in rooms]
    return rooms[numbers.index(max(numbers))] if numbers.count(max(numbers)) == 1 else ""


def _as_many(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, 2, rng)
    others = draw_places(home, size, rng)
    if rooms is None or others is None:
        return None
    same = rng.random() < 0.5
    a, b = rooms
    looks = [
        what
        for what in counted_looks(home)
        if (len(home.fitting_words(what, a)) == len(home.fitting_words(what, b))) == same
        and (home.fitting_words(what, a) or home.fitting_words(what, b))
    ]
    if not looks:
        return None
    what = one_name(looks, rng)
    places = (*rooms, *others)
    been = (*visits(*rooms, ordered=False), *visits(*others, first=2))
    done = (*count(what, *rooms), *go_to(*others))
    return reported(places, been, done, "yes" if same else "no", what)


def _how_many_more(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    rooms = draw_rooms(home, size, rng)
    what = None if rooms is None else draw_counted(home, rooms, rng)
    if rooms is None or what is None:
        return None
    more, fewer = (len(home.fitting_words(what, room)) for room in rooms)
    if more <= fewer:
        return None
    been = visits(*rooms, ordered=False)
    return reported(rooms, been, count(what, *rooms), str(more - fewer), what)


def _in_all(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    what = draw_counted(home, [""], rng, MOST_IN_ALL)
    if what is None:
        return None
    done = (Subgoal("explore"), Subgoal("count", what=what))
    return reported((), (), done, str(len(home.fitting_words(what))), what)


def _how_many_rooms(home: SymbolicHome, size: int, rng: np.random.Generator) -> Draft | None:
    return reported((), (), (Subgoal("explore"),), str(len(home.rooms)))


DETOURS: dict[Length, tuple[int, ...]] = {
    "short": (0,),
    "medium": (1, 2),
    "long": (3,),
}  # places on the way back
QUESTIONS: dict[str, Kind] = {
    "where_is": Kind(
        "come back and say in which room a thing is",
        _where,
        {"short": (0,), "medium": (1, 2), "long": (3, 4)},
        spell_out(
            "find {a}{then}, come back and (tell me|say) which room it is in",
            "(find out|look) where {a} is{then}, then (return|come back) and tell me the room",
        ),
        spell_out("(I miss|I need) {a}{then}, come and tell me in which room I find it"),
        (
            "what I would like to learn, here and from you, is the room that contains {a}{then}",
        ),
    ),
    "which_has": Kind(
        "come back and say which of several rooms has something",
        _which_has,
        {"medium": (2, 3), "long": (4, 5)},
        spell_out(
            "one of {any} has {thing}, find out which, come back and (tell|inform) me",
            "(go and see|find out) which of {any} has {thing}, then come back and say it",
        ),
        spell_out("there must be {thing} in {or}, (look|check) and tell me here where"),
        (
            (
                "only one room among {any} contains {thing}, and here, from you, I would like"
                " to learn which"
            ),
        ),
        lacking=5,
    ),
    "whether": Kind(
        "come back and say yes or no: is there something in a room?",
        _whether,
        DETOURS,
        spell_out(
            "go and see whether there is {thing} in {a}{then}, come back and tell me",
            "(look|check) if {a} has {thing}{then}, then return and tell me",
        ),
        spell_out("I wonder if {a} has {thing}{then}, (let me know here|bring me the answer)"),
        (
            "yes or no, that is all I would like to learn here, about {thing} in {a}{then}",
        ),
    ),
    "what_colour": Kind(
        "come back and say the colour of a thing",
        _colour_of,
        DETOURS,
        spell_out(
            "(go and see|find out) what colour {plain} has{then}, come back and tell me",
            "look at {plain}{then}, return and (say|tell me) its colour",
        ),
        spell_out("I (forgot|wonder) what colour {plain} is{then}, come and tell me"),
        (
            "let me learn here, from your own look at it, the colour of {plain}{then}",
        ),
        lacking=0,
    ),
    "how_many": Kind(
        "come back and say how many there are in a room",
        _how_many,
        DETOURS,
        spell_out(
            "count the {things} in {a}{then}, come back and (tell me|say) the number",
            "(go and see|find out) how many {things} {a} has{then}, then return and tell me",
        ),
        spell_out("I (need|want) to know how many {things} are in {a}{then}, tell me here"),
        (
            (
                "what I would like to learn, here and from you, is the number of {things} "
                "that {a} contains{then}"
            ),
        ),
    ),
    "total": Kind(
        "come back and say how many there are in several rooms together",
        _total,
        {"medium": (2, 3), "long": (4, 5)},
        spell_out(
            "count the {things} in {any} together, come back and (tell me|say) the number",
            "how many {things} are there in {any} in all ? come back and (tell me|say it)",
        ),
        spell_out("add up the {things} of {any} and (bring me|tell me here) the sum"),
        (
            "take {any} as one big room and let me learn here what number of {things} it contains",
        ),
        lacking=5,
    ),
    "most": Kind(
        "say which of several rooms has the most",
        _most,
        {"short": (2,), "medium": (3, 4), "long": (5,)},
        spell_out(
            "which of {any} has (more|the most) {things} ?",
            "(find out|tell me|say) whether {or} has the most {things}",
        ),
        spell_out("where are (more|the most) {things} : in {or} ?"),
        (
            "if {or} were compared for {things}, which would come first ?",
        ),
        lacking=5,
    ),
    "as_many": Kind(
        "come back and say yes or no: do two rooms have as many?",
        _as_many,
        {"medium": (0, 1), "long": (2, 3)},
        spell_out(
            "has {a} as many {things} as {b} ? look{then}, come back and (tell me|say yes or no)",
            "see if there are as many {things} in {a} as in {b}{then}, return and tell me",
        ),
        spell_out("are {a} and {b} (alike|equal) in {things} ? look{then}, then tell me here"),
        (
            (
                "yes or no, that is all I would like to learn here, about {a} and {b} "
                "containing the same number of {things}{then}"
            ),
        ),
        lacking=2,
    ),
    "how_many_more": Kind(
        "come back and say how many more there are in one room than in another",
        _how_many_more,
        {"medium": (2,)},
        spell_out(
            "how many more {things} are there in {a} than in {b} ? come back and (tell me|say it)",
            "(find out|see) how many {things} {a} has more than {b}, then return and tell me",
        ),
        spell_out("{a} has more {things} than {b}, (tell me here|come and say) by how many"),
        (
            (
                "by what number is {a} ahead of {b}, if all you look at is {things} ? let me "
                "learn that here"
            ),
        ),
        lacking=2,
    ),
    "how_many_in_all": Kind(
        "come back and say how many there are in the whole apartment",
        _in_all,
        {"medium": (0,)},
        spell_out(
            "how many {things} are there in the whole apartment ? come back and (tell me|say it)",
            "count (all|all the) {things} of this apartment, then return and tell me",
        ),
        spell_out("(I want|make) a full list of my {things}, tell me here how long it is"),
        (
            (
                "what I would like to learn, here and from you, is the number of {things} "
                "that all rooms contain"
            ),
        ),
        lacking=0,
    ),
    "how_many_rooms": Kind(
        "come back and say how many rooms the apartment has",
        _how_many_rooms,
        {"short": (0,)},
        spell_out(
            "how many rooms does this apartment have ? (look|see), come back and tell me",
            "count the rooms (here|of this apartment) and come back to tell me",
        ),
        spell_out("I (wonder|forgot) how many rooms there are, tell me here"),
        (
            "what I would like to learn, here and from you, is what number of rooms I live in",
        ),
        lacking=0,
    ),
}  # fmt: skip
