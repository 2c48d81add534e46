"""Candidate robot positions: from which an object is visible, and inside a room."""

import math

import numpy as np
from numpy.typing import NDArray

from handeye.envs.rooms.apartments.floor import Rect
from handeye.envs.rooms.scene.ego_camera import seen_shares
from handeye.envs.rooms.scene.scene import INSIDE_M, RoomScene, RoomsObject

AROUND_M = (0.45, 0.65, 0.85)  # Distances from the footprint that are tried.
STEP_M = 0.3  # Greatest distance of two places along a side.
# Directions that are tried around a corner.
CORNER_TURNS_RAD = (math.pi / 8, math.pi / 4, 3 * math.pi / 8)
# Share of a piece of furniture that is in view from a viewpoint; success asks for less.
SEEN_CLEARLY = 0.4
# The same for what hangs on a wall, of which only the lower third is in the frame from near by.
HUNG_SEEN_CLEARLY = 0.3
MOST_VIEWPOINTS = 12
# Greatest angle from straight in front; beyond, a wall piece is seen edge-on.
HUNG_ANGLE_RAD = math.radians(50.0)
# Least distance from the room's edges: a robot in a doorway easily leaves for the next room.
NOT_IN_DOOR_M = 0.2
PAST_EDGE_M = 0.25  # Places are so much farther inside a room than they must be.
ROOM_STEP_M = 0.4  # Distance of the places that are tried in a room.


def viewpoints(scene: RoomScene, name: str) -> NDArray[np.float64]:
    """Return up to `MOST_VIEWPOINTS` free points (G, 2) that can be reached from the scene's start.

    From there the object, be it furniture or a wall piece, is in view of a robot that looks at its
    middle. There may be none.
    """
    thing = scene.things[name]
    places = _ring(scene, name)
    towards = np.array(thing.footprint.centre) - places
    poses = np.column_stack([places, np.arctan2(towards[:, 1], towards[:, 0])])
    hung = thing.low_m[2] > 0.0
    clear = seen_shares(scene, poses, name) >= (HUNG_SEEN_CLEARLY if hung else SEEN_CLEARLY)
    if hung:
        clear &= _turned_to(thing, places)
    places = reachable(scene, places[clear])
    return places[:: max(1, math.ceil(len(places) / MOST_VIEWPOINTS))]


def _turned_to(thing: RoomsObject, places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return from which of the places (P, 2) a wall piece is seen at `HUNG_ANGLE_RAD` or less."""
    normal = thing.quarter_turns * math.pi / 2
    away = places - thing.footprint.centre
    along = away @ (math.cos(normal), math.sin(normal))
    return np.asarray(along >= math.cos(HUNG_ANGLE_RAD) * np.hypot(*away.T))


def places_in_room(scene: RoomScene, room: int) -> NDArray[np.float64]:
    """Return free points (G, 2) well inside a room that can be reached from the scene's start.

    One behind every door where that is free, and the one that is nearest to the middle, last; there
    may be none.
    """
    floor = scene.apartment.rooms[room].floor.grown(-INSIDE_M - PAST_EDGE_M)
    behind = [
        (min(max(x, floor.x0), floor.x1), min(max(y, floor.y0), floor.y1))
        for door in scene.apartment.doors
        if room in door.rooms
        for x, y in [door.centre_m]
    ]
    across = np.linspace(floor.x0, floor.x1, max(2, round((floor.x1 - floor.x0) / ROOM_STEP_M)))
    along = np.linspace(floor.y0, floor.y1, max(2, round((floor.y1 - floor.y0) / ROOM_STEP_M)))
    grid = np.stack(np.meshgrid(across, along), axis=-1).reshape(-1, 2)
    grid = grid[np.argsort(np.hypot(*(grid - floor.centre).T), kind="stable")]
    middle = next((p for p in grid if len(reachable(scene, with_room(scene, p[None])))), None)
    found = reachable(scene, with_room(scene, np.array(behind).reshape(-1, 2)))
    return found if middle is None else np.concatenate([found, middle[None]])


def with_room(scene: RoomScene, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return those of the places (P, 2) at which the robot has room to turn."""
    return places[[scene.free.is_free(x, y) for x, y in places.tolist()]]


def reachable(scene: RoomScene, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return those of the places (P, 2) that can be reached from the scene's start."""
    distances_m = scene.free.field_to(scene.start.xy).distances_m(places)
    return places[np.isfinite(distances_m)]


def _ring(scene: RoomScene, name: str) -> NDArray[np.float64]:
    """Return free places (P, 2) in the object's room, `AROUND_M` from its footprint."""
    thing = scene.things[name]
    foot = thing.footprint
    outwards = [(x, y, 0.0, way) for x in _along(foot.x0, foot.x1) for y, way in _sides(foot, 1)]
    outwards += [(x, y, way, 0.0) for y in _along(foot.y0, foot.y1) for x, way in _sides(foot, 0)]
    outwards += [
        (x, y, way_x * math.cos(turn), way_y * math.sin(turn))
        for x, way_x in _sides(foot, 0)
        for y, way_y in _sides(foot, 1)
        for turn in CORNER_TURNS_RAD
    ]
    from_edge, ways = np.split(np.array(outwards), 2, axis=1)
    places = np.concatenate([from_edge + away * ways for away in AROUND_M])
    return with_room(scene, places[scene.inside(thing.room, places, NOT_IN_DOOR_M)])


def _along(low: float, high: float) -> list[float]:
    """Return places on a side of a footprint, its ends included."""
    return np.linspace(low, high, max(2, 1 + math.ceil((high - low) / STEP_M))).tolist()


def _sides(foot: Rect, axis: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return where a footprint ends along x (0) or y (1), and which way is out of it there."""
    return (foot[axis], -1.0), (foot[axis + 2], 1.0)
