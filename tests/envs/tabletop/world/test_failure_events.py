"""Each incident on states where it happens and on near-misses where it does not."""

from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.world.failure_events import Incidents
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, Scene
from handeye.envs.tabletop.world.state import State
from tests.envs.builders import jointed, moved, state_of, thing, touched

WANTED, OTHER = FIRST_OBJECT_BODY, FIRST_OBJECT_BODY + 1
SCENE = Scene((thing("block"), thing("block", "blue", y=0.2)))
OPEN, CLOSED = 1.0, -1.0


def shut(state: State) -> State:
    return jointed(jointed(state, 7, 0.0), 8, 0.0)


def at_tcp(state: State, body: int) -> State:
    away = tcp_target(state.joint_positions)[:3] - state.body_poses[body, :3]
    return moved(state, body, by=tuple(away))


def held(state: State, body: int) -> State:
    return touched(at_tcp(state, body), body, body)


def names(*ticks: tuple[State, float, float], grasps: bool = True) -> list[str]:
    incidents = Incidents(SCENE, [0], grasps=grasps)
    for tick in ticks:
        incidents.watch(*tick)
    return incidents.names


def test_carrying_the_wanted_object_is_no_incident() -> None:
    state = held(state_of(SCENE), WANTED)
    assert names((state_of(SCENE), OPEN, 0.0), (state, CLOSED, 0.0), (state, CLOSED, 0.0)) == []


def test_the_wrong_object_is_told_from_the_wanted_one() -> None:
    assert names((held(state_of(SCENE), OTHER), CLOSED, 0.0)) == ["wrong_object_grasped"]
    one_finger = touched(state_of(SCENE), OTHER, -1)
    assert names((one_finger, CLOSED, 0.0)) == []


def test_below_the_table_is_off_it() -> None:
    state = state_of(SCENE)
    assert names((moved(state, OTHER, by=(0, 0, -0.06)), OPEN, 0.0)) == ["object_off_table"]
    assert names((moved(state, OTHER, by=(0, 0, -0.04)), OPEN, 0.0)) == []


def test_a_pose_that_the_joints_cannot_reach_is_a_limit() -> None:
    state = state_of(SCENE)
    assert names((state, OPEN, 0.03)) == ["limit_reached"]
    assert names((state, OPEN, 0.01)) == []


def test_closing_on_nothing_is_a_miss_only_where_something_should_be_grasped() -> None:
    state = shut(state_of(SCENE))
    assert names((state, CLOSED, 0.0)) == ["missed_grasp"]
    assert names((state, CLOSED, 0.0), grasps=False) == []
    assert names((state, OPEN, 0.0)) == []  # told to open, not open yet
    assert names((state_of(SCENE), CLOSED, 0.0)) == []  # told to close, not shut yet


@pytest.mark.parametrize(("gap_m", "expected"), [(0.05, []), (0.15, ["object_dropped"])])
def test_what_was_held_and_lies_far_below_was_dropped(gap_m: float, expected: list[str]) -> None:
    carried = held(state_of(SCENE), WANTED)
    fallen = replace(
        moved(carried, WANTED, by=(0, 0, -gap_m)), finger_contacts=np.array([-1, -1], np.int32)
    )
    assert names((carried, CLOSED, 0.0), (fallen, CLOSED, 0.0)) == expected


def test_letting_go_on_command_is_no_drop() -> None:
    carried = held(state_of(SCENE), WANTED)
    laid = touched(moved(carried, WANTED, by=(0, 0, -0.15)), -1, -1)
    assert names((carried, CLOSED, 0.0), (laid, OPEN, 0.0), (laid, OPEN, 0.0)) == []


def test_a_drawer_that_is_let_slip_is_not_dropped() -> None:
    scene = Scene((thing("drawer"), thing("block", y=0.2)))
    state = state_of(scene)
    incidents = Incidents(scene, [0], grasps=True)
    incidents.watch(touched(state, WANTED, WANTED), CLOSED, 0.0)
    incidents.watch(state, CLOSED, 0.0)
    assert incidents.names == []


def test_noted_names_count_once_and_keep_their_order() -> None:
    incidents = Incidents(SCENE, [0], grasps=True)
    for name in ("timeout", "false_done", "timeout"):
        incidents.note(name)
    assert incidents.names == ["timeout", "false_done"]
