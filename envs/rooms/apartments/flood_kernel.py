"""Which cells of a grid can be reached from one of them."""

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled


@compiled
def reachable(free: NDArray[np.bool_], row: int, column: int) -> NDArray[np.bool_]:
    """Return the free cells (H, W) that are joined to a cell by sides, itself included.

    Args:
        free: (H, W) cells that may be passed.
        row: of the cell to start from.
        column: of the cell to start from.
    """
    rows, columns = free.shape
    found = np.zeros((rows, columns), np.bool_)
    if not free[row, column]:
        return found
    stack = np.empty(rows * columns, np.int64)
    stack[0], size = row * columns + column, 1
    found[row, column] = True
    while size:
        size -= 1
        i, j = stack[size] // columns, stack[size] % columns
        for k in range(4):
            r, c = i + (k == 0) - (k == 1), j + (k == 2) - (k == 3)
            if 0 <= r < rows and 0 <= c < columns and free[r, c] and not found[r, c]:
                found[r, c] = True
                stack[size] = r * columns + c
                size += 1
    return found
