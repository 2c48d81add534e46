"""The square grid that a frame's tokens stand in, cut into windows of neighbours."""

from math import isqrt

from torch import Tensor


def window_side(in_tokens: int, tokens: int) -> int:
    """Return the side of the square of neighbours that become one token.

    Raises:
        ValueError: the grid of `in_tokens` does not divide into `tokens` windows.
    """
    if in_tokens == tokens:
        return 1
    side, fewer = isqrt(in_tokens), isqrt(tokens)
    if side**2 != in_tokens:
        raise ValueError(f"{in_tokens} tokens are no square grid, so neighbours cannot be merged")
    if fewer**2 != tokens or fewer == 0 or side % fewer:
        fitting = [str(n * n) for n in range(1, side + 1) if side % n == 0]
        raise ValueError(
            f"{side} x {side} tokens do not merge evenly into {tokens}; they do into "
            + ", ".join(fitting)
        )
    return side // fewer


def windows(tokens: Tensor, side: int) -> Tensor:
    """Tokens (B, N, width) of a square grid, row by row -> (B, N / side², side², width).

    A window's tokens come row by row as well.

    Raises:
        ValueError: N is not the square of a multiple of `side`.
    """
    batch, count, width = tokens.shape
    grid = isqrt(count)
    if grid**2 != count or grid % side:
        raise ValueError(f"{count} tokens are no square grid of windows of {side} x {side}")
    cut = tokens.reshape(batch, grid // side, side, grid // side, side, width)
    return cut.transpose(2, 3).reshape(batch, -1, side * side, width)
