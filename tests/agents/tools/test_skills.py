from typing import Any

import numpy as np
import pytest

from handeye.agents.core.tools import CannotDo
from handeye.agents.tools import skills
from handeye.agents.tools.robot import Robot
from handeye.perception.mapping.camera_geometry import Measured
from tests.agents.builders import PaperEnv

BLOCK = Measured(0.5, 0.1, 0.04, 0.0, 0.05, 0.03, 0.2)


def robot_with(holds_m: float = 0.03) -> tuple[Robot, PaperEnv]:
    env = PaperEnv(holds_m)
    robot = Robot(env)
    robot.reset(0)
    return robot, env


def test_pick_closes_across_the_shorter_side_and_lifts() -> None:
    robot, env = robot_with()
    result, grip = skills.pick(robot, BLOCK)
    assert result.ok
    assert grip is not None
    assert (grip.yaw_rad, grip.below_m) == pytest.approx((0.2, 0.02))
    assert grip.aside_m == (0.0, 0.0)
    assert env.actions[1][5] == pytest.approx(0.2)
    assert robot.tcp[2] == pytest.approx(skills.HOVER_M)
    assert not skills.pick(robot, BLOCK)[0].ok  # the hand is full


def test_a_grasp_of_nothing_is_noticed() -> None:
    robot, _ = robot_with(holds_m=0.0)
    result, grip = skills.pick(robot, BLOCK)
    assert not result.ok
    assert grip is None
    assert "closed on nothing" in result.reason
    assert robot.gripper_m == pytest.approx(0.08)  # open again


class TrayEnv(PaperEnv):
    """Sides of a tray stop open fingers at 3 cm, where they jam."""

    def step(self, action: Any) -> tuple[Any, float, bool, bool, Any]:
        low = action[2] < 0.030
        result = super().step(np.array([*action[:2], max(action[2], 0.030), *action[3:]]))
        self._proprio[13] = 0.08 if low else self._proprio[13]
        return self._seen(), *result[1:]


def test_fingers_that_met_the_side_of_a_tray_close_above_it() -> None:
    robot = Robot(TrayEnv())
    robot.reset(0)
    result, grip = skills.pick(robot, BLOCK)
    assert result.ok
    assert grip is not None
    assert grip.below_m == pytest.approx(0.030 + skills.CLEAR_M)


def test_place_puts_the_bottom_down_at_the_height() -> None:
    robot, env = robot_with()
    _, grip = skills.pick(robot, BLOCK)
    assert grip is not None
    assert skills.place(robot, 0.4, -0.1, 0.05, grip).ok
    lowest = env.actions[-2]
    assert lowest[2] == pytest.approx(0.05 + skills.RELEASE_GAP_M + grip.below_m)
    assert lowest[6] == skills.OPEN
    assert not skills.place(robot, 0.4, -0.1, 0.05, grip).ok  # nothing is held any more


def test_push_starts_behind_and_stops_short() -> None:
    robot, env = robot_with()
    assert skills.push(robot, BLOCK, 0.5, 0.3).ok
    start, end = (a[:2] for a in env.actions if a[2] == np.float32(skills.PUSH_Z_M))
    assert start[1] < BLOCK.y_m - 0.05
    assert 0.25 < end[1] < 0.3


class HalfOpenEnv(PaperEnv):
    """Fingers that stay where they are told to be."""

    def step(self, action: Any) -> tuple[Any, float, bool, bool, Any]:
        result = super().step(action)
        if -1 < action[6] < 1:
            self._proprio[13] = 0.04 * (action[6] + 1)
        return self._seen(), *result[1:]


def test_a_hand_half_open_after_a_push_holds_nothing() -> None:
    robot = Robot(HalfOpenEnv())
    robot.reset(0)
    assert skills.push(robot, BLOCK, 0.5, 0.3).ok
    assert skills.HELD_M < robot.gripper_m < skills.HAND_OPEN_M
    assert not skills.is_holding(robot)


def test_press_and_slide_need_a_free_hand() -> None:
    robot, _ = robot_with()
    assert skills.press(robot, BLOCK).ok
    skills.pick(robot, BLOCK)
    for result in (
        skills.press(robot, BLOCK),
        skills.push(robot, BLOCK, 0.4, 0.0),
        skills.slide(robot, BLOCK, np.array([1.0, 0.0])),
    ):
        assert not result.ok
        assert "hand holds" in result.reason


def test_verdicts_are_plain_values_that_programs_can_take() -> None:
    for result in (
        skills.press(robot_with()[0], BLOCK),
        skills.push(robot_with()[0], BLOCK, 0.4, 0.0),
        skills.slide(robot_with()[0], BLOCK, np.array([1.0, 0.0])),
    ):
        assert type(result.ok) is bool


def test_slide_ends_and_says_how_far() -> None:
    robot, env = robot_with()
    result = skills.slide(robot, BLOCK, np.array([1.0, 0.0]))
    assert result == skills.SkillResult(True, "moved by 12 cm")
    assert len(env.actions) < 20
    nothing, _ = robot_with(holds_m=0.0)
    assert not skills.slide(nothing, BLOCK, np.array([1.0, 0.0])).ok


def test_go_home_keeps_what_is_held() -> None:
    robot, _ = robot_with()
    skills.pick(robot, BLOCK)
    skills.go_home(robot)
    assert skills.is_holding(robot)
    assert robot.tcp[:3] == pytest.approx(skills.HOME)


def test_a_descent_that_is_denied_leaves_the_hand_open() -> None:
    env = HalfOpenEnv(0.03)
    low = skills.HOVER_M / 2
    robot = Robot(env, guard=lambda now, goal: "too low" if goal[2] < low else "")
    robot.reset(0)
    wall = np.array([[0.5, y, 0.035] for y in np.linspace(0.125, 0.2, 40)])
    with pytest.raises(CannotDo, match="too low"):
        skills.pick(robot, BLOCK._replace(long_m=0.03), wall)
    assert robot.gripper_m == pytest.approx(0.08)
