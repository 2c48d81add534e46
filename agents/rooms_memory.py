"""Things that were seen in an apartment: each once, with its place and what it looked like."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from handeye.agents.rooms_perception import SeenThing
from handeye.agents.rooms_words import Query

CELL_M = 0.05  # of the squares that a thing is remembered by
SAME_THING_M = 0.3  # between the middles of two views of one thing
OVERLAP_SHARE = 0.3  # of the squares of the smaller, those that the other has: the same one
NEAR_SHARE = 0.5  # what nearness counts, as such a share
LEAST_SHOWN = 4  # squares of a thing that is worth to be remembered
SURE = 0.25  # mean odds of the kind of what counts as seen
LEAST_ODDS = 0.1  # that a thing is what is meant, if nothing is called so
NEARLY = 0.8  # of the likeliest's odds: as likely
LEAST_SIGHTINGS = 2  # of a thing without an identity: a single look may be wrong
FAR_SQUARES = 1 << 16  # no apartment is as many squares wide
FAR_M = 6.0  # what is seen from farther away is too coarse


@dataclass
class KnownThing:
    """One thing.

    Attributes:
        number: of its handle, from 1.
        kinds: summed odds (K,) of all sightings.
        colours: summed odds (C,).
        rooms: summed odds (R,) that it stands in a room.
        squares: (x, y) on a grid of `CELL_M` in the start frame.
        middle: (2,) of the squares.
        identity: as an eye that knows it gave it.
        sightings: in how many frames.
    """

    number: int
    kinds: NDArray[np.float32]
    colours: NDArray[np.float32]
    rooms: NDArray[np.float32]
    squares: set[tuple[int, int]] = field(default_factory=set)
    middle: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    identity: str = ""
    sightings: int = 0

    @property
    def points_m(self) -> NDArray[np.float64]:
        """Middles (N, 2) of its squares, x and y in the start frame, m."""
        return (np.array(sorted(self.squares)) + 0.5) * CELL_M

    @property
    def is_sure(self) -> bool:
        """Whether enough speaks for it."""
        enough = self.identity or self.sightings >= LEAST_SIGHTINGS
        return bool(enough) and float(self.kinds.max()) >= SURE * self.sightings


class RoomMemory:
    """All things seen so far.

    Args:
        kinds: names, in the order of `SeenThing.kinds`.
        colours: likewise.
        rooms: likewise.
    """

    def __init__(self, kinds: Sequence[str], colours: Sequence[str], rooms: Sequence[str]) -> None:
        self._kinds, self._colours, self._rooms = tuple(kinds), tuple(colours), tuple(rooms)
        self._things: list[KnownThing] = []

    @property
    def things(self) -> list[KnownThing]:
        """Those that are sure, in the order in which they were first seen."""
        return [thing for thing in self._things if thing.is_sure]

    def add(
        self, seen: SeenThing, points_m: NDArray[np.float64], rooms: NDArray[np.float32]
    ) -> KnownThing | None:
        """Remember a sighting; None if too little of the thing shows.

        Args:
            seen: the thing.
            points_m: (N, 2) what its pixels show, in the start frame.
            rooms: odds (R,) that it stands in each room.
        """
        squares = _squares(points_m)
        if len(squares) < LEAST_SHOWN:
            return None
        thing = self._known(seen, squares)
        if thing is None:
            kinds, colours = np.zeros_like(seen.kinds), np.zeros_like(seen.colours)
            number, identity = len(self._things) + 1, seen.identity
            thing = KnownThing(number, kinds, colours, np.zeros_like(rooms), identity=identity)
            self._things.append(thing)
        thing.kinds, thing.colours = thing.kinds + seen.kinds, thing.colours + seen.colours
        thing.rooms = thing.rooms + rooms
        thing.squares |= squares
        thing.middle = np.array(list(thing.squares)).mean(0)
        thing.sightings += 1
        return thing

    def _known(self, seen: SeenThing, squares: set[tuple[int, int]]) -> KnownThing | None:
        """The thing that was seen before, by its identity or else by its place."""
        if seen.identity:
            return next((t for t in self._things if t.identity == seen.identity), None)
        middle, look = np.array(list(squares)).mean(0), int(seen.colours.argmax())
        most, known = OVERLAP_SHARE, None
        for thing in self._things:
            if int(thing.colours.argmax()) != look:  # eyes tell colours well, also from afar
                continue
            shared = len(squares & thing.squares) / min(len(squares), len(thing.squares))
            if np.hypot(*(thing.middle - middle)) * CELL_M <= SAME_THING_M:
                shared = max(shared, NEAR_SHARE)
            if shared >= most:
                most, known = shared, thing
        return known

    def room_of(self, thing: KnownThing) -> str:
        """The room that it stands in, "" where that was never seen."""
        return self._rooms[int(thing.rooms.argmax())] if thing.rooms.max() > 0 else ""

    def kind_of(self, thing: KnownThing) -> str:
        """What it is."""
        return self._kinds[int(thing.kinds.argmax())]

    def colour_of(self, thing: KnownThing) -> str:
        """Its colour."""
        return self._colours[int(thing.colours.argmax())]

    def name_of(self, thing: KnownThing) -> str:
        """Colour and kind."""
        return f"{self.colour_of(thing)} {self.kind_of(thing)}"

    def told(self, thing: KnownThing) -> str:
        """Handle, colour, kind and room in words."""
        room = self.room_of(thing)
        return f"#{thing.number} {self.name_of(thing)}" + (f" in the {room}" if room else "")

    def fitting(self, query: Query) -> list[KnownThing]:
        """The things that a query fits, each being what it most looks like."""
        return [thing for thing in self.things if self._fits(thing, query)]

    def likeliest(self, query: Query) -> list[KnownThing]:
        """The thing, or those as likely, that may be meant by what none most looks like."""
        odds = [self._odds(thing, query) for thing in self.things]
        least = max(LEAST_ODDS, NEARLY * max(odds, default=0.0))
        return [thing for thing, one in zip(self.things, odds, strict=True) if one >= least]

    def _odds(self, thing: KnownThing, query: Query) -> float:
        """That a thing has all that a query names, 0 to 1: mean odds of its sightings."""
        if thing.identity:
            return 0.0  # an eye that knows a thing is not mistaken about it
        shares = 1.0
        for name, names, odds in (
            (query.kind, self._kinds, thing.kinds / thing.sightings),
            (query.colour, self._colours, thing.colours / thing.sightings),
            (query.room, self._rooms, thing.rooms / max(float(thing.rooms.sum()), 1e-6)),
        ):
            if name:  # eyes may not know what words name
                shares *= float(odds[names.index(name)]) if name in names else 0.0
        return shares

    def _fits(self, thing: KnownThing, query: Query) -> bool:
        return (
            query.kind in ("", self.kind_of(thing))
            and query.colour in ("", self.colour_of(thing))
            and query.room in ("", self.room_of(thing))
        )

    def all_told(self, things: Iterable[KnownThing]) -> str:
        """Several in words."""
        return "; ".join(self.told(thing) for thing in things)


def _squares(points_m: NDArray[np.float64]) -> set[tuple[int, int]]:
    """Squares of `CELL_M` that hold points (N, 2)."""
    columns, rows = np.floor(points_m / CELL_M).astype(np.int64).T
    whole = np.unique(columns * FAR_SQUARES + rows + FAR_SQUARES // 2)
    found = np.stack([whole // FAR_SQUARES, whole % FAR_SQUARES - FAR_SQUARES // 2])
    return set(zip(*found.tolist(), strict=True))
