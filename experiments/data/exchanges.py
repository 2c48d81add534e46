"""Vision-language examples -> batches that any family learns from."""

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from handeye.experiments.data.vl.drawing import Drawn
from handeye.experiments.data.vl.examples import BOX, Box, VlExample
from handeye.experiments.data.vl.vl_dataset import VlDataset, list_records
from handeye.perception.encoders.text import CLASS_ID, PAD_ID
from handeye.perception.families.family import Exchange
from handeye.perception.families.vocabulary import END_ID, Vocabulary
from handeye.perception.losses.locations import LocationTokens

TRIES = 20  # at an example that is short enough
LOCATIONS = LocationTokens(16)


def folders_of(roots: Iterable[Path]) -> list[Path]:
    """Return the dataset folders that hold vision-language examples beside their episodes."""
    return [root for root in roots if any(True for _ in list_records(root))]


def texts_of(data: VlDataset) -> Iterable[str]:
    """Yield all that is said in a dataset, to make a vocabulary from."""
    for one in data.examples:
        yield from (one.question, one.answer, one.wrong, *chain.from_iterable(one.before))


def draw_exchange(
    data: VlDataset,
    kinds: Sequence[str],
    count: int,
    vocabulary: Vocabulary,
    px: int,
    rng: np.random.Generator,
    jitter: float,
    longest: int,
) -> Exchange:
    """Draw a batch of examples of some kinds, equally likely, with frames in looks of their own.

    A place in words is that of the thing as it is drawn. What is asked and what is said before it
    are cut from the front to what the vocabulary reads; an example whose answer is longer is
    drawn again.

    Args:
        data: the examples.
        kinds: of `vl.kinds.KINDS`.
        count: how many.
        vocabulary: of the family.
        px: height and width of the frames.
        rng: of the choice and of the looks.
        jitter: strength of the looks' spread.
        longest: words and marks of an answer, its end included.

    Raises:
        ValueError: the data hold none of a kind, or only such as are too long.
    """
    drawn = [kinds[int(k)] for k in rng.integers(len(kinds), size=count)]
    places = [_place(data, kind, vocabulary, rng, longest) for kind in drawn]
    return exchange(data, places, vocabulary, px, rng, jitter)


def exchange(
    data: VlDataset,
    places: Sequence[int],
    vocabulary: Vocabulary,
    px: int,
    rng: np.random.Generator | None = None,
    jitter: float = 1.0,
) -> Exchange:
    """Return the examples at `places` as a batch, with their last frames; see `draw_exchange`."""
    drawn = data.draw(places, px, rng, jitter=jitter)
    asked, said, wrong = [], [], []
    for number, place in enumerate(places):
        one = data.examples[place]
        boxes = iter([drawn_box(drawn, number, one, k) for k in range(len(one.boxes))])
        earlier = [_written(part, boxes) for turn in one.before for part in turn]
        question = vocabulary.split(" ".join([*earlier, _written(one.question, boxes)]))
        asked.append([CLASS_ID, *vocabulary.ids(question[-vocabulary.max_words :])])
        said.append([*vocabulary.ids(vocabulary.split(_written(one.answer, boxes))), END_ID])
        untrue = vocabulary.ids(vocabulary.split(one.wrong))
        wrong.append([*untrue, END_ID] if untrue else [])
    last = [drawn.rgb[rows[-1]] for rows in drawn.rows]
    frames = torch.from_numpy(np.stack(last)).permute(0, 3, 1, 2)[:, None].float() / 255.0
    return Exchange(frames, padded(asked), padded(said), padded(wrong, max(map(len, said))))


def drawn_box(drawn: Drawn, number: int, one: VlExample, k: int) -> Box:
    """Return where an example's k-th thing is in the frame as drawn, or as recorded if hidden."""
    return drawn.box(number, one.bodies[k]) or one.boxes[k]


def padded(rows: Sequence[Sequence[int]], least: int = 1) -> Tensor:
    """Rows of ids -> (B, L) int64 with padding behind them, L at least `least`."""
    length = max(least, *map(len, rows))
    return torch.tensor([[*row, *[PAD_ID] * (length - len(row))] for row in rows])


def _written(text: str, boxes: Iterable[Box]) -> str:
    """Put the next places in words where the text has a mark for them."""
    if BOX not in text:
        return text
    pieces = text.split(BOX)
    marks = [LOCATIONS.write("", [box]) for _, box in zip(pieces[1:], boxes, strict=False)]
    return "".join(chain.from_iterable(zip(pieces, [*marks, ""], strict=True)))


def _place(
    data: VlDataset, kind: str, vocabulary: Vocabulary, rng: np.random.Generator, longest: int
) -> int:
    mark = LOCATIONS.write("", [(0.0, 0.0, 1.0, 1.0)])
    for _ in range(TRIES):
        (place,) = data.sample(rng, kind, 1)
        words = vocabulary.split(data.examples[place].answer.replace(BOX, mark))
        if len(words) < longest:
            return place
    raise ValueError(
        f"none of {TRIES} examples of the kind {kind!r} has an answer of less than "
        f"{longest} words; leave the kind out of the mixture"
    )
