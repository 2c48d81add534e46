"""The protocol of what tools see a tabletop with: an exchangeable detector of objects in frames."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

CAMERA = "front"


class Detection(NamedTuple):
    """One thing found in a frame.

    Attributes:
        name: what it is called, short.
        score: how sure, 0 to 1.
        box: left, top, right, bottom in pixels, the last two exclusive.
        mask: (H, W) bool, the pixels that show it.
        camera: whose frame.
    """

    name: str
    score: float
    box: tuple[int, int, int, int]
    mask: NDArray[np.bool_]
    camera: str


class Answer(NamedTuple):
    """The answer to a question about a frame, in a word or a few.

    Attributes:
        text: "yes", "no", a number, a colour, ...
        score: how sure, 0 to 1.
    """

    text: str
    score: float


class Perception(Protocol):
    """A frame in words: truth, eyes and models fit."""

    perception_id: str

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        """Everything the words fit, surest first; words such as "object" fit everything."""

    def ask(self, question: str, observation: Mapping[str, Any], camera: str) -> Answer:
        """Answer a question; a statement ("the drawer is open") is answered by yes or no."""

    def caption(self, observation: Mapping[str, Any], camera: str) -> str:
        """Return what the frame shows, in words."""


def called(size: str, colour: str, kind: str) -> str:
    """A thing's name in words, from its properties; what does not apply is ""."""
    if kind == "handle":
        return f"handle of {colour} drawer"
    return " ".join(word for word in (size, colour, kind) if word)


def captioned(
    names: Sequence[str], states: Sequence[str], inside: NDArray[np.bool_], on: NDArray[np.bool_]
) -> str:
    """Return what is seen, in a line.

    Args:
        names: of N things.
        states: of each, "" for none.
        inside: (N, N) whether the row's thing is in the column's.
        on: (N, N) whether it is on it.
    """
    said = []
    for index, (name, state) in enumerate(zip(names, states, strict=True)):
        words = f"{name} ({state})" if state else name
        for relation, related in (("in", inside), ("on", on)):
            if related[index].any():
                words += f" {relation} the {names[int(related[index].argmax())]}"
                break
        said.append(words)
    return "; ".join(said) or "nothing"


def names_captioned(caption: str) -> list[str]:
    """Return the names in a line of `captioned`, without where or how the objects are."""
    return [re.split(r" in the | on the | \(", part)[0] for part in caption.split("; ")]


def box_of(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of a mask (H, W) that is not empty, the last two exclusive."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
