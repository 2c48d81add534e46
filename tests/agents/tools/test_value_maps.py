import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop import tabletop_toolbox
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.agents.tools.value_maps import (
    CELL_M,
    X_M,
    Y_M,
    MapError,
    best_place,
    cells,
    free_space,
    value_map,
)
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.predicates import is_beside
from handeye.experiments.oracles.oracle_perception import OraclePerception
from handeye.perception.mapping.camera_geometry import Measured

PLACES = {
    "bowl": Measured(0.50, 0.00, 0.05, 0.0, 0.10, 0.10, 0.0),
    "cup": Measured(0.50, -0.15, 0.08, 0.0, 0.06, 0.06, 0.0),
    "zone": Measured(0.42, 0.12, 0.001, 0.0, 0.10, 0.10, 0.0),
}
OTHERS = list(PLACES.values())


def best(expression: str) -> tuple[float, float]:
    x, y, _ = best_place(value_map(expression, PLACES.__getitem__, OTHERS))
    return x, y


def test_the_grid_covers_the_table() -> None:
    x, y = cells()
    assert (x[0, 0], x[-1, 0], y[0, 0], y[0, -1]) == (*X_M, *Y_M)
    assert x[1, 0] - x[0, 0] == pytest.approx(CELL_M)


def test_sides_are_the_users_and_close_by() -> None:
    assert best("right_of('bowl')")[0] == pytest.approx(0.50)
    assert 0.08 < best("right_of('bowl')")[1] < 0.12
    assert best("in_front_of('bowl')")[0] > 0.58
    assert best("behind('bowl')")[0] < 0.42


def test_wishes_are_combined() -> None:
    x, y = best("left_of('bowl') * away_from('cup')")
    assert y < 0.0
    assert np.hypot(x - 0.50, y + 0.15) > 0.075
    near, far = best("near('cup')"), best("1 - near('cup')")
    assert np.hypot(near[0] - 0.5, near[1] + 0.15) < 0.08 < np.hypot(far[0] - 0.5, far[1] + 0.15)
    middle = best("between('bowl', 'zone')")
    assert np.hypot(middle[0] - 0.46, middle[1] - 0.06) < 0.08
    assert best("0.5 * near('cup') + near('cup')") == near


def test_what_stands_is_in_the_way_and_paint_is_not() -> None:
    free = free_space(OTHERS)
    x, y = cells()
    assert not free[np.hypot(x - 0.50, y) < 0.09].any()
    assert best("over('zone')") == pytest.approx((0.42, 0.12))
    held = Measured(0.30, 0.0, 0.40, 0.36, 0.04, 0.04, 0.0)
    assert free_space([held]).all()


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("over('bowl')", "no free place"),
        ("0", "no free place"),
        ("under('bowl')", "there is no map 'under'"),
        ("near()", "the words of 1 thing"),
        ("between('bowl')", "the words of 2 things"),
        ("near(1)", "the words of a thing"),
        ("near('bowl') ** 9", "is not allowed"),
        ("near('bowl') / 0", "BinOp is not allowed"),
        ("import os", "Import is not allowed"),
        ("near('bowl'); 1", "one expression"),
        ("", "one expression"),
        ("near(", "not a program"),
    ],
)
def test_what_has_no_meaning_is_said(expression: str, problem: str) -> None:
    with pytest.raises(MapError, match=problem):
        best(expression)


@pytest.mark.slow
def test_a_thing_is_put_where_the_map_is_highest() -> None:
    env = TabletopEnv(
        "place_beside", action_mode="ee_pose", cameras=("front",), image_size_px=256, depth=True,
        max_steps=99,
    )  # fmt: skip
    robot = Robot(env)
    robot.reset(2_000_001)
    bench = TabletopContext(robot, OraclePerception(env))
    box = tabletop_toolbox(bench, SafetyGate())
    item, reference = env.goal.referred

    def words_of(index: int) -> str:
        thing = env.scene.objects[index]
        name = f"{thing.size} {thing.colour} {thing.kind}".strip()
        assert len(bench.find(name)) == 1
        return name

    where = {"where": f"left_of('{words_of(reference)}')"}
    assert "hand is empty" in box.call(ToolCall("place_where", where, "0")).reason
    assert box.call(ToolCall("pick", {"target": words_of(item)}, "1")).ok
    assert "no map" in box.call(ToolCall("place_where", {"where": "x('bowl')"}, "2")).reason
    assert box.call(ToolCall("place_where", where, "3")).ok
    assert is_beside(env.scene, env.state, item, reference, "left")
    env.close()
