"""Every predicate on a state where it holds and on near-misses where it does not."""

import numpy as np
import pytest

from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.scene import Scene
from tests.envs.builders import jointed, moved, state_of, thing, tipped, touched


def test_on_needs_contact_height_and_overlap() -> None:
    base = shapes.PRISMS["block"]["large"]
    scene = Scene((thing("block", z=base.height_m), thing("block", "blue")))
    state = state_of(scene)
    assert predicates.is_on(scene, state, 0, 1)
    assert not predicates.is_on(scene, state, 1, 0)
    assert not predicates.is_on(scene, moved(state, 2, by=(0, 0, 0.012)), 0, 1)  # held above
    assert not predicates.is_on(scene, moved(state, 2, by=(0.024, 0, 0)), 0, 1)  # beyond the edge
    assert not predicates.is_on(scene, tipped(state, 2, 0.5), 0, 1)
    assert not predicates.is_on(scene, tipped(state, 3, 0.5), 0, 1)
    assert predicates.is_on(scene, moved(state, 2, by=(0.015, 0, 0.001)), 0, 1)


@pytest.mark.parametrize("kind", shapes.CONTAINER_KINDS)
def test_inside_needs_below_the_rim_and_over_the_floor(kind: str) -> None:
    size = shapes.VESSELS[kind]
    scene = Scene((thing("block", size="small", z=size.floor_m), thing(kind)))
    state = state_of(scene)
    assert predicates.is_inside(scene, state, 0, 1)
    assert not predicates.is_inside(scene, moved(state, 2, by=(0, 0, size.height_m + 0.01)), 0, 1)
    assert not predicates.is_inside(
        scene, moved(state, 2, by=(size.rim_radius_m + 0.001, 0, 0)), 0, 1
    )
    assert not predicates.is_inside(scene, tipped(state, 3, 1.0), 0, 1)  # the vessel fell over


def test_zone_needs_the_centre_inside_and_the_table_below() -> None:
    scene = Scene((thing("block", x=0.559), thing("zone", x=0.5)))
    state = state_of(scene)
    assert predicates.is_in_zone(scene, state, 0, 1)
    assert not predicates.is_in_zone(scene, moved(state, 2, by=(0.002, 0, 0)), 0, 1)
    assert not predicates.is_in_zone(
        scene, moved(state, 2, by=(-0.02, 0, 0.05)), 0, 1
    )  # in the air


@pytest.mark.parametrize(
    ("side", "dx", "dy"),
    [("left", 0, -0.1), ("right", 0, 0.1), ("front", 0.1, 0), ("behind", -0.1, 0)],
)
def test_beside_is_seen_from_the_front_camera(side: str, dx: float, dy: float) -> None:
    scene = Scene((thing("block", x=0.5 + dx, y=dy), thing("bowl")))
    state = state_of(scene)
    sides = [s for s in predicates.DIRECTIONS if predicates.is_beside(scene, state, 0, 1, s)]
    assert sides == [side]
    assert not predicates.is_beside(scene, moved(state, 2, by=(0, 0, 0.05)), 0, 1, side)
    assert not predicates.is_beside(scene, moved(state, 2, by=(dx * 1.1, dy * 1.1, 0)), 0, 1, side)
    assert not predicates.is_beside(
        scene, moved(state, 2, by=(-dx * 0.7, -dy * 0.7, 0)), 0, 1, side
    )
    across = (1.1 * dy, 1.1 * dx, 0)
    assert not predicates.is_beside(scene, moved(state, 2, by=across), 0, 1, side)


def test_held_lifted_and_released() -> None:
    scene = Scene((thing("block"), thing("star", "blue", y=0.2)))
    state = state_of(scene)
    assert predicates.is_released(scene, state, 0)
    assert not predicates.is_held(scene, state, 0)
    held = touched(state, 2, 2)
    assert predicates.is_held(scene, held, 0)
    assert not predicates.is_held(scene, held, 1)
    one_finger = touched(state, 2, -1)
    assert not predicates.is_held(scene, one_finger, 0)
    assert not predicates.is_released(scene, one_finger, 0)
    assert not predicates.is_held(scene, touched(state, 2, 3), 0)
    assert predicates.is_lifted(scene, moved(state, 2, by=(0, 0, 0.081)), 0)
    assert not predicates.is_lifted(scene, moved(state, 2, by=(0, 0, 0.079)), 0)


def test_reached_is_measured_from_above_the_top() -> None:
    state = state_of(Scene((thing("block"),)))
    x, y, z = tcp_target(state.joint_positions)[:3]
    height = shapes.PRISMS["block"]["large"].height_m
    near = Scene((thing("block", x=x, y=y, z=z - height - 0.02),))
    assert predicates.is_reached(near, state_of(near), 0)
    for off in ((0.031, 0.0), (0.0, -0.031)):
        far = Scene((thing("block", x=x + off[0], y=y + off[1], z=z - height - 0.02),))
        assert not predicates.is_reached(far, state_of(far), 0)


def test_button_and_drawer_travel() -> None:
    scene = Scene((thing("button"), thing("drawer", "blue", x=0.36, y=0.2)))
    state = state_of(scene)
    button, drawer = scene.joint(0), scene.joint(1)
    assert (button, drawer) == (9, 10)
    assert not predicates.is_pressed(scene, jointed(state, button, -0.004), 0)
    assert predicates.is_pressed(scene, jointed(state, button, -0.006), 0)
    assert predicates.is_closed(scene, state, 1)
    assert not predicates.is_open(scene, state, 1)
    half = jointed(state, drawer, 0.05)
    assert not predicates.is_closed(scene, half, 1)
    assert not predicates.is_open(scene, half, 1)
    assert predicates.is_open(scene, jointed(state, drawer, 0.08), 1)
    pulled = predicates.drawer_handle(scene, half, 1) - predicates.drawer_handle(scene, state, 1)
    np.testing.assert_allclose(pulled, [0.05, 0, 0], atol=1e-12)
    with pytest.raises(ValueError, match="has no joint"):
        Scene((thing("block"),)).joint(0)
