"""Instructions as people give them, about nothing that is there: patterns filled with noun phrases.

Whoever reads an instruction does not see the table, so it can be taught from sentences of any
colours, kinds, quantities and order. Kinds of long instructions that training never shows
(`HELD_OUT_KINDS`) are not made here either: "all but one" is said of zones, buttons and drawers
and never of containers, and buttons are never told by the colour of something else.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.apartments.apartment import SUITE_FURNITURE
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.long.naming import VAGUE_ROOMS
from handeye.envs.rooms.scene.language import ROOM_WORDS, THING_WORDS
from handeye.envs.tabletop.long.words import PLURALS, VAGUE_KINDS
from handeye.envs.tabletop.world.language import KIND_WORDS
from handeye.experiments.wordings.paraphrases import wider

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
JOINTS = (
    ", then ", " and then ", ". then ", ", after that ", "; ", ". ", " and ", ", ", ". after that ",
    ", and when that's done, ", " then ", ". now ", ", next ",
)  # fmt: skip
MOST_STEPS = 3
MOST_LISTED = 8
LISTS = (("press", "press"), ("stack", "build a tower of"), ("go to", "go to"), ("row", "line up"))
BETWEEN = ("", "", "", "also ", "maybe ", "over there ", "as I said ", "besides ", "finally ")
_TABLE = (
    *("block", "cylinder", "star", "hexagon", "triangle", "bowl", "plate", "cup"),
    *("button", "drawer", "zone"),
)
DRAWER_STORIES: tuple[tuple[str, str], ...] = (  # with {0} a drawer, {1} what goes in
    ("(open|pull open) {0} and (put|pop|drop) {1} in (it|there)", "open G; put G in G"),
    ("{0} please open and put {1} in there", "open G; put G in G"),
    (
        "open {0}, (pop|put|stick) {1} in, (close|shut) it again",
        "open G; put G in G; close G",
    ),
    ("(get|have) {0} open. then {1} goes in. then shut it", "open G; put G in G; close G"),
    (
        "(stash|stow|put|tuck|lock) {1} (away |)in {0} and (shut|close) it (after|again|)",
        "put G in G; close G",
    ),
    ("{1} (in|into) {0}, then (close|shut) (it|that drawer)", "put G in G; close G"),
)  # fmt: skip


class Said(NamedTuple):
    """A noun phrase and the group that it means.

    Attributes:
        words: as somebody says it.
        group: what stands in the brackets of an intent.
    """

    words: str
    group: str


class _Dice:
    """What is drawn from, again and again."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def one(self, options: Sequence[str]) -> str:
        """One of the options."""
        return options[int(self.rng.integers(len(options)))]

    def chance(self, share: float) -> bool:
        """Whether something that happens so often happens."""
        return bool(self.rng.random() < share)


def draw_free(rng: np.random.Generator) -> tuple[str, str]:
    """Words and the intent that they mean."""
    dice = _Dice(rng)
    if dice.chance(0.3):
        return _route(dice)
    if dice.chance(0.07):
        return _drawer_story(dice)
    if dice.chance(0.12):
        return _question(dice)
    count = 1 if dice.chance(0.55) else int(rng.integers(2, MOST_STEPS + 1))
    steps = [_act(dice) for _ in range(count)]
    words, intent = steps[0]
    for more, meant in steps[1:]:
        words, intent = f"{words}{dice.one(JOINTS)}{more}", f"{intent}; {meant}"
    return words, intent


def draw_list(rng: np.random.Generator) -> tuple[str, str]:
    """Words that name many things one after the other, and the intent that lists them.

    Nothing but the names has to be read, and every one of them: whoever is to learn to take names
    over learns it from these within minutes, and from sentences of two names in hours.
    """
    dice = _Dice(rng)
    verb, start = LISTS[int(rng.integers(len(LISTS)))]
    several = [_single(dice, _TABLE) for _ in range(int(rng.integers(2, MOST_LISTED + 1)))]
    words = several[0].words
    for one in several[1:]:
        words += f"{dice.one(JOINTS)}{dice.one(BETWEEN)}{one.words}"
    groups = ", ".join(f"[{one.group}]" for one in several)
    return f"{start} {words}", f"{verb} {groups}"


