"""A wheeled base with differential drive: what it is, its action modes, its motion in physics.

The base drives forward and turns, never sideways. In physics it is a cylinder on planar joints
whose velocity motors have limited force, so that walls and furniture stop it and it slides along
what it grazes; the wheels themselves are not simulated. Everything is counted in ticks.
"""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from handeye.base.names import look_up
from handeye.envs.core.action_values import real_numbers
from handeye.envs.core.physics import Physics, SimulationError

RADIUS_M = 0.18
HEIGHT_M = 0.35  # of the chassis; the camera stands on a mast above it
PHYSICS_HZ = 60
CONTROL_HZ = 10
TICKS = PHYSICS_HZ // CONTROL_HZ  # physics ticks in a control tick
SPEED_M_S, TURN_RAD_S = 0.5, math.radians(30.0)
FASTEST_TURN_RAD_S = 1.5
# `policies.navigation.grid_planner` repeats these; `tests/test_twins.py` compares them.
FORWARD_M, TURN_RAD = 0.25, math.radians(15.0)
FORCES = (400.0, 400.0, 100.0)  # N, N, N m
FAR_M = 100.0  # no apartment reaches this far
STOP, FORWARD, LEFT, RIGHT = range(4)
DISCRETE_NAMES = ("stop", "forward", "turn left", "turn right")
BUMP_N = 1.0

BASE_MODES: dict[str, spaces.Space[Any]] = {
    "base_discrete": spaces.Discrete(len(DISCRETE_NAMES)),
    "base_velocity": spaces.Box(-1.0, 1.0, (2,), np.float32),
}


@dataclass(frozen=True)
class BasePose:
    """Where the base stands: x, y in m, yaw in rad (0 looks along +x, left turns are positive)."""

    x_m: float
    y_m: float
    yaw_rad: float

    @property
    def xy(self) -> tuple[float, float]:
        """Its place."""
        return self.x_m, self.y_m


class MobileBase:
    """Drives the one base of a physics client.

    Args:
        physics: holds the walls and furniture already; runs at `PHYSICS_HZ`.
        start: where the base stands at first.
    """

    def __init__(self, physics: Physics, start: BasePose) -> None:
        self._physics = physics
        self._body, self._joints = physics.load("base.urdf")
        self.bumped = self.touching = False
        self.place(start)

    def place(self, pose: BasePose) -> None:
        """Put the base somewhere, at rest."""
        for joint, value in zip(self._joints, (pose.x_m, pose.y_m, pose.yaw_rad), strict=True):
            self._physics.set_joint(self._body, joint, value)
        self._physics.drive_velocities(self._body, self._joints, (0.0, 0.0, 0.0), FORCES)

    @property
    def pose(self) -> BasePose:
        """Where the base stands; its yaw is not wrapped.

        Raises:
            SimulationError: the physics broke.
        """
        values = self._physics.joint_positions(self._body, self._joints)
        x, y, yaw = values
        if not (abs(x) < FAR_M and abs(y) < FAR_M and math.isfinite(yaw)):  # NaN compares false
            raise SimulationError(f"the base's pose {values} is not finite or left the apartment")
        return BasePose(*values)

    def execute(self, action: object, mode: str) -> Iterator[None]:
        """Carry out an action; yields after every control tick of 0.1 simulated seconds.

        `bumped` tells afterwards whether anything was touched on the way, `touching` whether
        anything is in the tick that was just carried out.

        Args:
            action: of the mode's space: a number of `DISCRETE_NAMES`, or (2,) shares of
                `SPEED_M_S` and `FASTEST_TURN_RAD_S` (values beyond 1 are clipped).
            mode: a key of `BASE_MODES`.

        Raises:
            ValueError: the action is not one of the mode.
        """
        if look_up("action mode", mode, BASE_MODES) is BASE_MODES["base_velocity"]:
            speed, turn = checked_velocity(action)
            self.bumped = False
            yield from self._drive(speed * SPEED_M_S, turn * FASTEST_TURN_RAD_S, 1)
        else:
            number = checked_number(action)
            self.bumped = False
            if number == FORWARD:
                yield from self._drive(SPEED_M_S, 0.0, round(FORWARD_M / SPEED_M_S * CONTROL_HZ))
            elif number != STOP:
                way = 1.0 if number == LEFT else -1.0
                ticks = round(TURN_RAD / TURN_RAD_S * CONTROL_HZ)
                yield from self._drive(0.0, way * TURN_RAD_S, ticks)

    def _drive(self, speed_m_s: float, turn_rad_s: float, ticks: int) -> Iterator[None]:
        for tick in range(ticks):
            for _ in range(TICKS):
                yaw = self.pose.yaw_rad + 0.5 * turn_rad_s / PHYSICS_HZ  # mean of the tick
                velocities = (speed_m_s * math.cos(yaw), speed_m_s * math.sin(yaw), turn_rad_s)
                self._physics.drive_velocities(self._body, self._joints, velocities, FORCES)
                self._physics.step(1)
            chassis = self._joints[-1]
            touched = self._physics.contacts(self._body, chassis)
            self.touching = any(force > BUMP_N for force, _ in touched)
            self.bumped |= self.touching
            if tick == ticks - 1:
                self.place(self.pose)  # a real base would brake; this one forgets its speed
            yield


def checked_velocity(action: object) -> tuple[float, float]:
    """Shares of the greatest speed and turn rate, clipped to [-1, 1].

    Raises:
        ValueError: not two finite numbers.
    """
    values = real_numbers(action, 2, "base_velocity")
    speed, turn = np.clip(values, -1.0, 1.0).tolist()
    return speed, turn


def checked_number(action: object) -> int:
    """The number of a discrete action.

    Raises:
        ValueError: no such action.
    """
    number: NDArray[Any] = np.empty(0)
    with contextlib.suppress(ValueError):  # nested lists of unequal lengths
        number = np.asarray(action)
    if number.shape != () or number.dtype.kind not in "iu" or not 0 <= number <= RIGHT:
        known = ", ".join(f"{i} {name}" for i, name in enumerate(DISCRETE_NAMES))
        raise ValueError(f"a base_discrete action is one of {known}; got {action!r}")
    return int(number)
