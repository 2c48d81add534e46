"""A scene of the suite `rooms`: an apartment, where the robot starts, and what can be asked there.

Furniture and wall pieces are called things here and go by their names (`red_chair_3`); a room goes
by its kind, which no other room of the apartment has (`kitchen`).
"""

import math
from collections import Counter
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handeye.envs.rooms.apartments.apartment import PIECES, Apartment
from handeye.envs.rooms.apartments.floor import WALL_HEIGHT_M, Rect
from handeye.envs.rooms.scene.geodesic import CLEARANCE_M, FreeSpace, free_space_of, occupancy_grid
from handeye.envs.rooms.scene.mobile_base import RADIUS_M, BasePose

WALL_PIECE_DEPTH_M = 0.03  # how far a picture, sign or window stands out of its wall
MARGIN_M = 0.07  # beyond the robot's radius: discrete steps cannot thread a tighter gap
INSIDE_M = 0.3  # from the edges of a room: what it is to be in it
CELL_M = 0.1  # of the grid in which connected parts of the floor are measured
STOP_WITHIN_M = 1.0  # of the goal: what success means in navigation


class RoomsObject(NamedTuple):
    """A piece of furniture or a wall piece as an axis-aligned box in the world, m.

    `quarter_turns` counter-clockwise from world +x to where its front faces.
    """

    name: str
    kind: str
    colour: str
    room: int
    low_m: tuple[float, float, float]
    high_m: tuple[float, float, float]
    quarter_turns: int = 0
    text: str = ""

    @property
    def footprint(self) -> Rect:
        """The box seen from above."""
        return Rect(*self.low_m[:2], *self.high_m[:2])

    def distance_m(self, x: float, y: float) -> float:
        """From a point on the floor to the footprint, 0 inside."""
        dx = max(self.low_m[0] - x, 0.0, x - self.high_m[0])
        dy = max(self.low_m[1] - y, 0.0, y - self.high_m[1])
        return math.hypot(dx, dy)

    def distances_m(self, points_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same (P,) for points (P, 2)."""
        low, high = np.array(self.low_m[:2]), np.array(self.high_m[:2])
        away = np.maximum(np.maximum(low - points_m, points_m - high), 0.0)
        return np.asarray(np.hypot(away[:, 0], away[:, 1]))


@dataclass(frozen=True)
class RouteStep:
    """One step of a described route.

    Attributes:
        action: "leave", "turn left", "turn right", "turn around", "go straight", "pass", "enter",
            "stop" (at a thing, or in the middle of a room) or "stop at door" (in a doorway).
        landmark: name of a thing or kind of a room that says where; "" where none is needed.
        ordinal: which door on the way ("the second door"), counted from 1; 0 where none is meant.
        side: "left" or "right" of the walker, or "ahead"; "" where none is meant.
    """

    action: str
    landmark: str = ""
    ordinal: int = 0
    side: str = ""


@dataclass(frozen=True)
class RoomGoal:
    """What an instruction of the suite `rooms` asks for.

    Attributes:
        referred: names of things and kinds of rooms, in the order of the words.
        relation: "between", "next to", ..., or what is counted, such as "green box"; "" for none.
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
    def things(self) -> dict[str, RoomsObject]:
        """Furniture, then wall pieces, by name."""
        found = {}
        for piece in self.apartment.furniture:
            foot, height = piece.footprint, PIECES[piece.kind].height_m
            low, high = (foot.x0, foot.y0, 0.0), (foot.x1, foot.y1, height)
            what = piece.name, piece.kind, piece.colour, piece.room
            found[piece.name] = RoomsObject(*what, low, high, piece.quarter_turns % 4)
        for hung in self.apartment.wall_pieces:
            foot = hung.front(WALL_PIECE_DEPTH_M)
            low, high = (foot.x0, foot.y0, hung.low_m), (foot.x1, foot.y1, hung.high_m)
            what = hung.name, hung.kind, hung.colour, hung.room
            found[hung.name] = RoomsObject(*what, low, high, hung.facing, hung.text)
        return found

    @cached_property
    def alike(self) -> Counter[tuple[str, str, int]]:
        """How many things fit a kind, colour ("" for any) and room (-1 for any)."""
        return Counter(
            (thing.kind, colour, room)
            for thing in self.things.values()
            for colour in ("", thing.colour)
            for room in (-1, thing.room)
        )

    @cached_property
    def hiding_m(self) -> NDArray[np.float64]:
        """Boxes (N, 6) that hide what is behind them: all walls, then all furniture, m.

        Each is low x, y, z, high x, y, z.
        """
        walls = [(w.x0, w.y0, 0.0, w.x1, w.y1, WALL_HEIGHT_M) for w in self.walls]
        furniture = [self.things[piece.name] for piece in self.apartment.furniture]
        return np.array([*walls, *((*thing.low_m, *thing.high_m) for thing in furniture)])

    def box_of(self, name: str) -> int:
        """Which of `hiding_m` a piece of furniture is; -1 for a wall piece."""
        return self._boxes.get(name, -1)

    @cached_property
    def _boxes(self) -> dict[str, int]:
        pieces = enumerate(self.apartment.furniture, len(self.walls))
        return {piece.name: index for index, piece in pieces}

    @cached_property
    def main_place_m(self) -> tuple[float, float]:
        """A free place on the largest connected part of the floor: furniture may cut parts off.

        Raises:
            ValueError: the robot fits nowhere.
        """
        furniture = [piece.footprint for piece in self.apartment.furniture]
        grown = [r.grown(self.free.radius_m + CLEARANCE_M) for r in (*self.walls, *furniture)]
        bounds = self.apartment.bounds
        floors = [room.floor for room in self.apartment.rooms]
        open_ = occupancy_grid(floors, bounds, CELL_M) & ~occupancy_grid(grown, bounds, CELL_M)
        labels, _ = ndimage.label(open_)
        sizes = np.bincount(labels[open_])
        if not len(sizes):
            raise ValueError("the robot fits nowhere in this apartment")
        rows, columns = np.nonzero(labels == sizes.argmax())
        middle = len(rows) // 2
        return (
            float(bounds.x0 + CELL_M * (columns[middle] + 0.5)),
            float(bounds.y0 + CELL_M * (rows[middle] + 0.5)),
        )

    def on_main_floor(self, x: float, y: float) -> bool:
        """Return whether the largest connected part of the floor can be reached from a point."""
        return bool(np.isfinite(self.free.field_to(self.main_place_m).distance_m(x, y)))

    def inside(
        self, room: int, points_m: NDArray[np.float64], margin_m: float = INSIDE_M
    ) -> NDArray[np.bool_]:
        """Which of the points (P, 2) lie in a room, `margin_m` or more from its edges: (P,)."""
        x0, y0, x1, y1 = self.apartment.rooms[room].floor.grown(-margin_m)
        x, y = points_m[:, 0], points_m[:, 1]
        return np.asarray((x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1))

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

    def shifted(self, rng: np.random.Generator, most_m: float) -> "RoomScene":
        """The same apartment with the start up to `most_m` elsewhere along x and y."""
        dx, dy = rng.uniform(-most_m, most_m, 2).tolist()
        start = self.start
        return self.starting_at(replace(start, x_m=start.x_m + dx, y_m=start.y_m + dy))

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
            apartment, start = data["apartment"], BasePose(**data["start"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a scene of rooms: {error}") from error
        return cls(Apartment.from_dict(apartment), start)


class BaseTrajectory(NamedTuple):
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
