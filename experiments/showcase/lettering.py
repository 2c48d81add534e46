"""Words on pictures in a real typeface: titles, wrapped lines and lists of calls."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handeye.experiments.pictures.video import Frame

INK, SOFT, GOOD, BAD = (29, 39, 51), (91, 104, 117), (26, 127, 75), (179, 55, 43)
LEADING = 1.35  # Distance between base lines, in sizes.
MARGIN_PX = 16
GAP = 0.3  # More below the last row of a line.


class Line(NamedTuple):
    """Words in one style.

    Attributes:
        words: wrapped where they are too long.
        size_px: height of the letters.
        bold: whether they are heavy.
        colour: red, green and blue, 0 to 255.
    """

    words: str
    size_px: int = 15
    bold: bool = False
    colour: tuple[int, int, int] = INK


def panel(
    lines: Sequence[Line], width_px: int, height_px: int, margin_px: int = MARGIN_PX
) -> Frame:
    """Return a white picture (height_px, width_px, 3) with lines from the top, wrapped to fit."""
    picture = Image.new("RGB", (width_px, height_px), "white")
    draw = ImageDraw.Draw(picture)
    y = float(margin_px)
    for line in lines:
        font = _font(line.size_px, line.bold)
        for row in wrapped(line, width_px - 2 * margin_px):
            draw.text((margin_px, y), row, line.colour, font)
            y += LEADING * line.size_px
        y += GAP * line.size_px
    return np.asarray(picture, np.uint8)


def height_of(lines: Sequence[Line], width_px: int, margin_px: int = MARGIN_PX) -> float:
    """Return how high (px) a panel of that width has to be for all lines."""
    rows = ((line.size_px, len(wrapped(line, width_px - 2 * margin_px))) for line in lines)
    return 2 * margin_px + sum(size * (LEADING * count + GAP) for size, count in rows)


def wrapped(line: Line, width_px: int) -> list[str]:
    """Return the words in rows that are at most as wide; a single longer word stands alone."""
    font, rows = _font(line.size_px, line.bold), [""]
    for word in line.words.split():
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and font.getlength(longer) > width_px:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


@cache
def _font(size_px: int, bold: bool) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans, which comes with matplotlib."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name, size_px)
