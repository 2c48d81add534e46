import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Toolbox
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import GRIPPER, Robot
from handeye.agents.tools.tabletop import tabletop_tools
from handeye.agents.tools.vision import vision_tools
from handeye.experiments.traces.symbolic_context import SymbolicContext, SymbolicEyes
from handeye.experiments.traces.symbolic_tabletop import (
    NO_MISHAPS,
    FailureRates,
    SymbolicObject,
    SymbolicTabletop,
)
from handeye.experiments.traces.table_drafts import standing

THINGS = (
    ("block", "red", "large", (0.44, -0.1)), ("star", "green", "small", (0.54, 0.1)),
    ("bowl", "blue", "", (0.64, -0.1)), ("zone", "pink", "", (0.64, 0.3)),
    ("button", "cyan", "", (0.44, 0.3)), ("drawer", "yellow", "", (0.36, -0.25)),
)  # fmt: skip


class Table:
    """A table with the real tools over it."""

    def __init__(self, mishaps: FailureRates = NO_MISHAPS) -> None:
        self.table = SymbolicTabletop(mishaps)
        specs = [standing(*thing) for thing in THINGS]
        self.table.lay(
            [SymbolicObject(spec, np.array(spec.position_m[:2])) for spec in specs], "go"
        )
        gate = SafetyGate()
        robot = Robot(self.table, max_steps=10_000, guard=gate.check_motion)
        robot.reset(0)
        bench = SymbolicContext(robot, self.table)
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
        (FailureRates(missed=1.0), "failed: the fingers closed on nothing"),
        (FailureRates(missed=0.0, unseen=1.0), "failed: nothing in view fits 'star'"),
    ],
)
def test_what_goes_wrong_is_told_as_in_the_simulator(mishaps: FailureRates, said: str) -> None:
    assert Table(mishaps)("pick", target="star").startswith(said)


def test_things_are_lost_and_topple() -> None:
    do = Table(FailureRates(missed=0.0, dropped=1.0, toppled=0.0, unseen=0.0))
    assert do("pick", target="star") == "it is in the hand"
    assert do("place_in", container="bowl").startswith("failed: ")
    assert not do.table.things[1].inside + 1
    do = Table(FailureRates(missed=0.0, dropped=0.0, toppled=1.0, unseen=0.0))
    do("pick", target="star")
    do("place_in", container="bowl")
    assert do("check", item="star", relation="in", base="bowl").startswith("failed: ")


def test_the_user_answers() -> None:
    assert Table()("ask_user", question="which?") == "I have nothing to add."


def laid(*specs: tuple[str, str, str, tuple[float, float]], **mishaps: float) -> SymbolicTabletop:
    """A table without tools, its episode started."""
    table = SymbolicTabletop(FailureRates(**{**vars(NO_MISHAPS), **mishaps}))
    things = [SymbolicObject(standing(*spec), np.array(spec[3])) for spec in specs]
    table.lay(things, "go")
    table.reset(seed=0)
    return table


def hand(table: SymbolicTabletop, xyz: tuple[float, float, float], gripper: float) -> float:
    """Go there; the gap between the fingers then, m."""
    action = np.array([*xyz, 0.0, 0.0, 0.0, gripper], np.float32)
    return float(table.step(action)[0]["proprio"][GRIPPER])


BLOCK = ("block", "red", "small", (0.5, 0.0))
BOWL = ("bowl", "blue", "", (0.6, 0.2))
ZONE = ("zone", "pink", "", (0.6, 0.2))
DRAWER = ("drawer", "yellow", "", (0.36, -0.2))


@pytest.mark.parametrize(
    ("xyz", "held"),
    [
        ((0.5, 0.0, 0.01), 0),
        ((0.515, 0.0, 0.01), 0),
        ((0.525, 0.0, 0.01), -1),  # beside it
        ((0.5, 0.0, 0.2), -1),  # above it
    ],
)
def test_fingers_close_on_what_is_between_them(xyz: tuple[float, float, float], held: int) -> None:
    table = laid(BLOCK)
    hand(table, xyz, 1.0)
    gap_m = hand(table, xyz, -1.0)
    assert table.held == held
    assert gap_m == pytest.approx(0.03 if held == 0 else 0.0)


