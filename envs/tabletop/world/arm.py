"""The Franka Panda as an agent sees it: action modes in, joint commands out.

Both modes are step-counted: an action takes a whole number of control ticks (0.1 simulated
seconds each), never wall-clock time.

No joint is commanded faster than it may go, and no joints are sent that would miss their target:
a tick then goes part of the way to the target, or stays. Near a singularity inverse kinematics
answers a step of 3 cm with a turn of 2.7 rad; sent at once, that throws the hand across the table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from handeye.envs.core.action_values import real_numbers
from handeye.envs.robots.inverse_kinematics import HOME_JOINTS, JOINT_SPEED_RAD_S, solve_ik
from handeye.envs.robots.kinematics import tcp_target, tcp_target_pose
from handeye.envs.tabletop.world.scene import WORKSPACE_HIGH, WORKSPACE_LOW
from handeye.envs.tabletop.world.simulator import ARM_JOINTS, Simulator

CONTROL_HZ = 10
COMMANDS_PER_TICK = 4  # joint targets are interpolated this often inside a control tick
PARTS_OF_TICK = np.arange(1, COMMANDS_PER_TICK + 1)[:, None] / COMMANDS_PER_TICK
OPEN_M = 0.08

DELTA_SCALE = np.array([0.05, 0.05, 0.05, 0.25, 0.25, 0.25])  # m, rad a tick
WAYPOINT_SPEED_M = 0.05  # a tick, on average over a motion
WAYPOINT_TURN_RAD = 0.35  # a tick
WAYPOINT_TICKS = 20  # at most, for the motion
SETTLE_TICKS = 1
GRIPPER_TICKS = 4
MOST_TURN_RAD = JOINT_SPEED_RAD_S / CONTROL_HZ  # (7,) of each arm joint in a control tick
UNREACHED = 0.02  # m or rad by which joints miss a target that they do not reach
SMALLER = 0.5  # share of a part of the way that is tried next
LEAST_PART = 1 / 32  # the smallest part that is tried
FULL_SPEED = 1 - 1e-9  # as a share of the greatest; rounding must not exceed it

Motion = Literal["followed", "slowed", "out of reach"]


@dataclass(frozen=True)
class ActionMode:
    """Bounds of a mode's (7,) float32 action, and how long one takes."""

    name: str
    low: NDArray[np.float32]
    high: NDArray[np.float32]


ACTION_MODES: dict[str, ActionMode] = {
    "ee_delta": ActionMode("ee_delta", np.full(7, -1, np.float32), np.full(7, 1, np.float32)),
    "ee_pose": ActionMode(
        "ee_pose",
        np.array([0.25, -0.40, 0.0, -0.5, -0.5, -1.6, -1], np.float32),
        np.array([0.75, 0.40, 0.50, 0.5, 0.5, 1.6, 1], np.float32),
    ),
}


