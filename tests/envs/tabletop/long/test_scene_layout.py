"""Tables of long goals: what begins where, what a scene lays out, and what has room."""

import numpy as np
import pytest

from handeye.envs.core.task import SceneSamplingError
from handeye.envs.tabletop.long.goal import Condition, Layout, LongGoal, Start
from handeye.envs.tabletop.long.scene_layout import IN_TRAY_YAW_RAD, can_be_done, lay, layout_of
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene, SceneObject
from tests.envs.builders import thing

SMALL = {"size": "small"}
TRAY = Layout(
    (ObjectSpec("drawer", "red"), ObjectSpec("star", "red", "small"), ObjectSpec("zone", "blue"),
     ObjectSpec("block", "red", "small"), ObjectSpec("hexagon", "red", "small")),
    (Start("inside", 1, 0), Start("in_zone", 3, 2), Start("in_zone", 4, 2)),
)  # fmt: skip


def doable(scene: Scene, *steps: Subgoal) -> bool:
    """Whether these steps have room in a scene."""
    goal = LongGoal(
        "steps_in_order", "short", "ordinary", (), True, steps, (None,) * len(steps),
        (Condition("open", 0),),
    )  # fmt: skip
    return can_be_done(scene, goal)


# -------------------------------------------------------------------------------------- laying


def test_the_same_dice_lay_the_same_table() -> None:
    first, again = (lay(TRAY, np.random.default_rng(3)) for _ in range(2))
    assert first == again
    assert first != lay(TRAY, np.random.default_rng(4))


def test_things_keep_their_numbers_and_are_named_by_them() -> None:
    scene = lay(TRAY, np.random.default_rng(0))
    assert [o.name for o in scene.objects] == [
        "red_drawer_0", "small_red_star_1", "blue_zone_2", "small_red_block_3",
        "small_red_hexagon_4",
    ]  # fmt: skip


def test_two_things_on_a_zone_stand_side_by_side() -> None:
    for seed in range(10):
        objects = lay(TRAY, np.random.default_rng(seed)).objects
        one, other = (np.array(objects[i].position_m) for i in (3, 4))
        assert np.linalg.norm(one - other) == pytest.approx(0.07)
        assert (one + other) / 2 == pytest.approx(np.array(objects[2].position_m))


def test_what_lies_in_a_tray_is_turned_so_that_the_fingers_fit() -> None:
    yaws = [lay(TRAY, np.random.default_rng(seed)).objects[1].yaw_rad for seed in range(30)]
    assert max(map(abs, yaws)) <= IN_TRAY_YAW_RAD
    assert max(yaws) - min(yaws) > IN_TRAY_YAW_RAD


def test_what_does_not_fit_is_an_error_that_names_it() -> None:
    plates = Layout(tuple(ObjectSpec("plate", "red") for _ in range(20)))
    with pytest.raises(SceneSamplingError, match="no free place left for a red plate"):
        lay(plates, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("upper", "target", "start"),
    [
        (thing("star", "blue", 0.5, 0.0, z=0.045, **SMALL), thing("block"), "on"),
        (thing("star", "blue", 0.53, 0.0, z=0.045, **SMALL), thing("block"), "on"),
        (thing("star", "blue", 0.54, 0.0, z=0.045, **SMALL), thing("block"), None),
        (thing("star", "blue", 0.5, 0.0, **SMALL), thing("block"), None),
        (thing("star", "blue", 0.55, 0.05, **SMALL), thing("zone"), "in_zone"),
        (thing("star", "blue", 0.57, 0.0, **SMALL), thing("zone"), None),
        (thing("star", "blue", 0.5, 0.0, z=0.05, **SMALL), thing("zone"), None),
        (thing("star", "blue", 0.56, 0.0, z=0.004, **SMALL), thing("plate"), "inside"),
        (thing("star", "blue", 0.58, 0.0, z=0.004, **SMALL), thing("plate"), None),
        (thing("star", "blue", 0.5, 0.0, z=0.008, **SMALL), thing("drawer"), "inside"),
        (thing("star", "blue", 0.5, 0.07, z=0.008, **SMALL), thing("drawer"), None),
        (thing("star", "blue", 0.5, 0.0, z=0.034, **SMALL), thing("button"), None),
        (thing("bowl", "blue", 0.5, 0.0, z=0.004), thing("plate"), None),
    ],
)  # fmt: skip
def test_what_begins_in_or_on_something_is_known_by_its_place(
    upper: SceneObject, target: SceneObject, start: str | None
) -> None:
    layout = layout_of(Scene((target, upper)))
    assert layout.things[1] == ObjectSpec(upper.kind, upper.colour, upper.size)
    found = layout.start_of(1)
    assert (found and found.relation) == start
    assert layout.start_of(0) is None


