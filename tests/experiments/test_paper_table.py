import numpy as np
import pytest

from handeye.agents.conversation import ToolCall
from handeye.agents.robot import Robot
from handeye.agents.safety import SafetyGate
from handeye.agents.tabletop_tools import tabletop_tools
from handeye.agents.tools import Toolbox
from handeye.agents.vision_tools import vision_tools
from handeye.experiments.paper_table import (
    NO_MISHAPS,
    Mishaps,
    PaperBench,
    PaperTable,
    PaperThing,
)
from handeye.experiments.planning_traces import standing

THINGS = (
    ("block", "red", "large", (0.44, -0.1)), ("star", "green", "small", (0.54, 0.1)),
    ("bowl", "blue", "", (0.64, -0.1)), ("zone", "pink", "", (0.64, 0.3)),
    ("button", "cyan", "", (0.44, 0.3)), ("drawer", "yellow", "", (0.36, -0.25)),
)  # fmt: skip


class Table:
    """A table with the real tools over it."""

    def __init__(self, mishaps: Mishaps = NO_MISHAPS) -> None:
        self.table = PaperTable(mishaps)
        specs = [standing(*thing) for thing in THINGS]
        self.table.lay([PaperThing(spec, np.array(spec.position_m[:2])) for spec in specs], "go")
        gate = SafetyGate()
        robot = Robot(self.table, max_steps=10_000, guard=gate.check_motion)
        robot.reset(0)
        bench = PaperBench(robot, self.table)
        self._box = Toolbox([*tabletop_tools(bench), *vision_tools(bench)], gate)

    def __call__(self, name: str, **arguments: str) -> str:
        result = self._box.call(ToolCall(name, arguments, "c"))
        return ("" if result.ok else "failed: ") + result.reason


def test_things_are_put_where_they_belong() -> None:
    do = Table()
    assert do("describe").startswith("large red block; small green star; blue bowl; pink zone;")
    assert do("pick", target="star") == "it is in the hand"
    assert "small green star (held)" in do("describe")
    assert do("place_in", container="bowl") == "it was let go there"
    assert "small green star in the blue bowl" in do("describe")
    assert do("check", item="star", relation="in", base="bowl").endswith("is in blue bowl")
    do("pick", target="star")
    do("place_on", base="block")
    assert "small green star on the large red block" in do("describe")
    do("pick", target="star")
    assert do("place_beside", reference="block", side="right") == "it was let go there"
    assert do("locate", target="star right of the block").startswith("small green star at")


def test_things_are_pushed_and_pressed() -> None:
    do = Table()
    assert do("push_to", target="star", goal="zone") == "pushed"
    assert do("check", item="star", relation="on", base="zone").endswith("is on pink zone")
    assert do("press", button="button") == "pressed"
    assert do("press", button="button") == "pressed"
    assert [thing.presses for thing in do.table.things] == [0, 0, 0, 0, 2, 0]


def test_a_drawer_moves_with_what_is_in_it_and_hides_it() -> None:
    do = Table()
    drawer, star = do.table.things[5], do.table.things[1]
    star.inside, star.xy = 5, drawer.tray
    assert "star" not in do("describe")
    assert do("open_drawer", drawer="drawer") == "moved by 10 cm"
    assert "yellow drawer (open)" in do("describe")
    assert do("pick", target="star") == "it is in the hand"
    do("place_on", base="zone")
    assert do("close_drawer", drawer="drawer") == "moved by 10 cm"
    assert do("close_drawer", drawer="drawer") == "moved by 0 cm"
    assert "yellow drawer (closed)" in do("describe")


@pytest.mark.parametrize(
    ("mishaps", "said"),
    [
        (Mishaps(missed=1.0), "failed: the fingers closed on nothing"),
        (Mishaps(missed=0.0, unseen=1.0), "failed: nothing in view fits 'star'"),
    ],
)
def test_what_goes_wrong_is_told_as_in_the_simulator(mishaps: Mishaps, said: str) -> None:
    assert Table(mishaps)("pick", target="star").startswith(said)


def test_things_are_lost_and_topple() -> None:
    do = Table(Mishaps(missed=0.0, dropped=1.0, toppled=0.0, unseen=0.0))
    assert do("pick", target="star") == "it is in the hand"
    assert do("place_in", container="bowl").startswith("failed: ")
    assert not do.table.things[1].inside + 1
    do = Table(Mishaps(missed=0.0, dropped=0.0, toppled=1.0, unseen=0.0))
    do("pick", target="star")
    do("place_in", container="bowl")
    assert do("check", item="star", relation="in", base="bowl").startswith("failed: ")


def test_the_user_answers() -> None:
    assert Table()("ask_user", question="which?") == "I have nothing to add."