def test_of_two_on_one_another_the_upper_is_taken() -> None:
    table = laid(BLOCK, ("star", "green", "small", (0.5, 0.0)))
    table.things[1].bottom_m, table.things[1].on = table.things[0].top_m, 0
    hand(table, (0.5, 0.0, 0.032), -1.0)  # within reach of both
    assert table.held == 1
    assert table.things[1].on == -1


def test_vessels_are_not_taken() -> None:
    table = laid(BOWL)
    hand(table, (0.6, 0.2, 0.01), -1.0)
    assert table.held == -1


@pytest.mark.parametrize(
    ("base", "facts"),
    [(BOWL, (1, -1)), (("block", "blue", "large", (0.6, 0.2)), (-1, 1)), (ZONE, (-1, -1))],
)
def test_what_is_let_go_rests_on_or_in_what_is_below(
    base: tuple[str, str, str, tuple[float, float]], facts: tuple[int, int]
) -> None:
    table = laid(BLOCK, base)
    hand(table, (0.5, 0.0, 0.01), -1.0)
    hand(table, (0.6, 0.2, 0.2), -1.0)
    hand(table, (0.6, 0.2, 0.1), 1.0)
    block = table.things[0]
    assert (block.inside, block.on) == facts
    assert block.xy.tolist() == pytest.approx([0.6, 0.2])
    assert (block.bottom_m > 0) == (base is not ZONE)


def test_what_stands_in_a_zone_is_in_and_on_it() -> None:
    table = laid(("block", "red", "small", (0.62, 0.22)), ZONE)
    assert table.resolve("block in the zone") == table.resolve("block on the zone") == [0]
    table.things[0].xy = np.array([0.7, 0.2])
    hand(table, (0.3, 0.0, 0.4), 1.0)
    assert table.resolve("block in the zone") == []


def test_what_is_dropped_lies_halfway() -> None:
    table = laid(BLOCK, BOWL, dropped=1.0)
    hand(table, (0.5, 0.0, 0.01), -1.0)
    assert hand(table, (0.6, 0.2, 0.2), -1.0) == 0.0
    assert table.held == -1
    assert table.things[0].xy.tolist() == pytest.approx([0.55, 0.1])


def test_a_drawer_goes_as_far_as_it_can() -> None:
    table = laid(DRAWER, ("star", "green", "small", (0.3, -0.2)))
    table.things[1].inside = 0
    x, y = table.things[0].fin.tolist()
    hand(table, (x, y, 0.03), -1.0)
    hand(table, (x + 0.3, y, 0.03), -1.0)
    assert table.things[0].slide_m == pytest.approx(0.1)
    assert table.things[1].xy.tolist() == pytest.approx([0.4, -0.2])  # it came along
    hand(table, (x - 0.3, y, 0.03), -1.0)
    assert table.things[0].slide_m == 0.0
    hand(table, (x, y, 0.03), 1.0)
    hand(table, (x + 0.1, y, 0.03), 1.0)
    assert table.things[0].slide_m == 0.0  # let go, it stays


@pytest.mark.parametrize(
    ("slide_m", "state", "hidden"),
    [(0.0, "closed", True), (0.014, "closed", True), (0.04, "half open", True),
     (0.06, "half open", False), (0.1, "open", False)],
)  # fmt: skip
def test_a_drawer_shows_what_is_in_it_from_half_way_on(
    slide_m: float, state: str, hidden: bool
) -> None:
    table = laid(DRAWER, ("star", "green", "small", (0.4, -0.2)))
    table.things[0].slide_m, table.things[1].inside = slide_m, 0
    assert table.hidden(1) is hidden
    facts, items = table.facts()
    assert [fact.state for fact in facts.things if fact.kind == "drawer"] == [state]
    assert (1 in items) is not hidden
    assert not table.hidden(0)


