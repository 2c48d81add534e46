"""How clauses are worded and joined in each split, and words for kinds and numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from handeye.envs.tabletop.long.clauses import CLAUSES
from handeye.envs.tabletop.long.goal import Vagueness

JOINED_IN_ORDER = ("{0}, then {1}", "{0} and then {1}", "{0}; after that, {1}")
AT_FIRST = "first {0}, then {1}"
JOINED = ("{0}, and {1}", "{0}; also {1}", "{0} and {1}")
HELD_OUT_IN_ORDER = (
    "{0}; when nothing more is left to do there, {1}",
    "{0}. That was the first job; the one after it: {1}",
)
HELD_OUT_AT_FIRST = "two jobs, and the order matters. One: {0}. Two: {1}"
HELD_OUT_JOINED = (
    "{0}. There is another job, before or after that one: {1}",
    "{0}. Before or after that one, whichever you like, do another job: {1}",
)

VAGUE_KINDS: dict[str, tuple[str, ...]] = {
    "block": ("the thing that looks like a dice", "the square-sided thing"),
    "cylinder": ("the thing that could roll", "the thing like a little drum"),
    "star": ("the thing with five points", "the thing like in the night sky"),
    "hexagon": ("the six-sided thing", "the thing like a nut"),
    "triangle": ("the three-cornered thing", "the thing with three sides"),
    "bowl": ("the thing to eat soup from",),
    "plate": ("the thing to eat cake from",),
    "cup": ("the thing to drink from",),
    "button": ("the thing to press", "the thing that clicks"),
    "drawer": ("the thing that slides open", "the place to keep things"),
    "zone": ("the marked place", "the painted place"),
}
PLURALS: dict[str, str] = {
    "block": "blocks", "cylinder": "cylinders", "star": "stars", "hexagon": "hexagons",
    "triangle": "triangles", "bowl": "bowls", "plate": "plates", "cup": "cups",
    "button": "buttons", "drawer": "drawers", "zone": "zones",
}  # fmt: skip
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
AFTER_CHOICE = ("{0}. After that, {1}", "{0}. Then {1}")
AFTER_CHOICE_HELD_OUT = (
    "{0}. There is another job after that, the same in both cases: {1}",
    "{0}. Whatever you had to do there, go on with this: {1}",
)


class Joints(NamedTuple):
    """Ways to join {0}, what was said so far, and {1}, the next clause.

    Attributes:
        in_order: {0} is to be done before {1}.
        at_first: the same, where {0} is the first clause.
        free: in any order.
        after_choice: {0} ends in a decision, of which {1} is no part.
    """

    in_order: tuple[str, ...]
    at_first: tuple[str, ...]
    free: tuple[str, ...]
    after_choice: tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """A way of speaking.

    Attributes:
        options: (clause, vagueness, whether it is part of another clause) -> its phrasings.
        joints: between clauses.
    """

    options: Callable[[str, Vagueness, bool], tuple[str, ...]]
    joints: Joints


def _seen(clause: str, vagueness: Vagueness, inner: bool) -> tuple[str, ...]:
    """For training; an inner clause takes no vague phrasing, which may be no order."""
    plain, _, vague = CLAUSES[clause]
    return vague if vague and vagueness == "vague" and not inner else plain


def _held_out(clause: str, vagueness: Vagueness, inner: bool) -> tuple[str, ...]:
    """Of the split `phrasing`."""
    return CLAUSES[clause].held_out


SEEN = Wording(_seen, Joints(JOINED_IN_ORDER, (AT_FIRST,), JOINED, AFTER_CHOICE))
HELD_OUT = Wording(
    _held_out,
    Joints(HELD_OUT_IN_ORDER, (HELD_OUT_AT_FIRST,), HELD_OUT_JOINED, AFTER_CHOICE_HELD_OUT),
)


def wording_of(split: str) -> Wording:
    """How the instructions of a split of `tasks.SPLITS` are worded."""
    return HELD_OUT if split == "phrasing" else SEEN
