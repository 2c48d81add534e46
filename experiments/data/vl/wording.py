"""How things in view are named in examples: by words that fit one of them alone."""

import re
from collections.abc import Sequence

import numpy as np

from handeye.experiments.data.vl.balance import one_of
from handeye.experiments.data.vl.views import View
from handeye.experiments.labels.scene_facts import HANDLE
from handeye.experiments.labels.scene_nouns import Noun, clear, draw_noun, fitting, said

TRIES = 8
ARTICLE = re.compile(r"\ba (?=[aeiou])")


def worded(templates: Sequence[str], rng: np.random.Generator, **slots: str) -> str:
    """Return one of the templates with its slots filled."""
    return articled(one_of(templates, rng).format(**slots))


def articled(words: str) -> str:
    """Return words with "an" where it has to stand: "a orange block" becomes "an orange block"."""
    return ARTICLE.sub("an ", words)


def enumerated(parts: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def is_sure(noun: Noun, view: View) -> bool:
    """Return whether a noun means the same to whoever sees things of a few pixels.

    The thing that it stands in a relation to has to be a single one.
    """
    bare = noun._replace(relation="", reference=None, extreme="")
    if fitting(bare, view.faint).any():
        return False
    other = noun.reference
    if other is None or noun.kind == HANDLE:
        return True
    return is_sure(other, view) and int(fitting(other, view.facts).sum()) == 1


def singles_out(noun: Noun, index: int, view: View) -> bool:
    """Return whether a noun fits one thing in view alone, beyond doubt."""
    fits = fitting(noun, view.facts)
    return bool(fits.sum() == 1 and fits[index] and is_sure(noun, view) and clear(noun, view.facts))


def unique_noun(
    view: View, index: int, rng: np.random.Generator, *, bare: bool = False
) -> Noun | None:
    """Return a noun that fits one thing in view alone; None if none was found.

    Args:
        view: of the frame.
        index: the thing meant.
        rng: the only source of randomness.
        bare: by its kind, without a relation or a superlative.
    """
    thing = view.facts.things[index]
    for _ in range(TRIES):
        noun = draw_noun(view.facts, index, view.words, rng, bare=bare)
        if singles_out(noun, index, view) and (noun.kind or not bare):
            return noun
    if thing.kind == HANDLE:
        return None
    full = Noun(thing.kind, thing.colour, thing.size)
    return full if singles_out(full, index, view) else None


def the(noun: Noun, rng: np.random.Generator) -> str:
    """Return a noun in words after "the"."""
    return said(noun, rng, "the")


def called(view: View, index: int, rng: np.random.Generator) -> str:
    """Return plain words that fit one thing in view alone; "" if none do."""
    noun = unique_noun(view, index, rng, bare=True)
    return the(noun, rng) if noun is not None else ""
