"""Which objects play the parts of an instruction: put on a table, or found on a given one."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

import numpy as np

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.envs.tabletop.long.goal import Layout, Start
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.scene import ObjectSpec, footprint_radius_m

GRASPABLE, VESSEL = shapes.GRASPABLE_KINDS, shapes.CONTAINER_KINDS
# Total area that loose objects may claim; with more, placement rarely succeeds.
MAX_CLAIMED_M2 = 0.14
CLAIM_MARGIN_M = 0.025  # An object claims its footprint and so much around it.
DRAWER_CLAIM_M2 = 0.045  # Area that an open drawer claims.
ADDING_TRIES = 40
HELD_OUT_COLOUR = dict(HELD_OUT)  # One colour of each kind, see `palette.HELD_OUT`.
Item = TypeVar("Item")


class Unfit(ValueError):
    """The objects at hand cannot play a kind's parts."""


class Casting:
    """The objects of one instruction in the making.

    Args:
        rng: the only source of randomness.
        split: which colours objects may have, see `palette.HELD_OUT`.
        given: what is on the table; None: whatever is asked for is put there.

    Attributes:
        things: on the table so far.
        starts: how some of them begin.
        drawer_open: drawer -> whether it is open, by the steps so far.
    """

    def __init__(self, rng: np.random.Generator, split: str, given: Layout | None) -> None:
        self.rng, self.given = rng, given
        self._split = split
        self.things: list[ObjectSpec] = list(given.things) if given else []
        self.starts: list[Start] = list(given.starts) if given else []
        self.drawer_open: dict[int, bool] = {}
        self._cast: set[int] = set()
        self._free_m2 = MAX_CLAIMED_M2
        self._extras: list[tuple[Sequence[str], str]] = []
        self._reserved: list[Callable[[ObjectSpec], bool]] = []

    def pick(self, options: Sequence[Item]) -> Item:
        """One of them at random.

        Raises:
            Unfit: there is none.
        """
        if not options:
            raise Unfit("nothing fits")
        return options[int(self.rng.integers(len(options)))]

    def coin(self) -> bool:
        """True half of the time."""
        return bool(self.rng.random() < 0.5)

    def some(self, options: Sequence[Item], count: int) -> list[Item]:
        """`count` of them in random order.

        Raises:
            Unfit: there are fewer.
        """
        if len(options) < count:
            raise Unfit(f"{count} are needed, there are {len(options)}")
        return [options[int(i)] for i in self.rng.permutation(len(options))[:count]]

    def colours(self, count: int, *, but: Sequence[str] = ()) -> list[str]:
        """`count` different colours, not those of `but`; of the table, if that is given."""
        known = sorted({t.colour for t in self.things}) if self.given else SUITE_COLOURS
        return self.some([colour for colour in known if colour not in but], count)

    def new(self, *kinds: str, colour: str = "", size: str = "", start: Start | None = None) -> int:
        """A thing for a part of its own.

        Args:
            kinds: one of which it is.
            colour: its colour; "": any.
            size: "small", "large" or "" (any, or none where a kind has no sizes).
            start: where it begins (its `item` is filled in); None: loose on the table.

        Raises:
            Unfit: what is given has no such thing left.
        """
        if self.given is not None:
            index = self.pick([
                i for i, t in enumerate(self.things)
                if i not in self._cast and t.kind in kinds and colour in ("", t.colour)
                and (size in ("", t.size) or not t.size) and self._begins(i, start)
            ])  # fmt: skip
        else:
            index = self._added(kinds, colour, size, start)
        self._cast.add(index)
        if self.things[index].kind == "drawer":
            self.drawer_open[index] = self._begins(index, Start("open", index))
        return index

    def _added(self, kinds: Sequence[str], colour: str, size: str, start: Start | None) -> int:
        held_out = self._split == "combination" and not self.things
        on_something = start is not None and start.target >= 0
        if not on_something:
            kinds = [k for k in kinds if _claim_m2(k, size or "small") <= self._free_m2]
        for _ in range(ADDING_TRIES if kinds else 0):
            kind = self.pick(kinds)
            chosen = colour or (HELD_OUT_COLOUR.get(kind) if held_out else None)
            chosen = chosen or self.pick(SUITE_COLOURS)
            given = size or ("small" if self.coin() else "large")
            thing = ObjectSpec(kind, chosen, given if kind in GRASPABLE else "")
            if self._may_come(thing, held_out=held_out):
                self._free_m2 -= 0.0 if on_something else _claim_m2(thing.kind, thing.size)
                self.things.append(thing)
                index = len(self.things) - 1
                if start is not None:
                    self.starts.append(Start(start.relation, index, start.target))
                return index
        raise Unfit("no other thing of that sort may come onto the table")

    def _may_come(self, thing: ObjectSpec, *, held_out: bool) -> bool:
        """Whether a thing has a kind and colour of its own, of the split, that nobody reserved."""
        if not held_out and HELD_OUT_COLOUR.get(thing.kind) == thing.colour:
            return False
        if any(t.kind == thing.kind and t.colour == thing.colour for t in self.things):
            return False
        return not any(fits(thing) for fits in self._reserved)

    def _begins(self, index: int, wanted: Start | None) -> bool:
        own = next((s for s in self.starts if s.item == index), None)
        if self.things[index].kind == "drawer":
            is_open = own is not None and own.relation == "open"
            return wanted is None or is_open == (wanted.relation == "open")
        if wanted is None or own is None:
            return own is wanted
        return (own.relation, own.target) == (wanted.relation, wanted.target)

    def crowd(self, count: int, *kinds: str, size: str = "") -> None:
        """Ask for `count` more things that play no part, if there is room for them in the end."""
        self._extras += [(kinds or GRASPABLE, size)] * count

    def add_crowd(self) -> None:
        """Put what `crowd` asked for on the table; a given scene has its own."""
        for kinds, size in () if self.given else self._extras:
            try:
                self._added(kinds, "", size, None)
            except Unfit:
                continue

    def reserve(self, fits: Callable[[ObjectSpec], bool]) -> None:
        """Nothing that fits comes onto the table any more: the words say "all" of them."""
        self._reserved.append(fits)

    def group(
        self, count: int, most: int, *, kind: str = "", colour: str = "", size: str = "",
        drawn: str = "",
    ) -> list[int]:  # fmt: skip
        """All things of a kind, colour or size, which words such as "all the stars" mean.

        Args:
            count: so many are cast.
            most: so many there may be in all.
            kind: "": all graspable kinds.
            colour: "": any.
            size: that the words name; "": any.
            drawn: a size that they have though no word says so.

        Raises:
            Unfit: there are more, or the words would fit what cannot be moved.
        """
        kinds = (kind,) if kind else GRASPABLE
        for _ in range(count):
            self.new(*kinds, colour=colour, size=size or drawn)

        def named(thing: ObjectSpec) -> bool:
            """Return True where the thing has all that was said of it."""
            own = (thing.kind, thing.colour, thing.size)
            wanted = (kind, colour, size)
            return all(w in ("", o) for w, o in zip(wanted, own, strict=True))

        found = [i for i, thing in enumerate(self.things) if named(thing)]
        wrong = [
            i for i in found
            if self.things[i].kind not in GRASPABLE or not self._begins(i, None)
            or (drawn and self.things[i].size != drawn)
        ]  # fmt: skip
        if wrong or not count <= len(found) <= most:
            raise Unfit("the words would fit more than can be moved")
        self._cast.update(found)
        self.reserve(named)
        return found

    def where(self, place: int) -> str:
        """How a place is told: "in" a bowl, cup or drawer, "on" anything else."""
        return "in" if self.things[place].kind in ("bowl", "cup", "drawer") else "on"


@cache
def _claim_m2(kind: str, size: str) -> float:
    """Return the area of the table that an object claims."""
    if kind == "drawer":
        return DRAWER_CLAIM_M2
    return math.pi * (footprint_radius_m(kind, size) + CLAIM_MARGIN_M) ** 2
