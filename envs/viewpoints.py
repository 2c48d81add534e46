"""Places from which a thing is near and in view: where an object goal can be reached."""

import math

import numpy as np
from numpy.typing import NDArray

from handeye.envs.ego_camera import seen_share
from handeye.envs.mobile_base import BasePose
from handeye.envs.room_scene import RoomScene

AROUND_M = (0.45, 0.65, 0.85)  # from the footprint
STEP_M = 0.25  # between places along the ring, roughly
SEEN_CLEARLY = 0.4  # share of the thing; above what success asks for
MOST_VIEWPOINTS = 12


def viewpoints(scene: RoomScene, name: str) -> NDArray[np.float64]:
    """Up to `MOST_VIEWPOINTS` free points (G, 2) that can be reached from the scene's start.

    Somebody who stands there and looks at the middle of the thing sees it; there may be none.
    """
    thing = scene.things[name]
    cx, cy = thing.footprint.centre
    places: list[tuple[float, float]] = []
    to_start = scene.free.field_to(scene.start.xy)
    for x, y in _ring(scene, name):
        if not np.isfinite(to_start.distance_m(x, y)):
            continue
        pose = BasePose(x, y, math.atan2(cy - y, cx - x))
        if seen_share(scene, pose, name) >= SEEN_CLEARLY:
            places.append((x, y))
    step = max(1, math.ceil(len(places) / MOST_VIEWPOINTS))
    return np.array(places[::step]).reshape(-1, 2)


def _ring(scene: RoomScene, name: str) -> list[tuple[float, float]]:
    """Free places around the thing's footprint with room to turn, in its own room."""
    thing = scene.things[name]
    foot, room = thing.footprint, scene.apartment.rooms[thing.room].floor
    found = []
    for away in AROUND_M:
        ring = foot.grown(away)
        across = np.linspace(ring.x0, ring.x1, max(2, math.ceil((ring.x1 - ring.x0) / STEP_M)))
        along = np.linspace(ring.y0, ring.y1, max(2, math.ceil((ring.y1 - ring.y0) / STEP_M)))
        points = [(x, y) for x in across.tolist() for y in (ring.y0, ring.y1)]
        points += [(x, y) for y in along.tolist()[1:-1] for x in (ring.x0, ring.x1)]
        found += [
            (x, y)
            for x, y in points
            if room.contains(x, y)
            and thing.distance_m(x, y) <= away + 1e-6
            and scene.free.is_free(x, y)
        ]
    return found
