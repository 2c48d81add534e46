"""Questions about what a frame shows, with their true answers: drawn at random, or read from words.

One table says how each type is asked; the same table reads what somebody asks the oracle.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.colours import COLOURS
from handeye.envs.base.phrases import spell_out
from handeye.experiments.labels.scene_facts import (
    HANDLE,
    RELATIONS,
    ROOM_KINDS,
    SIZES,
    TABLE_KINDS,
    Facts,
)
from handeye.experiments.labels.scene_nouns import (
    RELATION_WORDS,
    SPELLINGS,
    Noun,
    Wordlist,
    draw_absent,
    draw_noun,
    fitting,
    read_noun,
    said,
)

MOST = 10  # that are counted
SIDES = ("left", "right", "front", "behind")
ASKED_STATES = ("open", "closed", "pressed", "held")
ANSWERS: tuple[str, ...] = (
    "yes", "no", *(str(number) for number in range(MOST + 1)), *COLOURS,
    *dict.fromkeys((*TABLE_KINDS, *ROOM_KINDS)), *SIZES[1:], *SIDES,
)  # fmt: skip
NOTHING = "nothing"  # fits the words, or several things do where one is asked about

# {a}: a noun with "a", {s}: in the plural, {the} and {b}: with "the".
PHRASINGS: dict[str, tuple[str, ...]] = {
    "presence": spell_out("(is there|do you see|can you see) {a}", "is there {a} here"),
    "count": spell_out(
        "how many {s} (are there|do you see|are in view)", "count the {s}",
        "what is the number of {s}",
    ),
    "colour": spell_out(
        "(what|which) (colour|color) is {the}", "what is the (colour|color) of {the}"
    ),
    "same_colour": spell_out("do {the} and {b} have the same (colour|color)"),
    "same_kind": spell_out("are {the} and {b} of the same kind"),
    "size": spell_out("is {the} small or large", "what size is {the}"),
    "side": spell_out(
        "on which side of {b} is {the}", "where is {the} (seen from|relative to) {b}"
    ),
    "state": spell_out("(is {the}|{the} is) {state}"),
    "holds": spell_out("(is {the}|{the} is) {relation} {b}"),
    "kind": spell_out("what kind of (object|thing) is {the}", "what is {the}"),
}  # fmt: skip


class Question(NamedTuple):
    """Words about a frame, and the truth.

    Attributes:
        type: of `PHRASINGS`, or "refer" for a bare noun phrase.
        words: what is said.
        answer: one of `ANSWERS`; of a noun phrase whether anything fits.
        match: (N,) which things the first noun fits.
        other: (N,) which things the second noun fits; none if there is none.
    """

    type: str
    words: str
    answer: str
    match: NDArray[np.bool_]
    other: NDArray[np.bool_]


class Asked(NamedTuple):
    """A question as understood: its type, its nouns and what else it names."""

    type: str
    first: Noun
    second: Noun | None = None
    named: str = ""  # a relation or a state


def answer(asked: Asked, facts: Facts) -> str:
    """The true answer; `NOTHING` where the question asks about one thing that is not there."""
    first = fitting(asked.first, facts)
    second = fitting(asked.second, facts) if asked.second is not None else first
    match asked.type:
        case "presence" | "refer":
            return _said(bool(first.any()))
        case "count":
            return str(min(int(first.sum()), MOST))
        case "holds":
            related = facts.related[RELATIONS.index(asked.named)]
            return _said(bool((related & first[:, None] & second[None]).any()))
        case "state":
            states = [facts.things[i].state for i in np.flatnonzero(first)]
            return _said(asked.named in states)
    if first.sum() != 1 or second.sum() != 1:
        return NOTHING
    one, other = facts.things[int(first.argmax())], facts.things[int(second.argmax())]
    match asked.type:
        case "same_colour":
            return _said(one.colour == other.colour)
        case "same_kind":
            return _said(one.kind == other.kind)
        case "side":
            between = facts.related[:, int(first.argmax()), int(second.argmax())]
            sides = [side for side in SIDES if between[RELATIONS.index(side)]]
            return sides[0] if sides else NOTHING
    return str(getattr(one, asked.type)) or NOTHING


def _said(holds: bool) -> str:
    return "yes" if holds else "no"


def read_question(words: str) -> Asked | None:
    """Parse a question; None if it is none of ours."""
    text = " ".join(words.lower().strip(" .?!").split())
    for kind, pattern in _patterns():
        found = re.fullmatch(pattern, text)
        if found is None:
            continue
        parts = found.groupdict()
        first = read_noun(parts["first"])
        second = read_noun(parts["b"]) if parts.get("b") else None
        if first is None or (parts.get("b") and second is None):
            continue
        relation = dict(SPELLINGS).get(parts.get("relation") or "", "")
        return Asked(kind, first, second, relation or parts.get("state") or "")
    noun = read_noun(text)
    return None if noun is None else Asked("refer", noun)


@cache
def _patterns() -> tuple[tuple[str, str], ...]:
    slots = {
        "a": "(?:an? |any )?(?P<first>.+?)", "s": "(?P<first>.+?)", "the": "(?P<first>the .+?)",
        "b": "(?P<b>.+)", "state": f"(?P<state>{'|'.join(ASKED_STATES)})",
        "relation": f"(?P<relation>{'|'.join(w for w, name in SPELLINGS if name != 'of')})",
    }  # fmt: skip
    return tuple(
        (kind, pattern.format(**slots))
        for kind, several in PHRASINGS.items()
        for pattern in several
    )


def draw_question(
    facts: Facts, words: Wordlist, rng: np.random.Generator, kind: str = ""
) -> Question | None:
    """A question of a type, by default of any, in words; None if the frame gives no such."""
    asked = draw_asked(facts, words, rng, kind or _any_type(rng))
    if asked is None:
        return None
    reply = answer(asked, facts)
    match = fitting(asked.first, facts)
    other = np.zeros_like(match) if asked.second is None else fitting(asked.second, facts)
    return Question(asked.type, spoken(asked, rng), reply, match, other)


def draw_asked(facts: Facts, words: Wordlist, rng: np.random.Generator, kind: str) -> Asked | None:
    """A question of a type that has an answer; None if the frame gives no such.

    Args:
        facts: of the frame.
        words: what may be named.
        rng: the only source of randomness.
        kind: of `PHRASINGS`, or "refer".
    """
    if kind in ("refer", "presence", "count"):
        asked = _about_some(kind, facts, words, rng)
    elif facts.things:
        asked = DRAWN[kind](kind, facts, words, rng)
    else:
        return None
    return None if asked is None or answer(asked, facts) == NOTHING else asked


def spoken(asked: Asked, rng: np.random.Generator) -> str:
    """A question in words."""
    if asked.type == "refer":
        return said(asked.first, rng, "the" if rng.random() < 0.5 else "")
    several = PHRASINGS[asked.type]
    template = several[int(rng.integers(len(several)))]
    spellings = RELATION_WORDS.get(asked.named, ("",))
    return template.format(
        a=said(asked.first, rng, "a"),
        s=said(asked.first, rng, plural=True),
        the=said(asked.first, rng, "the"),
        b=said(asked.second, rng, "the") if asked.second is not None else "",
        relation=spellings[int(rng.integers(len(spellings)))],
        state=asked.named,
    )


TYPE_SHARES = {
    "refer": 0.38, "presence": 0.1, "count": 0.07, "colour": 0.05, "kind": 0.04, "size": 0.03,
    "side": 0.05, "same_colour": 0.02, "same_kind": 0.02, "state": 0.08, "holds": 0.16,
}  # fmt: skip
TYPES, TYPES_UP_TO = tuple(TYPE_SHARES), np.cumsum(list(TYPE_SHARES.values()))


def _any_type(rng: np.random.Generator) -> str:
    return TYPES[min(int(np.searchsorted(TYPES_UP_TO, rng.random())), len(TYPES) - 1)]


def _about_some(kind: str, facts: Facts, words: Wordlist, rng: np.random.Generator) -> Asked | None:
    if facts.things and rng.random() < 0.6:
        noun = draw_noun(facts, int(rng.integers(len(facts.things))), words, rng)
        if kind == "count":
            noun = noun._replace(extreme="")
        return Asked(kind, noun)
    absent = draw_absent(facts, words, rng)
    return None if absent is None else Asked(kind, absent)


def _about_one(kind: str, facts: Facts, words: Wordlist, rng: np.random.Generator) -> Asked | None:
    """About a property of one thing, which the words leave open."""
    index = int(rng.integers(len(facts.things)))
    left_open: dict[str, Any] = {kind: ""}
    noun = draw_noun(facts, index, words, rng)._replace(**left_open)
    return Asked(kind, noun) if fitting(noun, facts).sum() == 1 else None


def _about_two(kind: str, facts: Facts, words: Wordlist, rng: np.random.Generator) -> Asked | None:
    a, b = rng.integers(len(facts.things), size=2).tolist()
    first, second = (draw_noun(facts, index, words, rng, bare=True) for index in (a, b))
    return Asked(kind, first, second) if a != b and _plain(first) and _plain(second) else None


def _plain(noun: Noun) -> bool:
    return noun.kind not in ("", HANDLE)


def _statement(kind: str, facts: Facts, words: Wordlist, rng: np.random.Generator) -> Asked | None:
    """True or false about as often; the false ones mostly of things that stand otherwise."""
    relations = [name for name in words.relations if name != "of"]
    name = relations[int(rng.integers(len(relations)))]
    pairs = np.argwhere(facts.related[RELATIONS.index(name)])
    if len(pairs) and rng.random() < 0.55:
        a, b = pairs[int(rng.integers(len(pairs)))].tolist()
    else:
        a, b = rng.integers(len(facts.things), size=2).tolist()
    first, second = (draw_noun(facts, index, words, rng, bare=True) for index in (a, b))
    named = a != b and _plain(first) and _plain(second)
    return Asked(kind, first, second, name) if named else None


def _status(kind: str, facts: Facts, words: Wordlist, rng: np.random.Generator) -> Asked | None:
    """Answer whether a drawer is open or closed, a button pressed, a thing held."""
    able = [i for i, thing in enumerate(facts.things) if thing.state or thing.kind in STATED]
    held = [i for i, thing in enumerate(facts.things) if thing.state == "held"]
    if held and rng.random() < 0.6:
        other = int(rng.integers(len(facts.things)))
        index = held[0] if rng.random() < 0.6 else other
        named = "held"
    elif able:
        index = able[int(rng.integers(len(able)))]
        choices = STATED.get(facts.things[index].kind, ("held",))
        named = choices[int(rng.integers(len(choices)))]
    else:
        index, named = int(rng.integers(len(facts.things))), "held"
    noun = draw_noun(facts, index, words, rng, bare=True)
    return Asked(kind, noun, None, named) if _plain(noun) else None


STATED = {"drawer": ("open", "closed"), "button": ("pressed",)}
DRAWN: dict[str, Callable[..., Asked | None]] = {
    "colour": _about_one, "kind": _about_one, "size": _about_one, "side": _about_two,
    "same_colour": _about_two, "same_kind": _about_two, "state": _status, "holds": _statement,
}  # fmt: skip
