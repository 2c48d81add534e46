"""The wheeled base: exact motions in the open, stopped by walls, refusing what is no action."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from handeye.envs.core.bodies import Primitive
from handeye.envs.core.physics import Physics, SimulationError
from handeye.envs.rooms.scene.mobile_base import (
    BASE_MODES,
    FASTEST_TURN_RAD_S,
    FORWARD,
    FORWARD_M,
    LEFT,
    PHYSICS_HZ,
    RADIUS_M,
    RIGHT,
    SPEED_M_S,
    STOP,
    TURN_RAD,
    BasePose,
    MobileBase,
)

WALL = Primitive((0.05, 3.0, 1.0), position_m=(1.05, 0.0, 1.0))  # its near side is at x = 1


@pytest.fixture
def physics() -> Iterator[Physics]:
    client = Physics(PHYSICS_HZ)
    client.add_fixtures([WALL])
    yield client
    client.close()


def ticks(base: MobileBase, action: object, mode: str = "base_discrete") -> int:
    return sum(1 for _ in base.execute(action, mode))


def test_discrete_actions_move_by_their_names(physics: Physics) -> None:
    base = MobileBase(physics, BasePose(0.0, 0.0, 0.0))
    assert ticks(base, FORWARD) == 5
    assert base.pose.x_m == pytest.approx(FORWARD_M, abs=2e-3)
    assert base.pose.y_m == pytest.approx(0.0, abs=1e-9)
    assert ticks(base, LEFT) == 5
    assert base.pose.yaw_rad == pytest.approx(TURN_RAD, abs=2e-3)
    assert ticks(base, RIGHT) == 5
    assert base.pose.yaw_rad == pytest.approx(0.0, abs=4e-3)
    before = base.pose
    assert ticks(base, STOP) == 0
    assert base.pose == before
    assert not base.bumped


def test_a_full_turn_comes_back(physics: Physics) -> None:
    base = MobileBase(physics, BasePose(-1.0, 0.5, 0.3))
    for _ in range(24):
        ticks(base, LEFT)
    assert base.pose.xy == pytest.approx((-1.0, 0.5), abs=1e-6)
    assert base.pose.yaw_rad == pytest.approx(0.3 + 2 * math.pi, abs=0.02)


def test_a_wall_stops_the_base_and_is_felt(physics: Physics) -> None:
    base = MobileBase(physics, BasePose(0.3, 0.0, 0.0))
    for _ in range(4):
        ticks(base, FORWARD)
    assert base.pose.x_m == pytest.approx(1.0 - RADIUS_M, abs=0.01)
    assert base.bumped
    ticks(base, RIGHT)
    ticks(base, RIGHT)
    for _ in range(6):
        ticks(base, LEFT)
    ticks(base, FORWARD)
    assert base.pose.x_m < 1.0 - RADIUS_M + 0.01


def test_it_slides_along_what_it_grazes(physics: Physics) -> None:
    base = MobileBase(physics, BasePose(0.75, 0.0, math.radians(60)))
    for _ in range(8):
        ticks(base, FORWARD)
    assert base.pose.y_m > 1.0
    assert base.pose.x_m < 1.0 - RADIUS_M + 0.01


def test_velocities_drive_an_arc(physics: Physics) -> None:
    base = MobileBase(physics, BasePose(-2.0, 0.0, 0.0))
    for _ in range(20):  # two seconds
        assert ticks(base, np.array([0.5, 0.4], np.float32), "base_velocity") == 1
    angle = 2.0 * 0.4 * FASTEST_TURN_RAD_S
    radius = 0.5 * SPEED_M_S / (0.4 * FASTEST_TURN_RAD_S)
    assert base.pose.yaw_rad == pytest.approx(angle, abs=0.05)
    assert base.pose.x_m == pytest.approx(-2.0 + radius * math.sin(angle), abs=0.03)
    assert base.pose.y_m == pytest.approx(radius * (1 - math.cos(angle)), abs=0.03)


def test_velocities_out_of_range_are_clipped(physics: Physics) -> None:
    far, full = (MobileBase(physics, BasePose(-3.0, y, 0.0)) for y in (-2.0, 2.0))
    ticks(far, np.array([9.0, 0.0]), "base_velocity")
    ticks(full, np.array([1.0, 0.0]), "base_velocity")
    assert far.pose.x_m == full.pose.x_m


@pytest.mark.parametrize(
    ("action", "mode"),
    [
        (4, "base_discrete"),
        (-1, "base_discrete"),
        (1.5, "base_discrete"),
        (np.array([1, 2]), "base_discrete"),
        (None, "base_discrete"),
        (np.array([0.1, np.nan]), "base_velocity"),
        (np.array([0.1]), "base_velocity"),
        (1, "base_velocity"),
    ],
)
def test_what_is_no_action_is_refused_before_anything_moves(
    physics: Physics, action: object, mode: str
) -> None:
    base = MobileBase(physics, BasePose(0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match=mode):
        ticks(base, action, mode)
    assert base.pose == BasePose(0.0, 0.0, 0.0)


def test_an_unknown_mode_is_answered_with_the_known_ones(physics: Physics) -> None:
    base = MobileBase(physics, BasePose(0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="base_velocity"):
        ticks(base, 1, "base_speed")
    assert set(BASE_MODES) == {"base_discrete", "base_velocity"}


def test_a_broken_pose_is_an_error(physics: Physics) -> None:
    base = MobileBase(physics, BasePose(0.0, 0.0, 0.0))
    base.place(BasePose(math.nan, 0.0, 0.0))
    with pytest.raises(SimulationError, match="base"):
        _ = base.pose


def test_many_turns_are_no_broken_pose(physics: Physics) -> None:
    base = MobileBase(physics, BasePose(-1.0, 0.0, 101.0))
    ticks(base, LEFT)
    assert base.pose.yaw_rad == pytest.approx(101.0 + TURN_RAD, abs=2e-3)
    base.place(BasePose(101.0, 0.0, 0.0))
    with pytest.raises(SimulationError, match="left the apartment"):
        _ = base.pose


def test_the_same_actions_give_the_same_bits() -> None:
    paths = []
    for _ in range(2):
        client = Physics(PHYSICS_HZ)
        client.add_fixtures([WALL])
        base = MobileBase(client, BasePose(0.2, 0.1, 0.2))
        path = []
        for action in (1, 1, 2, 1, 1, 1, 3, 1, 1):
            ticks(base, action)
            path.append(base.pose)
        paths.append(path)
        client.close()
    assert paths[0] == paths[1]
