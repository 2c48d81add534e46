"""Noun phrases about what a frame shows: what they mean, how they are said, read and drawn.

"the small red block left of the blue bowl", "leftmost drawer", "handle of the green drawer".
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.scene.language import THING_WORDS
from handeye.envs.rooms.tasks.count_things import PLURALS
from handeye.envs.tabletop.world import language
from handeye.experiments.labels.scene_facts import HANDLE, RELATIONS, ROOM_KINDS, Facts

EVERYTHING = ("object", "thing")
KIND_WORDS: dict[str, tuple[str, ...]] = {
    **{kind: THING_WORDS.get(kind, (kind,)) for kind in ROOM_KINDS},
    **language.KIND_WORDS,
    HANDLE: (HANDLE,),
}
RELATION_WORDS: dict[str, tuple[str, ...]] = {
    "in": ("in", "inside"),
    "on": ("on", "on top of"),
    **{name: language.RELATION_WORDS[name] for name in ("left", "right", "front", "behind")},
    "of": ("of",),
}
EXTREMES: dict[str, tuple[str, ...]] = {
    "leftmost": ("leftmost",),
    "rightmost": ("rightmost",),
    "nearest": ("nearest", "closest"),
    "farthest": ("farthest", "furthest"),
    "largest": ("largest", "biggest"),
    "smallest": ("smallest",),
}
EXTREME_MARGIN = {"column": 0.04, "away": 0.03, "extent_m": 0.003}
SPELLINGS = sorted(
    ((words, name) for name, several in RELATION_WORDS.items() for words in several),
    key=lambda pair: -len(pair[0]),
)
RELATION = re.compile(rf"(?:^|\s)({'|'.join(words for words, _ in SPELLINGS)})(?=\s|$)")
TRIES = 12


class Noun(NamedTuple):
    """A noun phrase; what it leaves open is ""."""

    kind: str = ""
    colour: str = ""
    size: str = ""
    extreme: str = ""
    relation: str = ""
    reference: "Noun | None" = None


class Wordlist(NamedTuple):
    """Names that a world's nouns may have.

    Attributes:
        kinds: of things.
        colours: of things.
        relations: that can be asked about.
        unsaid: pairs of kind and colour that are never named.
    """

    kinds: tuple[str, ...]
    colours: tuple[str, ...]
    relations: tuple[str, ...]
    unsaid: frozenset[tuple[str, str]] = frozenset()


def fitting(noun: Noun, facts: Facts) -> NDArray[np.bool_]:
    """(N,) which of the things a noun phrase fits."""
    fits = np.array([_has(thing, noun) for thing in facts.things], np.bool_)
    if noun.relation and noun.reference is not None:
        others = fitting(noun.reference, facts)
        fits &= (facts.related[RELATIONS.index(noun.relation)] & others[None]).any(1)
    if noun.extreme and fits.any():
        values, _ = _measure(noun.extreme, facts)
        first = int(np.where(fits, values, np.inf).argmin())
        fits = np.arange(len(fits)) == first
    return fits


def _has(thing: tuple[str, ...], noun: Noun) -> bool:
    kind, colour, size, _ = thing
    if noun.kind != kind if noun.kind else kind == HANDLE:
        return False
    return noun.colour in ("", colour) and noun.size in ("", size)


def _measure(extreme: str, facts: Facts) -> tuple[NDArray[np.float64], float]:
    """Values (N,) that the meant thing has least of, and by how much it must differ."""
    field, sign = {
        "leftmost": ("column", 1), "rightmost": ("column", -1), "nearest": ("away", 1),
        "farthest": ("away", -1), "smallest": ("extent_m", 1), "largest": ("extent_m", -1),
    }[extreme]  # fmt: skip
    return sign * getattr(facts, field), EXTREME_MARGIN[field]


def clear(noun: Noun, facts: Facts) -> bool:
    """Return whether a superlative is not a matter of a hair."""
    if not noun.extreme:
        return True
    fits = fitting(noun._replace(extreme=""), facts)
    values, margin = _measure(noun.extreme, facts)
    ordered = np.sort(values[fits])
    return len(ordered) > 1 and bool(ordered[1] - ordered[0] > margin)


def said(noun: Noun, rng: np.random.Generator, article: str = "", *, plural: bool = False) -> str:
    """The phrase in words, after an article or none."""
    word = _one(KIND_WORDS[noun.kind] if noun.kind else EVERYTHING, rng)
    word = _plural(word) if plural else word
    extreme = _one(EXTREMES[noun.extreme], rng) if noun.extreme else ""
    size = _one(language.SIZE_WORDS[noun.size], rng) if noun.size else ""
    words = [article, extreme, size, noun.colour, word]
    if noun.relation and noun.reference is not None:
        reference_article = "the" if article or rng.random() < 0.5 else ""
        words += [_one(RELATION_WORDS[noun.relation], rng)]
        words += [said(noun.reference, rng, reference_article)]
    return " ".join(word for word in words if word)


@lru_cache(maxsize=4096)
def read_noun(words: str) -> Noun | None:
    """Parse a phrase; None if it names nothing known."""
    text = " ".join(re.findall(r"[a-z0-9]+", words.lower()))
    found = RELATION.search(text)
    head = text if found is None else text[: found.start()]
    noun = _read_head(head.split())
    if found is None or noun is None:
        return noun
    reference = read_noun(text[found.end() :])
    relation = next(name for spelling, name in SPELLINGS if spelling == found[1])
    return None if reference is None else noun._replace(relation=relation, reference=reference)


def _read_head(words: Sequence[str]) -> Noun | None:
    noun, known = Noun(), False
    text = f" {' '.join(words)} "
    for field, table in (
        ("kind", KIND_WORDS),
        ("size", language.SIZE_WORDS),
        ("extreme", EXTREMES),
        ("colour", {colour: (colour,) for colour in COLOURS}),
    ):
        for name, spellings in table.items():
            several = [_plural(word) for word in spellings] if field == "kind" else []
            if any(f" {spelling} " in text for spelling in (*spellings, *several)):
                named: dict[str, Any] = {field: name}
                noun, known = noun._replace(**named), True
    every = (*EVERYTHING, *map(_plural, EVERYTHING), "everything")
    return noun if known or any(f" {word} " in text for word in every) else None


def _plural(word: str) -> str:
    if word.endswith("f"):
        return f"{word[:-1]}ves"
    return PLURALS.get(word, f"{word}{'es' if word.endswith(('x', 'h')) else 's'}")


def draw_noun(
    facts: Facts, index: int, words: Wordlist, rng: np.random.Generator, *, bare: bool = False
) -> Noun:
    """A phrase that fits `facts.things[index]`, and maybe others.

    Args:
        facts: of a frame.
        index: the thing meant.
        words: what may be named.
        rng: the only source of randomness.
        bare: without a relation or a superlative.
    """
    thing = facts.things[index]
    if thing.kind == HANDLE:
        drawer = int(facts.related[RELATIONS.index("of"), index].argmax())
        colour = thing.colour if rng.random() < 0.8 else ""
        known = facts.related[RELATIONS.index("of"), index, drawer]
        other = Noun("drawer", colour)
        return Noun(HANDLE, relation="of", reference=other) if known or colour else Noun(HANDLE)
    way = float(rng.random())
    noun = Noun(
        kind=thing.kind if way < 0.9 else "",
        colour=thing.colour if way < 0.7 or way >= 0.9 else "",
        size=thing.size if thing.size and rng.random() < 0.25 else "",
    )
    if bare:
        return noun
    extra = float(rng.random())
    if extra < 0.12:
        chosen = noun._replace(extreme=_one(tuple(EXTREMES), rng), size="")
        if rng.random() < 0.5:
            chosen = chosen._replace(colour="", kind=thing.kind)
        return chosen if clear(chosen, facts) and fitting(chosen, facts)[index] else noun
    if extra < 0.35:
        return _related_noun(facts, index, noun, words, rng)
    return noun


def _related_noun(
    facts: Facts, index: int, noun: Noun, words: Wordlist, rng: np.random.Generator
) -> Noun:
    """The noun with how the thing stands to another one, if it stands to any."""
    rows = [RELATIONS.index(name) for name in words.relations if name != "of"]
    pairs = np.argwhere(facts.related[rows, index])
    if not len(pairs):
        return noun
    row, other = pairs[int(rng.integers(len(pairs)))].tolist()
    reference = draw_noun(facts, other, words, rng, bare=True)
    if reference.kind == HANDLE or not reference.kind:
        return noun
    return noun._replace(relation=RELATIONS[rows[row]], reference=reference)


def draw_absent(facts: Facts, words: Wordlist, rng: np.random.Generator) -> Noun | None:
    """A phrase that fits nothing, mostly one that nearly fits something; None if none was found."""
    for _ in range(TRIES):
        noun = _nearly(facts, words, rng) if rng.random() < 0.75 else _any_noun(words, rng)
        named = (noun.kind, noun.colour) not in words.unsaid
        if named and not noun.extreme and not fitting(noun, facts).any():
            return noun
    return None


def _any_noun(words: Wordlist, rng: np.random.Generator) -> Noun:
    kind = _one(words.kinds, rng)
    if kind == HANDLE:
        return Noun(HANDLE, relation="of", reference=Noun("drawer", _one(words.colours, rng)))
    return Noun(kind, _one(words.colours, rng) if rng.random() < 0.75 else "")


def _nearly(facts: Facts, words: Wordlist, rng: np.random.Generator) -> Noun:
    """Return a noun that fits a thing of the frame, with one property of another thing."""
    if not facts.things:
        return _any_noun(words, rng)
    index, other = rng.integers(len(facts.things), size=2).tolist()
    noun = draw_noun(facts, index, words, rng)._replace(extreme="")
    thing = facts.things[other]
    way = float(rng.random())
    if noun.relation and noun.relation != "of" and way < 0.5:
        return noun._replace(relation=_one(words.relations[:-1], rng))
    if noun.kind == HANDLE:
        return noun._replace(relation="of", reference=Noun("drawer", thing.colour))
    if way < 0.15 and noun.size:
        return noun._replace(size="small" if noun.size == "large" else "large")
    if way < 0.6 and noun.colour:
        return noun._replace(colour=thing.colour)
    return noun._replace(kind=thing.kind if thing.kind != HANDLE else noun.kind)


def _one(words: Sequence[str], rng: np.random.Generator) -> str:
    return words[int(rng.integers(len(words)))]
