"""Actions that are numbers: what may pass for them, and one error for all that may not."""

import contextlib
from typing import Any

import numpy as np
from gymnasium import spaces
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


def with_terminate(space: spaces.Box) -> spaces.Box:
    """Return a mode's actions (N,) with one more entry in [-1, 1], above 0 to end the episode."""
    low, high = np.append(space.low, -1.0), np.append(space.high, 1.0)
    return spaces.Box(low.astype(np.float32), high.astype(np.float32), dtype=np.float32)


def split_terminate(
    action: object, space: spaces.Box, mode: str
) -> tuple[NDArray[np.float64], bool]:
    """Return the motion (N,) of an action of `with_terminate`, and whether it ends the episode.

    Raises:
        ValueError: it is anything but N + 1 finite real numbers.
    """
    values = real_numbers(action, space.shape[0], mode)
    return values[:-1], bool(values[-1] > 0)
