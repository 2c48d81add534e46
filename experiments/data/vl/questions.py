"""Questions about one frame with their true answers (`vqa`), balanced by construction.

Whatever is answered by yes or no comes in pairs, one of each. Of open questions those whose answer
has been given least so far in the episode are taken.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.envs.tabletop.world import shapes
from handeye.experiments.data.vl.affordances import affordances
from handeye.experiments.data.vl.balance import Tally, drawn, one_of
from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.presence import ADVERSARIAL, presence
from handeye.experiments.data.vl.views import View
from handeye.experiments.data.vl.wording import (
    articled,
    is_sure,
    the,
    unique_noun,
    worded,
)
from handeye.experiments.labels.scene_facts import HANDLE, RELATIONS, SIZES
from handeye.experiments.labels.scene_nouns import Noun, fitting
from handeye.experiments.labels.scene_questions import (
    MOST,
    Asked,
    answer,
    draw_asked,
    spoken,
)

PHRASINGS: dict[str, tuple[str, ...]] = {
    "condition": ("in what state is {the}", "how far open is {the}"),
}
OPPOSITE = {"left": "right", "right": "left", "front": "behind", "behind": "front"}
HOLDERS = {"in": (*shapes.VESSELS, "zone"), "on": tuple(shapes.PRISMS)}
OPEN = ("colour", "kind", "size", "side")
TRIES = 12
PRESENCE_PAIRS, COUNTS = 2, 2


def questions(view: View, tally: Tally, rng: np.random.Generator) -> list[VlExample]:
    """Return questions about a frame, with the things that they name."""
    asked: list[tuple[str, Asked]] = []
    for about in (ADVERSARIAL, "presence/random"):
        for _ in range(PRESENCE_PAIRS):
            asked += [(about, one) for one in presence(about, view, tally)]
    asked += [("count", one) for one in _counts(view, tally)]
    asked += [(one.type, one) for one in _open(view, tally, rng)]
    asked += [("relation", one) for one in _relations(view, rng)]
    asked += [(one.type, one) for one in _same(view, rng)]
    asked += [("state", one) for one in _states(view, rng)]
    made = [_example(view, about, one, rng) for about, one in asked]
    return [*made, *_conditions(view, rng), *affordances(view, tally, rng)]


def _example(view: View, about: str, asked: Asked, rng: np.random.Generator) -> VlExample:
    meant = fitting(asked.first, view.facts)
    if asked.second is not None:
        meant |= fitting(asked.second, view.facts)
    words = articled(spoken(asked, rng))
    reply = answer(asked, view.facts)
    return view.example("vqa", about, words, reply, np.flatnonzero(meant).tolist())


def _counts(view: View, tally: Tally) -> Iterator[Asked]:
    """Nouns by how many they fit, each number as often as the others as far as frames allow."""
    kinds = [kind for kind in view.words.kinds if kind != HANDLE]
    there = [thing for thing in view.facts.things if thing.kind != HANDLE]
    nouns = {Noun(), *(Noun(kind) for kind in kinds)}
    nouns |= {Noun(colour=colour) for colour in SUITE_COLOURS}
    nouns |= {Noun(kind=t.kind, size=size) for t in there if t.size for size in SIZES[1:]}
    nouns |= {Noun(t.kind, t.colour) for t in there}
    by_number: dict[int, list[Noun]] = defaultdict(list)
    for noun in sorted(nouns):
        number = int(fitting(noun, view.facts).sum())
        if number <= MOST and is_sure(noun, view):
            by_number[number].append(noun)
    for _ in range(COUNTS if by_number else 0):
        number = tally.rarest("count", sorted(by_number))
        yield Asked("count", tally.rarest(f"counted {number}", by_number[number]))


def _open(view: View, tally: Tally, rng: np.random.Generator) -> Iterator[Asked]:
    """Questions that are answered by a name."""
    for about in OPEN:
        by_answer: dict[str, list[Asked]] = defaultdict(list)
        for asked in _tried(about, view, rng):
            by_answer[answer(asked, view.facts)].append(asked)
        if by_answer:
            yield one_of(by_answer[tally.rarest(about, sorted(by_answer))], rng)


def _conditions(view: View, rng: np.random.Generator) -> Iterator[VlExample]:
    """What state a drawer is in: open, closed or half open."""
    seen = [i for i, thing in enumerate(view.facts.things) if thing.kind == "drawer"]
    for index in drawn(seen, rng, 1):
        noun = unique_noun(view, index, rng, bare=True)
        if noun is not None:
            asked = worded(PHRASINGS["condition"], rng, the=the(noun, rng))
            state = view.facts.things[index].state
            yield view.example("vqa", "condition", asked, state, [index])


def _same(view: View, rng: np.random.Generator) -> Iterator[Asked]:
    """Pairs of things alike and unlike in colour or kind."""
    for about in ("same_colour", "same_kind"):
        replies = {answer(asked, view.facts): asked for asked in _tried(about, view, rng)}
        if {"yes", "no"} <= replies.keys():
            yield from (replies["yes"], replies["no"])


def _tried(about: str, view: View, rng: np.random.Generator) -> Iterator[Asked]:
    """Yield random questions of a type that have one sure answer."""
    for _ in range(TRIES):
        asked = draw_asked(view.facts, view.words, rng, about)
        if asked is None or not is_sure(asked.first, view):
            continue
        if asked.second is None or is_sure(asked.second, view):
            yield asked


def _relations(view: View, rng: np.random.Generator) -> Iterator[Asked]:
    """Pairs of statements: one holds, and the other's contrary does.

    Of sides the contrary is the opposite side, since what is left and a little behind is neither
    clearly behind nor clearly not. Of "in" and "on" it is a thing that is elsewhere.
    """
    names = drawn([name for name in view.words.relations if name != "of"], rng)
    for name in names:
        related = view.facts.related[RELATIONS.index(name)]
        contrary = (
            view.facts.related[RELATIONS.index(OPPOSITE[name])]
            if name in OPPOSITE
            else _elsewhere(name, view)
        )
        yes, no = (_statement(name, pairs, view, rng) for pairs in (related, contrary))
        if yes is not None and no is not None:
            yield from (yes, no)


def _elsewhere(name: str, view: View) -> np.ndarray:
    """(N, N) where a loose thing could be in or on another one and is neither."""
    things = view.facts.things
    loose = np.array([thing.kind in shapes.PRISMS for thing in things], np.bool_)
    holding = np.array([thing.kind in HOLDERS[name] for thing in things], np.bool_)
    kept = np.any([view.facts.related[RELATIONS.index(one)] for one in ("in", "on")], axis=0)
    apart: np.ndarray = loose[:, None] & holding[None] & ~kept & ~np.eye(len(things), dtype=bool)
    return apart


def _statement(name: str, pairs: np.ndarray, view: View, rng: np.random.Generator) -> Asked | None:
    """A relation between two things out of `pairs` (N, N), each named without doubt."""
    for a, b in drawn(np.argwhere(pairs).tolist(), rng, TRIES):
        first, second = (unique_noun(view, index, rng, bare=True) for index in (a, b))
        if first is None or second is None:
            continue
        if HANDLE not in (first.kind, second.kind):
            return Asked("holds", first, second, name)
    return None


def _states(view: View, rng: np.random.Generator) -> Iterator[Asked]:
    """Pairs: of a drawer that is open or closed both, of buttons and of what is held two things."""
    things = view.facts.things
    ends = [i for i, t in enumerate(things) if t.state in ("open", "closed")]
    for index in drawn(ends, rng, 1):
        noun = unique_noun(view, index, rng, bare=True)
        if noun is not None:
            yield from (Asked("state", noun, None, named) for named in ("open", "closed"))
    for state, kinds in (("pressed", ("button",)), ("held", tuple(shapes.PRISMS))):
        able = [i for i, t in enumerate(things) if t.kind in kinds]
        yes = [i for i in able if things[i].state == state]
        no = [i for i in able if things[i].state != state]
        if not yes or not no:
            continue
        pair = [unique_noun(view, one_of(some, rng), rng, bare=True) for some in (yes, no)]
        nouns = [noun for noun in pair if noun is not None]
        if len(nouns) == len(pair):
            yield from (Asked("state", noun, None, state) for noun in nouns)