def test_a_handle_is_of_its_own_drawer() -> None:
    table = laid(DRAWER, ("drawer", "green", "", (0.36, 0.2)), BLOCK)
    assert table.resolve("handle of the green drawer") == [1]
    assert table.resolve("handle") == [0, 1]
    assert table.resolve("things") == [0, 1, 2]  # a handle is no thing of its own


def test_words_are_resolved_as_things_are_now() -> None:
    table = laid(BLOCK, BOWL)
    assert table.resolve("block left of the bowl") == [0]
    table.things[0].xy = np.array([0.6, 0.4])
    hand(table, (0.3, 0.0, 0.4), 1.0)
    assert table.resolve("block left of the bowl") == []
    assert table.resolve("unicorn") == []


def test_a_push_takes_what_is_ahead_and_leaves_what_is_aside() -> None:
    table = laid(BLOCK, ("star", "green", "small", (0.5, 0.1)))
    hand(table, (0.42, 0.0, 0.02), -1.0)
    hand(table, (0.6, 0.0, 0.02), -1.0)
    assert table.things[0].xy[0] > 0.6
    assert table.things[1].xy.tolist() == [0.5, 0.1]


def test_a_button_counts_presses_that_go_down_on_it() -> None:
    table = laid(("button", "cyan", "", (0.5, 0.0)))
    for z in (0.1, 0.02, 0.1, 0.02):
        hand(table, (0.5, 0.0, z), -1.0)
    hand(table, (0.54, 0.0, 0.02), -1.0)
    assert table.things[0].presses == 2


def test_an_episode_repeats_for_a_seed() -> None:
    def outcome() -> list[float]:
        table = laid(BLOCK, BOWL, toppled=1.0)
        hand(table, (0.5, 0.0, 0.01), -1.0)
        hand(table, (0.6, 0.2, 0.2), 1.0)
        return list(table.things[0].xy.tolist())

    assert outcome() == outcome()
    assert np.hypot(*(np.array(outcome()) - (0.6, 0.2))) == pytest.approx(0.09)


def test_eyes_of_paper_answer_by_what_can_be_seen() -> None:
    table = laid(BLOCK, BOWL)
    eyes = SymbolicEyes(table)
    assert eyes.ask("what colour is the bowl", None, "front") == ("blue", 1.0)
    assert eyes.ask("why", None, "front") == ("I do not understand the question", 0.0)
    assert eyes.caption(None, "front") == "small red block; blue bowl"
    assert eyes.detect("bowl", None, "front") == []


def test_a_table_of_paper_judges_nothing() -> None:
    told = laid(BLOCK).finish("42", "cannot")
    assert told == {"is_success": False, "answer": "42", "claim": "cannot"}


def test_what_was_let_go_out_of_sight_counts_as_there_until_something_else_is_done() -> None:
    do = Table()
    do("open_drawer", drawer="drawer")
    do("pick", target="star")
    assert do("place_in", container="drawer") == "it was let go there"
    assert "in yellow drawer" in do("check", item="star", relation="in", base="drawer")
    do("close_drawer", drawer="drawer")
    told = do("check", item="star", relation="in", base="drawer")
    assert told == "star is in drawer by what the hand did; out of sight"
    assert "nothing in view" in do("check", item="star", relation="in", base="bowl")
    assert "nothing in view" in do("check", item="star", relation="on", base="drawer")
    assert "nothing in view" in do("check", item="green star", relation="in", base="drawer")
    do("pick", target="block")
    assert "nothing in view" in do("check", item="star", relation="in", base="drawer")


def test_what_was_put_nowhere_in_particular_is_not_taken_for_anywhere() -> None:
    do = Table()
    drawer, star = do.table.things[5], do.table.things[1]
    do("pick", target="star")
    do("place_beside", reference="bowl", side="left")
    star.inside, star.xy = 5, drawer.tray  # out of sight since
    assert do("check", item="star", relation="in").startswith("failed")
    assert "nothing in view" in do("check", item="star", relation="on", base="bowl")
