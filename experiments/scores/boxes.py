"""Where is it: pointing into the thing's mask, and boxes that overlap its own."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from handeye.experiments.data.exchanges import LOCATIONS
from handeye.experiments.data.vl.examples import BOX, Box, VlExample
from handeye.experiments.data.vl.vl_dataset import VlDataset
from handeye.experiments.records.statistics import Rate
from handeye.experiments.scores.answerer import Answerer

PX = 128  # of the masks
OVERLAP = 0.5  # Acc@0.5
CHUNK = 64


def score_boxes(answerer: Answerer, count: int, rng: np.random.Generator) -> dict[str, Any]:
    """Ask where `count` things are; beside it who always points at the middle of all things' boxes.

    Returns:
        "pointing": the middle of the box lies in the mask; "box": it overlaps the true one by more
        than half of what both cover; each with its "blind" share.
    """
    data = answerer.data
    every = [p for p in data.of_kind("refer") if data.examples[p].answer == BOX]
    places = [every[int(k)] for k in rng.integers(len(every), size=count)]
    asked = [data.examples[place] for place in places]
    boxes = [first_box(text) for text in answerer.say(places)]
    usual = usual_box(data, every)
    return {
        "pointing": pointing(data, places, boxes),
        "pointing_blind": pointing(data, places, [usual] * count),
        "box": overlapping(asked, boxes),
        "box_blind": overlapping(asked, [usual] * count),
    }


def first_box(text: str) -> Box | None:
    """Return the first box that a text tells; None where it tells none."""
    read = LOCATIONS.read(text.replace(" ", ""))
    return read.entities[0].boxes[0] if read is not None and read.entities else None


def usual_box(data: VlDataset, places: Sequence[int]) -> Box:
    """Return the mean of the boxes of examples."""
    x0, y0, x1, y1 = np.mean([data.examples[place].boxes[0] for place in places], axis=0).tolist()
    return x0, y0, x1, y1


def pointing(data: VlDataset, places: Sequence[int], boxes: Sequence[Box | None]) -> dict[str, Any]:
    """Return how often the middle of a box lies in the mask of what was asked for."""
    hits = 0
    for start in range(0, len(places), CHUNK):
        some = places[start : start + CHUNK]
        drawn = data.draw(some, PX)
        for number, (place, box) in enumerate(zip(some, boxes[start:], strict=False)):
            mask = drawn.mask(number, data.examples[place].bodies[0])
            if box is not None:
                column, row = (box[0] + box[2]) / 2 * PX, (box[1] + box[3]) / 2 * PX
                hits += bool(mask[min(PX - 1, int(row)), min(PX - 1, int(column))])
    return Rate.counted(hits, len(places)).to_dict()


def overlapping(asked: Sequence[VlExample], boxes: Sequence[Box | None]) -> dict[str, Any]:
    """Return how often a box overlaps the true one by more than `OVERLAP`."""
    pairs = zip(asked, boxes, strict=True)
    hits = sum(box is not None and overlap(one.boxes[0], box) > OVERLAP for one, box in pairs)
    return Rate.counted(hits, len(asked)).to_dict()


def overlap(a: Box, b: Box) -> float:
    """Return the area that two boxes share over that which they cover (IoU)."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(0.0, wide) * max(0.0, high)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return both / max(1e-9, sum(areas) - both)
