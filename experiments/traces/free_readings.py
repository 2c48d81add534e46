"""Instructions as people give them, about nothing that is there: patterns filled with noun phrases.

Whoever reads an instruction does not see the table, so it can be taught from sentences of any
colours, kinds, quantities and order. Kinds of long instructions that training never shows
(`HELD_OUT_KINDS`) are not made here either: "all but one" is said of zones, buttons and drawers
and never of containers, and buttons are never told by the colour of something else.
"""

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.apartments.apartment import SUITE_FURNITURE
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.experiments.traces import noun_phrases as nouns
from handeye.experiments.wordings.paraphrases import wider

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


def draw_free(rng: np.random.Generator) -> tuple[str, str]:
    """Words and the intent that they mean."""
    dice = nouns.Dice(rng)
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
    dice = nouns.Dice(rng)
    verb, start = LISTS[int(rng.integers(len(LISTS)))]
    several = [nouns.single(dice, _TABLE) for _ in range(int(rng.integers(2, MOST_LISTED + 1)))]
    words = several[0].words
    for one in several[1:]:
        words += f"{dice.one(JOINTS)}{dice.one(BETWEEN)}{one.words}"
    groups = ", ".join(f"[{one.group}]" for one in several)
    return f"{start} {words}", f"{verb} {groups}"


# ------------------------------------------------------------------ sentences


def _act(dice: nouns.Dice) -> tuple[str, str]:
    """One thing to be done on a table."""
    form = dice.one(
        ("put G in G",) * 6 + ("put G on G",) * 6 + ("put G on Z",) * 4 + ("push G to G",) * 2
        + ("press G",) * 3 + ("press G N times", "open G", "open G", "close G", "hold G", "reach G")
        + ("stack G", "stack G", "swap G with G")
        + ("put G left of G", "put G right of G", "put G in front of G", "put G behind G")
    )  # fmt: skip
    pattern = _pattern(dice, form)
    if form == "put G in G":
        first, second = (
            nouns.items(dice, all_but=False),
            nouns.target(dice, (*nouns.VESSELS, "drawer")),
        )
        return pattern.format(first.words, second.words), f"put [{first.group}] in [{second.group}]"
    if form == "put G on Z":
        first, second = nouns.items(dice), nouns.target(dice, ("zone",))
        return pattern.format(first.words, second.words), f"put [{first.group}] on [{second.group}]"
    if form == "push G to G":
        first, second = nouns.items(dice), nouns.target(dice, ("zone",))
        return pattern.format(
            first.words, second.words
        ), f"push [{first.group}] to [{second.group}]"
    if form == "press G N times":
        number = int(dice.rng.integers(2, 5))
        button = nouns.single(dice, ("button",))
        count = dice.one((nouns.NUMBERS[number], str(number), *(("twice",) if number == 2 else ())))
        words = pattern.format(button.words, count).replace("twice times", "twice")
        return words, f"press [{button.group}] {number} times"
    if form in ("press G", "open G", "close G"):
        kind = "button" if form == "press G" else "drawer"
        if form == "press G" and dice.chance(0.15):
            several = [nouns.single(dice, (kind,)) for _ in range(int(dice.rng.integers(2, 4)))]
            joint = dice.one((", ", " and ", " then ", ", then "))
            groups = ", ".join(f"[{one.group}]" for one in several)
            return pattern.format(joint.join(one.words for one in several)), f"press {groups}"
        said = nouns.items(dice, (kind,), generic=False)
        return pattern.format(said.words), form.replace("G", f"[{said.group}]")
    if form == "stack G":
        return _tower(dice, pattern)
    if form in ("hold G", "reach G"):
        said = nouns.single(
            dice, nouns.GRASPED if form == "hold G" else (*nouns.GRASPED, *nouns.VESSELS, "button")
        )
        return pattern.format(said.words), form.replace("G", f"[{said.group}]")
    first = nouns.single(dice, nouns.GRASPED)
    kinds = nouns.BASES if form == "put G on G" else nouns.GRASPED if form.startswith("swap") else (
        *nouns.GRASPED, *nouns.VESSELS
    )  # fmt: skip
    if form == "put G on G":
        first = nouns.items(dice) if dice.chance(0.2) else first
        second = nouns.target(dice, kinds)
    else:
        second = nouns.single(dice, kinds)
    meant = form.replace("G", f"[{first.group}]", 1).replace("G", f"[{second.group}]", 1)
    return pattern.format(first.words, second.words), meant


