"""Where the arm is when an instruction comes: anywhere above the table, or where the one before
left it.
"""

import numpy as np
from numpy.typing import NDArray

from handeye.envs.tabletop.chains.situation import CORE, PLACING, Situation
from handeye.envs.tabletop.oracle import (
    CLOSED,
    FIN_GRASP_Z_M,
    FORK,
    OPEN,
    PUSH_Z_M,
    RELEASE_GAP_M,
    RIM_GAP_M,
    grasp_yaw,
    push_line,
    wrapped,
)
from handeye.envs.tabletop.tasks import Goal, Start
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.predicates import REACH_ABOVE_M, top

ANYWHERE_LOW = np.array([0.32, -0.22, 0.13, 0.0, 0.0, -0.6])
ANYWHERE_HIGH = np.array([0.68, 0.22, 0.38, 0.0, 0.0, 0.6])
TCP_NOISE_M = 0.003
BUTTON_GAP_M = 0.002  # above a cap that has been let go of


def anywhere(rng: np.random.Generator) -> Start:
    """Return an arm above everything that stands on a table, its gripper open, shut or between."""
    gripper = (OPEN, OPEN, FORK, CLOSED)[int(rng.integers(4))]
    return Start(rng.uniform(ANYWHERE_LOW, ANYWHERE_HIGH), gripper)


def left_by(goal: Goal, before: Situation, now: Situation, rng: np.random.Generator) -> Start:
    """Return where the oracle leaves the arm when it has reached a goal.

    Args:
        goal: that has been reached.
        before: what was true when it was asked for.
        now: what is true since.
        rng: of small differences.
    """
    start = _left(goal, before, now)
    if start.held < 0:
        start.tcp[:2] += rng.normal(0.0, TCP_NOISE_M, 2)
    return start


def _left(goal: Goal, before: Situation, now: Situation) -> Start:
    scene, state, item = now.scene, now.still(), goal.referred[0]
    x, y, z = top(scene, state, item)
    if goal.task == "reach":
        return Start(_pose(x, y, z + REACH_ABOVE_M), OPEN)
    if goal.task == "press_button":
        return Start(_pose(x, y, z + BUTTON_GAP_M), CLOSED)
    if goal.task == "move_drawer":
        return Start(_pose(x, y, FIN_GRASP_Z_M), OPEN)
    if goal.task == "push_to_zone":
        _, (x, y), heading = push_line(
            before.scene, before.still(), CORE[goal.task].subgoals(goal)[0]
        )
        yaw = wrapped(float(np.arctan2(heading[1], heading[0])), np.pi)
        return Start(_pose(x, y, PUSH_Z_M, yaw), FORK)
    thing = scene.objects[item]
    middle_m = thing.height_m / 2
    yaw = grasp_yaw(scene, state, item)
    if goal.task not in PLACING:  # picked up
        where = before.scene.objects[item].position_m
        return Start(_pose(where[0], where[1], where[2] + middle_m, yaw), OPEN, held=item)
    height = thing.position_m[2] + RELEASE_GAP_M + middle_m
    if goal.task == "put_in":
        rim = shapes.VESSELS[scene.objects[goal.referred[1]].kind].height_m
        height = max(height, rim + RIM_GAP_M)
    return Start(_pose(x, y, height, yaw), OPEN)


def _pose(x: float, y: float, z: float, yaw: float = 0.0) -> NDArray[np.float64]:
    return np.array([x, y, z, 0.0, 0.0, yaw])
