"""The scripted expert: where to go next, as a function of the privileged state.

`next_waypoint` looks at nothing but the state and the task's subgoals, so it can label any state
that a learner reaches (DAgger) and recovers from drops and misses by itself.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.oracle_action import OracleAction
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.arm import DELTA_SCALE, GRIPPER_TICKS, Arm
from handeye.envs.tabletop.world.feasibility import BEHIND_M, FINGER_HALF_M, beside_distance
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.predicates import DIRECTIONS, REACH_ABOVE_M, position, top
from handeye.envs.tabletop.world.scene import WORKSPACE_LOW, Scene
from handeye.envs.tabletop.world.state import State

# The agent's skills (`agents.tools.skills`) repeat these; `tests/test_twins.py` compares them.
HOVER_M = 0.17
ALIGNED_M = 0.025  # horizontal error from which the gripper may descend
OPEN, CLOSED, FORK = 1.0, -1.0, -0.4  # gripper commands; FORK pushes with two points
FULLY_OPEN_M = 0.065
RELEASE_GAP_M = 0.004
RIM_GAP_M = 0.020
PUSH_Z_M = 0.020
PUT_DOWN_Z_M = 0.030
FIN_GRASP_Z_M = 0.038
FINGERS_WIDE_M, FINGERS_OVER_M = 0.055, 0.02  # that open fingers need beside and over an object

# Parallel jaws fit an object every PERIOD rad of yaw, starting at OFFSET from its own x axis.
GRASP_PERIOD_RAD = {
    "block": np.pi / 2,
    "hexagon": np.pi / 3,
    "triangle": np.pi / 3,
    "star": np.pi / 5,
}
GRASP_OFFSET_RAD = {"block": 0.0, "hexagon": np.pi / 6, "triangle": 0.0, "star": 0.0}


class TabletopOracle:
    """Next waypoints for one goal in one scene.

    Attributes:
        hover_m: height at which the tcp crosses the table.
        low_m: below it the tcp goes straight up before it crosses.
    """

    hover_m = HOVER_M
    low_m = HOVER_M - 0.05

    def __init__(self, scene: Scene, subgoals: tuple[Subgoal, ...]) -> None:
        self._scene = scene
        self._subgoals = subgoals

    def grasp_height(self, state: State, item: int) -> float:
        """How high the tcp is when the fingers close on something, m."""
        low, high = position(self._scene, state, item), top(self._scene, state, item)
        return float(max((low[2] + high[2]) / 2, WORKSPACE_LOW[2]))

    def rest(self, state: State, goal: Subgoal) -> tuple[float, float, float]:
        """Where the bottom of what is placed should come to rest, m."""
        return place_target(self._scene, state, goal)

    def next_waypoint(self, state: State, done: bool) -> OracleAction:
        """The waypoint an expert would command in `state`; `done` says the goal is reached."""
        tcp = tcp_target(state.joint_positions)
        width = float(state.joint_positions[7:9].sum())
        if done:
            gripper = OPEN if width > FULLY_OPEN_M else CLOSED
            return OracleAction(waypoint(tcp[0], tcp[1], tcp[2], tcp[5], gripper), True, "done")
        first = self._subgoals[0]
        last = self._subgoals[-1]
        if first.skill != "grasp":
            values = getattr(self, f"_{first.skill}")(state, first, tcp, width)
            return OracleAction(values, False, str(first))
        if state.held_body not in (-1, self._scene.body(first.item)):  # put the wrong one down
            return OracleAction(
                waypoint(tcp[0], tcp[1], PUT_DOWN_Z_M, tcp[5], OPEN), False, str(first)
            )
        if state.held_body == -1:
            return OracleAction(self._grasp(state, first, tcp, width), False, str(first))
        if last.skill == "place":
            return OracleAction(self._place(state, last, tcp), False, str(last))
        return OracleAction(waypoint(tcp[0], tcp[1], HOVER_M, tcp[5], CLOSED), False, str(first))

    def aims(self, state: State) -> NDArray[np.float32]:
        """Where the fingers' work begins and where it ends, (2, 3) m, whatever they do now.

        A grasp or a touch and, for what is placed, pushed or slid, where that motion stops.
        """
        scene, first, last = self._scene, self._subgoals[0], self._subgoals[-1]
        begin = end = top(scene, state, first.item)
        if first.skill == "push":
            start, stop, _ = push_line(scene, state, first)
            begin, end = np.append(start, PUSH_Z_M), np.append(stop, PUSH_Z_M)
        elif first.skill == "slide":
            left = _drawer_target(first) - float(state.joint_positions[scene.joint(first.item)])
            end = begin + np.array([left, 0.0, 0.0])
        elif last.skill == "place":
            end = np.array(place_target(scene, state, last))
        return np.stack([begin, end]).astype(np.float32)

    def _reach(
        self, state: State, goal: Subgoal, tcp: NDArray[np.float64], width: float
    ) -> NDArray[np.float32]:
        x, y, z = top(self._scene, state, goal.item)
        above = np.array([x, y, z + REACH_ABOVE_M])
        if np.hypot(tcp[0] - x, tcp[1] - y) > ALIGNED_M and (
            tcp[2] < self.low_m or not self._is_free(state, goal.item, tcp[:3], above)
        ):
            return self._hover(x, y, 0.0, OPEN, tcp)
        return waypoint(x, y, above[2], 0.0, OPEN)

    def _is_free(
        self, state: State, item: int, start: NDArray[np.float64], end: NDArray[np.float64]
    ) -> bool:
        """Return whether the open fingers touch nothing but `item` on the straight way, (3,) m."""
        way = end[:2] - start[:2]
        length = max(float(way @ way), 1e-9)
        for i, thing in enumerate(self._scene.objects):
            low = position(self._scene, state, i)
            part = float(np.clip((low[:2] - start[:2]) @ way / length, 0.0, 1.0))
            gap = float(np.hypot(*(start[:2] + part * way - low[:2])))
            height = start[2] + part * (end[2] - start[2])
            near = gap < thing.radius_m + FINGERS_WIDE_M
            if i != item and near and height < low[2] + thing.height_m + FINGERS_OVER_M:
                return False
        return True

    def _grasp(
        self, state: State, goal: Subgoal, tcp: NDArray[np.float64], width: float
    ) -> NDArray[np.float32]:
        bottom, upper = position(self._scene, state, goal.item), top(self._scene, state, goal.item)
        yaw = grasp_yaw(self._scene, state, goal.item)
        x, y = (bottom[:2] + upper[:2]) / 2
        descend_to = self.grasp_height(state, goal.item)
        high_enough = tcp[2] > float(upper[2]) + 0.02
        if np.hypot(tcp[0] - x, tcp[1] - y) < ALIGNED_M and width > FULLY_OPEN_M and high_enough:
            return waypoint(x, y, descend_to, yaw, CLOSED)
        return self._hover(x, y, yaw, OPEN, tcp)

    def _hover(
        self, x: float, y: float, yaw: float, gripper: float, tcp: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Above (x, y); straight up first where the gripper is low among the objects."""
        if tcp[2] < self.low_m:
            return waypoint(tcp[0], tcp[1], self.hover_m, tcp[5], gripper)
        return waypoint(x, y, self.hover_m, yaw, gripper)

    def _place(self, state: State, goal: Subgoal, tcp: NDArray[np.float64]) -> NDArray[np.float32]:
        scene = self._scene
        held = position(scene, state, goal.item)
        offset = (held + top(scene, state, goal.item)) / 2 - tcp[:3]
        x, y, z = self.rest(state, goal)
        x, y = x - offset[0], y - offset[1]
        if np.hypot(tcp[0] - x, tcp[1] - y) > ALIGNED_M:
            return self._hover(x, y, tcp[5], CLOSED, tcp)
        lower_to = z + RELEASE_GAP_M + (tcp[2] - held[2])
        if scene.objects[goal.target].kind in shapes.VESSELS and goal.relation == "inside":
            # the fingers open above the rim, not inside
            rim = float(top(scene, state, goal.target)[2])
            lower_to = max(lower_to, rim + RIM_GAP_M)
        return waypoint(x, y, lower_to, tcp[5], OPEN)

    def _push(
        self, state: State, goal: Subgoal, tcp: NDArray[np.float64], width: float
    ) -> NDArray[np.float32]:
        start, end, heading = push_line(self._scene, state, goal)
        radius = _push_radius(self._scene, goal.item)
        yaw = wrapped(float(np.arctan2(heading[1], heading[0])), np.pi)
        gap = tcp[:2] - position(self._scene, state, goal.item)[:2]
        behind = -float(gap @ heading)
        aside = float(np.abs(gap + behind * heading).max())
        low = tcp[2] < PUSH_Z_M + 0.03
        if low and radius < behind < radius + 0.10 and aside < 0.015:
            return waypoint(end[0], end[1], PUSH_Z_M, yaw, FORK)
        above_start = np.hypot(*(tcp[:2] - start)) < 0.02
        if above_start and width < FULLY_OPEN_M:
            return waypoint(start[0], start[1], PUSH_Z_M, yaw, FORK)
        return self._hover(start[0], start[1], yaw, FORK, tcp)

    def _press(
        self, state: State, goal: Subgoal, tcp: NDArray[np.float64], width: float
    ) -> NDArray[np.float32]:
        x, y, z = self._scene.objects[goal.item].position_m
        if np.hypot(tcp[0] - x, tcp[1] - y) < ALIGNED_M and width < 0.01:
            down = z + shapes.BUTTON.base_height_m + 0.010
            return waypoint(x, y, down, 0.0, CLOSED)
        return self._hover(x, y, 0.0, CLOSED, tcp)

    def _slide(
        self, state: State, goal: Subgoal, tcp: NDArray[np.float64], width: float
    ) -> NDArray[np.float32]:
        scene, size = self._scene, shapes.DRAWER
        x, y, _ = top(scene, state, goal.item)
        if state.held_body == scene.body(goal.item):
            slide = float(state.joint_positions[scene.joint(goal.item)])
            return waypoint(tcp[0] + _drawer_target(goal) - slide, tcp[1], FIN_GRASP_Z_M, 0.0, OPEN)
        above = tcp[2] > size.fin_top_m + 0.04
        if np.hypot(tcp[0] - x, tcp[1] - y) < ALIGNED_M and width > FULLY_OPEN_M and above:
            return waypoint(x, y, FIN_GRASP_Z_M, 0.0, CLOSED)
        return self._hover(x, y, 0.0, OPEN, tcp)


