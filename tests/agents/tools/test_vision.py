from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Toolbox
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.sight.perception import Answer, Detection, box_of
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from handeye.agents.tools.tabletop_context import Found, TabletopContext
from handeye.agents.tools.vision import VISION_TOOLS, changes_between, vision_tools
from handeye.perception.mapping.camera_geometry import Measured
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
def bench() -> TabletopContext:
    robot = Robot(SeeingEnv())
    robot.reset(0)
    answers = {"it is red": Answer("yes", 0.8), "it is blue": Answer("no", 0.7)}
    return TabletopContext(robot, ToldPerception(answers | {"who are you": Answer("a robot", 0.5)}))


def call(bench: TabletopContext, name: str, **arguments: Any) -> Any:
    return Toolbox(vision_tools(bench), SafetyGate()).call(ToolCall(name, arguments, "1"))


def test_refer_gives_a_point_and_a_box(bench: TabletopContext) -> None:
    result = call(bench, "refer", words="red block")
    assert result.ok
    assert result.data["box"] == [4, 4, 20, 16]
    assert result.data["point"] == [12, 10]
    assert "nothing in view fits" in call(bench, "refer", words="green cup").reason


def test_segment_tints_what_it_means_and_says_how_large_it_is(bench: TabletopContext) -> None:
    result = call(bench, "segment", words="blue bowl")
    assert result.data["share"] == pytest.approx(12 * 16 / PX**2)
    assert (result.image.rgb[35, 45] != 100).any()
    assert (result.image.rgb[0, 0] == 100).all()
    assert "middle right" in result.reason


def test_zoom_enlarges(bench: TabletopContext) -> None:
    assert call(bench, "zoom", words="red block").image.rgb.shape == (256, 256, 3)


def test_things_are_compared(bench: TabletopContext) -> None:
    alike = call(bench, "compare", first="red block", second="blue bowl", by="colour")
    assert alike.data == {"same": False}
    larger = call(bench, "compare", first="red block", second="blue bowl", by="size")
    assert "is larger than" in larger.reason
    assert larger.data["first"] > 0


def test_a_statement_that_is_not_so_is_not_ok(bench: TabletopContext) -> None:
    assert call(bench, "verify", statement="it is red").ok
    assert not call(bench, "verify", statement="it is blue").ok
    unclear = call(bench, "verify", statement="who are you")
    assert not unclear.ok
    assert "cannot tell" in unclear.reason
    assert call(bench, "ask", question="it is blue").data == {"answer": "no", "score": 0.7}
    assert call(bench, "describe").reason == "red block; blue bowl"


def test_recall_tells_what_has_changed(bench: TabletopContext) -> None:
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


def place(**changes: float) -> Measured:
    sides = Measured(0.4, 0.0, 0.04, 0.0, 0.04, 0.04, 0.0)
    return sides._replace(**changes)


def two(bench: TabletopContext, first: Found, second: Found, by: str) -> Any:
    bench.handles.update({"#1": first, "#2": second})
    return call(bench, "compare", first="#1", second="#2", by=by)


@pytest.mark.parametrize(
    ("names", "by", "said"),
    [
        (("red block", "red bowl"), "colour", "red block and red bowl have the same colour"),
        (("red block", "red bowl"), "kind", "red block and red bowl have another kind"),
        (
            ("small red block", "large blue block"), "kind",
            "small red block and large blue block have the same kind",
        ),
        (("drawer", "red bowl"), "colour", "drawer and red bowl have another colour"),
    ],
)  # fmt: skip
def test_what_a_name_says_is_compared(
    bench: TabletopContext, names: tuple[str, str], by: str, said: str
) -> None:
    first, second = (Found(name, 1.0, place()) for name in names)
    assert two(bench, first, second, by).reason == said


@pytest.mark.parametrize(
    ("by", "change", "said"),
    [
        ("size", {"long_m": 0.1}, "cup is larger than star by 0.060 m"),
        ("height", {"top_m": 0.14}, "cup is higher than star by 0.100 m"),
        ("distance", {"x_m": 0.5}, "cup is farther from the robot than star by 0.100 m"),
    ],
)
def test_what_is_measured_is_compared(
    bench: TabletopContext, by: str, change: dict[str, float], said: str
) -> None:
    cup, star = Found("cup", 1.0, place(**change)), Found("star", 1.0, place())
    assert two(bench, cup, star, by).reason == said
    assert two(bench, star, cup, by).reason == said  # in either order


def test_a_comparison_by_something_else_is_refused(bench: TabletopContext) -> None:
    told = call(bench, "compare", first="red block", second="blue bowl", by="weight")
    assert not told.ok
    assert "distance" in told.reason


@pytest.mark.parametrize("tool", ["refer", "segment", "zoom"])
def test_what_is_not_in_view_is_not_shown(bench: TabletopContext, tool: str) -> None:
    told = call(bench, tool, words="green cup")
    assert not told.ok
    assert "nothing in view fits 'green cup'; look, or use other words" in told.reason
    assert told.image is None


@pytest.mark.parametrize(
    ("corner", "said"),
    [((0, 0), "top left"), ((52, 48), "bottom right"), ((26, 24), "middle middle")],
)
def test_a_segment_says_where_in_the_picture_it_is(
    bench: TabletopContext, corner: tuple[int, int], said: str
) -> None:
    bench.perception.seen = {"star": corner}  # type: ignore[attr-defined]
    assert call(bench, "segment", words="star").reason.endswith(f"at its {said}")


@pytest.mark.parametrize("corner", [(0, 0), (52, 48), (0, 48)])
def test_what_stands_at_the_edge_is_enlarged_too(
    bench: TabletopContext, corner: tuple[int, int]
) -> None:
    bench.perception.seen = {"star": corner}  # type: ignore[attr-defined]
    assert call(bench, "zoom", words="star").image.rgb.shape == (256, 256, 3)


def test_a_thing_that_rises_has_moved() -> None:
    low, high = Found("cup", 1.0, place()), Found("cup", 1.0, place(top_m=0.12))
    assert changes_between([low], [high]) == [
        "cup at x=0.400 y=0.000 m has moved to x=0.400 y=0.000 m"
    ]
    near = Found("cup", 1.0, place(x_m=0.42))
    assert changes_between([low], [near]) == []


def test_of_nothing_nothing_changes() -> None:
    assert changes_between([], []) == []
    cup = Found("cup", 1.0, place())
    assert changes_between([], [cup]) == ["cup at x=0.400 y=0.000 m has come into view"]
    assert changes_between([cup], []) == ["cup at x=0.400 y=0.000 m is not in view any more"]
