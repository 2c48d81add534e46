"""Things that were seen in an apartment: each once, with its place and what it looked like."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from handeye.agents.sight.rooms_perception import SeenObject
from handeye.agents.sight.rooms_words import Query
from handeye.agents.tools.tool_context import Listed
from handeye.perception.mapping.things_on_map import MappedObject

CELL_M = 0.05  # Objects are remembered by squares of this size.
LEAST_SHOWN = 4  # An object of fewer squares is not worth remembering.
LEAST_ODDS = 0.1  # An object that is less likely to be meant is not taken for it.
NEARLY = 0.8  # An object with this share of the highest odds is as likely.
FAR_SQUARES = 1 << 16  # No apartment is as many squares wide.
FAR_M = 6.0  # What is seen from farther away is too coarse.


@dataclass
class KnownObject:
    """One thing.

    Attributes:
        number: of its handle, from 1.
        kinds: odds (K,).
        colours: odds (C,).
        rooms: odds (R,) that it stands in a room, added up over looks.
        identity: as an eye that knows it gave it; "" of what is guessed.
        squares: (x, y) on a grid of `CELL_M` in the start frame.
    """

    number: int
    kinds: NDArray[np.float32]
    colours: NDArray[np.float32]
    rooms: NDArray[np.float32]
    identity: str = ""
    squares: set[tuple[int, int]] = field(default_factory=set)

    @property
    def points_m(self) -> NDArray[np.float64]:
        """Middles (N, 2) of its squares, x and y in the start frame, m."""
        return (np.array(sorted(self.squares)) + 0.5) * CELL_M


class RoomMemory:
    """All things seen so far.

    Args:
        kinds: names, in the order of `SeenObject.kinds`.
        colours: likewise.
        rooms: likewise.
    """

    def __init__(self, kinds: Sequence[str], colours: Sequence[str], rooms: Sequence[str]) -> None:
        self._kinds, self._colours, self._rooms = tuple(kinds), tuple(colours), tuple(rooms)
        self.things: list[KnownObject] = []

    def add(
        self, seen: SeenObject, points_m: NDArray[np.float64], rooms: NDArray[np.float32]
    ) -> KnownObject | None:
        """Remember a sighting; None if too little of the thing shows.

        Args:
            seen: the thing.
            points_m: (N, 2) what its pixels show, in the start frame.
            rooms: odds (R,) that it stands in each room.
        """
        squares = squares_of(points_m)
        if len(squares) < LEAST_SHOWN:
            return None
        thing = next((t for t in self.things if t.identity == seen.identity), None)
        if thing is None:
            thing = self._new(seen.kinds, seen.colours, np.zeros_like(rooms), seen.identity)
        thing.rooms = thing.rooms + rooms
        thing.squares |= squares
        return thing

    def put(self, guessed: MappedObject, rooms: NDArray[np.float32]) -> None:
        """Remember what a map shows, with the odds (R,) of the rooms that it may stand in."""
        thing = self._new(guessed.kinds, guessed.colours, rooms, "")
        thing.squares = squares_of(guessed.points_m)

    def _new(
        self,
        kinds: NDArray[np.float32],
        colours: NDArray[np.float32],
        rooms: NDArray[np.float32],
        identity: str,
    ) -> KnownObject:
        thing = KnownObject(len(self.things) + 1, kinds, colours, rooms, identity)
        self.things.append(thing)
        return thing

    def shown(self, squares: set[tuple[int, int]]) -> list[KnownObject]:
        """The things of which enough lies in squares of the grid."""
        return [t for t in self.things if len(t.squares & squares) >= LEAST_SHOWN]

    def room_of(self, thing: KnownObject) -> str:
        """The room that it stands in, "" where that was never seen."""
        return self._rooms[int(thing.rooms.argmax())] if thing.rooms.max() > 0 else ""

    def kind_of(self, thing: KnownObject) -> str:
        """Return what it is."""
        return self._kinds[int(thing.kinds.argmax())]

    def colour_of(self, thing: KnownObject) -> str:
        """Its colour."""
        return self._colours[int(thing.colours.argmax())]

    def name_of(self, thing: KnownObject) -> str:
        """Colour and kind."""
        return f"{self.colour_of(thing)} {self.kind_of(thing)}"

    def told(self, thing: KnownObject) -> str:
        """Handle, colour, kind and room in words."""
        room = self.room_of(thing)
        return f"#{thing.number} {self.name_of(thing)}" + (f" in the {room}" if room else "")

    def fitting(self, query: Query) -> list[KnownObject]:
        """The things that a query fits, each being what it most looks like."""
        return [thing for thing in self.things if self._fits(thing, query)]

    def likeliest(self, query: Query) -> list[KnownObject]:
        """The thing, or those nearly as likely, that may be meant by a query for one thing."""
        odds = [self._odds(thing, query) for thing in self.things]
        least = max(LEAST_ODDS, NEARLY * max(odds, default=0.0))
        return [thing for thing, one in zip(self.things, odds, strict=True) if one >= least]

    def _odds(self, thing: KnownObject, query: Query) -> float:
        """That a thing has all that a query names, 0 to 1."""
        if thing.identity:  # an eye that knows a thing is not mistaken about it
            return float(self._fits(thing, query))
        shares = 1.0
        for name, names, odds in (
            (query.kind, self._kinds, thing.kinds),
            (query.colour, self._colours, thing.colours),
            (query.room, self._rooms, thing.rooms / max(float(thing.rooms.sum()), 1e-6)),
        ):
            if name:  # eyes may not know what words name
                shares *= float(odds[names.index(name)]) if name in names else 0.0
        return shares

    def _fits(self, thing: KnownObject, query: Query) -> bool:
        return (
            query.kind in ("", self.kind_of(thing))
            and query.colour in ("", self.colour_of(thing))
            and query.room in ("", self.room_of(thing))
        )

    def listed(self, things: Sequence[KnownObject]) -> Listed:
        """Put objects into words and into plain values: "handle", "name", "room"."""
        objects = [
            {"handle": f"#{t.number}", "name": self.name_of(t), "room": self.room_of(t)}
            for t in things
        ]
        return Listed("; ".join(map(self.told, things)), objects)


def squares_of(points_m: NDArray[np.float64]) -> set[tuple[int, int]]:
    """Squares of `CELL_M` that hold points (N, 2)."""
    columns, rows = np.floor(points_m / CELL_M).astype(np.int64).T
    whole = np.unique(columns * FAR_SQUARES + rows + FAR_SQUARES // 2)
    found = np.stack([whole // FAR_SQUARES, whole % FAR_SQUARES - FAR_SQUARES // 2])
    return set(zip(*found.tolist(), strict=True))
