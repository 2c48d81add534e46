"""Words for places of a home, from exact to what takes common sense, and what tools call them."""

from typing import NamedTuple

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.long.goals import Vagueness
from handeye.envs.rooms.long.symbolic_home import SymbolicHome
from handeye.envs.rooms.scene.language import ROOM_WORDS, THING_WORDS, one_of

VAGUE_ROOMS: dict[str, tuple[str, ...]] = {
    "hallway": spell_out("(the room|the place) that (only leads|leads) to other rooms"),
    "living room": spell_out("(the room|the place) where (guests are met|one sits with guests)"),
    "kitchen": spell_out("(the room|the place) where (food is cooked|meals are cooked)"),
    "bedroom": spell_out("(the room|the place) where (people sleep|one sleeps)"),
    "bathroom": spell_out("(the room|the place) where one (washes|takes a bath)"),
    "study": spell_out("(the room|the place) where (one works|letters are written)"),
    "dining room": spell_out("(the room|the place) where (meals are eaten|one dines)"),
    "storage room": spell_out("(the room|the place) where (things are kept|supplies are kept)"),
    "playroom": spell_out("(the room|the place) where (children play|toys are played with)"),
}  # fmt: skip
VAGUE_THINGS: dict[str, tuple[str, ...]] = {
    "armchair": ("something soft for one to sit in", "a soft seat for one"),
    "bathtub": ("something to take a bath in", "something to lie in warm water in"),
    "bed": ("something to sleep in", "something to lie down on at night"),
    "box": ("something to pack things into", "something to carry books away in"),
    "desk": ("something to write letters at", "something to do homework at"),
    "fridge": ("something that keeps food cold", "something to cool drinks in"),
    "lamp": ("something that gives light", "something to light up the evening"),
    "plant": ("something that needs watering", "something that grows in a pot"),
    "shelf": ("something that holds books", "something to put books on"),
    "sink": ("something to wash hands in", "something to rinse a cup in"),
    "sofa": ("something for several people to sit on", "a soft seat for three"),
    "stove": ("something to cook on", "something to heat soup on"),
    "table": ("something to lay for dinner", "something to eat dinner at"),
    "toilet": ("something with a flush", "something to flush"),
    "wardrobe": ("something to hang clothes in", "something that holds coats and shirts"),
}
PLURALS: dict[str, tuple[str, ...]] = {
    "box": ("boxes",), "plant": ("plants", "potted plants"), "chair": ("chairs",),
    "lamp": ("lamps",), "shelf": ("shelves", "bookshelves"),
}  # fmt: skip
VAGUE_PLURALS: dict[str, tuple[str, ...]] = {
    "box": ("things to pack something into",),
    "plant": ("things that need watering",),
    "chair": ("seats for one without arms",),
    "lamp": ("things that give light",),
    "shelf": ("things that hold books",),
}


class Named(NamedTuple):
    """A place as an instruction says it, and as a tool takes it."""

    said: str
    called: str


def name_place(
    home: SymbolicHome,
    place: str,
    vagueness: Vagueness,
    rng: np.random.Generator,
    *,
    tell_room: bool = True,
) -> Named | None:
    """Words that single out a place; None where there are none of that vagueness.

    Args:
        home: where it is, or is not.
        place: a thing's name or a room's kind; or what the home does not have, see `LongGoal`.
        vagueness: how plainly.
        rng: chooses among them.
        tell_room: whether the words may say which room a thing is in.
    """
    if place in ROOM_KINDS:
        words = (
            VAGUE_ROOMS if vagueness == "vague" else ROOM_WORDS if vagueness == "ordinary" else {}
        )
        said = one_of(words.get(place, (place,)), rng)
        return Named(said if vagueness == "vague" else f"the {said}", place)
    if place not in home.by_name:
        return _absent_thing(home, place, vagueness, rng)
    if vagueness == "vague":
        return _vague_thing(home, place, rng)
    _, kind, colour, room = home.by_name[place]
    exact = [(colour, room)] if vagueness == "specific" else [(colour, ""), ("", ""), ("", room)]
    if not tell_room:
        exact = [(colour, ""), ("", "")]
    unique = [pair for pair in exact if len(home.fitting(kind, *pair)) == 1]
    if not unique:
        return None
    colour, room = unique[int(rng.integers(len(unique)))]
    noun = one_of(THING_WORDS.get(kind, (kind,)), rng) if vagueness == "ordinary" else kind
    called = f"{colour} {kind}".strip() + (f" in the {room}" if room else "")
    said = f"the {colour} {noun}" if colour else f"the {noun}"
    if room:
        word = one_of(ROOM_WORDS.get(room, (room,)), rng) if vagueness == "ordinary" else room
        said += f" in the {word}"
    return Named(said, called)


def name_things(what: str, vagueness: Vagueness, rng: np.random.Generator) -> Named:
    """Words for several alike things, such as "green box"; colours are always said."""
    *colour, kind = what.split()
    called = " ".join([*colour, PLURALS[kind][0]])
    if vagueness == "vague":
        words = one_of(VAGUE_PLURALS[kind], rng)
        return Named(" ".join([*colour, words]), called)
    words = one_of(PLURALS[kind], rng) if vagueness == "ordinary" else PLURALS[kind][0]
    return Named(" ".join([*colour, words]), called)


def exact_words(home: SymbolicHome, place: str) -> str:
    """What a tool calls a place, in the fewest words that fit nothing else.

    Raises:
        ValueError: nothing tells the thing from its twins.
    """
    if place not in home.by_name:
        return place
    _, kind, colour, room = home.by_name[place]
    for pair in ((colour, ""), ("", ""), ("", room), (colour, room)):
        if len(home.fitting(kind, *pair)) == 1:
            where = f" in the {pair[1]}" if pair[1] else ""
            return f"{pair[0]} {kind}".strip() + where
    raise ValueError(f"{place!r} cannot be told from the other things")


def _vague_thing(home: SymbolicHome, place: str, rng: np.random.Generator) -> Named | None:
    kind = home.by_name[place].kind
    if kind not in VAGUE_THINGS:
        return None
    words = one_of(VAGUE_THINGS[kind], rng)
    return Named(words, kind) if len(home.fitting(kind)) == 1 else None


def _absent_thing(
    home: SymbolicHome, place: str, vagueness: Vagueness, rng: np.random.Generator
) -> Named | None:
    kind = place.split()[-1]
    if vagueness == "vague":
        if home.fitting(kind) or kind not in VAGUE_THINGS:
            return None
        return Named(one_of(VAGUE_THINGS[kind], rng), kind)
    return Named(f"the {place}", place)


def ordinal(number: int) -> str:
    """A number from 1 to 6 as in "the second place"."""
    return ("first", "second", "third", "fourth", "fifth", "sixth")[number - 1]


def listed(words: list[str], last: str = "and") -> str:
    """Words in a list such as "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
