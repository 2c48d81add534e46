"""Closed-loop skills of the arm: they act on perceived places and end by themselves.

Each checks with what the robot feels whether it succeeded, takes a bounded number of steps and says
in words what happened. Nothing here reads the simulator's state.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.result_text import (
    ALREADY_FULL,
    HAND_FULL,
    IN_HAND,
    LET_GO,
    LET_GO_BESIDE,
    LOST,
    NOTHING_TO_PLACE,
)
from handeye.agents.core.tools import CannotDo, Cause, ToolResult
from handeye.agents.tools.grasping import CLEAR_M, WIDEST_M, Grasp, clear_grasp, plain_grasp
from handeye.agents.tools.robot import Robot
from handeye.perception.mapping.camera_geometry import Measured

# The oracle (`envs.tabletop.oracle`) and the fingers (`envs.tabletop.world.feasibility`) have the
# same numbers; neither hall may import the other, so `tests/test_twins.py` compares them.
OPEN, CLOSED, FORK = 1.0, -1.0, -0.4  # Gripper commands; FORK pushes with two points.
HOVER_M = 0.17
HOME = (0.30, 0.0, 0.40)  # From here the arm hides nothing from the front camera.
HELD_M = 0.006  # Closed fingers that stay farther apart hold something.
HAND_OPEN_M = 0.065  # Fingers that are farther apart are open and hold nothing.
REACH_M = 0.03  # A waypoint that was missed by more was blocked.
STOPPED_M = 0.004  # Fingers that stop so far above their goal have met something.
RELEASE_GAP_M = 0.004
RIM_GAP_M = 0.020
FINGER_M = 0.011
BEHIND_M = 0.040
PUSH_Z_M = 0.020
# A measured top is up to 7 mm wrong, so a press goes slowly from well above it to well below, and
# ends where the finger stays behind: there the button has met its stop.
PRESS_HEIGHTS_M = (0.010, 0.008, 0.006, 0.004, 0.002, 0.0, -0.001, -0.002, -0.003, -0.004)
PRESS_REACHED_M = 0.008  # A finger that stays higher above the top was blocked.
STAYED_BEHIND_M = 0.0006  # On its way down a free finger is half as far above its goal.
HANDLE_M = 0.012  # A handle is held so far below its top.
SLIDE_STEP_M, SLIDE_STEPS = 0.015, 8
STUCK_M = 0.5 * SLIDE_STEP_M  # A step that achieves less has met the stop.
BACK_M = 0.005  # The hand goes so far off the stop before it lets go, so that nothing is wedged.


class SkillResult(NamedTuple):
    """The end of a skill: whether it did its work, what happened, and why it failed."""

    ok: bool
    reason: str
    cause: Cause = ""

    def as_result(self, **data: Any) -> ToolResult:
        """Return what a tool tells of it.

        Args:
            data: further plain values for programs.
        """
        cause = {"cause": self.cause} if self.cause else {}
        return ToolResult(self.ok, self.reason, data={**cause, **data})


class Grip(NamedTuple):
    """The way in which an object is held.

    Attributes:
        yaw_rad: of the gripper.
        below_m: how far the thing's bottom is below the tcp.
        aside_m: x and y from the thing's middle to the tcp, with the gripper at that yaw.
    """

    yaw_rad: float
    below_m: float
    aside_m: tuple[float, float] = (0.0, 0.0)


def go_home(robot: Robot) -> SkillResult:
    """Go up and out of the camera's sight; the gripper stays as it is."""
    gripper = CLOSED if is_holding(robot) else OPEN
    _rise(robot, gripper)
    robot.move_to(*HOME, 0.0, gripper)
    return SkillResult(True, "the arm is out of the way")


def is_holding(robot: Robot) -> bool:
    """Return whether the hand was closed and something keeps its fingers apart."""
    return robot.closes and HELD_M < robot.gripper_m < HAND_OPEN_M


def reach(robot: Robot, thing: Measured) -> SkillResult:
    """Bring the gripper to 2 cm above a thing."""
    gripper = CLOSED if is_holding(robot) else OPEN
    _hover(robot, thing.x_m, thing.y_m, 0.0, gripper)
    robot.move_to(thing.x_m, thing.y_m, thing.top_m + 0.02, 0.0, gripper)
    return SkillResult(True, "the gripper is just above it")


