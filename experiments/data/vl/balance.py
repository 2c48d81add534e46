"""Which of several true things is said next: the one said least so far, so that none prevails."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

import numpy as np

Choice = TypeVar("Choice", bound=Hashable)
Item = TypeVar("Item")


class Tally:
    """Counts of what the examples of one episode have said.

    Args:
        rng: decides between what was said equally often.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._said: Counter[tuple[str, Hashable]] = Counter()

    def rarest(self, what: str, choices: Iterable[Choice]) -> Choice:
        """Return the choice said least as `what`, and count it."""
        shuffled = drawn(list(choices), self._rng)
        chosen = min(shuffled, key=lambda choice: self._said[what, choice])
        self._said[what, chosen] += 1
        return chosen


def drawn(items: Sequence[Item], rng: np.random.Generator, count: int | None = None) -> list[Item]:
    """Return items in random order, at most `count` of them."""
    return [items[index] for index in rng.permutation(len(items))[:count].tolist()]


def one_of(items: Sequence[Item], rng: np.random.Generator) -> Item:
    """Return one of the items."""
    return items[int(rng.integers(len(items)))]