class Waypoints(Protocol):
    """An oracle in absolute waypoints."""

    def next_waypoint(self, state: State, done: bool) -> OracleAction:
        """The waypoint an expert would command in `state`; `done` says the goal is reached."""


class DeltaOracle:
    """Follows the oracle's waypoints in `ee_delta` steps; commits to each until it is reached."""

    def __init__(self, oracle: Waypoints) -> None:
        self._oracle = oracle
        self._waypoint: OracleAction | None = None
        self._gripper_ticks = 0

    def next_action(self, state: State, done: bool, arm: Arm) -> OracleAction:
        """The next `ee_delta` action (7,) from where `arm` was last commanded to be."""
        if self._waypoint is None or done or self._finished(arm):
            self._waypoint = self._oracle.next_waypoint(state, done)
            self._gripper_ticks = 0
        goal = self._waypoint.values
        step = np.clip((goal[:6] - arm.target) / DELTA_SCALE, -1.0, 1.0)
        there = bool(np.abs(goal[:6] - arm.target).max() < 2e-3)
        gripper = float(goal[6]) if there else arm.gripper
        self._gripper_ticks += there
        values = np.array([*step, gripper], dtype=np.float32)
        return self._waypoint._replace(values=values)

    def _finished(self, arm: Arm) -> bool:
        assert self._waypoint is not None
        there = np.abs(self._waypoint.values[:6] - arm.target).max() < 2e-3
        return bool(there and self._gripper_ticks >= GRIPPER_TICKS)


