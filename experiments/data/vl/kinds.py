"""Every kind of example: which function makes it, and all of their wordings."""

from collections.abc import Callable

import numpy as np

from handeye.experiments.data.vl import (
    affordances,
    captions,
    dialogues,
    done,
    episodes,
    negatives,
    questions,
    referring,
)
from handeye.experiments.data.vl.balance import Tally
from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.views import View
from handeye.experiments.labels.scene_questions import PHRASINGS as ASKED

ABOUT_A_FRAME: dict[str, Callable[[View, Tally, np.random.Generator], list[VlExample]]] = {
    "caption": captions.captions,
    "dense_caption": captions.dense_captions,
    "vqa": questions.questions,
    "refer": referring.referring,
    "dialogue": dialogues.dialogues,
    "hard_negative": negatives.hard_negatives,
}
ABOUT_AN_EPISODE = ("narration", "plan", "speech")  # by `episodes` and `speech`
KINDS: tuple[str, ...] = (*ABOUT_A_FRAME, *ABOUT_AN_EPISODE)

PHRASINGS: dict[str, tuple[str, ...]] = {
    "asked": tuple(text for several in ASKED.values() for text in several),
    "affordance": tuple(one.question for one in affordances.AFFORDANCES),
    **{
        module.__name__.rpartition(".")[2]: tuple(
            text for several in module.PHRASINGS.values() for text in several
        )
        for module in (captions, questions, referring, dialogues, negatives, done, episodes)
    },
    "steps": tuple(text for pair in episodes.STEPS.values() for text in pair),
}
"""Every pattern with slots that the examples are said in, by where it comes from."""
