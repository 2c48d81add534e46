"""A scene of the suite `rooms`: an apartment, where the robot starts, and what can be asked there.

Furniture and wall pieces are called things here and go by their names (`red_chair_3`); a room goes
by its kind, which no other room of the apartment has (`kitchen`).
"""

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.apartment import PIECES, Apartment
from handeye.envs.floor import Rect
from handeye.envs.geodesic import FreeSpace, free_space_of
from handeye.envs.mobile_base import RADIUS_M, BasePose

WALL_PIECE_DEPTH_M = 0.03  # how far a picture, sign or window stands out of its wall
MARGIN_M = 0.07  # beyond the robot's radius: discrete steps cannot thread a tighter gap
STOP_WITHIN_M = 1.0  # of the goal: what success means in navigation


class Thing(NamedTuple):
    """A piece of furniture or a wall piece as an axis-aligned box in the world, m."""

    name: str
    kind: str
    colour: str
    room: int
    low_m: tuple[float, float, float]
    high_m: tuple[float, float, float]
    text: str = ""

    @property
    def footprint(self) -> Rect:
        """The box seen from above."""
        return Rect(*self.low_m[:2], *self.high_m[:2])

    def distance_m(self, x: float, y: float) -> float:
        """From a point on the floor to the footprint, 0 inside."""
        dx = max(self.low_m[0] - x, 0.0, x - self.high_m[0])
        dy = max(self.low_m[1] - y, 0.0, y - self.high_m[1])
        return float(np.hypot(dx, dy))


@dataclass(frozen=True)
class RouteStep:
    """One step of a described route.

    Attributes:
        action: "leave", "turn left", "turn right", "turn around", "go straight", "pass", "enter"
            or "stop".
        landmark: name of a thing or kind of a room that says where; "" where none is needed.
        ordinal: which door on the way ("the second door"), counted from 1; 0 where none is meant.
    """

    action: str
    landmark: str = ""
    ordinal: int = 0


@dataclass(frozen=True)
class RoomGoal:
    """What an instruction of the suite `rooms` asks for.

    Attributes:
        referred: names of things and kinds of rooms, in the order of the words.
        relation: "between", "next to", ... or "".
        place_m: the point that a task without a referred thing is about.
        path_m: the path that a described route takes, its start and end included.
        steps: the route in steps.
        answer: what has to be said at the end; "" where nothing has.
    """

    referred: tuple[str, ...] = ()
    relation: str = ""
    place_m: tuple[float, float] | None = None
    path_m: tuple[tuple[float, float], ...] = ()
    steps: tuple[RouteStep, ...] = ()
    answer: str = ""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "RoomGoal":
        """The inverse of `dataclasses.asdict`, after a trip through JSON too."""
        place = data["place_m"]
        return cls(
            tuple(data["referred"]),
            data["relation"],
            None if place is None else (float(place[0]), float(place[1])),
            tuple((float(x), float(y)) for x, y in data["path_m"]),
            tuple(RouteStep(**step) for step in data["steps"]),
            data["answer"],
        )


@dataclass(frozen=True)
class Leg:
    """A stretch of a scripted solution: be at one of the points, then look towards `face_m`."""

    points_m: tuple[tuple[float, float], ...]
    face_m: tuple[float, float] | None = None


@dataclass(frozen=True)
class RoomScene:
    """An apartment and the robot's start pose in it."""

    apartment: Apartment
    start: BasePose

    @cached_property
    def free(self) -> FreeSpace:
        """Where the robot's middle fits with `MARGIN_M` to spare; paths are planned in it."""
        return free_space_of(self.apartment, RADIUS_M + MARGIN_M)

    @cached_property
    def walls(self) -> list[Rect]:
        """Footprints of the walls, doorways left open."""
        return self.apartment.walls()

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """Footprints of walls and furniture, (N, 4) x0 y0 x1 y1."""
        furniture = [piece.footprint for piece in self.apartment.furniture]
        return np.array([*self.walls, *furniture])

    @cached_property
    def things(self) -> dict[str, Thing]:
        """Furniture, then wall pieces, by name."""
        found = {}
        for piece in self.apartment.furniture:
            foot, height = piece.footprint, PIECES[piece.kind].height_m
            low, high = (foot.x0, foot.y0, 0.0), (foot.x1, foot.y1, height)
            found[piece.name] = Thing(piece.name, piece.kind, piece.colour, piece.room, low, high)
        for hung in self.apartment.wall_pieces:
            foot = hung.front(WALL_PIECE_DEPTH_M)
            low, high = (foot.x0, foot.y0, hung.low_m), (foot.x1, foot.y1, hung.high_m)
            found[hung.name] = Thing(
                hung.name, hung.kind, hung.colour, hung.room, low, high, hung.text
            )
        return found

    def room_index(self, kind: str) -> int:
        """Index of the room of that kind.

        Raises:
            ValueError: the apartment has none.
        """
        for index, room in enumerate(self.apartment.rooms):
            if room.kind == kind:
                return index
        raise ValueError(f"there is no {kind!r} in this apartment")

    def starting_at(self, start: BasePose) -> "RoomScene":
        """The same apartment with another start."""
        return replace(self, start=start)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"apartment": self.apartment.to_dict(), "start": asdict(self.start)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "RoomScene":
        """The inverse of `to_dict`.

        Raises:
            ValueError: a field is missing, or the apartment's parts do not fit together.
        """
        try:
            start = BasePose(**data["start"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a scene of rooms: {error}") from error
        return cls(Apartment.from_dict(data["apartment"]), start)


class Walk(NamedTuple):
    """What the robot has done so far: the track of its poses, and what it said.

    Attributes:
        track: (T + 1, 3) float64 x, y (m) and yaw (rad) at every control tick; the last is now.
        answer: the last answer given; "" before there is one.
    """

    track: NDArray[np.float64]
    answer: str = ""

    @property
    def here(self) -> BasePose:
        """Where the robot stands now."""
        return BasePose(*self.track[-1].tolist())
