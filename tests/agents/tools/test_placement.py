import numpy as np
import pytest

from handeye.agents.core.tools import CannotDo
from handeye.agents.tools.placement import free_spot, holder
from handeye.agents.tools.robot import Robot
from handeye.experiments.traces.symbolic_context import SymbolicContext
from handeye.experiments.traces.symbolic_tabletop import SymbolicObject, SymbolicTabletop
from handeye.experiments.traces.table_drafts import standing


def bench_of(
    *things: tuple[str, str, str, tuple[float, float]], open_m: float = 0.0
) -> SymbolicContext:
    table = SymbolicTabletop()
    specs = [standing(*thing) for thing in things]
    laid = [SymbolicObject(spec, np.array(spec.position_m[:2])) for spec in specs]
    for thing in laid:
        thing.slide_m = open_m if thing.spec.kind == "drawer" else 0.0
    table.lay(laid, "")
    robot = Robot(table)
    robot.reset(0)
    return SymbolicContext(robot, table)


ZONE = ("zone", "pink", "", (0.5, 0.1))


def test_what_is_empty_is_filled_in_the_middle() -> None:
    bench = bench_of(ZONE, ("star", "red", "small", (0.5, -0.2)))
    spot = free_spot(bench, bench.one("zone"))
    assert spot.xy == pytest.approx((0.5, 0.1))


def test_what_is_there_already_is_kept_clear_of() -> None:
    bench = bench_of(ZONE, ("star", "red", "small", (0.52, 0.1)))
    spot = free_spot(bench, bench.one("zone"))
    assert spot.x_m == pytest.approx(0.5 - 0.4 * 0.0848, abs=0.01)
    assert spot.y_m == pytest.approx(0.1, abs=0.001)


def test_things_beside_it_do_not_count() -> None:
    bench = bench_of(ZONE, ("star", "red", "small", (0.6, 0.1)))
    assert free_spot(bench, bench.one("zone")).xy == pytest.approx((0.5, 0.1))


def test_a_drawer_takes_things_in_its_tray() -> None:
    bench = bench_of(("drawer", "red", "", (0.36, 0.1)), open_m=0.1)
    tray = holder(bench, bench.one("drawer"))
    assert tray.x_m == pytest.approx(0.36 + 0.065 + 0.05, abs=0.006)
    assert tray.y_m == pytest.approx(0.1)


def test_a_closed_drawer_takes_nothing() -> None:
    bench = bench_of(("drawer", "red", "", (0.36, 0.1)))
    with pytest.raises(CannotDo, match="open it first"):
        free_spot(bench, bench.one("drawer"))
