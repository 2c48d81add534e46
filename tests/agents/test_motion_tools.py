from handeye.agents.conversation import ToolCall
from handeye.agents.motion_tools import motion_tools
from handeye.agents.perception_tools import Workbench
from handeye.agents.robot import Robot
from handeye.agents.safety import SafetyGate
from handeye.agents.tools import Toolbox
from tests.agents.builders import PaperEnv
from tests.experiments.test_injections import OneThing


def made() -> tuple[PaperEnv, Toolbox, Workbench, SafetyGate]:
    gate, env = SafetyGate(), PaperEnv()
    robot = Robot(env, guard=gate.check_motion)
    robot.reset(0)
    bench = Workbench(robot, OneThing())
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
