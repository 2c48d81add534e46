"""Which goals can be done in a scene: geometric checks made when a scene is drawn.

They stand in for a trial run of the oracle, which would make a reset slow; the oracle's measured
success over many resets is the proof that they suffice.
"""

import numpy as np

from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.predicates import DIRECTIONS
from handeye.envs.tabletop.world.scene import (
    PLACEMENT_X_M,
    PLACEMENT_Y_M,
    WORKSPACE_HIGH,
    WORKSPACE_LOW,
    Scene,
)

BEHIND_M = 0.040  # between an object's side and the gripper about to push it
# The agent's skills (`agents.tools.skills`) repeat these; `tests/test_twins.py` compares them.
FINGER_HALF_M = 0.011


def beside_distance(scene: Scene, reference: int) -> float:
    """How far from a reference's middle an object is put down beside it, m."""
    return 0.125 if scene.objects[reference].kind in shapes.VESSELS else 0.09


def beside_is_clear(scene: Scene, item: int, reference: int, side: str) -> bool:
    """Return whether the place beside a reference is in reach, free and not where the item is."""
    middle = np.array(scene.objects[reference].position_m[:2])
    place = middle + DIRECTIONS[side] * beside_distance(scene, reference)
    if not (PLACEMENT_X_M[0] - 0.02 < place[0] < PLACEMENT_X_M[1] + 0.02):
        return False
    if not (PLACEMENT_Y_M[0] - 0.03 < place[1] < PLACEMENT_Y_M[1] + 0.03):
        return False
    others = [o for i, o in enumerate(scene.objects) if i not in (item, reference)]
    free = all(np.hypot(*(place - o.position_m[:2])) > 0.06 + o.radius_m for o in others)
    gap = np.array(scene.objects[item].position_m[:2]) - middle
    return free and float(gap @ DIRECTIONS[side]) < 0.02


def push_is_clear(scene: Scene, item: int, zone: int) -> bool:
    """Return whether a straight push has a free lane, a start in reach, and somewhere to go."""
    start = np.array(scene.objects[item].position_m[:2])
    way = np.array(scene.objects[zone].position_m[:2]) - start
    length = float(np.linalg.norm(way))
    if length < 0.09:
        return False
    heading = way / length
    behind = start - heading * (0.04 + FINGER_HALF_M + BEHIND_M)
    if (behind < WORKSPACE_LOW[:2] + 0.03).any() or (behind > WORKSPACE_HIGH[:2] - 0.03).any():
        return False
    for i, o in enumerate(scene.objects):
        gap = np.array(o.position_m[:2]) - behind
        along = float(np.clip(gap @ heading, 0.0, length + 0.09))
        near = float(np.linalg.norm(gap - along * heading))
        if i != item and o.kind != "zone" and near < o.radius_m + 0.045:
            return False
    return True