def pick(
    robot: Robot, thing: Measured, points_m: NDArray[np.float64] | None = None
) -> tuple[SkillResult, Grip | None]:
    """Grasp a thing across its shorter side, or as what is around it allows, and lift it.

    Args:
        robot: that does it.
        thing: where it is.
        points_m: (..., 3) what the camera sees now; None if nothing is in the way.
    """
    if is_holding(robot):
        return SkillResult(False, ALREADY_FULL, "hand_full"), None
    grasp = plain_grasp(thing) if points_m is None else clear_grasp(thing, points_m)
    stopped_m = _close_on(robot, grasp)
    if not is_holding(robot) and stopped_m > STOPPED_M and not robot.ended:
        # above what the fingers met, such as the side of a tray
        grasp = grasp._replace(z_m=grasp.z_m + stopped_m + CLEAR_M)
        _open(robot)
        _close_on(robot, grasp)
    if not robot.ended:
        _rise(robot, CLOSED)
    if not is_holding(robot):
        _open(robot)
        width = f"{100 * robot.gripper_m:.1f} cm"
        reason = f"the fingers closed on nothing (opened again to {width})"
        return SkillResult(False, reason, "missed"), None
    aside = (grasp.x_m - thing.x_m, grasp.y_m - thing.y_m)
    grip = Grip(grasp.yaw_rad, grasp.z_m - thing.bottom_m, aside)
    return SkillResult(True, IN_HAND), grip


def _close_on(robot: Robot, grasp: Grasp) -> float:
    """Close the fingers where a grasp says; how far above their goal they stopped, m."""
    gripper = 2 * grasp.gap_m / WIDEST_M - 1
    try:
        _hover(robot, grasp.x_m, grasp.y_m, grasp.yaw_rad, gripper)
        robot.move_to(grasp.x_m, grasp.y_m, grasp.z_m, grasp.yaw_rad, CLOSED)
    except CannotDo:
        _open(robot)  # fingers left half open would feel like fingers about something
        raise
    return float(robot.tcp[2]) - grasp.z_m


def place(robot: Robot, x: float, y: float, z: float, grip: Grip) -> SkillResult:
    """Put what is held down with its bottom at height z over (x, y), m."""
    if not is_holding(robot):
        return SkillResult(False, NOTHING_TO_PLACE, "hand_empty")
    return _release(robot, x, y, z + RELEASE_GAP_M + grip.below_m, grip)


def place_in(robot: Robot, container: Measured, grip: Grip) -> SkillResult:
    """Drop what is held into a container from just above its rim."""
    if not is_holding(robot):
        return SkillResult(False, NOTHING_TO_PLACE, "hand_empty")
    z = max(container.top_m + RIM_GAP_M, container.bottom_m + RELEASE_GAP_M + grip.below_m)
    return _release(robot, container.x_m, container.y_m, z, grip)


def push(robot: Robot, thing: Measured, x: float, y: float) -> SkillResult:
    """Push a thing over the table until its middle is at (x, y), m."""
    if is_holding(robot):
        return SkillResult(False, HAND_FULL, "hand_full")
    way = np.array([x, y]) - thing.xy
    length = float(np.linalg.norm(way))
    if length < 0.02:
        return SkillResult(True, "it is there already")
    heading, radius = way / length, thing.long_m / 2
    start = thing.xy - heading * (radius + FINGER_M + BEHIND_M)
    end = np.array([x, y]) - heading * (radius * 0.9 + FINGER_M)
    yaw = _smallest_turn(math.atan2(heading[1], heading[0]))
    (start_x, start_y), (end_x, end_y) = start.tolist(), end.tolist()
    _hover(robot, start_x, start_y, yaw, FORK)
    robot.move_to(start_x, start_y, PUSH_Z_M, yaw, FORK)
    robot.move_to(end_x, end_y, PUSH_Z_M, yaw, FORK)
    reached = _miss_m(robot, end) < REACH_M
    if not robot.ended:
        _rise(robot, FORK)
    if not reached:
        return SkillResult(False, "the push was blocked on its way", "blocked")
    return SkillResult(True, "pushed")


