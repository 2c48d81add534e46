"""Referring expressions (`refer`): from words to a box, from a box to words, and to nothing.

    where is the small red block left of the bowl     ->  <box>
    what is at <box>                                  ->  the small red block
    where is the green cup                            ->  nowhere in view

The mask belongs to the thing named, see `drawing.Drawn`.
"""

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.experiments.data.vl.balance import Tally, one_of
from handeye.experiments.data.vl.examples import BOX, VlExample
from handeye.experiments.data.vl.presence import absent_noun
from handeye.experiments.data.vl.views import View
from handeye.experiments.data.vl.wording import the, unique_noun, worded
from handeye.experiments.labels.scene_facts import HANDLE
from handeye.experiments.labels.scene_nouns import Noun

PHRASINGS: dict[str, tuple[str, ...]] = {
    "box": spell_out("where (is|do you see) {the}", "(show|point at) {the}"),
    "words": spell_out("(what|which thing) is at {box}", "what do you see at {box}"),
    "absent": ("nowhere in view", "there is none in view"),
}
REFERRED = 3  # things of a frame


def referring(view: View, tally: Tally, rng: np.random.Generator) -> list[VlExample]:
    """Return for some things of a frame their boxes by words, their words by boxes, and one miss.

    Colours of the things come about equally often in an episode.
    """
    examples = []
    things = view.facts.things
    left = set(range(len(things)))
    for _ in range(min(REFERRED, len(things))):
        colour = tally.rarest("referred", sorted({things[index].colour for index in left}))
        index = one_of([i for i in sorted(left) if things[i].colour == colour], rng)
        left.discard(index)
        noun = unique_noun(view, index, rng)
        if noun is None:
            continue
        asked = worded(PHRASINGS["box"], rng, the=the(noun, rng))
        examples.append(view.example("refer", "box", asked, BOX, [index]))
        shown = worded(PHRASINGS["words"], rng, box=BOX)
        examples.append(view.example("refer", "words", shown, the(noun, rng), [index]))
    named = [thing for thing in things if thing.kind != HANDLE]
    if not named or not examples:
        return examples
    near = one_of(named, rng)
    absent = absent_noun(view, tally, Noun(near.kind, near.colour))
    if absent is not None:
        asked = worded(PHRASINGS["box"], rng, the=the(absent, rng))
        reply = one_of(PHRASINGS["absent"], rng)
        examples.append(view.example("refer", "absent", asked, reply))
    return examples
