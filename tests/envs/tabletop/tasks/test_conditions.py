"""Success of every task on hand-made states: the goal holds, each near-miss does not."""

import numpy as np
import pytest

from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks import Goal
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from tests.envs.builders import jointed, moved, state_of, thing, tipped, touched


def holds(task: str, scene: Scene, goal: Goal, state: State) -> bool:
    return TABLETOP.make_task(task).done(scene, goal, state)


def test_reach_is_about_the_named_object_only() -> None:
    home = state_of(Scene((thing("block"),)))
    x, y, z = tcp_target(home.joint_positions)[:3]
    height = shapes.PRISMS["block"]["large"].height_m
    near = thing("block", x=x, y=y, z=z - height - 0.02)
    scene = Scene((near, thing("star", "blue", x=0.6, y=0.2)))
    state = state_of(scene)
    assert holds("reach", scene, Goal((0,)), state)
    assert not holds("reach", scene, Goal((1,)), state)
    assert not holds("reach", scene, Goal((0,)), moved(state, 2, by=(0, 0, -0.04)))


def test_pick_up_needs_both_fingers_and_height() -> None:
    scene = Scene((thing("block"), thing("star", "blue", y=0.2)))
    state = touched(moved(state_of(scene), 2, by=(0, 0, 0.1)), 2, 2)
    assert holds("pick_up", scene, Goal((0,)), state)
    assert not holds("pick_up", scene, Goal((1,)), state)
    assert not holds("pick_up", scene, Goal((0,)), touched(state, 2, -1))
    assert not holds("pick_up", scene, Goal((0,)), moved(state, 2, by=(0, 0, -0.05)))


@pytest.mark.parametrize("kind", shapes.CONTAINER_KINDS)
def test_put_in_needs_inside_and_let_go(kind: str) -> None:
    floor = shapes.VESSELS[kind].floor_m
    scene = Scene((thing("star", size="small", z=floor), thing(kind, "blue")))
    state = state_of(scene)
    assert holds("put_in", scene, Goal((0, 1)), state)
    assert not holds("put_in", scene, Goal((0, 1)), touched(state, 2, 2))
    assert not holds("put_in", scene, Goal((0, 1)), moved(state, 2, by=(0.1, 0, 0)))
    assert not holds("put_in", scene, Goal((0, 1)), moved(state, 2, by=(0, 0, 0.08)))
    assert not holds("put_in", scene, Goal((0, 1)), tipped(state, 3, 0.6))


@pytest.mark.parametrize(
    ("kind", "vessel", "x_m", "z_m"),
    [
        ("triangle", "cup", 0.0, 0.057),  # on the rim
        ("block", "bowl", 0.045, 0.036),
        ("star", "plate", 0.06, 0.004),  # half over the edge
    ],
)
def test_what_lies_on_a_rim_is_not_inside(kind: str, vessel: str, x_m: float, z_m: float) -> None:
    scene = Scene((thing(kind, x=0.5, z=shapes.VESSELS[vessel].floor_m), thing(vessel, "blue")))
    state = state_of(scene)
    assert holds("put_in", scene, Goal((0, 1)), state)
    rise_m = z_m - shapes.VESSELS[vessel].floor_m
    assert not holds("put_in", scene, Goal((0, 1)), moved(state, 2, by=(x_m, 0, rise_m)))


@pytest.mark.parametrize("base", ["block", "cylinder", "hexagon"])
def test_stack_order_matters(base: str) -> None:
    height = shapes.PRISMS[base]["large"].height_m
    scene = Scene((thing("star", "blue", z=height), thing(base)))
    state = state_of(scene)
    assert holds("stack", scene, Goal((0, 1)), state)
    assert not holds("stack", scene, Goal((1, 0)), state)
    assert not holds("stack", scene, Goal((0, 1)), touched(state, 2, -1))
    assert not holds("stack", scene, Goal((0, 1)), moved(state, 2, by=(0, 0, -height)))


def test_push_to_zone_is_not_carrying_over_it() -> None:
    scene = Scene((thing("zone", "blue"), thing("zone", y=0.2), thing("block")))
    state = state_of(scene)
    assert holds("push_to_zone", scene, Goal((2, 0)), state)
    assert not holds("push_to_zone", scene, Goal((2, 1)), state)
    assert not holds("push_to_zone", scene, Goal((2, 0)), touched(state, 4, 4))
    assert not holds("push_to_zone", scene, Goal((2, 0)), moved(state, 4, by=(0, 0, 0.03)))
    assert not holds("push_to_zone", scene, Goal((2, 0)), moved(state, 4, by=(0.061, 0, 0)))


