import numpy as np
import pytest

from handeye.agents.core.tools import CannotDo
from handeye.agents.tools.robot import Robot
from tests.agents.builders import PaperEnv


def test_steps_are_counted_and_end() -> None:
    seen = []
    robot = Robot(PaperEnv(), max_steps=2, on_step=[seen.append])
    assert robot.reset(0) == "put it there"
    robot.move_to(0.5, 0.1, 0.2, 0.3, -1.0)
    assert robot.tcp == pytest.approx([0.5, 0.1, 0.2, 0, 0, 0.3])
    assert robot.gripper_m == pytest.approx(0.03)
    robot.act(np.zeros(7, np.float32))
    assert robot.ended == "steps"
    with pytest.raises(CannotDo, match="over"):
        robot.act(np.zeros(7, np.float32))
    assert len(seen) == 3  # the reset's and two steps'


def test_the_environment_may_end_it() -> None:
    robot = Robot(env := PaperEnv(success_at=1))
    robot.reset(0)
    robot.move_to(0.5, 0.1, 0.2, 0.0, 1.0)
    assert robot.ended == "success"
    assert robot.finish()["is_success"]
    assert not env.finished  # it had ended itself


def test_finish_ends_what_goes_on() -> None:
    robot = Robot(env := PaperEnv())
    robot.reset(0)
    robot.finish("three")
    assert env.finished
    with pytest.raises(CannotDo):
        robot.act(np.zeros(7, np.float32))


def test_nothing_moves_before_a_reset() -> None:
    with pytest.raises(CannotDo):
        Robot(PaperEnv()).act(np.zeros(7, np.float32))


def test_another_action_mode_is_refused() -> None:
    env = PaperEnv()
    env.action_mode = "ee_delta"
    with pytest.raises(ValueError, match="ee_pose"):
        Robot(env)
