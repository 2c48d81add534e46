"""Noun phrases as people say them, each with the group that it means in an intent."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.apartment import SUITE_FURNITURE
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.long.naming import VAGUE_ROOMS
from handeye.envs.rooms.scene.language import ROOM_WORDS, THING_WORDS
from handeye.envs.tabletop.long.words import PLURALS, VAGUE_KINDS
from handeye.envs.tabletop.world.language import KIND_WORDS

GRASPED = ("block", "cylinder", "star", "hexagon", "triangle")
BASES = ("block", "cylinder", "hexagon")
VESSELS = ("bowl", "plate", "cup")
SIZES = {
    "small": ("small", "little", "wee", "mini", "smaller"),
    "large": ("large", "big", "bigger"),
}
PEOPLE_SAY: dict[str, tuple[str, ...]] = {  # beside the suites' words
    "block": ("cube",), "button": ("btn", "knob"), "zone": ("square", "spot", "field"),
    "bowl": ("dish bowl",), "drawer": ("desk drawer",),
    "bathroom": ("bath", "loo", "bathroom"), "living room": ("sitting room", "front room"),
    "storage room": ("storage", "box room"), "hallway": ("hall", "entrance hall"),
    "playroom": ("kids' room", "toy room"), "dining room": ("place where we eat",),
    "bedroom": ("room where i sleep",),
}  # fmt: skip
EXTREMES: dict[str, tuple[str, ...]] = {
    "smallest": ("smallest", "littlest"), "largest": ("largest", "biggest"),
    "leftmost": ("leftmost", "left", "left-hand"), "rightmost": ("rightmost", "right"),
}  # fmt: skip
NUMBERS = ("zero", "one", "two", "three", "four", "five")
SAME_COLOUR = ("the same colour as {}", "the colour of {}", "the same color as {}")


class Said(NamedTuple):
    """A noun phrase and the group that it means.

    Attributes:
        words: as somebody says it.
        group: what stands in the brackets of an intent.
    """

    words: str
    group: str


class Dice:
    """What is drawn from, again and again."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def one(self, options: Sequence[str]) -> str:
        """One of the options."""
        return options[int(self.rng.integers(len(options)))]

    def chance(self, share: float) -> bool:
        """Whether something that happens so often happens."""
        return bool(self.rng.random() < share)


def _noun(dice: Dice, kind: str) -> str:
    if kind in VAGUE_KINDS and dice.chance(0.05):
        return dice.one(VAGUE_KINDS[kind]).removeprefix("the ")
    return dice.one((*KIND_WORDS[kind], *PEOPLE_SAY.get(kind, ())))


def _with_colour(dice: Dice, colour: str, noun: str) -> str:
    way = dice.rng.random()
    if way < 0.62:
        return f"{dice.one(('the ', 'the ', '', 'that ', 'my ', 'your '))}{colour} {noun}"
    if way < 0.72:
        return dice.one(("the {} that's {}", "the {} that is {}", "the {} which is {}")).format(
            noun, colour
        )
    if way < 0.82:
        return f"the {noun}, the {colour} one"
    if way < 0.88:
        return f"the {noun} {dice.one(('of', 'with'))} {colour} colour"
    if way < 0.94:
        return f"{noun} {colour}"
    return f"{colour} {noun}"


def single(dice: Dice, kinds: Sequence[str]) -> Said:
    """One thing: by its colour and kind, or less, or more."""
    kind, colour = dice.one(kinds), dice.one(list(COLOURS))
    noun, way = _noun(dice, kind), dice.rng.random()
    sized = kind in GRASPED
    if way < 0.5:
        return Said(_with_colour(dice, colour, noun), f"{colour} {kind}")
    if way < 0.66:
        return Said(f"{dice.one(('the ', 'the ', '', 'that '))}{noun}", kind)
    if sized and way < 0.76:
        size = dice.one(list(SIZES))
        said = dice.one(SIZES[size])
        if dice.chance(0.5):
            return Said(f"the {said} {colour} {noun}", f"{size} {colour} {kind}")
        return Said(f"the {said} {noun}", f"{size} {kind}")
    if way < 0.86:
        thing = dice.one(("one", "thing", "one", "object"))
        return Said(f"{dice.one(('the ', 'the ', 'that ', ''))}{colour} {thing}", f"{colour} thing")
    if sized and way < 0.9:
        size = dice.one(list(SIZES))
        return Said(f"the {dice.one(SIZES[size])} {dice.one(('one', 'thing'))}", f"{size} thing")
    if way < 0.96:
        extreme = dice.one(list(EXTREMES) if sized else ("leftmost", "rightmost"))
        return Said(f"the {dice.one(EXTREMES[extreme])} {noun}", f"{extreme} {kind}")
    no = dice.one(("is not", "isn't"))
    return Said(f"the {noun} that {no} {colour}", f"{kind} but {colour} {kind}")


