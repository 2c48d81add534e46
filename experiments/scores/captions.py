"""Captions: how much of what they name is not there (CHAIR, Rohrbach et al. 2018)."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from handeye.experiments.data.vl.examples import Frame
from handeye.experiments.labels.scene_nouns import read_noun
from handeye.experiments.records.statistics import Rate
from handeye.experiments.scores.answerer import Answerer

BETWEEN = re.compile(
    r",| and | is (?:to the |in |on |the )?|\bwith\b|\bhere\b|\bin view\b|"
    r"(?:left|right|front|behind|inside|top) of|\bleft\b|\bright\b|\bbehind\b|"
    r"\bon a table\b|\bfrom\b"
)
TABLE = "table"  # on which everything stands, and a thing of apartments
APARTMENT = "ego"


def score_captions(answerer: Answerer, count: int, rng: np.random.Generator) -> dict[str, Any]:
    """Let the family caption `count` frames.

    Returns:
        "chair_i": share of the things named that are not in view; "chair_s": share of captions that
        name such a thing; "blind": the same of captions of other frames, as somebody who never
        looks would write them.
    """
    data = answerer.data
    every = data.of_kind("caption")
    places = [every[int(k)] for k in rng.integers(len(every), size=count)]
    frames = [data.examples[place].frames[-1] for place in places]
    said = answerer.say(places)
    others = [data.examples[place].answer for place in np.roll(places, 1)]
    return {**chair(said, frames), "blind": chair(others, frames)}


def chair(captions: Sequence[str], frames: Sequence[Frame]) -> dict[str, Any]:
    """Return the shares of invented things (CHAIR_i), and of captions with one (CHAIR_s)."""
    named = invented = wrong = 0
    for caption, frame in zip(captions, frames, strict=True):
        things = things_named(caption, frame)
        absent = [thing for thing in things if not _is_there(*thing, frame)]
        named += len(things)
        invented += len(absent)
        wrong += bool(absent)
    return {
        "chair_i": Rate.counted(invented, named).to_dict(),
        "chair_s": Rate.counted(wrong, len(captions)).to_dict(),
    }


def things_named(caption: str, frame: Frame) -> list[tuple[str, str]]:
    """Return the kind and colour ("" for none) of each thing that a caption names."""
    nouns = (read_noun(piece) for piece in BETWEEN.split(caption))
    found = [(noun.kind, noun.colour) for noun in nouns if noun is not None and noun.kind]
    return [(k, c) for k, c in found if k != TABLE or frame.camera == APARTMENT]


def _is_there(kind: str, colour: str, frame: Frame) -> bool:
    return any(one.kind == kind and colour in ("", one.colour) for one in frame.things)
