from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from handeye.agents.conversation import ToolCall
from handeye.agents.perception_tools import Answer, Detection, Found, Workbench, box_of
from handeye.agents.robot import Robot
from handeye.agents.safety import SafetyGate
from handeye.agents.tabletop_tools import TABLETOP_TOOLS
from handeye.agents.tools import Toolbox
from handeye.agents.vision_tools import VISION_TOOLS, changes_between, vision_tools
from handeye.perception.camera_geometry import Measured
from tests.agents.builders import PaperEnv

PX = 64


class SeeingEnv(PaperEnv):
    def _seen(self) -> dict[str, Any]:
        rgb = np.full((PX, PX, 3), 100, np.uint8)
        return {**super()._seen(), "rgb_front": rgb, "depth_front": np.ones((PX, PX), np.float32)}


class ToldPerception:
    """Sees what it is told to, and answers from a list."""

    perception_id = "told"

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.seen = {"red block": (4, 4), "blue bowl": (30, 40)}
        self._answers = answers

    def detect(self, words: str, observation: Mapping[str, Any], camera: str) -> list[Detection]:
        found = []
        for name, (row, column) in self.seen.items():
            mask = np.zeros((PX, PX), np.bool_)
            mask[row : row + 12, column : column + 16] = True
            if words in ("object", name):
                found.append(Detection(name, 0.9, box_of(mask), mask, camera))
        return found

    def ask(self, question: str, observation: Mapping[str, Any], camera: str) -> Answer:
        return self._answers[question]

    def caption(self, observation: Mapping[str, Any], camera: str) -> str:
        return "; ".join(self.seen)


@pytest.fixture
def bench() -> Workbench:
    robot = Robot(SeeingEnv())
    robot.reset(0)
    answers = {"it is red": Answer("yes", 0.8), "it is blue": Answer("no", 0.7)}
    return Workbench(robot, ToldPerception(answers | {"who are you": Answer("a robot", 0.5)}))


def call(bench: Workbench, name: str, **arguments: Any) -> Any:
    return Toolbox(vision_tools(bench), SafetyGate()).call(ToolCall(name, arguments, "1"))


def test_refer_gives_a_point_and_a_box(bench: Workbench) -> None:
    result = call(bench, "refer", words="red block")
    assert result.ok
    assert result.data["box"] == [4, 4, 20, 16]
    assert result.data["point"] == [12, 10]
    assert "nothing in view fits" in call(bench, "refer", words="green cup").reason


def test_segment_tints_what_it_means_and_says_how_large_it_is(bench: Workbench) -> None:
    result = call(bench, "segment", words="blue bowl")
    assert result.data["share"] == pytest.approx(12 * 16 / PX**2)
    assert (result.image.rgb[35, 45] != 100).any()
    assert (result.image.rgb[0, 0] == 100).all()
    assert "middle right" in result.reason


def test_zoom_enlarges(bench: Workbench) -> None:
    assert call(bench, "zoom", words="red block").image.rgb.shape == (256, 256, 3)


def test_things_are_compared(bench: Workbench) -> None:
    alike = call(bench, "compare", first="red block", second="blue bowl", by="colour")
    assert alike.data == {"same": False}
    larger = call(bench, "compare", first="red block", second="blue bowl", by="size")
    assert "is larger than" in larger.reason
    assert larger.data["first"] > 0


def test_a_statement_that_is_not_so_is_not_ok(bench: Workbench) -> None:
    assert call(bench, "verify", statement="it is red").ok
    assert not call(bench, "verify", statement="it is blue").ok
    unclear = call(bench, "verify", statement="who are you")
    assert not unclear.ok
    assert "cannot tell" in unclear.reason
    assert call(bench, "ask", question="it is blue").data == {"answer": "no", "score": 0.7}
    assert call(bench, "describe").reason == "red block; blue bowl"


def test_recall_tells_what_has_changed(bench: Workbench) -> None:
    assert "2 things" in call(bench, "recall").reason
    assert call(bench, "recall").reason == "nothing has changed"
    bench.perception.seen = {"red block": (40, 4), "green cup": (10, 10)}  # type: ignore[attr-defined]
    told = call(bench, "recall").data["changes"]
    assert any("red block" in line and "has moved to" in line for line in told)
    assert any("green cup" in line and "has come" in line for line in told)
    assert any("blue bowl" in line and "not in view" in line for line in told)


def test_things_of_one_name_are_told_apart_by_nearness() -> None:
    def found(x_m: float) -> Found:
        return Found("red block", 1.0, Measured(x_m, 0.0, 0.04, 0.0, 0.04, 0.04, 0.0))

    assert changes_between([found(0.4), found(0.6)], [found(0.6), found(0.401)]) == []
    assert len(changes_between([found(0.4), found(0.6)], [found(0.5), found(0.6)])) == 1


def test_no_name_is_taken_twice() -> None:
    names = [tool.__name__ for tool in (*TABLETOP_TOOLS, *VISION_TOOLS)]
    assert len(set(names)) == len(names)