def all_of(dice: Dice, kinds: Sequence[str]) -> Said:
    """All of some sort."""
    kind, colour = dice.one(kinds), dice.one(list(COLOURS))
    plural, noun = _plural_noun(dice, kind), _noun(dice, kind)
    group, words = f"all {kind}", plural
    way = dice.rng.random()
    if way < 0.4:
        group, words, noun = f"all {colour} {kind}", f"{colour} {plural}", f"{colour} {noun}"
    elif way < 0.55 and kind in GRASPED:
        size = dice.one(list(SIZES))
        said = dice.one(SIZES[size])
        group, words, noun = f"all {size} {kind}", f"{said} {plural}", f"{said} {noun}"
    start = dice.one((
        *("all the {m}", "all {m}", "every {s}", "each {s}", "both {m}", "the {m}", "{m}"),
        *("every single {s}", "each and every {s}", "all of the {m}", "the two {m}"),
        *("any and all {m}",),
    ))  # fmt: skip
    return Said(start.format(m=words, s=noun), group)


def _plural_noun(dice: Dice, kind: str) -> str:
    options = (PLURALS[kind], *(f"{w}s" for w in KIND_WORDS[kind][1:] if not w.endswith("h")))
    return dice.one(options)


def plural(dice: Dice, kinds: Sequence[str]) -> Said:
    """A class of things, without "all"."""
    kind, colour = dice.one(kinds), dice.one(list(COLOURS))
    noun = _plural_noun(dice, kind)
    way = dice.rng.random()
    if way < 0.4:
        return Said(noun, kind)
    if way < 0.7:
        return Said(f"{colour} {noun}", f"{colour} {kind}")
    if way < 0.82 and kind in GRASPED:
        size = dice.one(list(SIZES))
        return Said(f"{dice.one(SIZES[size])} {noun}", f"{size} {kind}")
    return Said(f"{colour} things", f"{colour} thing")


def items(
    dice: Dice, kinds: Sequence[str] = GRASPED, *, all_but: bool = True, generic: bool = True
) -> Said:
    """What is to be handled: one, any, all or so many."""
    way = dice.rng.random()
    kind, colour = dice.one(kinds), dice.one(list(COLOURS))
    if way < 0.6:
        return single(dice, kinds)
    if way < 0.74:
        return all_of(dice, kinds)
    if way < 0.8:
        return _any(dice, kind, colour)
    if way < 0.85:
        number = int(dice.rng.integers(2, 4))
        said = dice.one((NUMBERS[number], str(number), f"exactly {NUMBERS[number]}"))
        of = dice.one(("", "", "of the "))
        return Said(f"{said} {of}{_plural_noun(dice, kind)}", f"{number} {kind}")
    if way < 0.92 and generic:
        return _everything(dice, colour, all_but=all_but)
    if all_but:
        noun, plural = _noun(dice, kind), _plural_noun(dice, kind)
        no = dice.one(("but", "except", "except for", "apart from", "but not"))
        words = dice.one((f"all {plural}", f"all the {plural}", f"every {noun}", f"the {plural}"))
        return Said(f"{words} {no} the {colour} one", f"all {kind} but {colour} {kind}")
    return single(dice, kinds)


