"""The scripted expert of the suite `rooms`: shortest paths, followed in either action mode.

`next_move` depends on the scene, the goal's legs and the walk so far alone, so it can label any
state that a learner reaches (DAgger).
"""

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.oracle_action import Claim, OracleAction
from handeye.envs.rooms.scene.clearance import clearances_m
from handeye.envs.rooms.scene.geodesic import GoalField
from handeye.envs.rooms.scene.mobile_base import (
    FASTEST_TURN_RAD_S,
    FORWARD,
    FORWARD_M,
    LEFT,
    RADIUS_M,
    RIGHT,
    STOP,
    TURN_RAD,
    BasePose,
)
from handeye.envs.rooms.scene.scene import BaseTrajectory, Leg, RoomScene

ARRIVED_M = 0.15  # so near to one of its points, a leg's way is done
LEAST_GAIN_M = 0.01  # by which a step must lower the cost to be worth it
ROOMY_M, ROOM_PRICE = 0.10, 2.0
TOUCH_M = 0.002  # so near counts as touching
AWAY_M = 0.001
NEAR_M = 0.25  # who cannot come nearer than this has not arrived
TURNS = np.array(sorted(range(-11, 13), key=abs))  # all headings, straight on first
KEEP_ON_M = 0.03  # what another heading must gain over straight on
FACING_RAD = TURN_RAD / 2 + 1e-6
LOOK_AHEAD_M = 0.35  # pure pursuit (Coulter 1992): aim at the path this far ahead
TURN_GAIN_HZ = 2.5  # turn rate per rad of heading error
FULL_SPEED_RAD, NO_SPEED_RAD = 0.3, 1.0  # heading errors between which the speed falls to 0


class Aim(NamedTuple):
    """Where an expert is heading.

    Attributes:
        point_m: a point of its way, in the world; where it only has to turn, what it turns to.
        left_m: of the way to the end of its leg.
        last: whether there is no further leg, and nothing left to look at.
    """

    point_m: tuple[float, float]
    left_m: float
    last: bool


class RoomsOracle:
    """Next moves through the legs of one goal in one scene."""

    def __init__(self, scene: RoomScene, legs: tuple[Leg, ...], mode: str, answer: str) -> None:
        self._scene, self._mode, self._answer = scene, mode, answer
        self._legs = [_FieldLeg(scene, leg) for leg in legs]
        self._leg, self._watched = 0, 0

    def next_move(self, walk: BaseTrajectory) -> OracleAction:
        """What an expert would do now."""
        self._follow(walk)
        here = walk.here
        while True:
            leg = self._legs[self._leg]
            values = self._approach(leg, here)
            if values is not None:
                return OracleAction(values, False, f"leg {self._leg + 1} of {len(self._legs)}")
            if not leg.is_faced(here):
                return OracleAction(self._turn(leg.error_rad(here)), False, "look")
            if self._leg == len(self._legs) - 1:
                claim: Claim = "cannot" if self._answer == "cannot" else "success"
                return OracleAction(self._still(), True, "stop", self._answer, claim)
            self._leg += 1  # nothing leads nearer

    def aim(self, walk: BaseTrajectory, ahead_m: float) -> "Aim":
        """Where the expert is heading from here."""
        self._follow(walk)
        leg, here = self._legs[self._leg], walk.here
        path = leg.path(here)
        left_m = float(np.hypot(*np.diff(path, axis=0).T).sum())
        point = _ahead(path, ahead_m)
        if left_m <= ARRIVED_M and leg.face_m is not None:
            point = np.array(leg.face_m)
        last = self._leg == len(self._legs) - 1 and leg.is_faced(here)
        return Aim((float(point[0]), float(point[1])), left_m, last)

    def _follow(self, walk: BaseTrajectory) -> None:
        """Note which legs the walk has passed; a walk that starts anew is read from the start."""
        if len(walk.track) < self._watched:
            self._leg, self._watched = 0, 0
        for pose in walk.track[self._watched :].tolist():
            there = BasePose(*pose)
            while self._leg < len(self._legs) - 1 and self._legs[self._leg].is_done(there):
                self._leg += 1
        self._watched = len(walk.track)

    def _still(self) -> NDArray[Any]:
        if self._mode == "base_discrete":
            return np.array(STOP, np.int64)
        return np.zeros(2, np.float32)

    def _turn(self, error: float) -> NDArray[Any]:
        if self._mode == "base_discrete":
            return np.array(LEFT if error > 0 else RIGHT, np.int64)
        rate = np.clip(TURN_GAIN_HZ * error / FASTEST_TURN_RAD_S, -1.0, 1.0)
        return np.array([0.0, rate], np.float32)

    def _approach(self, leg: "_FieldLeg", here: BasePose) -> NDArray[Any] | None:
        """The action that leads nearer, or None if none does or the leg's way is done."""
        if leg.field.distance_m(*here.xy) <= ARRIVED_M:
            return None
        if self._mode == "base_velocity":
            return self._pursue(leg, here)
        turns = best_turns(self._scene, leg.field, here)
        if turns is None:
            return None
        action = FORWARD if turns == 0 else LEFT if turns > 0 else RIGHT
        return np.array(action, np.int64)

    def _pursue(self, leg: "_FieldLeg", here: BasePose) -> NDArray[np.float32]:
        error = heading_error(here, _ahead(leg.path(here), LOOK_AHEAD_M))
        slow = (NO_SPEED_RAD - abs(error)) / (NO_SPEED_RAD - FULL_SPEED_RAD)
        turn = np.clip(TURN_GAIN_HZ * error / FASTEST_TURN_RAD_S, -1.0, 1.0)
        return np.array([np.clip(slow, 0.0, 1.0), turn], np.float32)