def test_place_beside_distinguishes_the_four_sides() -> None:
    scene = Scene((thing("block", y=-0.1), thing("bowl", "blue")))
    state = state_of(scene)
    done = [
        side
        for side in ("left", "right", "front", "behind")
        if holds("place_beside", scene, Goal((0, 1), side), state)
    ]
    assert done == ["left"]
    assert not holds("place_beside", scene, Goal((0, 1), "left"), touched(state, 2, 2))


def test_press_button_remembers_a_press_and_names_one() -> None:
    scene = Scene((thing("button"), thing("button", "blue", y=0.2)))
    task, up = TABLETOP.make_task("press_button"), state_of(scene)
    task.begin(scene, [])
    task.watch(up)
    assert not task.done(scene, Goal((1,)), up)
    task.watch(jointed(up, scene.joint(1), -0.008))
    task.watch(up)
    assert task.done(scene, Goal((1,)), up)
    assert not task.done(scene, Goal((0,)), up)


def test_drawers_are_open_or_closed_but_not_held() -> None:
    scene = Scene((thing("drawer", x=0.36, y=-0.12), thing("drawer", "blue", x=0.36, y=0.12)))
    state = jointed(jointed(state_of(scene), 9, 0.09), 10, 0.005)
    assert holds("move_drawer", scene, Goal((0,), "open"), state)
    assert holds("move_drawer", scene, Goal((1,), "close"), state)
    assert not holds("move_drawer", scene, Goal((0,), "close"), state)
    assert not holds("move_drawer", scene, Goal((1,), "open"), state)
    assert not holds("move_drawer", scene, Goal((0,), "open"), touched(state, 2, 2))


def test_subgoals_name_the_referred_objects() -> None:
    expected = {
        "reach": (Subgoal("reach", 3),),
        "pick_up": (Subgoal("grasp", 3),),
        "put_in": (Subgoal("grasp", 3), Subgoal("place", 3, 1, "inside")),
        "stack": (Subgoal("grasp", 3), Subgoal("place", 3, 1, "on")),
        "push_to_zone": (Subgoal("push", 3, 1),),
        "press_button": (Subgoal("press", 3),),
    }
    for name, subgoals in expected.items():
        assert TABLETOP.make_task(name).subgoals(Goal((3, 1))) == subgoals
    beside = TABLETOP.make_task("place_beside").subgoals(Goal((3, 1), "behind"))
    assert beside[-1] == Subgoal("place", 3, 1, "behind")
    assert TABLETOP.make_task("move_drawer").subgoals(Goal((3,), "close")) == (
        Subgoal("slide", 3, relation="close"),
    )
    assert str(Subgoal("place", 3, 1, "on")) == "place(3,1,on)"


def test_the_palette_makes_confusables_and_never_repeats_a_pair() -> None:
    for seed in range(30):
        palette = Palette(np.random.default_rng(seed), "seen")
        specs = palette.graspables(5)
        pairs = [(s.kind, s.colour) for s in specs]
        assert specs[1].colour == specs[0].colour
        assert specs[2].kind == specs[0].kind
        others = [p for i, p in enumerate(pairs) if i != 2]
        assert len(set(others)) == len(others)
        assert all(s.size in ("small", "large") for s in specs)
        containers = palette.containers(2)
        assert (containers[0].kind, containers[0].colour) != (
            containers[1].kind,
            containers[1].colour,
        )
        assert all(c.size == "" for c in containers)


def test_a_palette_that_runs_out_of_colours_says_so() -> None:
    palette = Palette(np.random.default_rng(0), "seen")
    palette.same_kind("zone", 7)  # eight colours, one of them held out
    with pytest.raises(RuntimeError, match="no unused colour"):
        palette.same_kind("zone", 1)


def test_only_the_first_pair_of_a_combination_scene_is_held_out() -> None:
    from handeye.envs.tabletop.world.palette import HELD_OUT

    for seed in range(20):
        palette = Palette(np.random.default_rng(seed), "combination")
        pairs = [(s.kind, s.colour) for s in palette.graspables(5)]
        assert pairs[0] in HELD_OUT
        assert not any(p in HELD_OUT and p != pairs[0] for p in pairs)