def place_target(scene: Scene, state: State, goal: Subgoal) -> tuple[float, float, float]:
    """Where the placed object's bottom should come to rest: x, y, z in m."""
    x, y, z = position(scene, state, goal.target)
    if goal.relation == "on":
        x, y, z = top(scene, state, goal.target)
    elif goal.relation == "inside":
        z += shapes.VESSELS[scene.objects[goal.target].kind].floor_m
    else:
        dx, dy = DIRECTIONS[goal.relation] * beside_distance(scene, goal.target)
        x, y, z = x + dx, y + dy, 0.0
    return float(x), float(y), float(z)


def push_line(
    scene: Scene, state: State, goal: Subgoal
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Where the fingers touch down behind the pushed object, where they stop, and the unit
    heading from one to the other; (2,) each, x and y in m.
    """
    item, zone = position(scene, state, goal.item)[:2], position(scene, state, goal.target)[:2]
    heading = (zone - item) / max(float(np.linalg.norm(zone - item)), 1e-6)
    radius = _push_radius(scene, goal.item)
    start = item - heading * (radius + FINGER_HALF_M + BEHIND_M)
    return start, zone - heading * (radius * 0.9 + FINGER_HALF_M), heading


def _push_radius(scene: Scene, item: int) -> float:
    size = shapes.PRISMS[scene.objects[item].kind][scene.objects[item].size]
    return size.radius_m * (1.2 if scene.objects[item].kind == "block" else 1.0)


def _drawer_target(goal: Subgoal) -> float:
    """How far the drawer should stand open, m."""
    return shapes.DRAWER.travel_m if goal.relation == "open" else 0.0


def grasp_yaw(scene: Scene, state: State, item: int) -> float:
    """Smallest tcp yaw at which the fingers close on a good pair of sides, rad."""
    sides = _grasp_sides(scene.objects[item].kind)
    if sides is None:
        return 0.0
    period, offset = sides
    x, y, z, w = state.body_poses[scene.body(item), 3:]
    yaw = float(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
    return wrapped(yaw + offset - np.pi / 2, period)


def _grasp_sides(kind: str) -> tuple[float, float] | None:
    """Return period and offset of a kind's good pairs of sides, rad; None: any yaw is as good."""
    if kind in GRASP_PERIOD_RAD:
        return GRASP_PERIOD_RAD[kind], GRASP_OFFSET_RAD[kind]
    if kind in shapes.GRASPABLE_KINDS or kind not in shapes.CORNERS:
        return None
    corners = shapes.CORNERS[kind]
    return (2 * np.pi / corners, np.pi / corners) if corners % 2 == 0 else (np.pi / corners, 0.0)


def wrapped(angle: float, period: float) -> float:
    """The angle modulo `period`, in [-period / 2, period / 2)."""
    return float((angle + period / 2) % period - period / 2)


def waypoint(x: float, y: float, z: float, yaw: float, gripper: float) -> NDArray[np.float32]:
    """An action of `ee_pose` with the gripper pointing down."""
    return np.array([x, y, z, 0.0, 0.0, yaw, gripper], dtype=np.float32)