def _tower(dice: nouns.Dice, pattern: str) -> tuple[str, str]:
    if dice.chance(0.4):
        said = nouns.all_of(dice, nouns.BASES)
        return pattern.format(said.words), f"stack [{said.group}]"
    several = [nouns.single(dice, nouns.BASES) for _ in range(int(dice.rng.integers(2, 4)))]
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


def _drawer_story(dice: nouns.Dice) -> tuple[str, str]:
    template, forms = DRAWER_STORIES[int(dice.rng.integers(len(DRAWER_STORIES)))]
    drawer, item = nouns.single(dice, ("drawer",)), nouns.items(dice, all_but=False, generic=False)
    words = dice.one(spell_out(template)).format(drawer.words, item.words)
    meant = []
    for form in forms.split("; "):
        form = form.replace("put G in G", f"put [{item.group}] in [{drawer.group}]")
        meant.append(form.replace("G", f"[{drawer.group}]"))
    return words, "; ".join(meant)


def _question(dice: nouns.Dice) -> tuple[str, str]:
    """Something to be told."""
    form = dice.one((
        *("tell count G", "tell count G", "tell colour G", "tell kind G", "tell where G"),
        *("tell whether there is G", "tell whether open G", "tell more G or G"),
    ))  # fmt: skip
    pattern = _pattern(dice, form)
    if form == "tell whether open G":
        said = nouns.single(dice, ("drawer",))
    elif form in ("tell count G", "tell more G or G"):
        plurals = [
            nouns.plural(dice, (*nouns.GRASPED, *nouns.VESSELS, "button", "drawer", "zone"))
            for _ in range(2)
        ]
        words = pattern.format(*(one.words for one in plurals))
        meant = form.replace("G", f"[{plurals[0].group}]", 1)
        return words, meant.replace("G", f"[{plurals[1].group}]", 1)
    elif form == "tell kind G":
        colour = dice.one(list(COLOURS))
        said = nouns.Said(f"the {colour} {dice.one(('thing', 'one', 'object'))}", f"{colour} thing")
    else:
        said = nouns.single(dice, (*nouns.GRASPED, *nouns.VESSELS, "button", "drawer", "zone"))
        if form == "tell whether there is G" and dice.chance(0.5):
            said = said._replace(words=said.words.replace("the ", dice.one(("a ", "any ")), 1))
    return pattern.format(said.words), form.replace("G", f"[{said.group}]")


# ------------------------------------------------------------------ apartments


def _route(dice: nouns.Dice) -> tuple[str, str]:
    """Places to go to, or something to be found out there."""
    if dice.chance(0.2):
        form = dice.one(
            ("tell count G", "tell colour G", "tell where G", "tell whether there is G")
        )
        kind = dice.one(list(SUITE_FURNITURE))
        room = dice.one(list(ROOM_KINDS)) if dice.chance(0.4) else ""
        noun = nouns.furniture(dice, kind, plural=form == "tell count G")
        article = "" if form == "tell count G" else dice.one(("the ", "a ", ""))
        where = (
            f" in {nouns.room_words(dice, room)}"
            if room
            else dice.one(("", "", " in this flat", " anywhere"))
        )
        words = _pattern(dice, form).format(f"{article}{noun}{where}")
        return words, form.replace("G", f"[{kind} in {room}]" if room else f"[{kind}]")
    count = 1 if dice.chance(0.55) else int(dice.rng.integers(2, 4))
    places = [nouns.place(dice) for _ in range(count)]
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


def _pattern(dice: nouns.Dice, form: str) -> str:
    known = wider("people")[form]
    return dice.one(spell_out(dice.one((*known.orders, *known.free))))