def _any(dice: Dice, kind: str, colour: str) -> Said:
    noun = _noun(dice, kind)
    if dice.chance(0.4):
        return Said(f"{dice.one(('a', 'any', 'some'))} {noun}", f"any {kind}")
    if dice.chance(0.5):
        article = dice.one(("an" if colour[0] in "aeiou" else "a", "any"))
        return Said(f"{article} {colour} {noun}", f"any {colour} {kind}")
    no = dice.one(("that isn't {}", "that is not {}", "but not the {} one", "which is not {}"))
    article = dice.one(("a", "any"))
    return Said(f"{article} {noun} {no.format(colour)}", f"any {kind} but {colour} {kind}")


def _everything(dice: Dice, colour: str, *, all_but: bool) -> Said:
    """All things of a colour or size, or of none."""
    way = dice.rng.random()
    if way < 0.5:
        words = (f"everything {colour}", f"all {colour} things", f"all the {colour} stuff")
        more = (f"everything that's {colour}", f"the {colour} things", f"every {colour} thing")
        return Said(dice.one((*words, *more)), f"all {colour} thing")
    if way < 0.75 or not all_but:
        size = dice.one(list(SIZES))
        said = dice.one(SIZES[size])
        words = (f"everything {said}", f"all the {said} things", f"the {said} ones")
        return Said(dice.one(words), f"all {size} thing")
    no = dice.one(("that is not {}", "that isn't {}", "but the {} ones", "except what is {}"))
    return Said(f"everything {no.format(colour)}", f"all thing but {colour} thing")


def target(dice: Dice, kinds: Sequence[str]) -> Said:
    """Where something goes."""
    if dice.chance(0.05):
        kind = dice.one(kinds)
        same = dice.one((*SAME_COLOUR, "its own colour", "the same colour", "matching colour"))
        if "{}" not in same:
            return Said(f"the {_noun(dice, kind)} of {same}", f"{kind} coloured like it")
        model = dice.one(GRASPED)
        words = same.format(f"the {_noun(dice, model)}")
        return Said(f"the {_noun(dice, kind)} that is {words}", f"{kind} coloured like {model}")
    if dice.chance(0.04):
        kind, colour = dice.one(kinds), dice.one(list(COLOURS))
        return _any(dice, kind, colour)
    return single(dice, kinds)


def place(dice: Dice) -> Said:
    """Where to go in an apartment: a room, a piece of furniture, or all of some sort."""
    if dice.chance(0.45):
        room = dice.one(list(ROOM_KINDS))
        return Said(room_words(dice, room), room)
    kind, colour = dice.one(list(SUITE_FURNITURE)), dice.one(list(COLOURS))
    noun = furniture(dice, kind)
    way = dice.rng.random()
    if way < 0.45:
        return Said(_with_colour(dice, colour, noun), f"{colour} {kind}")
    if way < 0.65:
        return Said(f"{dice.one(('the ', '', 'that '))}{noun}", kind)
    if way < 0.75:
        room = dice.one(list(ROOM_KINDS))
        return Said(f"the {noun} in {room_words(dice, room)}", f"{kind} in {room}")
    if way < 0.83:
        return Said(f"{dice.one(('a ', 'any ', 'some '))}{noun}", f"any {kind}")
    if way < 0.92:
        words = f"{dice.one(('every ', 'each ', 'both ', 'all the '))}{noun}"
        return Said(words, f"all {kind}")
    no = dice.one(("that isn't {}", "that is not {}", "which is not {}", "but not the {} one"))
    article = dice.one(("the", "a"))
    quantity = "any " if article == "a" else ""
    return Said(f"{article} {noun} {no.format(colour)}", f"{quantity}{kind} but {colour} {kind}")


def room_words(dice: Dice, room: str) -> str:
    """A room as people call it."""
    if dice.chance(0.15):
        return dice.one(VAGUE_ROOMS[room])
    said = dice.one((room, *ROOM_WORDS.get(room, ()), *PEOPLE_SAY.get(room, ())))
    return f"{dice.one(('the ', 'the ', ''))}{said}"


def furniture(dice: Dice, kind: str, *, plural: bool = False) -> str:
    """A kind of furniture as people call it."""
    noun = dice.one(THING_WORDS.get(kind, (kind,)))
    if not plural:
        return noun
    if noun.endswith("f"):
        return f"{noun[:-1]}ves"
    return f"{noun}es" if noun.endswith(("x", "h")) else f"{noun}s"
