"""Actions that are numbers: what may pass for them, and one error for all that may not."""

import contextlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

REAL_KINDS = "biuf"  # numpy's kinds of real numbers: no complex ones, dates, text or objects


def real_numbers(action: object, count: int, mode: str) -> NDArray[np.float64]:
    """Return an action as (count,) float64.

    Raises:
        ValueError: it is anything but `count` finite real numbers.
    """
    values: NDArray[Any] = np.empty(0, np.complex128)
    with contextlib.suppress(TypeError, ValueError):  # nested lists of unequal lengths
        values = np.asarray(action)
    real = values.shape == (count,) and values.dtype.kind in REAL_KINDS
    if not real or not np.isfinite(values).all():
        article = "an" if mode[0] in "aeiou" else "a"
        raise ValueError(f"{article} {mode} action is {count} finite numbers, got {action!r}")
    return values.astype(np.float64)