def test_a_layout_of_loose_things_has_no_beginnings() -> None:
    scene = lay(Layout(TRAY.things), np.random.default_rng(1))
    assert layout_of(scene) == Layout(TRAY.things)


# ---------------------------------------------------------------------------------------- room

PUSHED, ZONE = thing("block", "red", 0.5, 0.0), thing("zone", "blue", 0.5, 0.15)
PUSH = Subgoal("push", 0, 1, "in_zone")


@pytest.mark.parametrize(
    ("others", "clear"),
    [
        ((), True),
        ((thing("cup", "red", 0.5, 0.08),), False),
        ((thing("cup", "red", 0.62, 0.08),), True),
        ((thing("star", "red", 0.5, -0.09),), False),
    ],
    ids=["nothing there", "in the lane", "beside the lane", "where the hand begins"],
)
def test_a_push_needs_a_free_lane(others: tuple[SceneObject, ...], clear: bool) -> None:
    assert doable(Scene((PUSHED, ZONE, *others)), PUSH) == clear


def test_a_push_needs_a_way_to_go() -> None:
    near = thing("zone", "blue", 0.5, 0.08)
    assert not doable(Scene((PUSHED, near)), PUSH)


@pytest.mark.parametrize(
    ("other", "clear"), [(None, True), (thing("cup", "red", 0.5, 0.09), False)]
)
def test_a_place_beside_something_must_be_free(other: SceneObject | None, clear: bool) -> None:
    reference, item = thing("block", "red", 0.5, 0.0), thing("star", "blue", 0.40, -0.15)
    scene = Scene((reference, item, *((other,) if other else ())))
    sides = [doable(scene, Subgoal("put", 1, 0, side)) for side in ("left", "right")]
    assert sides.count(True) == (1 if clear else 0)


# A tower at (0.5, 0.0), and something to pick beside it.
TOWER = (thing("block", "red", 0.5, 0.0), thing("hexagon", "red", 0.5, 0.0, z=0.045))


@pytest.mark.parametrize(
    ("x_m", "clear"), [(0.60, False), (0.64, False), (0.66, True)], ids=["near", "close", "far"]
)
def test_the_hand_keeps_off_towers(x_m: float, clear: bool) -> None:
    beside = thing("star", "blue", x_m, 0.0)
    bowl = thing("bowl", "green", 0.4, -0.19)
    assert doable(Scene((*TOWER, beside, bowl)), Subgoal("put", 2, 3, "inside")) == clear


def test_a_tower_itself_may_be_gripped() -> None:
    zone = thing("zone", "green", 0.4, -0.19)
    assert doable(Scene((*TOWER, zone)), Subgoal("put", 1, 2, "in_zone"))


def test_a_tower_that_is_built_stands_in_the_way_afterwards() -> None:
    base, upper = thing("block", "red", 0.5, 0.0), thing("hexagon", "red", 0.4, -0.2)
    scene = Scene((base, upper, thing("button", "blue", 0.6, 0.0)))
    build, press = Subgoal("put", 1, 0, "on"), Subgoal("press", 2)
    assert doable(scene, press, build)
    assert not doable(scene, build, press)


def test_the_way_of_a_handle_keeps_off_towers_too() -> None:
    scene = Scene((*TOWER, thing("drawer", "blue", 0.36, 0.12)))
    assert shapes.DRAWER.travel_m == pytest.approx(0.1)
    assert not doable(scene, Subgoal("slide", 2, relation="open"))


def test_saying_something_needs_no_room() -> None:
    assert doable(Scene(TOWER), Subgoal("say", -1))
