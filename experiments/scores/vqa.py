"""Questions about a frame: every matter, and every answer to it, as often as the others."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.presence import ADVERSARIAL
from handeye.experiments.data.vl.vl_dataset import VlDataset
from handeye.experiments.records.statistics import Rate
from handeye.experiments.scores.answerer import Answerer

YES = "yes"


def score_vqa(answerer: Answerer, count: int, rng: np.random.Generator) -> dict[str, Any]:
    """Ask `count` questions, balanced over matters and answers; beside it the usual answer's share.

    Returns:
        "vqa": exact matches; "blind": those of the answer that is given most often to questions of
        a matter; "by_matter"; "pope": see `pope`.
    """
    data = answerer.data
    places = data.sample(rng, "vqa", count)
    asked = [data.examples[place] for place in places]
    said = answerer.say(places)
    return {
        "vqa": rate(said, asked),
        "blind": rate(usual_answers(data, asked), asked),
        "by_matter": {
            matter: rate(*zip(*pairs, strict=True))
            for matter in sorted({one.about for one in asked})
            if (pairs := [(s, o) for s, o in zip(said, asked, strict=True) if o.about == matter])
        },
        "pope": pope(answerer, count, rng),
    }


def pope(answerer: Answerer, count: int, rng: np.random.Generator) -> dict[str, Any]:
    """Ask whether something is there that is, or that only shares kind or colour with it.

    Li et al. 2023, arXiv:2305.10355: accuracy, F1 of "yes", and the share of "yes" (half is true).
    """
    data = answerer.data
    every = [p for p in data.of_kind("vqa") if data.examples[p].about == ADVERSARIAL]
    if not every:
        return {}
    places = [every[int(k)] for k in rng.choice(len(every), min(count, len(every)), replace=False)]
    asked = [data.examples[place] for place in places]
    said = answerer.say(places)
    hits = sum(s == o.answer == YES for s, o in zip(said, asked, strict=True))
    yes, true = sum(s == YES for s in said), sum(o.answer == YES for o in asked)
    return {
        "accuracy": rate(said, asked),
        "f1": 2 * hits / max(1, yes + true),
        "yes_share": yes / len(said),
    }


def usual_answers(data: VlDataset, asked: Sequence[VlExample]) -> list[str]:
    """Return, for each question, the answer that questions of its matter have most often."""
    counts: dict[str, Counter[str]] = {}
    for place in data.of_kind("vqa"):
        one = data.examples[place]
        counts.setdefault(one.about, Counter())[one.answer] += 1
    return [min(counts[o.about].items(), key=lambda pair: (-pair[1], pair[0]))[0] for o in asked]


def rate(said: Sequence[str], asked: Sequence[VlExample]) -> dict[str, Any]:
    """Return how many of the answers are exactly the true ones."""
    right = sum(s == one.answer for s, one in zip(said, asked, strict=True))
    return Rate.counted(right, len(asked)).to_dict()
