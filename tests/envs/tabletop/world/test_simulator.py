"""Physics: determinism, guards, and that collision shapes are where the numbers say."""

import gc

import numpy as np
import pytest

from handeye.envs.core.physics import Physics, SimulationError
from handeye.envs.robots.inverse_kinematics import HOME_JOINTS
from handeye.envs.robots.kinematics import tcp_pose, tcp_target
from handeye.envs.tabletop.world.arm import Arm
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.shapes import KINDS
from handeye.envs.tabletop.world.simulator import Simulator
from handeye.envs.tabletop.world.state import proprio
from tests.envs.builders import thing

SCENE = Scene((thing("block", x=0.45), thing("bowl", "blue", x=0.6, y=0.1)))


def drive(simulator: Simulator) -> list[np.ndarray]:
    arm = Arm(simulator)
    arm.reset(np.array([0.4, 0, 0.3, 0, 0, 0]))
    poses = []
    for waypoint in ([0.45, 0, 0.02, 0, 0, 0.3, -1], [0.6, 0.1, 0.2, 0, 0, 0, -1]):
        ticks = arm.execute(np.array(waypoint, np.float32), "ee_pose")
        poses.extend(simulator.state().body_poses for _ in ticks)
    return poses


def test_clients_do_not_disturb_each_other_and_repeat_bit_for_bit() -> None:
    first, second = Simulator(SCENE, HOME_JOINTS), Simulator(SCENE, HOME_JOINTS)
    ours, theirs = drive(first), drive(second)
    assert all((a == b).all() for a, b in zip(ours, theirs, strict=True))
    first.close()
    second.close()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stands_still_where_it_was_put(kind: str) -> None:
    scene = Scene((thing(kind, x=0.5, y=0.1),))
    simulator = Simulator(scene, HOME_JOINTS)
    before = simulator.state().body_poses[2]
    simulator.step(480)
    np.testing.assert_allclose(simulator.state().body_poses[2], before, atol=2e-3)
    np.testing.assert_allclose(before[:3], [0.5, 0.1, 0.0], atol=1e-9)
    simulator.close()


def test_arm_goes_where_it_is_told_and_forward_kinematics_agree() -> None:
    simulator = Simulator(SCENE, HOME_JOINTS)
    arm = Arm(simulator)
    arm.reset(np.array([0.4, 0, 0.3, 0, 0, 0]))
    goal = np.array([0.55, -0.1, 0.15, 0.1, -0.2, 0.7, 1], np.float32)
    for _ in arm.execute(goal, "ee_pose"):
        pass
    joints = simulator.state().joint_positions
    np.testing.assert_allclose(tcp_target(joints), goal[:6], atol=3e-3)
    np.testing.assert_allclose(
        proprio(simulator.state())[7:10], tcp_pose(joints[:9])[:3], atol=1e-6
    )
    simulator.close()


def test_workspace_is_respected() -> None:
    simulator = Simulator(SCENE, HOME_JOINTS)
    arm = Arm(simulator)
    arm.reset(np.array([0.4, 0, 0.3, 0, 0, 0]))
    for _ in arm.execute(np.array([9, 9, -9, 0, 0, 0, 1], np.float32), "ee_pose"):
        pass
    assert simulator.state().joint_positions.shape == (9,)
    assert arm.target[2] >= 0.01
    assert arm.target[0] <= 0.75
    assert arm.target[1] <= 0.40
    simulator.close()


def test_a_body_that_left_the_room_is_named() -> None:
    far = Scene((thing("block"), thing("star", "blue", x=11.0)))
    with pytest.raises(SimulationError, match="blue_star"):
        Simulator(far, HOME_JOINTS).state()


@pytest.mark.slow
def test_a_physics_client_that_nobody_closed_ends_with_its_owner() -> None:
    physics = Physics(240)
    client = physics._disconnect
    assert client.alive
    del physics
    gc.collect()
    assert not client.alive


def test_a_blow_between_two_looks_is_felt(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = Simulator(SCENE, HOME_JOINTS, every_tick=True)
    body = simulator._bodies[1]
    blows = ([30.0, 40.0, -5.0], [10.0, 0.0, -900.0], [1.0, 1.0, 1.0])
    felt = iter([{}, *({body: blow} for blow in blows), {}, {}, {}, {}])
    monkeypatch.setattr(Physics, "net_forces_n", lambda self, robot: next(felt))
    simulator.step(4)
    table = 1
    np.testing.assert_array_equal(simulator.state().robot_forces_n[table], [30.0, 40.0, -900.0])
    simulator.step(4)
    np.testing.assert_array_equal(simulator.state().robot_forces_n[table], 0.0)
    simulator.close()


def test_forces_do_not_depend_on_how_often_the_state_is_read() -> None:
    """The arm comes down on a block; looked at after every tick or once, the peak is the same."""
    peaks = []
    for every in (1, 24):
        simulator = Simulator(SCENE, HOME_JOINTS, every_tick=True)
        simulator.command([*(HOME_JOINTS[:7] + np.array([0, 1.0, 0, 0.6, 0, 0, 0])), 0.0, 0.0])
        seen = []
        for _ in range(240 // every):
            simulator.step(every)
            seen.append(np.abs(simulator.state().robot_forces_n[:, 2]).max())
        peaks.append(max(seen))
        simulator.close()
    assert peaks[0] == peaks[1] > 5.0
