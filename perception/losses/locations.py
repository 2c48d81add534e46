"""Boxes as words: a grid over the frame, one location token a cell, two tokens a box."""

import re
from collections.abc import Sequence
from math import ceil, floor
from typing import NamedTuple

XyXy = tuple[float, float, float, float]  # left, top, right, bottom, shares of width and height

DELIMITER = "<delim>"
_PAIR = r"<loc_(\d+)><loc_(\d+)>"
_ENTITY = re.compile(
    rf"(?:<p>(?P<phrase>[^<>]+)</p>)?<box>(?P<boxes>{_PAIR}(?:{DELIMITER}{_PAIR})*)</box>"
)


class Entity(NamedTuple):
    """Words of a text that name things in the frame."""

    phrase: str  # "" where boxes stand alone
    span: tuple[int, int]  # of the phrase in the plain text
    boxes: tuple[XyXy, ...]


class GroundedText(NamedTuple):
    """A text with its boxes taken out."""

    plain: str
    entities: tuple[Entity, ...]


class LocationTokens:
    """side × side cells, numbered row by row (Kosmos-2: Peng et al. 2023, §2.1).

    A box is the cell of its upper left corner and the cell of its lower right one:

        <p>red block</p><box><loc_34><loc_51></box>

    Several boxes of one phrase stand in one <box>, <delim> between them. Kosmos-2 has 32 × 32
    cells on 224 px; on 128 px, 16 × 16 cells are 8 px each.
    """

    def __init__(self, side: int = 16) -> None:
        if side < 1:
            raise ValueError(f"a grid has at least one cell along each side, not {side}")
        self.side = side

    @property
    def tokens(self) -> list[str]:
        """Return every word that the vocabulary needs, marks first."""
        marks = ["<p>", "</p>", "<box>", "</box>", DELIMITER]
        return marks + [f"<loc_{cell}>" for cell in range(self.side**2)]

    def encode(self, box: XyXy) -> tuple[int, int]:
        """Return the cells of a box's upper left and lower right corners.

        Raises:
            ValueError: the box is empty or reaches out of the frame.
        """
        left, top, right, bottom = box
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            raise ValueError(
                f"the box {box} is empty or leaves the frame; give left < right and top < bottom "
                "as shares of the frame between 0 and 1"
            )
        first = floor(top * self.side) * self.side + floor(left * self.side)
        last = max(0, ceil(bottom * self.side - 1)) * self.side
        return first, last + max(0, ceil(right * self.side - 1))

    def decode(self, first: int, last: int) -> XyXy:
        """Return the box of two cells: between their centres; their outer edges if in line.

        Raises:
            ValueError: a cell is not on the grid, or `last` lies above or left of `first`.
        """
        (y0, x0), (y1, x1) = divmod(first, self.side), divmod(last, self.side)
        if not (0 <= y0 <= y1 < self.side and 0 <= x0 <= x1):
            raise ValueError(
                f"cells {first} and {last} are no upper left and lower right corner on a grid of "
                f"{self.side} x {self.side}"
            )
        inset = 0.0 if x0 == x1 or y0 == y1 else 0.5
        edges = (x0 + inset, y0 + inset, x1 + 1 - inset, y1 + 1 - inset)
        left, top, right, bottom = (edge / self.side for edge in edges)
        return left, top, right, bottom

    def write(self, phrase: str, boxes: Sequence[XyXy]) -> str:
        """Write a phrase and its boxes; of an empty phrase the boxes alone.

        Raises:
            ValueError: there is no box, one is empty, or the phrase has angle brackets.
        """
        if not boxes or "<" in phrase or ">" in phrase:
            raise ValueError(f"{phrase!r} needs a box at least, and words without angle brackets")
        pairs = [f"<loc_{first}><loc_{last}>" for first, last in map(self.encode, boxes)]
        named = f"<p>{phrase}</p>" if phrase else ""
        return f"{named}<box>{DELIMITER.join(pairs)}</box>"

    def read(self, text: str) -> GroundedText | None:
        """Take the boxes out of what a model wrote.

        None if the text is malformed: a mark left open or out of place, a cell that is not on the
        grid, corners the wrong way round.
        """
        plain, end = "", 0
        entities = []
        for match in _ENTITY.finditer(text):
            plain += text[end : match.start()]
            phrase, end = match["phrase"] or "", match.end()
            span = (len(plain), len(plain) + len(phrase))
            plain += phrase
            pairs = re.findall(_PAIR, match["boxes"])
            try:
                boxes = tuple(self.decode(int(first), int(last)) for first, last in pairs)
            except ValueError:
                return None
            entities.append(Entity(phrase, span, boxes))
        plain += text[end:]
        return None if "<" in plain or ">" in plain else GroundedText(plain, tuple(entities))