class Arm:
    """Drives the robot of one simulator.

    Targets are tcp poses as (6,) arrays: x y z in m, then roll pitch yaw in rad, where zero
    rotation points the gripper straight down with its fingers closing along world y.
    """

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._substep = simulator.physics_hz // (CONTROL_HZ * COMMANDS_PER_TICK)
        if self._substep * CONTROL_HZ * COMMANDS_PER_TICK != simulator.physics_hz:
            raise ValueError(f"physics_hz must be a multiple of {CONTROL_HZ * COMMANDS_PER_TICK}")
        self._command = HOME_JOINTS.copy()
        self._target = np.zeros(6)
        self._gripper = 1.0
        self._ik_residual = 0.0
        self._worst_ik_residual = 0.0
        self._part = 1.0  # of the way to the last target that was gone
        self._motion: Motion = "followed"

    def reset(self, tcp: NDArray[np.float64], gripper: float = 1.0) -> None:
        """Put the arm at rest with its tcp at (6,) `tcp`, the gripper open or as told."""
        self._gripper, self._motion, self._worst_ik_residual = gripper, "followed", 0.0
        self._target = _clipped(tcp, WORKSPACE_LOW, WORKSPACE_HIGH)
        self._command = HOME_JOINTS.copy()
        self._command[:ARM_JOINTS] = self._joints_for(self._target, HOME_JOINTS)
        self._command[ARM_JOINTS:] = (gripper + 1) / 2 * OPEN_M / 2
        self._simulator.reset_robot(self._command)

    def lift(self, z_m: float) -> None:
        """Close the gripper where it is, then go straight up to `z_m`."""
        goal = self._target.copy()
        for _ in self._go(goal, -1.0):
            pass
        goal[2] = z_m
        for _ in self._go(goal, -1.0):
            pass

    @property
    def target(self) -> NDArray[np.float64]:
        """Last commanded tcp target (6,)."""
        return self._target.copy()

    @property
    def gripper(self) -> float:
        """Last gripper command, -1 closed to +1 open."""
        return self._gripper

    @property
    def ik_residual(self) -> float:
        """How far the best joints known miss the last tick's target (m or rad, the larger)."""
        return self._ik_residual

    @property
    def worst_ik_residual(self) -> float:
        """The largest `ik_residual` among the last action's ticks."""
        return self._worst_ik_residual

    @property
    def motion(self) -> Motion:
        """How the last action was carried out.

        "followed": as it was meant. "slowed": joints went as fast as they may; a delta was cut
        short, a waypoint took longer. "out of reach": no joints were known that reach a target on
        the way; the arm went towards it as far as it could.
        """
        return self._motion

    def _joints_for(
        self, target: NDArray[np.float64], near: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Joints (7,) that reach `target` (6,), searched from `near` (9,)."""
        joints = np.zeros(ARM_JOINTS)
        self._ik_residual = solve_ik(tcp_target_pose(target), near[:ARM_JOINTS], joints)
        return joints

    def execute(self, action: NDArray[np.float32], mode: str) -> Iterator[None]:
        """Carry out an action; yields after every control tick.

        Args:
            action: (7,) within the mode's bounds (values outside are clipped to them).
            mode: a key of `ACTION_MODES`.

        Raises:
            ValueError: the action is not 7 finite real numbers.
        """
        bounds = ACTION_MODES[mode]
        values = _clipped(real_numbers(action, 7, mode), bounds.low, bounds.high)
        self._motion, self._worst_ik_residual = "followed", 0.0
        if mode == "ee_delta":
            goal = _clipped(self._target + values[:6] * DELTA_SCALE, WORKSPACE_LOW, WORKSPACE_HIGH)
            self._tick(goal, values[6])
            yield
        else:
            yield from self._go(_clipped(values[:6], WORKSPACE_LOW, WORKSPACE_HIGH), values[6])

    def hold(self, ticks: int) -> Iterator[None]:
        """Stay where the last command was; yields after every control tick."""
        target = self._target
        for _ in range(ticks):
            self._tick(target, self._gripper)
            yield

    def _go(self, goal: NDArray[np.float64], gripper: float) -> Iterator[None]:
        start = self._target
        distance = float(np.linalg.norm(goal[:3] - start[:3])) / WAYPOINT_SPEED_M
        turn = float(np.abs(goal[3:] - start[3:]).max()) / WAYPOINT_TURN_RAD
        ticks = min(max(int(np.ceil(max(distance, turn))), 1), WAYPOINT_TICKS)
        for k in range(1, ticks + 1):
            part = k / ticks
            eased = part * part * (3 - 2 * part)  # start and stop gently: nothing slides away
            self._tick(start + (goal - start) * eased, self._gripper)
            yield
        for _ in range(WAYPOINT_TICKS):
            if self._part in (0.0, 1.0):  # it is there, or stuck
                break
            self._tick(goal, self._gripper)
            yield
        end = goal if self._part == 1.0 else self._target
        yield from self.hold(SETTLE_TICKS)
        if abs(gripper - self._gripper) > 0.05:
            for _ in range(GRIPPER_TICKS):
                self._tick(end, gripper)
                yield

    def _tick(self, target: NDArray[np.float64], gripper: float) -> None:
        before = self._command
        self._target, command = self._towards(target)
        command[ARM_JOINTS:] = (gripper + 1) / 2 * OPEN_M / 2
        self._gripper, self._command = float(gripper), command
        for targets in (before + (command - before) * PARTS_OF_TICK).tolist():
            self._simulator.command(targets)
            self._simulator.step(self._substep)

    def _towards(
        self, target: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where the tcp goes in this tick on its way to `target`, (6,), and by which joints, (9,):
        at most as fast as they may turn, and along the straight way.
        """
        start, now, then = self._target, self._command, self._command.copy()
        then[:ARM_JOINTS] = self._joints_for(target, now)
        if self._ik_residual > UNREACHED:  # a joint at its limit can hide joints on its other side
            then[:ARM_JOINTS] = self._joints_for(target, HOME_JOINTS)
        asked, part, nearer = self._ik_residual, 1.0, target
        self._worst_ik_residual = max(self._worst_ik_residual, asked)
        while self._ik_residual > UNREACHED and part > LEAST_PART:
            self._motion = "out of reach"
            part *= SMALLER
            nearer = start + (target - start) * part
            then[:ARM_JOINTS] = self._joints_for(nearer, now)
        if self._ik_residual > UNREACHED:
            nearer, then, part = start, now.copy(), 0.0
        self._ik_residual = asked
        speed = float((np.abs(then - now)[:ARM_JOINTS] / MOST_TURN_RAD).max())
        if speed > 1.0:
            then, slower = _straight(now, then, FULL_SPEED / speed)
            part *= slower
            nearer = _clipped(tcp_target(then), WORKSPACE_LOW, WORKSPACE_HIGH)
            self._motion = "slowed" if self._motion == "followed" else self._motion
        self._part = part
        return nearer, then


def _straight(
    now: NDArray[np.float64], then: NDArray[np.float64], part: float
) -> tuple[NDArray[np.float64], float]:
    """Joints (9,) that are `part` of the turn from `now` to `then`, or less where the tcp would
    leave its straight way; and which part they are.
    """
    here, there = tcp_target(now), tcp_target(then)
    while True:
        joints = now + (then - now) * part
        off = np.abs(tcp_target(joints) - (here + (there - here) * part)).max()
        if off <= UNREACHED or part < LEAST_PART:
            return joints, part
        part *= SMALLER


def _clipped(
    values: NDArray[np.float64], low: NDArray[Any], high: NDArray[Any]
) -> NDArray[np.float64]:
    """np.clip without its wrapper, which costs more than the work."""
    return np.minimum(np.maximum(values, low), high)
