"""Search: the frame of a caption among many, and the caption of a frame."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.experiments.records.statistics import Rate
from handeye.experiments.scores.answerer import Answerer

DEPTHS = (1, 5)


def score_retrieval(answerer: Answerer, scenes: int, rng: np.random.Generator) -> dict[str, Any]:
    """Search among the captions "list" of up to `scenes` frames, one caption for each frame.

    Returns:
        "scenes": how many there are, captions that are word for word alike left out; R@1 and R@5 of
        both directions; "chance" of R@1.
    """
    data = answerer.data
    unlike: dict[str, int] = {}
    for place in data.of_kind("caption"):
        one = data.examples[place]
        if one.about == "list":
            unlike.setdefault(one.answer, place)
    every = list(unlike.values())
    chosen = rng.choice(len(every), min(scenes, len(every)), replace=False)
    scores = answerer.alike([every[int(k)] for k in chosen])
    return {
        "scenes": len(scores),
        "chance": 1 / len(scores),
        **recalls("image_of_text", scores.T),
        **recalls("text_of_image", scores),
    }


def recalls(name: str, scores: NDArray[np.float32]) -> dict[str, Any]:
    """Return R@k of rows whose right column has their own number; a tie counts against."""
    own = scores.diagonal()[:, None]
    better = (scores >= own).sum(1) - 1
    hits = {k: int((better < k).sum()) for k in DEPTHS}
    return {f"{name}_r{k}": Rate.counted(hits[k], len(scores)).to_dict() for k in DEPTHS}
