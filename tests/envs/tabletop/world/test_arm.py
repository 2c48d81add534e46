"""The arm: what an action of each mode does, how long it takes, and what it may not do."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.envs.core.physics import ASSETS
from handeye.envs.core.urdf import read_urdf
from handeye.envs.robots.inverse_kinematics import (
    HOME_JOINTS,
    JOINT_LOWER_RAD,
    JOINT_SPEED_RAD_S,
    JOINT_UPPER_RAD,
    solve_ik,
)
from handeye.envs.robots.kinematics import tcp_target, tcp_target_pose
from handeye.envs.tabletop.world.arm import (
    ACTION_MODES,
    CONTROL_HZ,
    DELTA_SCALE,
    GRIPPER_TICKS,
    OPEN_M,
    SETTLE_TICKS,
    UNREACHED,
    WAYPOINT_SPEED_M,
    WAYPOINT_TICKS,
    Arm,
)
from handeye.envs.tabletop.world.scene import WORKSPACE_HIGH, WORKSPACE_LOW, Scene
from handeye.envs.tabletop.world.simulator import Simulator

START = np.array([0.45, 0.0, 0.25, 0.0, 0.0, 0.0])


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    simulator = Simulator(Scene(()), HOME_JOINTS)
    yield simulator
    simulator.close()


@pytest.fixture
def arm(simulator: Simulator) -> Arm:
    arm = Arm(simulator)
    arm.reset(START)
    return arm


def ticks_of(arm: Arm, action: list[float], mode: str) -> int:
    return sum(1 for _ in arm.execute(np.array(action, np.float32), mode))


def measured(simulator: Simulator) -> np.ndarray:
    return tcp_target(simulator.state().joint_positions)


def width(simulator: Simulator) -> float:
    return float(simulator.state().joint_positions[7:9].sum())


def test_reset_puts_the_tcp_there_at_once_with_the_gripper_open(
    simulator: Simulator, arm: Arm
) -> None:
    np.testing.assert_allclose(measured(simulator), START, atol=1e-3)
    assert width(simulator) == pytest.approx(OPEN_M)
    assert arm.gripper == 1.0
    assert simulator.tick == 0


def test_reset_outside_the_workspace_starts_at_its_edge(arm: Arm) -> None:
    arm.reset(np.array([0.5, 2.0, -1.0, 0, 0, 0]))
    assert arm.target[1] == WORKSPACE_HIGH[1]
    assert arm.target[2] == WORKSPACE_LOW[2]


def test_reset_forgets_what_was_done_before(simulator: Simulator, arm: Arm) -> None:
    fresh = simulator.state().joint_positions
    ticks_of(arm, [0.6, 0.2, 0.1, 0, 0, 1.0, -1], "ee_pose")
    arm.reset(START)
    np.testing.assert_array_equal(simulator.state().joint_positions, fresh)
    assert arm.gripper == 1.0


@pytest.mark.parametrize("axis", range(6))
@pytest.mark.parametrize("sign", [-0.6, 0.5])
def test_a_delta_moves_by_its_share_of_the_scale(
    simulator: Simulator, arm: Arm, axis: int, sign: float
) -> None:
    action = [0.0] * 6 + [1.0]
    action[axis] = sign
    before = arm.target
    assert ticks_of(arm, action, "ee_delta") == 1
    expected = before.copy()
    expected[axis] += sign * DELTA_SCALE[axis]
    np.testing.assert_allclose(arm.target, expected, atol=1e-7)
    for _ in arm.hold(5):
        pass
    np.testing.assert_allclose(measured(simulator), expected, atol=3e-3)


def test_deltas_add_up_from_the_command_not_from_the_lagging_arm(arm: Arm) -> None:
    for _ in range(3):
        ticks_of(arm, [0.4, -0.2, 0, 0, 0, 0, 1], "ee_delta")
    np.testing.assert_allclose(arm.target[:3], [0.45 + 0.06, -0.03, 0.25], atol=1e-6)


def test_deltas_beyond_the_bounds_are_clipped_to_them(arm: Arm) -> None:
    ticks_of(arm, [50.0, -50.0, 0, 0, 0, 0, 9.0], "ee_delta")
    np.testing.assert_allclose(arm.target[:3], START[:3] + np.array([0.05, -0.05, 0]), atol=1e-7)
    assert arm.gripper == 1.0


@pytest.mark.parametrize("direction", [-1.0, 1.0])
def test_deltas_stop_at_the_edge_of_the_workspace(arm: Arm, direction: float) -> None:
    for _ in range(20):
        ticks_of(arm, [0, direction, 0, 0, 0, direction, 1], "ee_delta")
    edge = WORKSPACE_HIGH if direction > 0 else WORKSPACE_LOW
    assert arm.target[1] == edge[1]
    assert arm.target[5] == edge[5]


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**31))
def test_no_waypoint_leaves_the_workspace_or_takes_for_ever(seed: int) -> None:
    rng = np.random.default_rng(seed)
    simulator = Simulator(Scene(()), HOME_JOINTS)
    arm = Arm(simulator)
    arm.reset(START)
    ticks = ticks_of(arm, rng.uniform(-5, 5, 7).tolist(), "ee_pose")
    assert 1 + SETTLE_TICKS <= ticks <= 2 * WAYPOINT_TICKS + SETTLE_TICKS + GRIPPER_TICKS
    assert (arm.target >= WORKSPACE_LOW).all()
    assert (arm.target <= WORKSPACE_HIGH).all()
    simulator.close()


def test_a_waypoint_takes_as_long_as_its_way(arm: Arm) -> None:
    assert ticks_of(arm, [*START, 1], "ee_pose") == 1 + SETTLE_TICKS
    far = [START[0], START[1] + 4 * WAYPOINT_SPEED_M - 1e-3, *START[2:], 1]
    assert ticks_of(arm, far, "ee_pose") == 4 + SETTLE_TICKS
    turned = [*far[:5], 0.2, 1]
    assert ticks_of(arm, turned, "ee_pose") == 1 + SETTLE_TICKS
    assert ticks_of(arm, [*turned[:6], -1], "ee_pose") == 1 + SETTLE_TICKS + GRIPPER_TICKS


def test_the_gripper_moves_after_the_motion(simulator: Simulator, arm: Arm) -> None:
    goal = np.array([0.55, 0.1, 0.15, 0, 0, 0.4, -1], np.float32)
    seen = []
    for _ in arm.execute(goal, "ee_pose"):
        off = float(np.abs(arm.target - goal[:6]).max())
        seen.append((off, arm.gripper, width(simulator)))
    moving, closing = seen[:-GRIPPER_TICKS], seen[-GRIPPER_TICKS:]
    assert all(gripper == 1.0 and gap > 0.078 for _, gripper, gap in moving)
    assert all(off < 1e-6 and gripper == -1.0 for off, gripper, _ in closing)
    assert closing[-1][2] < 0.005


def test_a_closed_gripper_stays_closed_on_the_way_and_then_opens(
    simulator: Simulator, arm: Arm
) -> None:
    ticks_of(arm, [*START, -1], "ee_pose")
    assert width(simulator) < 0.005
    widths = [
        width(simulator)
        for _ in arm.execute(np.array([0.5, 0.1, 0.2, 0, 0, 0, 1], np.float32), "ee_pose")
    ]
    assert max(widths[:-GRIPPER_TICKS]) < 0.005
    assert widths[-1] > 0.075


def test_half_a_gripper_command_is_half_open(simulator: Simulator, arm: Arm) -> None:
    ticks_of(arm, [*START, 0.0], "ee_pose")
    for _ in arm.hold(5):
        pass
    assert width(simulator) == pytest.approx(OPEN_M / 2, abs=2e-3)


def test_a_waypoint_starts_and_stops_gently(arm: Arm) -> None:
    goal = np.array([0.45, 0.3, 0.25, 0, 0, 0, 1], np.float32)
    path = [arm.target[1], *(arm.target[1] for _ in arm.execute(goal, "ee_pose"))]
    steps = np.diff(path)[:-SETTLE_TICKS]
    assert (steps > 0).all()
    assert steps[0] < steps[len(steps) // 2] / 2
    assert steps[-1] < steps[len(steps) // 2] / 2
    assert path[-1] == pytest.approx(0.3)


def test_hold_keeps_still(simulator: Simulator, arm: Arm) -> None:
    ticks_of(arm, [0.5, 0.1, 0.2, 0, 0, 0.5, -1], "ee_pose")
    for _ in arm.hold(3):
        pass
    before, target = simulator.state().joint_positions, arm.target
    assert sum(1 for _ in arm.hold(7)) == 7
    np.testing.assert_allclose(simulator.state().joint_positions, before, atol=1e-4)
    np.testing.assert_array_equal(arm.target, target)
    assert arm.gripper == -1.0


@pytest.mark.parametrize("physics_hz", [240, 480])
def test_every_yield_is_one_control_tick(physics_hz: int) -> None:
    simulator = Simulator(Scene(()), HOME_JOINTS, physics_hz)
    arm = Arm(simulator)
    arm.reset(START)
    goal = np.array([0.5, 0.1, 0.2, 0, 0, 0, -1], np.float32)
    at = [0, *(simulator.tick for _ in arm.execute(goal, "ee_pose"))]
    assert set(np.diff(at)) == {physics_hz // CONTROL_HZ}
    simulator.close()


@pytest.mark.parametrize("physics_hz", [50, 100, 250])
def test_a_physics_rate_that_does_not_divide_is_refused(physics_hz: int) -> None:
    simulator = Simulator(Scene(()), HOME_JOINTS, physics_hz)
    with pytest.raises(ValueError, match="multiple of 40"):
        Arm(simulator)
    simulator.close()


@pytest.mark.parametrize("mode", ACTION_MODES)
@pytest.mark.parametrize(
    "action",
    [np.zeros(6), np.zeros((1, 7)), np.array([0, 0, np.nan, 0, 0, 0, 0]), np.full(7, np.inf)],
)
def test_a_bad_action_is_refused_before_anything_moves(
    simulator: Simulator, arm: Arm, mode: str, action: object
) -> None:
    with pytest.raises(ValueError, match="7 finite numbers"):
        next(arm.execute(np.asarray(action, np.float32), mode))
    assert simulator.tick == 0
    np.testing.assert_array_equal(arm.target, START)


def test_the_target_given_out_is_a_copy(arm: Arm) -> None:
    arm.target[:] = 9.0
    np.testing.assert_array_equal(arm.target, START)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(*[st.floats(-0.5, 0.5)] * 2, st.floats(-1.5, 1.5)),
    st.tuples(st.floats(0.42, 0.58), st.floats(-0.15, 0.15), st.floats(0.08, 0.28)),
)
def test_target_and_pose_are_each_others_inverse(
    turn: tuple[float, float, float], place: tuple[float, float, float]
) -> None:
    target = np.array([*place, *(0.5 * turn[0], 0.5 * turn[1], turn[2])])
    joints = HOME_JOINTS.copy()
    residual = solve_ik(tcp_target_pose(target), HOME_JOINTS[:7], joints[:7])
    np.testing.assert_allclose(tcp_target(joints), target, atol=3 * residual + 2e-4)


def test_roll_pitch_and_yaw_turn_about_the_world_axes() -> None:
    def fingers_and_approach(
        roll: float, pitch: float, yaw: float
    ) -> tuple[np.ndarray, np.ndarray]:
        x, y, z, w = tcp_target_pose(np.array([0.5, 0, 0.2, roll, pitch, yaw]))[3:]
        across = np.array([2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)])
        along = np.array([2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)])
        return across, along

    fingers, approach = fingers_and_approach(0, 0, 0)
    np.testing.assert_allclose(approach, [0, 0, -1], atol=1e-12)
    np.testing.assert_allclose(np.abs(fingers), [0, 1, 0], atol=1e-12)
    turned, approach = fingers_and_approach(0, 0, 0.3)
    np.testing.assert_allclose(approach, [0, 0, -1], atol=1e-12)
    angle = np.arctan2(turned[1], turned[0]) - np.arctan2(fingers[1], fingers[0])
    assert angle == pytest.approx(0.3)
    np.testing.assert_allclose(
        fingers_and_approach(0.3, 0, 0)[1], [0, np.sin(0.3), -np.cos(0.3)], atol=1e-12
    )
    np.testing.assert_allclose(
        fingers_and_approach(0, 0.3, 0)[1], [-np.sin(0.3), 0, -np.cos(0.3)], atol=1e-12
    )


def test_the_speeds_are_those_of_the_robot_file() -> None:
    limits = read_urdf(ASSETS / "panda.urdf").limits
    arm = [limits[f"panda_joint{number}"] for number in range(1, 8)]
    np.testing.assert_allclose(
        arm, np.stack([JOINT_LOWER_RAD, JOINT_UPPER_RAD, JOINT_SPEED_RAD_S]).T
    )


@pytest.mark.slow
@pytest.mark.parametrize("mode", ACTION_MODES)
def test_no_action_turns_a_joint_faster_than_it_may_or_throws_the_hand(
    simulator: Simulator, mode: str
) -> None:
    """Random actions drive the arm along limits and singularities, where joints would jump."""
    seen = set()
    for seed in (11, 12):
        arm, rng = Arm(simulator), np.random.default_rng(seed)
        arm.reset(START)
        joints, tcp = simulator.state().joint_positions[:7], measured(simulator)
        low, high = ACTION_MODES[mode].low, ACTION_MODES[mode].high
        for _ in range(60 if mode == "ee_delta" else 12):
            for _ in arm.execute(rng.uniform(low, high).astype(np.float32), mode):
                before, joints = joints, simulator.state().joint_positions[:7]
                was, tcp = tcp, measured(simulator)
                assert (np.abs(joints - before) <= 1.05 * JOINT_SPEED_RAD_S / CONTROL_HZ).all()
                assert np.linalg.norm(tcp[:3] - was[:3]) < 0.12
            seen.add(arm.motion)
    assert seen == {"followed", "slowed", "out of reach"}


def test_what_cannot_be_reached_is_told_and_the_arm_comes_back(
    simulator: Simulator, arm: Arm
) -> None:
    beyond = [0.75, 0.4, 0.5, 0.5, -0.5, 1.6, 1]
    ticks_of(arm, beyond, "ee_pose")
    assert arm.motion == "out of reach"
    assert arm.worst_ik_residual > UNREACHED
    for _ in arm.hold(3):
        pass
    np.testing.assert_allclose(measured(simulator), arm.target, atol=2 * UNREACHED)
    ticks_of(arm, [*START, 1], "ee_pose")
    assert arm.motion != "out of reach"
    np.testing.assert_allclose(arm.target, START, atol=1e-6)
    assert arm.ik_residual < 1e-3


def test_a_turn_that_is_too_fast_takes_longer_and_arrives(simulator: Simulator, arm: Arm) -> None:
    quick, slow = [*START[:5], 0.3, 1], [*START[:5], -0.3 - 1e-3, 1]
    ticks_of(arm, quick, "ee_pose")
    assert ticks_of(arm, slow, "ee_pose") > 2 + SETTLE_TICKS
    assert arm.motion == "slowed"
    np.testing.assert_allclose(arm.target, slow[:6], atol=1e-6)


@pytest.mark.slow
def test_driven_anywhere_at_random_the_arm_never_gets_stuck(simulator: Simulator) -> None:
    for seed in (1, 25, 29):
        arm, rng = Arm(simulator), np.random.default_rng(seed)
        arm.reset(START)
        drift = rng.uniform(-1, 1, 6)
        for _ in range(80):
            ticks_of(arm, [*np.clip(rng.uniform(-1, 1, 6) + drift, -1, 1), 1.0], "ee_delta")
        for _ in range(50):
            ticks_of(arm, [*np.clip((START - arm.target) / DELTA_SCALE, -1, 1), 1.0], "ee_delta")
        np.testing.assert_allclose(arm.target, START, atol=2e-3)