# ------------------------------------------------------------------ sentences


def _act(dice: _Dice) -> tuple[str, str]:
    """One thing to be done on a table."""
    form = dice.one(
        ("put G in G",) * 6 + ("put G on G",) * 6 + ("put G on Z",) * 4 + ("push G to G",) * 2
        + ("press G",) * 3 + ("press G N times", "open G", "open G", "close G", "hold G", "reach G")
        + ("stack G", "stack G", "swap G with G")
        + ("put G left of G", "put G right of G", "put G in front of G", "put G behind G")
    )  # fmt: skip
    pattern = _pattern(dice, form)
    if form == "put G in G":
        first, second = _items(dice, all_but=False), _target(dice, (*VESSELS, "drawer"))
        return pattern.format(first.words, second.words), f"put [{first.group}] in [{second.group}]"
    if form == "put G on Z":
        first, second = _items(dice), _target(dice, ("zone",))
        return pattern.format(first.words, second.words), f"put [{first.group}] on [{second.group}]"
    if form == "push G to G":
        first, second = _items(dice), _target(dice, ("zone",))
        return pattern.format(
            first.words, second.words
        ), f"push [{first.group}] to [{second.group}]"
    if form == "press G N times":
        number = int(dice.rng.integers(2, 5))
        button = _single(dice, ("button",))
        count = dice.one((NUMBERS[number], str(number), *(("twice",) if number == 2 else ())))
        words = pattern.format(button.words, count).replace("twice times", "twice")
        return words, f"press [{button.group}] {number} times"
    if form in ("press G", "open G", "close G"):
        kind = "button" if form == "press G" else "drawer"
        if form == "press G" and dice.chance(0.15):
            several = [_single(dice, (kind,)) for _ in range(int(dice.rng.integers(2, 4)))]
            joint = dice.one((", ", " and ", " then ", ", then "))
            groups = ", ".join(f"[{one.group}]" for one in several)
            return pattern.format(joint.join(one.words for one in several)), f"press {groups}"
        said = _items(dice, (kind,), generic=False)
        return pattern.format(said.words), form.replace("G", f"[{said.group}]")
    if form == "stack G":
        return _tower(dice, pattern)
    if form in ("hold G", "reach G"):
        said = _single(dice, GRASPED if form == "hold G" else (*GRASPED, *VESSELS, "button"))
        return pattern.format(said.words), form.replace("G", f"[{said.group}]")
    first = _single(dice, GRASPED)
    kinds = BASES if form == "put G on G" else GRASPED if form.startswith("swap") else (
        *GRASPED, *VESSELS
    )  # fmt: skip
    if form == "put G on G":
        first = _items(dice) if dice.chance(0.2) else first
        second = _target(dice, kinds)
    else:
        second = _single(dice, kinds)
    meant = form.replace("G", f"[{first.group}]", 1).replace("G", f"[{second.group}]", 1)
    return pattern.format(first.words, second.words), meant


def _tower(dice: _Dice, pattern: str) -> tuple[str, str]:
    if dice.chance(0.4):
        said = _all(dice, BASES)
        return pattern.format(said.words), f"stack [{said.group}]"
    several = [_single(dice, BASES) for _ in range(int(dice.rng.integers(2, 4)))]
    groups = ", ".join(f"[{one.group}]" for one in several)
    if dice.chance(0.5):
        words = [one.words for one in several]
        rest = ", ".join(
            f"{w} {dice.one(('on it', 'on that', 'next', 'on top'))}" for w in words[1:]
        )
        start = dice.one(("stack", "tower", "build a tower", "a tower please"))
        below = dice.one(("at the bottom", "first", "at the bottom", "as the base"))
        return f"{start}: {words[0]} {below}, {rest}", f"stack {groups}"
    words = [one.words for one in several]
    return pattern.format(f"{', '.join(words[:-1])} and {words[-1]}"), f"stack {groups}"


