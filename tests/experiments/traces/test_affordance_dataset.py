"""Whether a call did what it says, on states where it did and on near-misses."""

import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.scene_notes import NotedObject, SceneNotes
from handeye.agents.core.tools import Tool
from handeye.agents.planners.saycan import is_skill
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State
from handeye.experiments.traces.affordance_dataset import _draw, _sensible, came_about
from tests.envs.builders import jointed, moved, state_of, thing, touched

SKILLS = [spec for f in TABLETOP_TOOLS if is_skill(spec := Tool.of(f, None).spec)]
SEEN = SceneNotes(
    (
        NotedObject("#1", "small red block", 0.4, 0.0),
        NotedObject("#2", "blue bowl", 0.5, 0.1),
        NotedObject("#3", "green drawer", 0.36, -0.1),
    )
)


def did(
    name: str,
    scene: Scene,
    *ticks: State,
    held: int = -1,
    things: tuple[int, ...] = (0,),
    **told: str,
) -> bool:
    return came_about(ToolCall(name, told, ""), things, held, scene, ticks)


def test_a_pick_holds_and_lifts() -> None:
    scene = Scene((thing("block"), thing("bowl", x=0.6)))
    held = touched(moved(state_of(scene), 2, by=(0, 0, 0.1)), 2, 2)
    assert did("pick", scene, held)
    assert not did("pick", scene, touched(state_of(scene), 2, 2))  # not lifted
    assert not did("pick", scene, moved(state_of(scene), 2, by=(0, 0, 0.1)))  # not held
    assert not did("pick", scene, held, things=(1,))  # another one


def test_a_placement_ends_where_it_should_and_lets_go() -> None:
    scene = Scene((thing("block", size="small"), thing("bowl", z=-shapes.VESSELS["bowl"].floor_m)))
    inside = state_of(scene)
    assert did("place_in", scene, inside, held=0, things=(1,))
    assert did("place_on", scene, inside, held=0, things=(1,))  # in a bowl is on it as well
    assert not did("place_in", scene, inside, held=-1, things=(1,))  # the hand was empty
    assert not did("place_in", scene, touched(inside, 2, 2), held=0, things=(1,))
    assert not did("place_in", scene, moved(inside, 2, by=(0.2, 0, 0)), held=0, things=(1,))
    assert not did("place_in", scene, inside, held=0, things=(0,))  # into itself


def test_on_a_block_or_a_zone() -> None:
    base = shapes.PRISMS["block"]["large"]
    scene = Scene((thing("block", z=base.height_m), thing("block", "blue"), thing("zone", x=0.6)))
    state = state_of(scene)
    assert did("place_on", scene, state, held=0, things=(1,))
    assert not did("place_in", scene, state, held=0, things=(1,))  # a block is no container
    assert not did("place_on", scene, state, held=0, things=(2,))
    painted = moved(state, 2, by=(0.1, 0, -base.height_m))
    assert did("place_on", scene, painted, held=0, things=(2,))
    assert not did("place_in", scene, painted, held=0, things=(2,))
    assert not did("place_on", scene, state, held=0, things=(0,))


@pytest.mark.parametrize("side", ["left", "right"])
def test_beside_is_on_that_side(side: str) -> None:
    y = -0.1 if side == "left" else 0.1
    scene = Scene((thing("block", y=y), thing("bowl")))
    state = state_of(scene)
    other = {"left": "right", "right": "left"}[side]
    assert did("place_beside", scene, state, held=0, things=(1,), side=side)
    assert not did("place_beside", scene, state, held=0, things=(1,), side=other)


def test_a_push_ends_at_its_goal() -> None:
    scene = Scene((thing("block"), thing("zone"), thing("cup", x=0.7)))
    assert did("push_to", scene, state_of(scene), things=(0, 1))
    assert not did("push_to", scene, moved(state_of(scene), 2, by=(0.1, 0, 0)), things=(0, 1))
    assert not did("push_to", scene, state_of(scene), things=(0, 2))
    assert did("push_to", scene, moved(state_of(scene), 2, by=(0.12, 0, 0)), things=(0, 2))


def test_presses_count_at_any_tick_and_drawers_at_the_last() -> None:
    scene = Scene((thing("button"), thing("drawer", x=0.36, y=0.12), thing("block", x=0.6)))
    rest = state_of(scene)
    down = jointed(rest, scene.joint(0), -shapes.BUTTON.travel_m)
    assert did("press", scene, down, rest)
    assert not did("press", scene, rest)
    assert not did("press", scene, down, things=(2,))
    out = jointed(rest, scene.joint(1), shapes.DRAWER.travel_m)
    assert did("open_drawer", scene, rest, out, things=(1,))
    assert not did("open_drawer", scene, out, rest, things=(1,))
    assert did("close_drawer", scene, out, rest, things=(1,))
    assert not did("open_drawer", scene, out, things=(2,))


def test_reaching_is_being_just_above() -> None:
    scene = Scene((thing("block"),))
    state = state_of(scene)
    tcp = tcp_target(state.joint_positions)[:3]
    above = tcp - np.array([0.5, 0.0, scene.objects[0].height_m + 0.02])
    assert did("reach", scene, moved(state, 2, by=tuple(above)))
    assert not did("reach", scene, state)


def test_calls_are_drawn_from_all_skills_most_of_them_sensible() -> None:
    rng = np.random.default_rng(0)
    drawn = [_draw(SKILLS, SEEN, rng) for _ in range(200)]
    assert {call.name for call in drawn} == {spec.name for spec in SKILLS}
    sensible = sum(_sensible(call, SEEN) for call in drawn) / len(drawn)
    assert sensible > 0.7
    assert not _sensible(ToolCall("press", {"button": "blue bowl"}, ""), SEEN)
    assert not _sensible(ToolCall("place_in", {"container": "#2"}, ""), SEEN)
    holding = SEEN._replace(held="small red block")
    assert _sensible(ToolCall("place_in", {"container": "#2"}, ""), holding)
    assert not _sensible(ToolCall("place_on", {"base": "#1"}, ""), holding)  # onto itself