def press(robot: Robot, thing: Measured) -> SkillResult:
    """Press an object down with closed fingers, the last way in small steps, so that none hits it.

    The force stays below 600 N, the limit for fixtures, however wrong the measured top is.
    """
    if is_holding(robot):
        return SkillResult(False, HAND_FULL, "hand_full")
    _hover(robot, thing.x_m, thing.y_m, 0.0, CLOSED)
    for height_m in PRESS_HEIGHTS_M:
        z = thing.top_m + height_m
        robot.move_to(thing.x_m, thing.y_m, z, 0.0, CLOSED)
        if robot.ended or robot.tcp[2] - z > STAYED_BEHIND_M:
            break
    down = robot.tcp[2] < thing.top_m + PRESS_REACHED_M
    reached = bool(down and _miss_m(robot, thing.xy) < REACH_M)
    if not robot.ended:
        _rise(robot, OPEN)
    if not reached:
        return SkillResult(False, "the finger did not get down to it", "blocked")
    return SkillResult(True, "pressed")


def slide(robot: Robot, handle: Measured, heading: NDArray[np.float64]) -> SkillResult:
    """Hold a handle and draw it along a heading (2,) until it meets its stop."""
    if is_holding(robot):
        return SkillResult(False, HAND_FULL, "hand_full")
    yaw, z = _smallest_turn(math.atan2(heading[1], heading[0])), handle.top_m - HANDLE_M
    _hover(robot, handle.x_m, handle.y_m, yaw, OPEN)
    robot.move_to(handle.x_m, handle.y_m, z, yaw, CLOSED)
    if not is_holding(robot):
        _open(robot)
        return SkillResult(False, "the fingers closed beside the handle", "missed")
    begin = robot.tcp[:2]
    for _ in range(SLIDE_STEPS):
        before = robot.tcp[:2]
        goal_x, goal_y = (before + SLIDE_STEP_M * heading).tolist()
        robot.move_to(goal_x, goal_y, z, yaw, CLOSED)
        if robot.ended or not is_holding(robot):
            break
        if float((robot.tcp[:2] - before) @ heading) < STUCK_M:
            break
    kept = is_holding(robot)
    moved = float((robot.tcp[:2] - begin) @ heading)
    if not robot.ended:
        back_x, back_y = (robot.tcp[:2] - BACK_M * heading).tolist()
        robot.move_to(back_x, back_y, z, yaw, OPEN)
    if not robot.ended:
        _rise(robot, OPEN)
    words = f"moved by {100 * moved:.0f} cm"
    if not kept:
        return SkillResult(False, f"{words}, then the handle slipped away", "lost")
    return SkillResult(True, words)


def _release(robot: Robot, x: float, y: float, z: float, grip: Grip) -> SkillResult:
    """Let go with the thing's middle over (x, y) and the tcp at height z, m."""
    x, y = x + grip.aside_m[0], y + grip.aside_m[1]
    _hover(robot, x, y, grip.yaw_rad, CLOSED)
    if not is_holding(robot):
        return SkillResult(False, LOST, "lost")
    robot.move_to(x, y, z, grip.yaw_rad, OPEN)
    if _miss_m(robot, np.array([x, y])) > REACH_M:
        return SkillResult(False, LET_GO_BESIDE, "beside")
    if not robot.ended:
        _rise(robot, OPEN)
    return SkillResult(True, LET_GO)


def _hover(robot: Robot, x: float, y: float, yaw: float, gripper: float) -> None:
    """Above (x, y); straight up first where the gripper is low among the objects."""
    if robot.tcp[2] < HOVER_M - 0.05:
        _rise(robot, gripper)
    robot.move_to(x, y, HOVER_M, yaw, gripper)


def _rise(robot: Robot, gripper: float) -> None:
    x, y, z = robot.tcp[:3].tolist()
    robot.move_to(x, y, max(HOVER_M, z), float(robot.tcp[5]), gripper)


def _open(robot: Robot) -> None:
    """Open on the spot, then rise."""
    if robot.ended:
        return
    x, y, z = robot.tcp[:3].tolist()
    robot.move_to(x, y, z, float(robot.tcp[5]), OPEN)
    if not robot.ended:
        _rise(robot, OPEN)


def _miss_m(robot: Robot, place: NDArray[np.float64]) -> float:
    return math.dist(robot.tcp[:2], place)


def _smallest_turn(angle: float) -> float:
    """The same axis as an angle in [-pi/2, pi/2)."""
    return (angle + math.pi / 2) % math.pi - math.pi / 2
