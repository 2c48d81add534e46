"""Hard negatives: a true caption, and the same with one word changed so that it is false.

The changed word is a colour, a kind, a side, a state or a number (as in ARO, Yuksekgonul et al.
2023, arXiv:2210.01936, and the minimal pairs of Winoground). No articles stand before what is
changed, so that exactly one word differs.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.envs.tabletop.long.words import NUMBERS
from handeye.experiments.data.vl.balance import Tally, drawn, one_of
from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.questions import OPPOSITE
from handeye.experiments.data.vl.views import View
from handeye.experiments.data.vl.wording import singles_out
from handeye.experiments.labels.scene_facts import HANDLE, RELATIONS
from handeye.experiments.labels.scene_nouns import KIND_WORDS, Noun, fitting, said

PHRASINGS: dict[str, tuple[str, ...]] = {
    "thing": ("the {noun} is in view", "here is the {noun}"),
    "relation": ("the {noun} is {side} of the {b}",),
    "state": ("the {noun} is {state}",),
    "count": ("{number} {nouns} are in view", "there are {number} {nouns}"),
}
Change = tuple[str, str, str, list[int]]
"""What is changed, the true caption, the false one, and the things named."""


def hard_negatives(view: View, tally: Tally, rng: np.random.Generator) -> list[VlExample]:
    """Return for each sort of change a caption of the frame with its false twin, if it has one."""
    changes: tuple[Callable[..., Iterator[Change]], ...] = (_things, _sides, _states, _counts)
    return [
        view.example("hard_negative", about, "", true, indices, wrong=false)
        for change in changes
        for about, true, false, indices in change(view, tally, rng)
    ]


def _things(view: View, tally: Tally, rng: np.random.Generator) -> Iterator[Change]:
    """A colour or a kind exchanged for one that nothing in view has."""
    there = {(t.kind, t.colour) for facts in (view.facts, view.faint) for t in facts.things}
    for about in ("colour", "kind"):
        for index in drawn(range(len(view.facts.things)), rng):
            thing = view.facts.things[index]
            noun = Noun(thing.kind, thing.colour)
            if thing.kind == HANDLE or not singles_out(noun, index, view):
                continue
            if about == "colour":
                others = [(thing.kind, colour) for colour in SUITE_COLOURS]
            else:
                others = [(kind, thing.colour) for kind in view.words.kinds if kind != HANDLE]
            free = [pair for pair in others if pair not in there and pair not in view.words.unsaid]
            template = one_of(PHRASINGS["thing"], rng)
            word = _one_word(thing.kind, rng)
            if not free or not word:
                continue
            kind, colour = tally.rarest(f"wrong {about}", sorted(free))
            other = word if about == "colour" else _one_word(kind, rng)
            if other:
                true = template.format(noun=f"{thing.colour} {word}")
                yield about, true, template.format(noun=f"{colour} {other}"), [index]
                break


def _one_word(kind: str, rng: np.random.Generator) -> str:
    """A noun of a kind that is a single word, "" if there is none."""
    words = [word for word in KIND_WORDS[kind] if " " not in word]
    return one_of(words, rng) if words else ""


def _sides(view: View, tally: Tally, rng: np.random.Generator) -> Iterator[Change]:
    """Left for right and the other way round."""
    side = tally.rarest("wrong side", ("left", "right"))
    things = view.facts.things
    for a, b in drawn(np.argwhere(view.facts.related[RELATIONS.index(side)]).tolist(), rng):
        nouns = [Noun(things[index].kind, things[index].colour) for index in (a, b)]
        pairs = zip(nouns, (a, b), strict=True)
        if HANDLE not in (n.kind for n in nouns) and all(singles_out(n, i, view) for n, i in pairs):
            first, second = (said(noun, rng) for noun in nouns)
            true, false = (
                PHRASINGS["relation"][0].format(noun=first, side=one, b=second)
                for one in (side, OPPOSITE[side])
            )
            yield "relation", true, false, [a, b]
            return


def _states(view: View, tally: Tally, rng: np.random.Generator) -> Iterator[Change]:
    """Open for closed and the other way round."""
    contrary = {"open": "closed", "closed": "open"}
    for index in drawn(range(len(view.facts.things)), rng):
        thing = view.facts.things[index]
        noun = Noun(thing.kind, thing.colour)
        if thing.state in contrary and singles_out(noun, index, view):
            template, words = one_of(PHRASINGS["state"], rng), said(noun, rng)
            true, false = (
                template.format(noun=words, state=state)
                for state in (thing.state, contrary[thing.state])
            )
            yield "state", true, false, [index]
            return


def _counts(view: View, tally: Tally, rng: np.random.Generator) -> Iterator[Change]:
    """A number exchanged for another one, both of two and more."""
    faint = {thing.kind for thing in view.faint.things}
    counted = Counter(thing.kind for thing in view.facts.things if thing.kind != HANDLE)
    several = [kind for kind, number in counted.items() if number > 1 and kind not in faint]
    for kind in drawn(sorted(several), rng, 1):
        number = counted[kind]
        near = [n for n in (number - 1, number + 1, number + 2) if 2 <= n < len(NUMBERS)]
        other = tally.rarest("wrong number", near)
        template, nouns = one_of(PHRASINGS["count"], rng), said(Noun(kind), rng, plural=True)
        true, false = (template.format(number=NUMBERS[n], nouns=nouns) for n in (number, other))
        yield "count", true, false, np.flatnonzero(fitting(Noun(kind), view.facts)).tolist()
