"""Painted text: block letters as a pattern for signs.

The letters are data of this file, not a system font: a sign is the same to the bit everywhere.
"""

import numpy as np
from numpy.typing import NDArray

# Per letter its columns from left to right, two hex digits each; bit 0 is the top row of seven.
LETTERS = {
    " ": "0000", "!": "5F", "&": "3649562050", "'": "03", "(": "1C2241", ")": "41221C",
    "+": "08083E0808", ",": "6020", "-": "080808", ".": "6060", "/": "2010080402", ":": "3636",
    "?": "0201510906",
    "0": "3E5149453E", "1": "427F40", "2": "4261514946", "3": "2241494936", "4": "1814127F10",
    "5": "2745454539", "6": "3C4A494930", "7": "0171090503", "8": "3649494936", "9": "064949291E",
    "A": "7E1111117E", "B": "7F49494936", "C": "3E41414122", "D": "7F4141413E", "E": "7F494941",
    "F": "7F090901", "G": "3E4149497A", "H": "7F0808087F", "I": "417F41", "J": "2040413F01",
    "K": "7F08142241", "L": "7F404040", "M": "7F020C027F", "N": "7F0408107F", "O": "3E4141413E",
    "P": "7F09090906", "Q": "3E4151215E", "R": "7F09192946", "S": "2649494932", "T": "01017F0101",
    "U": "3F4040403F", "V": "1F2040201F", "W": "3F4038403F", "X": "6314081463", "Y": "0708700807",
    "Z": "6151494543",
}  # fmt: skip
LETTER_ROWS = 7
LINE_ROWS = 9  # a letter and the gap above or below it
TALLEST = 2.0  # letters are stretched upwards to fill the pattern, at most this far
MARGIN = 1 / 32  # of the pattern, left free at either side


def text_pattern(text: str, size: int = 64) -> NDArray[np.uint8]:
    """Block letters (size, size) uint8, 255 where there is ink; row 0 is the top.

    Words stand in upper case under one another, the longest fills the width. Where letters are
    larger than their font their edges are sharp, else a cell is as bright as it is covered.

    Args:
        text: Words of letters and digits; on 64 cells readable up to 11 characters each.
        size: Side of the square; a `Surface` needs a power of two.

    Raises:
        ValueError: nothing to print, a character there is no letter for, or a size below 16.
    """
    if size < LETTER_ROWS + LINE_ROWS:
        raise ValueError(f"size must be at least {LETTER_ROWS + LINE_ROWS} cells, got {size}")
    words = text.upper().split()
    if not words:
        raise ValueError(f"text_pattern got {text!r}, which has nothing to print; give it a word")
    missing = sorted({letter for word in words for letter in word} - set(LETTERS))
    if missing:
        raise ValueError(
            f"there is no letter for {missing} in {text!r}; use {''.join(sorted(LETTERS))!r}"
        )
    return _fitted(_block(words), size)


def _block(words: list[str]) -> NDArray[np.float64]:
    """Words under one another, centred: (rows, columns) of 0 and 1, one cell per font pixel."""
    lines = [_line(word) for word in words]
    width = max(line.shape[1] for line in lines)
    block = np.zeros((LINE_ROWS * len(lines) - (LINE_ROWS - LETTER_ROWS), width))
    for index, line in enumerate(lines):
        left = (width - line.shape[1]) // 2
        top = index * LINE_ROWS
        block[top : top + LETTER_ROWS, left : left + line.shape[1]] = line
    return block


def _line(word: str) -> NDArray[np.float64]:
    """One word (7, columns): its letters with an empty column between them."""
    columns: list[int] = []
    for letter in word:
        columns += [*bytes.fromhex(LETTERS[letter]), 0]
    bits = np.array(columns[:-1])[None, :] >> np.arange(LETTER_ROWS)[:, None]
    return (bits & 1).astype(np.float64)


def _fitted(block: NDArray[np.float64], size: int) -> NDArray[np.uint8]:
    """`block` scaled into the middle of (size, size), every cell the mean ink that falls on it."""
    room = size * (1 - 2 * MARGIN)
    rows, columns = block.shape
    across = room / columns
    down = min(TALLEST * across, room / rows)
    across = min(across, TALLEST * down)  # a single letter must not become a bar
    ink = _coverage(rows, down, size) @ block @ _coverage(columns, across, size).T
    return np.rint(255 * np.clip(ink, 0.0, 1.0)).astype(np.uint8)


def _coverage(count: int, scale: float, size: int) -> NDArray[np.float64]:
    """(size, count) share of each cell that each of `count` centred pixels covers."""
    edges = 0.5 * size + scale * (np.arange(count + 1) - 0.5 * count)
    if scale >= 1.0:
        edges = np.rint(edges)  # whole cells: a gap of half a cell would look like a stroke
    cells = np.arange(size)[:, None]
    overlap = np.minimum(edges[1:], cells + 1) - np.maximum(edges[:-1], cells)
    return np.asarray(np.clip(overlap, 0.0, 1.0))
