"""What is painted on an apartment: floors, walls, pictures, and the letters of its signs.

A far sign has fewer pixels than its letters have strokes, and would show an arbitrary choice of
them; so each text is kept at several sharpnesses and the eye's distance says which is seen.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rendering.colour_jitter import Colour
from handeye.envs.rendering.lettering import text_pattern
from handeye.envs.rendering.patterns import PATTERN_SIZE, pattern
from handeye.envs.rendering.surfaces import Surface
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES, WallPiece
from handeye.envs.rooms.pictures.appearance import PLAIN, Covering

LIGHT_INK, DARK_INK = (0.97, 0.97, 0.96), (0.06, 0.06, 0.07)
DARK_BELOW = 0.45  # luminance of a sign's plate under which its letters are light
CANVAS = (0.95, 0.92, 0.84)
SIGN_MARGIN_M = 0.018
SHARPNESSES = 4  # letters as they are, then averaged over 2, 4 and 8 cells
DOWN = (0.0, 0.0, -1.0)
SQUARE = 0.5**0.5


def floor_surface(covering: Covering) -> Surface | None:
    """The pattern of a floor; None: it is plain."""
    if covering.pattern == PLAIN:
        return None
    cosine, sine = float(np.cos(covering.angle_rad)), float(np.sin(covering.angle_rad))
    cells = covering.cells_per_m
    return Surface(
        covering.colours[1], pattern(covering.pattern), (0.0, 0.0, 0.0),
        (cosine, sine, 0.0), (-sine, cosine, 0.0), (cells, cells),
    )  # fmt: skip


def wall_surface(covering: Covering) -> Surface | None:
    """The pattern of all walls of a room, columns downwards; None: they are plain.

    Rows go along x plus y: along walls of either direction alike.
    """
    if covering.pattern == PLAIN:
        return None
    cells = covering.cells_per_m
    return Surface(
        covering.colours[1], pattern(covering.pattern), (0.0, 0.0, 0.0),
        DOWN, (SQUARE, SQUARE, 0.0), (cells, cells / SQUARE),
    )  # fmt: skip


def picture_surface(hung: WallPiece) -> Surface:
    """A landscape in the picture's colour and that of the canvas."""
    return _hung_surface(hung, CANVAS, landscape(), (0.0, PATTERN_SIZE))


def sign_surface(hung: WallPiece, plate: Colour) -> Surface:
    """The text of a sign, light on a dark plate or dark on a light one."""
    luminance = float(np.dot(plate, (0.30, 0.59, 0.11)))
    text = sign_text(hung.text)
    ink = LIGHT_INK if luminance < DARK_BELOW else DARK_INK
    return _hung_surface(hung, ink, text.patterns[0], text.rows)


def _hung_surface(
    hung: WallPiece, colour: Colour, cells: NDArray[np.uint8], rows: tuple[float, float]
) -> Surface:
    """A pattern on the front of a wall piece, which these of its rows fill from top to bottom."""
    size, quarter = WALL_PIECES[hung.kind], hung.facing * np.pi / 2
    right = (-round(float(np.sin(quarter))), round(float(np.cos(quarter))), 0.0)
    per_m = (PATTERN_SIZE / size.width_m, (rows[1] - rows[0]) / size.height_m)
    x, y, z = hung.centre_m
    left = (x - right[0] * size.width_m / 2, y - right[1] * size.width_m / 2)
    origin = (*left, z + size.height_m / 2 + rows[0] / per_m[1])
    return Surface(colour, cells, origin, right, DOWN, per_m, tiling=False)


@lru_cache(maxsize=1)
def landscape() -> NDArray[np.uint8]:
    """(PATTERN_SIZE, PATTERN_SIZE) uint8: hills in the first colour and a sun on the second."""
    row, column = np.mgrid[:PATTERN_SIZE, :PATTERN_SIZE] / PATTERN_SIZE
    hills = row > 0.62 - 0.16 * np.sin(5.0 * column + 0.6)
    ridge = row > 0.45 + 0.5 * np.abs(column - 0.62)
    sun = np.hypot(row - 0.26, column - 0.26) < 0.11
    return np.where(hills | sun, 0, np.where(ridge, 90, 255)).astype(np.uint8)


class SignText(NamedTuple):
    """The letters of a sign.

    Attributes:
        patterns: (SHARPNESSES, PATTERN_SIZE, PATTERN_SIZE) uint8, the sharpest first.
        rows: those that the sign shows, its margins included.
    """

    patterns: NDArray[np.uint8]
    rows: tuple[float, float]


@lru_cache(maxsize=64)
def sign_text(text: str) -> SignText:
    """The letters of a sign that says `text`; they fill its height but for a margin."""
    sharp = text_pattern(text, PATTERN_SIZE)
    inked = np.flatnonzero(sharp.any(axis=1))
    size = WALL_PIECES["sign"]
    per_m = (inked[-1] + 1 - inked[0]) / (size.height_m - 2 * SIGN_MARGIN_M)
    top = inked[0] - SIGN_MARGIN_M * per_m
    stretch = per_m * size.width_m / PATTERN_SIZE  # cells that are as high as one is wide
    patterns = [sharp]
    for level in range(1, SHARPNESSES):
        across = _averaged(sharp.astype(np.float64), 2.0**level)
        patterns.append(np.rint(_averaged(across.T, stretch * 2.0**level).T).astype(np.uint8))
    return SignText(np.stack(patterns), (float(top), float(top + per_m * size.height_m)))


def _averaged(values: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Rows (R, S), each value the mean over `width` cells about it."""
    sums = np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))
    cells = np.linspace(0.5, values.shape[1] - 0.5, values.shape[1])
    high, low = _between(sums, cells + width / 2), _between(sums, cells - width / 2)
    return np.asarray((high - low) / width)


def _between(sums: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows (R, S + 1) read at places (S,) between their columns, the ends beyond them."""
    at = np.clip(at, 0.0, sums.shape[1] - 1.0)
    low = np.minimum(at.astype(np.int64), sums.shape[1] - 2)
    return np.asarray((sums[:, low + 1] - sums[:, low]) * (at - low) + sums[:, low])
