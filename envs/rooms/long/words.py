"""Goals put into words, and what tools call the places that the words name."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from handeye.envs.rooms.long.answers import NUMBER_WORDS
from handeye.envs.rooms.long.goals import LongGoal
from handeye.envs.rooms.long.kind import Kind
from handeye.envs.rooms.long.naming import (
    PLURALS,
    VAGUE_THINGS,
    Named,
    listed,
    name_place,
    name_things,
    ordinal,
)
from handeye.envs.rooms.long.symbolic_home import SymbolicHome
from handeye.envs.rooms.scene.language import ROOM_WORDS, THING_WORDS, one_of

JOINTS = (", then ", " and then ", "; after that ", ", next ")  # between places in their order
TIMES = {2: "twice", 3: "three times"}
SOUGHT = ("where_is", "room_with")  # kinds that do not tell the room of their first place
DETOURS = ("go to", "pass by", "visit")


class Said(NamedTuple):
    """An instruction.

    Attributes:
        words: the whole of it.
        called: place or counted thing -> what tools call it, as far as the words tell: of
            "something to sleep in", that is "bed".
    """

    words: str
    called: Mapping[str, str]


def say(
    home: SymbolicHome, goal: LongGoal, kind: Kind, split: str, rng: np.random.Generator
) -> Said | None:
    """A goal in words; None where it has no words of its vagueness.

    Slots of templates: {a} and {b}, the first two places; {places}, {firsts} (all but the last),
    {rest} (all but the first), {last}, in their order; {any} and {or}, places in a list; {yes} and
    {no}, the two halves of all places but the first; {then}, places on the way back; {plain}, the
    first place without its colour; {things} and {thing}, what is counted or looked for; {kind},
    {nth}, {times} and {number}.
    """
    told = goal.kind not in SOUGHT
    named = [
        name_place(home, place, goal.vagueness, rng, tell_room=told or number > 0)
        for number, place in enumerate(goal.places)
    ]
    if goal.kind == "ask_which":
        named[0] = Named("", f"{home.by_name[goal.places[0]].colour} {goal.what}")
    if not all(named):
        return None
    said = [name.said for name in named if name is not None]
    called = {p: n.called for p, n in zip(goal.places, named, strict=True) if n is not None}
    slots = _places_in_words(said, rng)
    slots["then"] = _detour(said[2 if goal.kind == "as_many" else 1 :], rng)
    if goal.kind == "what_colour":
        plain = _plain(home, goal.places[0], rng)
        slots["plain"], called[goal.places[0]] = plain
    if goal.what and goal.what.split()[-1] in PLURALS:
        slots["things"], called[goal.what] = name_things(goal.what, goal.vagueness, rng)
        slots["thing"] = _one_thing(goal, rng)
    slots["kind"], slots["number"] = goal.what, NUMBER_WORDS[goal.number]
    slots["nth"], slots["times"] = ordinal(max(goal.number, 1)), TIMES.get(goal.number, "")
    templates = kind.vague if goal.vagueness == "vague" else kind.templates
    template = one_of(kind.held_out if split == "phrasing" else templates, rng)
    return Said(template.format(**slots), called)


def _places_in_words(said: Sequence[str], rng: np.random.Generator) -> dict[str, str]:
    def in_order(words: Sequence[str]) -> str:
        """Join the words by one of the joints."""
        return one_of(JOINTS, rng).join(words)

    if not said:
        return {}
    half = 1 + (len(said) - 1) // 2
    return {
        "a": said[0],
        "b": said[1] if len(said) > 1 else "",
        "places": in_order(said),
        "firsts": in_order(said[:-1]),
        "rest": in_order(said[1:]),
        "last": said[-1],
        "any": listed(list(said)),
        "or": listed(list(said), "or"),
        "yes": in_order(said[1:half]),
        "no": in_order(said[half:]),
    }


def _detour(said: Sequence[str], rng: np.random.Generator) -> str:
    order = " in this order" if len(said) > 1 else ""
    return f", {one_of(DETOURS, rng)} {listed(list(said))}{order}" if said else ""


def _plain(home: SymbolicHome, place: str, rng: np.random.Generator) -> Named:
    """A thing by its kind and room: its colour is asked for. One that is not there, whole."""
    if place not in home.by_name:
        return Named(f"the {place}", place)
    thing = home.by_name[place]
    noun = one_of(THING_WORDS.get(thing.kind, (thing.kind,)), rng)
    room = one_of(ROOM_WORDS.get(thing.room, (thing.room,)), rng)
    return Named(f"the {noun} in the {room}", f"{thing.kind} in the {thing.room}")


def _one_thing(goal: LongGoal, rng: np.random.Generator) -> str:
    *colour, kind = goal.what.split()
    if goal.vagueness == "vague" and not colour and kind in VAGUE_THINGS:
        return one_of(VAGUE_THINGS[kind], rng)
    noun = " ".join([*colour, kind])
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
