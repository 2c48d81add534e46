"""A furnished apartment without its geometry: what there is, in which room, and where one starts.

Enough to ask for something and to know the answer. It is read off a `RoomScene`, or drawn alone in
a fraction of a millisecond, for whoever needs thousands of them and no pictures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np

from handeye.envs.rooms.apartments.apartment import PIECES
from handeye.envs.rooms.apartments.contents import CONTENTS, COUNTABLE
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.apartments.sample_floor_plan import (
    HALLWAY_ROOMS,
    HALLWAY_SHARE,
    LEAST_ROOMS,
    MOST_ROOMS,
)
from handeye.envs.rooms.apartments.splits import allowed_colours
from handeye.envs.rooms.scene.scene import RoomScene

START = "start"  # as a place: where the robot stood at first
EXTRA_THINGS = (1, 5)  # least and most in a drawn room beyond its usual ones
SAME_COLOUR_SHARE = 0.5  # of the countable things, those that look like one in the room


class HomeThing(NamedTuple):
    """A piece of furniture: its name, what it is, and the kind of the room it stands in."""

    name: str
    kind: str
    colour: str
    room: str


@dataclass(frozen=True)
class SymbolicHome:
    """An apartment as words can tell it.

    Attributes:
        rooms: their kinds; each is there once.
        things: all furniture.
        start_room: where the robot starts.
    """

    rooms: tuple[str, ...]
    things: tuple[HomeThing, ...]
    start_room: str

    @cached_property
    def by_name(self) -> dict[str, HomeThing]:
        """The things by name."""
        return {thing.name: thing for thing in self.things}

    @cached_property
    def _alike(self) -> dict[tuple[str, str, str], list[HomeThing]]:
        """Things by kind, colour ("" for any) and room ("" for any)."""
        found: dict[tuple[str, str, str], list[HomeThing]] = {}
        for thing in self.things:
            for key in product((thing.kind,), ("", thing.colour), ("", thing.room)):
                found.setdefault(key, []).append(thing)
        return found

    def fitting(self, kind: str, colour: str = "", room: str = "") -> list[HomeThing]:
        """Things of a kind, and of a colour and in a room where these are given."""
        return self._alike.get((kind, colour, room), [])

    @cached_property
    def nameable(self) -> tuple[str, ...]:
        """Names of the things that colour, kind and room tell from all others."""
        return tuple(thing.name for thing in self.things if len(self.fitting(*thing[1:])) == 1)

    def fitting_words(self, what: str, room: str = "") -> list[HomeThing]:
        """Things such as "box" or "green box" in a room, or in all."""
        *colour, kind = what.split()
        return self.fitting(kind, colour[0] if colour else "", room)

    def room_of(self, place: str) -> str:
        """The room that a place, a thing's name or a room's kind, is or lies in."""
        return self.by_name[place].room if place in self.by_name else place

    def has(self, place: str) -> bool:
        """Return whether there is such a thing or room here."""
        return place in self.by_name or place in self.rooms


def home_of(scene: RoomScene) -> SymbolicHome:
    """What words can tell of a scene."""
    kinds = [room.kind for room in scene.apartment.rooms]
    things = tuple(
        HomeThing(piece.name, piece.kind, piece.colour, kinds[piece.room])
        for piece in scene.apartment.furniture
    )
    return SymbolicHome(tuple(kinds), things, kinds[scene.apartment.room_at(*scene.start.xy)])


def sample_home(rng: np.random.Generator, split: str = "train") -> SymbolicHome:
    """A home alone, furnished about as `draw_apartment` does it.

    Args:
        rng: the only source of randomness.
        split: "train" or "unseen": whose coloured furniture there may be.
    """
    count = int(rng.integers(LEAST_ROOMS, MOST_ROOMS + 1))
    always = ["bathroom", "living room"]
    if count >= HALLWAY_ROOMS and rng.random() < HALLWAY_SHARE:
        always.append("hallway")
    free = [kind for kind in ROOM_KINDS if kind not in (*always, "hallway")]
    rooms = [*always, *rng.permutation(free)[: count - len(always)].tolist()]
    rooms = [rooms[i] for i in rng.permutation(len(rooms))]
    allowed = {kind: allowed_colours(kind, split) for kind in PIECES}
    things: list[HomeThing] = []
    for room in rooms:
        more = CONTENTS[room].more
        extra = int(rng.integers(EXTRA_THINGS[0], EXTRA_THINGS[1] + 1))
        drawn = [more[i] for i in rng.integers(len(more), size=extra)]
        for kind in (*CONTENTS[room].usual, *drawn):
            colour = _colour(rng, allowed[kind], kind, room, things)
            if colour:
                things.append(HomeThing(f"{colour}_{kind}_{len(things)}", kind, colour, room))
    return SymbolicHome(tuple(rooms), tuple(things), rooms[int(rng.integers(len(rooms)))])


def _colour(
    rng: np.random.Generator,
    allowed: Sequence[str],
    kind: str,
    room: str,
    things: Iterable[HomeThing],
) -> str:
    """One that no other piece of the kind has, as far as possible; countables may repeat."""
    alike = [thing for thing in things if thing.kind == kind]
    here = [thing.colour for thing in alike if thing.room == room]
    pool = list(allowed)
    if kind in COUNTABLE:
        pool = here if here and rng.random() < SAME_COLOUR_SHARE else pool
    else:
        elsewhere = {thing.colour for thing in alike}
        pool = [c for c in pool if c not in elsewhere] or [c for c in pool if c not in here]
    return pool[int(rng.integers(len(pool)))] if pool else ""
