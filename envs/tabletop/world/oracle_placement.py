"""Where in a container, tray or zone there is room for one more thing."""

import math

import numpy as np
from numpy.typing import NDArray

from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.predicates import position, tray_middle
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State

BOWL_RING_M = 0.024
SMALL_RADIUS_M = 0.0235  # a footprint that leaves room for others in a bowl
TRAY_SPOT_M = 0.024
TRAY_DROP_M = 0.010  # let go higher, so that the open fingers clear the tray's sides
ZONE_SPOT_M = 0.045
NEAR_M = 0.10  # things farther from a target's middle are not in it
CLEAR_M = 0.075  # between middles: enough for the fingers


def free_spot(scene: Scene, state: State, item: int, target: int) -> tuple[float, float, float]:
    """Where the bottom of `item` should come to rest in the target: x, y, z in m.

    The first of the target's spots that keeps clear of what is there already, or else the one that
    is farthest from it.
    """
    kind = scene.objects[target].kind
    if kind == "drawer":
        x, y, z = tray_middle(scene, state, target)
        z += TRAY_DROP_M
    else:
        x, y, z = position(scene, state, target)
        z += shapes.VESSELS[kind].floor_m if kind in shapes.VESSELS else 0.0
    others = [
        position(scene, state, i)[:2]
        for i, thing in enumerate(scene.objects)
        if thing.graspable and i != item
    ]
    there = [other for other in others if math.dist(other, (x, y)) < NEAR_M]
    spots = np.array([x, y]) + _spots(kind, scene.objects[item].radius_m)
    gaps = [min((math.dist(spot, o) for o in there), default=CLEAR_M) for spot in spots]
    best = int(np.argmax(np.minimum(gaps, CLEAR_M)))
    return float(spots[best][0]), float(spots[best][1]), float(z)


def _spots(kind: str, radius_m: float) -> NDArray[np.float64]:
    """Spots (N, 2) about the middle of a target, the best one first."""
    if kind == "bowl" and radius_m < SMALL_RADIUS_M:
        angles = np.arange(6) * np.pi / 3
        return BOWL_RING_M * np.stack([np.cos(angles), np.sin(angles)], 1)
    if kind == "drawer":
        return np.array([(-TRAY_SPOT_M, 0.0), (TRAY_SPOT_M, 0.0)])
    if kind == "zone":
        corners = [(i * ZONE_SPOT_M, j * ZONE_SPOT_M) for i in (-1, 1) for j in (-1, 1)]
        return np.array([(0.0, 0.0), *corners])
    return np.zeros((1, 2))