def _drawer_story(dice: _Dice) -> tuple[str, str]:
    template, forms = DRAWER_STORIES[int(dice.rng.integers(len(DRAWER_STORIES)))]
    drawer, item = _single(dice, ("drawer",)), _items(dice, all_but=False, generic=False)
    words = dice.one(spell_out(template)).format(drawer.words, item.words)
    meant = []
    for form in forms.split("; "):
        form = form.replace("put G in G", f"put [{item.group}] in [{drawer.group}]")
        meant.append(form.replace("G", f"[{drawer.group}]"))
    return words, "; ".join(meant)


def _question(dice: _Dice) -> tuple[str, str]:
    """Something to be told."""
    form = dice.one((
        *("tell count G", "tell count G", "tell colour G", "tell kind G", "tell where G"),
        *("tell whether there is G", "tell whether open G", "tell more G or G"),
    ))  # fmt: skip
    pattern = _pattern(dice, form)
    if form == "tell whether open G":
        said = _single(dice, ("drawer",))
    elif form in ("tell count G", "tell more G or G"):
        plurals = [
            _plural(dice, (*GRASPED, *VESSELS, "button", "drawer", "zone")) for _ in range(2)
        ]
        words = pattern.format(*(one.words for one in plurals))
        meant = form.replace("G", f"[{plurals[0].group}]", 1)
        return words, meant.replace("G", f"[{plurals[1].group}]", 1)
    elif form == "tell kind G":
        colour = dice.one(list(COLOURS))
        said = Said(f"the {colour} {dice.one(('thing', 'one', 'object'))}", f"{colour} thing")
    else:
        said = _single(dice, (*GRASPED, *VESSELS, "button", "drawer", "zone"))
        if form == "tell whether there is G" and dice.chance(0.5):
            said = said._replace(words=said.words.replace("the ", dice.one(("a ", "any ")), 1))
    return pattern.format(said.words), form.replace("G", f"[{said.group}]")


# ------------------------------------------------------------------ apartments


def _route(dice: _Dice) -> tuple[str, str]:
    """Places to go to, or something to be found out there."""
    if dice.chance(0.2):
        form = dice.one(
            ("tell count G", "tell colour G", "tell where G", "tell whether there is G")
        )
        kind = dice.one(list(SUITE_FURNITURE))
        room = dice.one(list(ROOM_KINDS)) if dice.chance(0.4) else ""
        noun = _furniture(dice, kind, plural=form == "tell count G")
        article = "" if form == "tell count G" else dice.one(("the ", "a ", ""))
        where = (
            f" in {_room(dice, room)}" if room else dice.one(("", "", " in this flat", " anywhere"))
        )
        words = _pattern(dice, form).format(f"{article}{noun}{where}")
        return words, form.replace("G", f"[{kind} in {room}]" if room else f"[{kind}]")
    count = 1 if dice.chance(0.55) else int(dice.rng.integers(2, 4))
    places = [_place(dice) for _ in range(count)]
    groups = ", ".join(f"[{one.group}]" for one in places)
    joint = dice.one(JOINTS)
    words = _pattern(dice, "go to G").format(joint.join(one.words for one in places))
    meant = f"go to {groups}"
    if count > 1 and dice.chance(0.3):
        words = joint.join(_pattern(dice, "go to G").format(one.words) for one in places)
    if count > 1 and dice.chance(0.15):
        order = dice.one(
            ("{} before {}", "first {}, then {}", "{} first, {} second", "{}, {}, in that order")
        )
        words = order.format(places[0].words, places[1].words)
        meant = f"go to [{places[0].group}], [{places[1].group}]"
    if dice.chance(0.15):
        words += f"{dice.one((', ', ' and ', '. ', ', then '))}{_pattern(dice, 'go back')}"
        meant += "; go back"
    return words, meant


