"""Each side effect on hand-made states: it is found, and each near miss is not."""

from typing import Any

import numpy as np
import pytest

from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.presses import Presses
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.side_effects import Allowed, SideEffects
from handeye.envs.tabletop.world.state import State
from tests.envs.builders import jointed, moved, state_of, thing, tipped

STAR, BLOCK, BOWL, CUP = range(4)
SCENE = Scene((
    thing("star", "blue", x=0.4, size="small"), thing("block", y=0.2),
    thing("bowl", "purple", x=0.6), thing("cup", "green", x=0.6, y=-0.2),
))  # fmt: skip
PUT = (Subgoal("grasp", STAR), Subgoal("place", STAR, BOWL, "inside"))
START = state_of(SCENE)


def found(steps: Any, *states: State, scene: Scene = SCENE) -> list[str]:
    start, presses = state_of(scene), Presses(scene)
    effects = SideEffects(scene, Allowed.by(scene, steps), start, presses)
    for state in states:
        presses.watch(state)
        effects.watch(state)
    return [effect.words for effect in effects.at_end(states[-1])]


def turned(state: State, body: int, angle_rad: float) -> State:
    poses = state.body_poses.copy()
    poses[body, 3:] = (0.0, 0.0, np.sin(angle_rad / 2), np.cos(angle_rad / 2))
    return State(poses, state.joint_positions, state.finger_contacts, state.tick)


def into_bowl(item: int) -> State:
    x, y, _ = SCENE.objects[item].position_m
    return moved(START, SCENE.body(item), by=(0.6 - x, -y, shapes.VESSELS["bowl"].floor_m))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (START, []),
        (into_bowl(STAR), []),
        (moved(START, 3, by=(0.025, 0, 0)), []),
        (moved(START, 3, by=(0.04, 0, 0)), ["moved large red block 4 cm"]),
        (turned(START, 3, 0.4), []),
        (turned(START, 3, 0.8), ["turned large red block 46 degrees"]),
        (turned(START, 5, 2.0), []),  # a cup looks the same
        (tipped(START, 5, 0.8), ["turned green cup 46 degrees"]),
        (moved(START, 4, by=(0.015, 0, 0)), []),
        (moved(START, 4, by=(0.024, 0, 0)), ["moved purple bowl 2 cm"]),
        (into_bowl(BLOCK), ["large red block entered purple bowl"]),
    ],
)  # fmt: skip
def test_what_is_otherwise_at_the_end(state: State, words: list[str]) -> None:
    assert found(PUT, state) == words


def test_what_falls_off_is_named_even_where_it_may_move() -> None:
    assert found(PUT, moved(START, 2, by=(0.6, 0, -0.4))) == ["small blue star fell off the table"]


def test_buttons_are_pressed_as_often_as_told() -> None:
    scene = Scene((thing("button"), thing("button", "blue", y=0.2)))
    up = state_of(scene)
    red, blue = (jointed(up, scene.joint(i), -0.008) for i in (0, 1))
    press = (Subgoal("press", 0),)
    assert found(press, red, up, scene=scene) == []
    assert found(press, red, red, up, scene=scene) == []
    assert found(press, red, up, red, up, scene=scene) == ["pressed red button 2 times, not 1"]
    assert found(press, blue, up, red, scene=scene) == ["pressed blue button"]


def test_other_drawers_stay_as_they_were_all_the_time() -> None:
    scene = Scene((thing("drawer", x=0.36, y=-0.12), thing("drawer", "blue", x=0.36, y=0.12)))
    start = state_of(scene)
    slide = (Subgoal("slide", 0, relation="open"),)
    opened = jointed(start, scene.joint(0), 0.1)
    assert found(slide, opened, scene=scene) == []
    assert found(slide, jointed(opened, scene.joint(1), 0.008), scene=scene) == []
    there_and_back = (jointed(start, scene.joint(1), 0.05), opened)
    assert found(slide, *there_and_back, scene=scene) == ["blue drawer slid 5 cm"]


def test_contents_may_move_with_their_drawer() -> None:
    drawer = shapes.DRAWER
    x = 0.36 + drawer.half_depth_m - drawer.tray_half_depth_m
    inside = thing("star", "blue", x=x, y=-0.12, z=drawer.tray_floor_m, size="small")
    scene = Scene((thing("drawer", x=0.36, y=-0.12), inside))
    opened = jointed(state_of(scene), scene.joint(0), 0.1)
    slide = (Subgoal("slide", 0, relation="open"),)
    assert found(slide, moved(opened, 3, by=(0.1, 0, 0)), scene=scene) == []
    assert found(slide, moved(opened, 3, by=(0.3, 0, 0)), scene=scene)


def test_what_is_pushed_is_never_lifted_nor_jumps() -> None:
    scene = Scene((thing("block"), thing("zone", "blue", x=0.6)))
    start, push = state_of(scene), (Subgoal("push", 0, 1),)
    way = [moved(start, 2, by=(0.05 * k, 0, 0)) for k in range(3)]
    assert found(push, *way, scene=scene) == []
    assert found(push, moved(start, 2, by=(0, 0, 0.03)), *way, scene=scene) == [
        "large red block was lifted, not pushed"
    ]
    jumped = moved(start, 2, by=(0.2, 0, 0))
    assert found(push, jumped, scene=scene) == ["large red block jumped, it was not pushed"]


def test_what_somebody_displaces_starts_from_there() -> None:
    there = moved(START, 3, by=(0.0, -0.3, 0.0))
    effects = SideEffects(SCENE, Allowed.by(SCENE, PUT), START, Presses(SCENE))
    effects.watch(there)
    effects.displaced(BLOCK, there)
    assert effects.at_end(there) == []
    assert [e.event for e in effects.at_end(START)] == ["bystander_moved"]