class _FieldLeg:
    """A leg with the distance field to its points."""

    def __init__(self, scene: RoomScene, leg: Leg) -> None:
        self.face_m = leg.face_m
        self._points, self._start = np.array(leg.points_m), scene.start
        self.field = scene.free.field_to(leg.points_m)

    def path(self, here: BasePose) -> NDArray[np.float64]:
        """The way as a polyline (K, 2); straight on for who was pushed to where none begins.

        Raises:
            ValueError: none begins at the scene's start either.
        """
        pushed = not math.isfinite(self.field.distance_m(*here.xy))
        if pushed and math.isfinite(self.field.distance_m(*self._start.xy)):
            return np.array([here.xy, self._nearest_m(here)])
        return self.field.path(*here.xy)

    def _nearest_m(self, here: BasePose) -> NDArray[np.float64]:
        return np.asarray(self._points[np.hypot(*(self._points - here.xy).T).argmin()])

    def is_done(self, here: BasePose) -> bool:
        """Return True once the leg's point is reached and faced as it says."""
        near = np.hypot(*(self._nearest_m(here) - here.xy)) <= ARRIVED_M
        return bool(near) and self.is_faced(here)

    def is_faced(self, here: BasePose) -> bool:
        """Return True where the robot looks as the leg says."""
        return abs(self.error_rad(here)) <= FACING_RAD

    def error_rad(self, here: BasePose) -> float:
        """How far the robot must turn left to look where the leg says."""
        return 0.0 if self.face_m is None else heading_error(here, self.face_m)


def best_turns(scene: RoomScene, field: GoalField, here: BasePose) -> int | None:
    """Turns of `TURN_RAD` (left is positive) to the heading of the best next step.

    A place costs the way left from it, and `ROOM_PRICE` for each metre that it lacks of `ROOMY_M`
    of room; each step must lower the cost, or open the way for one that does. Straight on is kept
    unless another heading gains `KEEP_ON_M`. A robot that is stuck pushes on and slides along.
    None if it is as near as it gets.
    """
    now = _costs(scene, field, here.xy, np.array([here.xy]))[0] - LEAST_GAIN_M
    ends = _steps(here.xy, here.yaw_rad)
    costs = _costs(scene, field, here.xy, ends)
    best = int(costs.argmin())
    if costs[best] < now:
        return 0 if costs[0] <= costs[best] + KEEP_ON_M else int(TURNS[best])
    after = np.full(len(ends), np.inf)
    for k in np.flatnonzero(np.isfinite(costs)):
        x, y = ends[k].tolist()
        after[k] = _costs(scene, field, (x, y), _steps((x, y), here.yaw_rad)).min()
    best = int(after.argmin())
    if after[best] < now:
        return int(TURNS[best])
    if field.distance_m(*here.xy) <= NEAR_M:
        return None
    return int(TURNS[field.distances_m(ends).argmin()])


def _steps(start: tuple[float, float], yaw_rad: float) -> NDArray[np.float64]:
    """Ends (24, 2) of one step along each of `TURNS`."""
    headings = yaw_rad + TURNS * TURN_RAD
    return start + FORWARD_M * np.stack([np.cos(headings), np.sin(headings)], axis=1)


def _costs(
    scene: RoomScene, field: GoalField, start: tuple[float, float], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Cost (E,) of going straight from `start` to each of `ends` (E, 2); inf where it bumps."""
    room_m = clearances_m(np.array(start), ends, scene.boxes) - RADIUS_M
    costs = field.distances_m(ends) + ROOM_PRICE * np.maximum(0.0, ROOMY_M - room_m)
    here_m = clearances_m(np.array(start), np.array([start]), scene.boxes)[0] - RADIUS_M
    return np.where(room_m > min(TOUCH_M, here_m - AWAY_M), costs, np.inf)  # or leads away


def heading_error(here: BasePose, target: tuple[float, float] | NDArray[np.float64]) -> float:
    """How far the robot must turn left to look at a point, in (-pi, pi]."""
    wanted = math.atan2(target[1] - here.y_m, target[0] - here.x_m)
    return math.remainder(wanted - here.yaw_rad, 2 * math.pi)


def _ahead(path: NDArray[np.float64], distance_m: float) -> NDArray[np.float64]:
    """The point of a polyline (K, 2) that lies `distance_m` from its start along it."""
    for a, b in pairwise(path):
        length = float(np.hypot(*(b - a)))
        if length >= distance_m:
            return np.asarray(a + (b - a) * (distance_m / length))
        distance_m -= length
    return path[-1]
