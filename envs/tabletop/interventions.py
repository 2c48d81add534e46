"""What happens between the actions of an episode, and is done again by copies of it."""

from typing import NamedTuple


class Displacement(NamedTuple):
    """Something that was put elsewhere: which, and where to (m)."""

    item: int
    x_m: float
    y_m: float


class GoOn(NamedTuple):
    """The beginning of a chain's next instruction, in the place of an action."""
