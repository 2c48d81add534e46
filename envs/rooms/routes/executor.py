"""Follow the words of a route on the map: from the start pose to where they end.

Knows the words, the apartment and the start pose; the goal is nowhere in sight. The words are read
as a set of walks: every step keeps the walks that fit it. Of those left at the end the one through
the fewest doors is taken, and of these the shortest.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rooms.routes.language import parse_route
from handeye.envs.rooms.routes.route_map import (
    TURNS,
    RouteMap,
    Where,
    fits_turn,
    passings,
    turn_angle,
)
from handeye.envs.rooms.scene.scene import RouteStep

SLACK_RAD = math.radians(5.0)  # a turn may be this much beyond what it usually means
PASS_WITHIN_M = 1.5  # a thing that is said to be passed is no further from the path


class RouteHypothesis(NamedTuple):
    """A walk that fits the words so far.

    Attributes:
        here: where it has come to.
        path_m: (K >= 1, 2) from the start to there.
        doors: how many it went through.
        length_m: of the path.
    """

    here: Where
    path_m: NDArray[np.float64]
    doors: int = 0
    length_m: float = 0.0


def follow_route(route_map: RouteMap, words: str) -> RouteHypothesis:
    """The walk that an instruction such as "leave the bedroom, then stop at the red chair" means.

    Raises:
        ValueError: the words cannot be read, name what the apartment does not have, or fit no walk.
    """
    return walks_that_fit(route_map, parse_route(route_map.scene, words))[0]


def walks_that_fit(route_map: RouteMap, steps: Sequence[RouteStep]) -> list[RouteHypothesis]:
    """Every walk that the steps allow, the one through the fewest doors and shortest first.

    Raises:
        ValueError: no walk fits one of them, or the last is not a stop.
    """
    walks = [RouteHypothesis(route_map.start, np.array([route_map.start.xy]))]
    told: list[RouteStep] = []  # turns and things to pass, which say how the next move goes
    for number, step in enumerate(steps):
        if step.action in TURNS or step.action == "pass":
            told.append(step)
            continue
        just_left = not told and number > 0 and steps[number - 1].action == "leave"
        walks = [w for walk in walks for w in _moves(route_map, walk, step, told, just_left)]
        if not walks:
            raise ValueError(f"no walk in this apartment fits {_named([*told, step])}")
        told = []
    if told or not steps or not steps[-1].action.startswith("stop"):
        raise ValueError("a route ends with where to stop")
    return sorted(walks, key=lambda walk: (walk.doors, walk.length_m))


def _moves(
    route_map: RouteMap,
    walk: RouteHypothesis,
    step: RouteStep,
    told: Sequence[RouteStep],
    just_left: bool,
) -> Iterator[RouteHypothesis]:
    """The walk, continued in every way that the step allows."""
    here, rooms = walk.here, route_map.apartment.rooms
    if step.action == "stop":
        place = _stop_place(route_map, here, step.landmark)
        if place is not None:
            yield from _gone(route_map, walk, place, told)
        return
    if step.action == "stop at door" and step == RouteStep("stop at door"):
        if here.door >= 0 and not told:
            yield walk
        return
    if step.action == "enter" and just_left and step.landmark == rooms[here.room].kind:
        yield walk  # "leave the study, enter the hallway" is one doorway
        return
    for door in _doors(route_map, here, step, told):
        through = route_map.through(here, door)
        for gone in _gone(route_map, walk, through.xy, told):
            stays = step.action == "stop at door"
            yield gone if stays else gone._replace(here=through, doors=gone.doors + 1)


def _doors(
    route_map: RouteMap, here: Where, step: RouteStep, told: Sequence[RouteStep]
) -> Sequence[int]:
    """The doors of the room that a step may mean."""
    rooms = route_map.apartment.rooms
    if step.action == "leave":
        return route_map.exits(here) if rooms[here.room].kind == step.landmark else ()
    if step.landmark:
        doors = route_map.doors_of[here.room]
        return [d for d in doors if rooms[route_map.beyond(d, here.room)].kind == step.landmark]
    turn = next((t.action for t in reversed(told) if t.action in TURNS), "")
    door = route_map.counted_door(here, turn, step.ordinal, step.side)
    return () if door is None else (door,)


def _stop_place(route_map: RouteMap, here: Where, landmark: str) -> tuple[float, float] | None:
    """Where to stop in the room for a thing in it, or for the room itself."""
    thing = route_map.scene.things.get(landmark)
    if thing is not None:
        return route_map.place_at(here, landmark) if thing.room == here.room else None
    if landmark in ("", route_map.apartment.rooms[here.room].kind):
        return route_map.place_in(here.room)
    return None


def _gone(
    route_map: RouteMap, walk: RouteHypothesis, to: tuple[float, float], told: Sequence[RouteStep]
) -> Iterator[RouteHypothesis]:
    """The walk with the shortest way to a place added, if that goes as told."""
    path = route_map.way(walk.here, to)
    if path is None or not all(_fits(route_map, walk.here, path, to, step) for step in told):
        return
    length_m = float(np.hypot(*np.diff(path, axis=0).T).sum())
    here = walk.here._replace(x_m=to[0], y_m=to[1])
    whole = np.concatenate([walk.path_m, path[1:]])
    yield RouteHypothesis(here, whole, walk.doors, walk.length_m + length_m)


def _fits(
    route_map: RouteMap,
    here: Where,
    path: NDArray[np.float64],
    to: tuple[float, float],
    step: RouteStep,
) -> bool:
    """Return whether a way turns, or passes a thing, as told."""
    if step.action in TURNS:
        return fits_turn(step.action, turn_angle(here, to), SLACK_RAD)
    thing = route_map.scene.things[step.landmark]
    (by,) = passings(path, [thing])
    same_side = step.side in ("", by.side)
    return thing.room == here.room and by.distance_m <= PASS_WITHIN_M and same_side


def _named(steps: Sequence[RouteStep]) -> str:
    """Steps for a message."""
    parts = ((s.action, s.landmark, f"door {s.ordinal}" * (s.ordinal > 0), s.side) for s in steps)
    return ", ".join(" ".join(filter(None, part)) for part in parts)
