"""Limits of generated programs, and the size of their plain values."""

import math
from dataclasses import dataclass
from typing import Any

Value = Any  # None, bool, int, float, str, list or dict of such


@dataclass(frozen=True)
class SandboxLimits:
    """The limits of one program.

    Attributes:
        source_chars: length of the source.
        depth: of nested syntax and of nested values.
        steps: statements and expressions evaluated; this bounds the run time.
        calls: of tools.
        items: of one list, dict or string, contents of its parts included.
        magnitude: of a whole number.
    """

    source_chars: int = 8_000
    depth: int = 30
    steps: int = 20_000
    calls: int = 60
    items: int = 10_000
    magnitude: int = 2**63


def size_of(value: Value, limits: SandboxLimits) -> int:
    """Items in a plain value: characters, elements, keys, those of its parts included.

    Raises:
        ValueError: it is no plain value, or too large.
    """
    count, waiting = 0, [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > limits.depth:
            raise ValueError(f"a value nested deeper than {limits.depth}")
        if isinstance(one, str):
            count += len(one)
        elif isinstance(one, list | dict):
            parts = [*one, *one.values()] if isinstance(one, dict) else one
            count += len(parts)
            waiting += [(part, depth + 1) for part in parts[: limits.items]]
        else:
            _check_number(one, limits)
        if count > limits.items:
            raise ValueError(f"more than {limits.items} items")
    return count


def _check_number(value: Value, limits: SandboxLimits) -> None:
    """ValueError for what is neither None, a truth value nor a number within the limits."""
    if value is None or isinstance(value, bool):
        return
    if not isinstance(value, int | float):
        raise ValueError(f"a {type(value).__name__} is no plain value")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number that is not finite")
    if isinstance(value, int) and abs(value) > limits.magnitude:
        raise ValueError(f"a number beyond {limits.magnitude}")
