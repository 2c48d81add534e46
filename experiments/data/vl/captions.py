"""Captions of a frame: of one pair of things, of all kinds, and dense ones with a box a thing.

caption         the red block is left of the blue bowl
caption         a red chair and two yellow windows, seen from the kitchen
dense_caption   an open green drawer <box>, a star <box> and a cyan cup <box>

Handles of drawers are left out of them.
"""

from collections import Counter

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.long.words import NUMBERS
from handeye.experiments.data.vl.balance import Tally, drawn, one_of
from handeye.experiments.data.vl.examples import BOX, VlExample
from handeye.experiments.data.vl.views import View
from handeye.experiments.data.vl.wording import articled, enumerated, the, unique_noun, worded
from handeye.experiments.labels.scene_facts import HANDLE, RELATIONS, VisibleObject
from handeye.experiments.labels.scene_nouns import RELATION_WORDS, Noun, said

PHRASINGS: dict[str, tuple[str, ...]] = {
    "relation": ("{the} is {side} {b}", "{side} {b} is {the}", "{the} {side} {b}"),
    "table": spell_out("a table with {things}", "{things} on a table", "the table has {things}"),
    "home": ("{things}, seen from the {room}", "from the {room} one can see {things}"),
    "somewhere": ("a home with {things}",),
    "number": ("{number} things are in view", "there are {number} things"),
}
RELATIONS_SAID = 2  # in captions of one frame
STATE_WORDS = {"open": "open", "closed": "closed", "half open": "half open", "pressed": "pressed"}


def captions(view: View, tally: Tally, rng: np.random.Generator) -> list[VlExample]:
    """Return captions of pairs of things, and one of everything in view."""
    examples = _pairs(view, tally, rng)
    things = [i for i, thing in enumerate(view.facts.things) if thing.kind != HANDLE]
    if things:
        words = worded(_frames_of(view), rng, things=everything(view, rng), room=view.frame.room)
        examples.append(view.example("caption", "list", "", words, things))
    if 1 < len(things) < len(NUMBERS) and not view.faint.things:
        words = worded(PHRASINGS["number"], rng, number=NUMBERS[len(things)])
        examples.append(view.example("caption", "number", "", words, things))
    return examples


def dense_captions(view: View, tally: Tally, rng: np.random.Generator) -> list[VlExample]:
    """Return one caption that names every thing in view with its state and its box."""
    things = [i for i, thing in enumerate(view.facts.things) if thing.kind != HANDLE]
    if not things:
        return []
    ordered = sorted(things, key=lambda index: float(view.facts.column[index]))
    parts = [f"{described(view.facts.things[index], rng)} {BOX}" for index in ordered]
    return [view.example("dense_caption", "things", "", enumerated(parts), ordered)]


def everything(view: View, rng: np.random.Generator) -> str:
    """Return all things in view in words, those of one kind and colour together."""
    there = Counter(
        (thing.kind, thing.colour) for thing in view.facts.things if thing.kind != HANDLE
    )
    parts = []
    for kind, colour in drawn(sorted(there), rng):
        number, noun = there[kind, colour], Noun(kind, colour)
        several = f"{NUMBERS[min(number, len(NUMBERS) - 1)]} {said(noun, rng, plural=True)}"
        parts.append(several if number > 1 else articled(said(noun, rng, "a")))
    return enumerated(parts)


def described(thing: VisibleObject, rng: np.random.Generator) -> str:
    """Return a thing in words with its size and its state, after "a" or "an"."""
    state = STATE_WORDS.get(thing.state, "")
    words = said(Noun(thing.kind, thing.colour, thing.size), rng)
    end = " in the gripper" if thing.state == "held" else ""
    return articled(" ".join(word for word in ("a", state, words) if word) + end)


def _frames_of(view: View) -> tuple[str, ...]:
    if view.frame.camera != "ego":
        return PHRASINGS["table"]
    return PHRASINGS["home"] if view.frame.room else PHRASINGS["somewhere"]


def _pairs(view: View, tally: Tally, rng: np.random.Generator) -> list[VlExample]:
    """Captions of two things and how they stand, each relation about equally often."""
    examples: list[VlExample] = []
    names = [name for name in view.words.relations if name != "of"]
    held = [name for name in names if view.facts.related[RELATIONS.index(name)].any()]
    for _ in range(RELATIONS_SAID if held else 0):
        name = tally.rarest("caption relation", held)
        pairs = np.argwhere(view.facts.related[RELATIONS.index(name)]).tolist()
        a, b = one_of(pairs, rng)
        nouns = [unique_noun(view, index, rng, bare=True) for index in (a, b)]
        first, second = nouns
        if first is None or second is None or HANDLE in (first.kind, second.kind):
            continue
        side = one_of(RELATION_WORDS[name], rng)
        words = worded(
            PHRASINGS["relation"], rng, the=the(first, rng), b=the(second, rng), side=side
        )
        examples.append(view.example("caption", "relation", "", words, [a, b]))
    return examples
