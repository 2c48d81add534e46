"""Take the shortest way to something in an apartment and describe it step by step.

A step says no more than is needed: "leave the bedroom" only where there is one way out, "the second
door on your left" only where doors are passed in that order, a turn only where it is clear.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rooms.routes.route_map import (
    SIDES,
    TURNS,
    RouteMap,
    Where,
    fits_turn,
    passings,
    turn_angle,
)
from handeye.envs.rooms.scene.language import nameable
from handeye.envs.rooms.scene.scene import RouteStep

MOST_STEPS = 6
USUAL_STEPS = 5  # passing things and turns that decide nothing are told up to here
MOST_DOORS = 4
KIND_SHARES = {"thing": 0.6, "room": 0.2, "door": 0.2}
COUNTED_SHARE = 0.5  # of the doors that can be counted, those that are
LEAVE_FIRST_SHARE, LEAVE_SHARE = 0.6, 0.25
TELL_MORE_SHARE = 0.5
ENTER_TOO_SHARE = 0.3  # of the doors just left, those that are also entered in words
PASS_M = 0.9  # a thing is passed at this distance at most,
ASIDE_M = 0.35  # its middle at least so far to one side of the path,
ENDS_SHARE = 0.1  # and not in the first or last tenth of the way to the next door
CLEAR_RAD = np.radians(10.0)  # a turn is told only this far within what it may mean
LOOK_M = 1.0  # the first metre of a path must agree with the turn
ASKEW_RAD = np.radians(20.0)  # doors are counted only by someone who looks along the walls


class Target(NamedTuple):
    """Where a route ends: at a "thing", in the middle of a "room", or in a "door"."""

    kind: str
    name: str = ""
    number: int = -1  # of the room or door


class Crossing(NamedTuple):
    """Where a path goes through a door.

    Attributes:
        door: its number in the apartment.
        at: number of the path's segment plus the share of it that lies before the doorway.
        point_m: x, y.
    """

    door: int
    at: float
    point_m: tuple[float, float]


@dataclass
class _Part:
    """The steps told about the way through one room."""

    turn: str  # a clear one, or ""
    needed: list[RouteStep]
    passed: str = ""  # name of a thing
    passed_on: str = ""  # its side
    with_turn: bool = False
    with_passed: bool = False

    def steps(self) -> list[RouteStep]:
        """In the order of walking."""
        turn = [RouteStep(self.turn)] if self.with_turn else []
        told = [RouteStep("pass", self.passed, 0, self.passed_on)] if self.with_passed else []
        return turn + told + self.needed


def draw_target(route_map: RouteMap, rng: np.random.Generator) -> Target:
    """Something to go to; signs look alike and are left out."""
    kind = str(rng.choice(list(KIND_SHARES), p=list(KIND_SHARES.values())))
    if kind == "thing":
        names = [t.name for t in route_map.scene.things.values() if t.kind != "sign"]
        if names:
            return Target(kind, names[int(rng.integers(len(names)))])
    if kind == "door" and route_map.gaps:
        return Target(kind, number=int(rng.integers(len(route_map.gaps))))
    return Target("room", number=int(rng.integers(len(route_map.apartment.rooms))))


def way_to(route_map: RouteMap, target: Target) -> NDArray[np.float64] | None:
    """The shortest path (K >= 2, 2) from the start pose; None if there is none, or no name for it.

    It ends in front of a thing that has a front, beside any other, in the middle of a room, or in
    a doorway.
    """
    if target.kind == "thing":
        if not nameable(route_map.scene, target.name):
            return None
        place = route_map.place_at(route_map.start, target.name)
    elif target.kind == "room":
        place = route_map.place_in(target.number)
    else:
        place = route_map.apartment.doors[target.number].centre_m
    return None if place is None else route_map.way(route_map.start, place)


def describe(
    route_map: RouteMap, path: NDArray[np.float64], target: Target, rng: np.random.Generator
) -> tuple[RouteStep, ...] | None:
    """How a path goes, in 2 to `MOST_STEPS` steps; None where so few do not tell.

    Args:
        route_map: of the apartment; the path begins at its start.
        path: (K >= 2, 2), m, as `way_to` gives it.
        target: where it ends.
        rng: which of the possible descriptions.
    """
    crossed = crossings(route_map, path)
    if len(crossed) > MOST_DOORS:
        return None
    ends = [0.0, *(crossing.at for crossing in crossed), len(path) - 1.0]
    stretches = [_stretch(path, a, b) for a, b in pairwise(ends)]
    here, parts = route_map.start, []
    for (door, _, _), stretch in zip(crossed, stretches, strict=False):
        if door not in route_map.doors_of[here.room] or door == here.door:
            return None  # it only cuts the corner of a doorway
        parts.append(_part_to_door(route_map, here, door, stretch, rng))
        _find_passed(route_map, here.room, parts[-1], stretch, rng)
        here = route_map.through(here, door)
    returns = target.kind == "door" and target.number == here.door
    if returns or here.room not in _rooms_of(route_map, target):
        return None
    last = _last_part(route_map, here, target, stretches[-1], parts, rng)
    _find_passed(route_map, here.room, last, stretches[-1], rng)
    steps = _told([*parts, last], rng)
    return steps if 2 <= len(steps) <= MOST_STEPS else None


def crossings(route_map: RouteMap, path: NDArray[np.float64]) -> list[Crossing]:
    """Where a path (K, 2) goes through doors, in order."""
    found = []
    for number, (a, b) in enumerate(pairwise(path.tolist())):
        for door, gap in enumerate(route_map.gaps):
            before, after = a[gap.axis] - gap.at_m, b[gap.axis] - gap.at_m
            if before * after < 0:
                share = before / (before - after)
                x, y = (p + share * (q - p) for p, q in zip(a, b, strict=True))
                if gap.low_m <= (y if gap.axis == 0 else x) <= gap.high_m:
                    found.append(Crossing(door, number + share, (x, y)))
    return sorted(found, key=lambda crossing: crossing.at)


def _rooms_of(route_map: RouteMap, target: Target) -> tuple[int, ...]:
    """Rooms in which a target is."""
    if target.kind == "thing":
        return (route_map.scene.things[target.name].room,)
    if target.kind == "room":
        return (target.number,)
    return route_map.apartment.doors[target.number].rooms


def _part_to_door(
    route_map: RouteMap,
    here: Where,
    door: int,
    stretch: NDArray[np.float64],
    rng: np.random.Generator,
) -> _Part:
    """The way to the next door and through it."""
    rooms = route_map.apartment.rooms
    turn = _clear_turn(here, route_map.apartment.doors[door].centre_m, stretch)
    counted = _countings(route_map, here, door, turn)
    if counted and rng.random() < COUNTED_SHARE:
        return _counted_part("enter", turn, counted[int(rng.integers(len(counted)))])
    enter = RouteStep("enter", rooms[route_map.beyond(door, here.room)].kind)
    first, only = here.door < 0, route_map.exits(here) == [door]
    leave = rng.random() < (LEAVE_FIRST_SHARE if first else LEAVE_SHARE)
    if not leave or not (first or only):
        return _Part(turn, [enter])
    name_next = not only or (first and rng.random() < ENTER_TOO_SHARE)
    left = RouteStep("leave", rooms[here.room].kind)
    return _Part(turn, [left, enter] if name_next else [left])


def _last_part(
    route_map: RouteMap,
    here: Where,
    target: Target,
    stretch: NDArray[np.float64],
    parts: list[_Part],
    rng: np.random.Generator,
) -> _Part:
    """The way to the target within its room."""
    end = (float(stretch[-1][0]), float(stretch[-1][1]))
    turn = _clear_turn(here, end, stretch)
    if target.kind == "thing":
        return _Part(turn, [RouteStep("stop", target.name)])
    if target.kind == "room":
        kind = route_map.apartment.rooms[target.number].kind
        told = bool(parts) and parts[-1].needed[-1].action == "enter"
        return _Part(turn, [RouteStep("stop", "" if told and rng.random() < 0.5 else kind)])
    counted = _countings(route_map, here, target.number, turn)
    if counted and rng.random() < COUNTED_SHARE:
        return _counted_part("stop at door", turn, counted[int(rng.integers(len(counted)))])
    if rng.random() < 0.5:
        beyond = route_map.apartment.rooms[route_map.beyond(target.number, here.room)].kind
        return _Part(turn, [RouteStep("stop at door", beyond)])
    part = _part_to_door(route_map, here, target.number, stretch, rng)
    part.needed.append(RouteStep("stop at door"))
    return part


def _counted_part(action: str, turn: str, counting: tuple[str, int, str]) -> _Part:
    """Doors counted after a turn need it told; those counted without one must not have one told."""
    turned, ordinal, side = counting
    told = turned or ("go straight" if turn == "go straight" else "")
    return _Part(told, [RouteStep(action, "", ordinal, side)], with_turn=bool(turned))


def _countings(
    route_map: RouteMap, here: Where, door: int, turn: str
) -> list[tuple[str, int, str]]:
    """Every (turn, ordinal, side) that means this door and no other."""
    if here.askew_rad > ASKEW_RAD:
        return []
    found = []
    for turned in {"", turn} if turn != "go straight" else {""}:
        for side in (*SIDES, ""):
            doors = route_map.doors_on(here, turned, side)
            if door not in doors:
                continue
            if side != "ahead":
                found.append((turned, doors.index(door) + 1, side))
            if side and len(doors) == 1:
                found.append((turned, 0, side))
    return sorted(found)


def _clear_turn(here: Where, to: tuple[float, float], stretch: NDArray[np.float64]) -> str:
    """What turn leads there, "" if that is not clear or the way begins otherwise."""
    lengths = np.append(0.0, np.cumsum(np.hypot(*np.diff(stretch, axis=0).T)))
    begins = tuple(float(np.interp(LOOK_M, lengths, along)) for along in stretch.T)
    start = here._replace(x_m=float(stretch[0, 0]), y_m=float(stretch[0, 1]))
    angles = turn_angle(here, to), turn_angle(start, (begins[0], begins[1]))
    for turn in TURNS:
        if fits_turn(turn, angles[0], -CLEAR_RAD) and fits_turn(turn, angles[1], 0.0):
            return turn
    return ""


def _find_passed(
    route_map: RouteMap,
    room: int,
    part: _Part,
    stretch: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Note a thing that can be named and is clearly passed in that room."""
    stops_at = {step.landmark for step in part.needed}
    things = [t for t in route_map.scene.things.values() if t.room == room and t.kind != "sign"]
    ways_by = passings(stretch, things)
    for index in rng.permutation(len(things)).tolist():
        thing, by = things[index], ways_by[index]
        near = by.distance_m <= PASS_M and abs(by.aside_m) >= ASIDE_M
        midway = ENDS_SHARE <= by.share <= 1 - ENDS_SHARE
        if near and midway and thing.name not in stops_at and nameable(route_map.scene, thing.name):
            part.passed, part.passed_on = thing.name, by.side
            return


def _told(parts: list[_Part], rng: np.random.Generator) -> tuple[RouteStep, ...]:
    """The needed steps, and more of what there is to tell while the route stays short."""
    more = [(part, what) for part in parts for what in ("turn", "passed")]
    for index in rng.permutation(len(more)).tolist():
        part, what = more[index]
        count = sum(len(p.steps()) for p in parts)
        if count >= USUAL_STEPS or (count > 1 and rng.random() > TELL_MORE_SHARE):
            continue
        if what == "turn":
            part.with_turn = part.with_turn or bool(part.turn)
        else:
            part.with_passed = bool(part.passed)
    return tuple(step for part in parts for step in part.steps())


def _stretch(path: NDArray[np.float64], begin: float, end: float) -> NDArray[np.float64]:
    """The part of a path between two positions, each a segment's number plus a share of it."""
    inner = path[int(np.floor(begin)) + 1 : int(np.ceil(end))]
    return np.array([_at(path, begin), *inner, _at(path, end)])


def _at(path: NDArray[np.float64], position: float) -> NDArray[np.float64]:
    segment = min(int(position), len(path) - 2)
    return path[segment] + (position - segment) * (path[segment + 1] - path[segment])
