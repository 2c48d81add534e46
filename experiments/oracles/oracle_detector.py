"""Tells the classical baseline of the suite `rooms` the goal's points, once they are seen.

The detector draws a segmentation of its own, so the environment's observation stays as it is.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.pictures.meshes import FIRST_THING_BODY, FLOOR_BODY
from handeye.envs.rooms.scene.relations import standing_places
from handeye.perception.mapping.ego_camera import EgoCamera, EgoPose

LEAST_PX = 10  # of a thing that is seen, in a frame of 128 x 128
LEAST_SIGN_PX = 60  # so large a sign can be read
INSIDE_ROOM_M = 0.5  # floor so far from a room's edges is where to go in it
NEAR_END_M = 0.5  # floor so near to a route's end is its end
FLOOR_STEP_M = 0.2  # between points of the floor: more would only take time


class OracleDetector:
    """A `Detector` for one episode: points (N, 2) of the goal in the start frame, m, if it is seen.

    Args:
        env: reset to the episode; its scene, goal and pose are read.
    """

    def __init__(self, env: RoomsEnv) -> None:
        self._env, self._camera = env, EgoCamera()
        self._names = list(env.scene.things)
        self._places = to_start(env, _places(env))
        self.seen: set[str] = set()  # things, so far

    def __call__(self, observation: Mapping[str, Any], pose: EgoPose) -> NDArray[np.float64] | None:
        """The goal's points that this frame shows, or all its places if it has such."""
        env, task = self._env, self._env.task.name
        frames = env.renderer.render([env.state.here])
        bodies = frames.segmentation[0]
        points = self._camera.points(frames.depth_m[0], pose)[..., :2]
        self._notice(bodies)
        named = [name for name in env.goal.referred if name in env.scene.things]
        if task == "point_goal":
            return None  # the words say where it is
        if task == "relational":
            return self._places if self.seen.issuperset(named) else None
        if task == "route_following":
            floor = _thinned(points[bodies == FLOOR_BODY])
            end = np.hypot(*(floor - self._places).T) <= NEAR_END_M
            return floor[end]
        if task == "count_things" or not named:
            return self._inside(_thinned(points[bodies == FLOOR_BODY]), env.goal.referred[-1])
        (name,) = named
        least = LEAST_SIGN_PX if task == "follow_sign" else LEAST_PX
        shown = bodies == self._body(name)
        return points[shown] if shown.sum() >= least else None

    def _notice(self, bodies: NDArray[np.int32]) -> None:
        """Remember the things that a segmentation (H, W) shows."""
        counts = np.bincount(bodies[bodies >= 0], minlength=FIRST_THING_BODY)[FIRST_THING_BODY:]
        self.seen |= {self._names[i] for i in np.flatnonzero(counts >= LEAST_PX)}

    def _body(self, name: str) -> int:
        return FIRST_THING_BODY + self._names.index(name)

    def _inside(self, floor: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
        """Those of the points (N, 2) in the start frame that lie well inside a room."""
        scene = self._env.scene
        world = to_world(self._env, floor)
        return floor[scene.inside(scene.room_index(kind), world, INSIDE_ROOM_M)]


def _places(env: RoomsEnv) -> NDArray[np.float64]:
    """Places (G, 2) in the world that the goal is about where it is no thing or room, m."""
    if env.task.name == "relational":
        return standing_places(env.scene, env.goal.relation, env.goal.referred)
    if env.task.name == "route_following":
        return np.array([env.goal.path_m[-1]])
    return np.empty((0, 2))


def _thinned(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """One of the points (N, 2) for each square of `FLOOR_STEP_M`."""
    squares = np.floor(points / FLOOR_STEP_M)
    return points[np.sort(np.unique(squares, axis=0, return_index=True)[1])]


def to_world(env: RoomsEnv, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (N, 2) of the start frame in the world, m."""
    start = env.scene.start
    return points @ _rotation(start.yaw_rad).T + start.xy


def to_start(env: RoomsEnv, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (N, 2) of the world in the start frame, m."""
    start = env.scene.start
    return (points - start.xy) @ _rotation(start.yaw_rad)


def _rotation(yaw_rad: float) -> NDArray[np.float64]:
    """World from start (2, 2)."""
    cos, sin = math.cos(yaw_rad), math.sin(yaw_rad)
    return np.array([[cos, -sin], [sin, cos]])