def _place(dice: _Dice) -> Said:
    if dice.chance(0.45):
        room = dice.one(list(ROOM_KINDS))
        return Said(_room(dice, room), room)
    kind, colour = dice.one(list(SUITE_FURNITURE)), dice.one(list(COLOURS))
    noun = _furniture(dice, kind)
    way = dice.rng.random()
    if way < 0.45:
        return Said(_with_colour(dice, colour, noun), f"{colour} {kind}")
    if way < 0.65:
        return Said(f"{dice.one(('the ', '', 'that '))}{noun}", kind)
    if way < 0.75:
        room = dice.one(list(ROOM_KINDS))
        return Said(f"the {noun} in {_room(dice, room)}", f"{kind} in {room}")
    if way < 0.83:
        return Said(f"{dice.one(('a ', 'any ', 'some '))}{noun}", f"any {kind}")
    if way < 0.92:
        words = f"{dice.one(('every ', 'each ', 'both ', 'all the '))}{noun}"
        return Said(words, f"all {kind}")
    no = dice.one(("that isn't {}", "that is not {}", "which is not {}", "but not the {} one"))
    article = dice.one(("the", "a"))
    quantity = "any " if article == "a" else ""
    return Said(f"{article} {noun} {no.format(colour)}", f"{quantity}{kind} but {colour} {kind}")


def _room(dice: _Dice, room: str) -> str:
    if dice.chance(0.15):
        return dice.one(VAGUE_ROOMS[room])
    said = dice.one((room, *ROOM_WORDS.get(room, ()), *PEOPLE_SAY.get(room, ())))
    return f"{dice.one(('the ', 'the ', ''))}{said}"


def _furniture(dice: _Dice, kind: str, *, plural: bool = False) -> str:
    noun = dice.one(THING_WORDS.get(kind, (kind,)))
    if not plural:
        return noun
    if noun.endswith("f"):
        return f"{noun[:-1]}ves"
    return f"{noun}es" if noun.endswith(("x", "h")) else f"{noun}s"


# ------------------------------------------------------------------ noun phrases


def _pattern(dice: _Dice, form: str) -> str:
    known = wider("people")[form]
    return dice.one(spell_out(dice.one((*known.orders, *known.free))))


def _noun(dice: _Dice, kind: str) -> str:
    if kind in VAGUE_KINDS and dice.chance(0.05):
        return dice.one(VAGUE_KINDS[kind]).removeprefix("the ")
    return dice.one((*KIND_WORDS[kind], *PEOPLE_SAY.get(kind, ())))


def _with_colour(dice: _Dice, colour: str, noun: str) -> str:
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


def _single(dice: _Dice, kinds: Sequence[str]) -> Said:
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


def _all(dice: _Dice, kinds: Sequence[str]) -> Said:
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


def _plural_noun(dice: _Dice, kind: str) -> str:
    options = (PLURALS[kind], *(f"{w}s" for w in KIND_WORDS[kind][1:] if not w.endswith("h")))
    return dice.one(options)


def _plural(dice: _Dice, kinds: Sequence[str]) -> Said:
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


def _items(
    dice: _Dice, kinds: Sequence[str] = GRASPED, *, all_but: bool = True, generic: bool = True
) -> Said:
    """What is to be handled: one, any, all or so many."""
    way = dice.rng.random()
    kind, colour = dice.one(kinds), dice.one(list(COLOURS))
    if way < 0.6:
        return _single(dice, kinds)
    if way < 0.74:
        return _all(dice, kinds)
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
    return _single(dice, kinds)


def _any(dice: _Dice, kind: str, colour: str) -> Said:
    noun = _noun(dice, kind)
    if dice.chance(0.4):
        return Said(f"{dice.one(('a', 'any', 'some'))} {noun}", f"any {kind}")
    if dice.chance(0.5):
        article = dice.one(("an" if colour[0] in "aeiou" else "a", "any"))
        return Said(f"{article} {colour} {noun}", f"any {colour} {kind}")
    no = dice.one(("that isn't {}", "that is not {}", "but not the {} one", "which is not {}"))
    article = dice.one(("a", "any"))
    return Said(f"{article} {noun} {no.format(colour)}", f"any {kind} but {colour} {kind}")


def _everything(dice: _Dice, colour: str, *, all_but: bool) -> Said:
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


def _target(dice: _Dice, kinds: Sequence[str]) -> Said:
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
    return _single(dice, kinds)
