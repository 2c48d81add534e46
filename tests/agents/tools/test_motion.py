import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Toolbox
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.motion import motion_tools, move_hand, push_by
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.skills import CLOSED, OPEN
from handeye.agents.tools.tabletop import Side
from handeye.agents.tools.tabletop_context import Found, TabletopContext
from handeye.perception.mapping.camera_geometry import Measured
from tests.agents.builders import PaperEnv
from tests.experiments.safety.test_prompt_injections import OneThing


def made() -> tuple[PaperEnv, Toolbox, TabletopContext, SafetyGate]:
    gate, env = SafetyGate(), PaperEnv()
    robot = Robot(env, guard=gate.check_motion)
    robot.reset(0)
    bench = TabletopContext(robot, OneThing())
    return env, Toolbox(motion_tools(bench), gate), bench, gate


def test_the_hand_goes_where_it_is_told_within_bounds() -> None:
    env, box, _, gate = made()
    assert box.call(ToolCall("move_hand", {"x": 0.5, "y": 0.1, "z": 0.2}, "1")).ok
    assert [round(float(value), 3) for value in env.actions[-1][:3]] == [0.5, 0.1, 0.2]
    beyond = box.call(ToolCall("move_hand", {"x": 0.5, "y": 0.5, "z": 0.2}, "2"))
    assert "outside of the workspace" in beyond.reason
    assert len(env.actions) == 1
    assert gate.denials == {"workspace": 1}


def test_the_hand_lets_go() -> None:
    env, box, bench, _ = made()
    bench.held = "block"
    assert box.call(ToolCall("let_go", {}, "1")).ok
    assert env.actions[-1][6] == 1.0
    assert bench.held == ""


class MeasuredBench(TabletopContext):
    """A bench whose words all mean one thing of a known place."""

    def one(self, words: str) -> Found:
        place = Measured(0.5, 0.0, 0.04, 0.0, 0.04, 0.04, 0.0)
        return Found(words, 1.0, place)


@pytest.mark.parametrize(
    ("side", "way"),
    [("left", (0, -1)), ("right", (0, 1)), ("front", (1, 0)), ("behind", (-1, 0))],
)
def test_a_push_goes_to_the_side_that_the_user_sees(side: Side, way: tuple[int, int]) -> None:
    env = PaperEnv(holds_m=0.08)
    bench = MeasuredBench(Robot(env), OneThing())
    bench.robot.reset(0)
    bench.handles["#1"] = bench.one("block")
    assert push_by(bench, "#1", side, 0.1).ok
    assert "#1" not in bench.handles  # it has moved
    low = [action[:2] for action in env.actions if action[2] < 0.05]
    moved = low[-1] - low[0]
    assert moved @ np.array(way) > 0.05
    assert abs(moved @ np.array(way[::-1])) < 1e-6


def test_a_push_by_nothing_moves_nothing() -> None:
    env = PaperEnv(holds_m=0.08)
    bench = MeasuredBench(Robot(env), OneThing())
    bench.robot.reset(0)
    assert push_by(bench, "block", "left", 0.0).reason == "it is there already"
    assert env.actions == []


def test_a_moving_hand_keeps_what_it_holds() -> None:
    env, box, _, _ = made()
    assert box.call(ToolCall("let_go", {}, "1")).ok
    assert box.call(ToolCall("move_hand", {"x": 0.5, "y": 0.0, "z": 0.2}, "2")).ok
    assert env.actions[-1][6] == OPEN
    robot = Robot(PaperEnv(holds_m=0.03))
    robot.reset(0)
    robot.move_to(0.5, 0.0, 0.2, 0.0, CLOSED)  # the fingers stay apart: something is held
    move_hand(TabletopContext(robot, OneThing()), 0.4, 0.1, 0.3)
    assert robot.gripper_m == pytest.approx(0.03)


def test_a_side_that_is_none_is_told() -> None:
    _, box, _, _ = made()
    told = box.call(ToolCall("push_by", {"target": "cup", "side": "up", "metres": 0.1}, "1"))
    assert not told.ok
    assert "left" in told.reason
