"""Which goals are offered: clear scenes, and every reason to refuse one."""

import numpy as np
import pytest

from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.feasibility import beside_distance, beside_is_clear, push_is_clear
from handeye.envs.tabletop.world.predicates import BESIDE_M, DIRECTIONS, is_beside, is_in_zone
from handeye.envs.tabletop.world.scene import Scene
from tests.envs.builders import moved, state_of, thing

# ------------------------------------------------------------------------------------- beside


def beside(
    *more: object, item: tuple[float, float] = (0.40, 0.18), reference: object = None
) -> Scene:
    middle = reference or thing("hexagon", "blue", x=0.5)
    return Scene((thing("block", x=item[0], y=item[1]), middle, *more))  # type: ignore[arg-type]


@pytest.mark.parametrize("side", ["left", "front"])
def test_a_free_side_is_clear(side: str) -> None:
    assert beside_is_clear(beside(), 0, 1, side)


def test_an_object_that_stands_on_that_side_already_is_not_asked_there() -> None:
    scene = beside(item=(0.40, 0.18))  # behind and to the right of the reference
    assert not beside_is_clear(scene, 0, 1, "right")
    assert not beside_is_clear(scene, 0, 1, "behind")
    level = beside(item=(0.40, 0.01))  # barely to the right: "right of" is still a task
    assert beside_is_clear(level, 0, 1, "right")


@pytest.mark.parametrize(
    ("x", "y", "side"),
    [(0.66, 0.0, "front"), (0.37, 0.0, "behind"), (0.5, 0.20, "right"), (0.5, -0.20, "left")],
)
def test_a_place_out_of_reach_is_refused(x: float, y: float, side: str) -> None:
    away = (x, y) - 0.15 * DIRECTIONS[side]
    scene = beside(item=(away[0], away[1]), reference=thing("hexagon", "blue", x=x, y=y))
    assert not beside_is_clear(scene, 0, 1, side)
    opposite = {"front": "behind", "behind": "front", "left": "right", "right": "left"}[side]
    turned = beside(item=(2 * x - away[0], 2 * y - away[1]), reference=scene.objects[1])
    assert beside_is_clear(turned, 0, 1, opposite)


def test_an_occupied_place_is_refused() -> None:
    place = (0.5, -0.09)
    for x, y in [place, (0.5, -0.17), (0.58, -0.09)]:
        assert not beside_is_clear(beside(thing("star", "green", x=x, y=y)), 0, 1, "left")
    assert beside_is_clear(beside(thing("star", "green", x=0.6, y=-0.13)), 0, 1, "left")


def test_a_wider_neighbour_needs_to_stand_farther_off() -> None:
    narrow, wide = thing("cylinder", "green", x=0.61, y=-0.09), thing("plate", x=0.61, y=-0.09)
    assert beside_is_clear(beside(narrow), 0, 1, "left")
    assert not beside_is_clear(beside(wide), 0, 1, "left")


def test_the_item_and_the_reference_are_not_in_their_own_way() -> None:
    scene = beside(item=(0.5, -0.005))  # the item stands where the gap to the place is short
    assert beside_is_clear(scene, 0, 1, "left")


@pytest.mark.parametrize("kind", [*shapes.GRASPABLE_KINDS, *shapes.CONTAINER_KINDS])
@pytest.mark.parametrize("side", DIRECTIONS)
def test_what_is_put_at_the_distance_counts_as_beside_without_touching(
    kind: str, side: str
) -> None:
    reference = thing(kind, "blue", x=0.5)
    distance = beside_distance(Scene((reference,)), 0)
    assert distance < BESIDE_M
    widest = max(
        p["large"].radius_m * (1.4143 if k == "block" else 1) for k, p in shapes.PRISMS.items()
    )
    assert distance > reference.radius_m + widest
    x, y = (0.5, 0.0) + DIRECTIONS[side] * distance
    scene = Scene((thing("block", x=float(x), y=float(y)), reference))
    assert is_beside(scene, state_of(scene), 0, 1, side)


# --------------------------------------------------------------------------------------- push


def push(
    *more: object, item: tuple[float, float] = (0.5, -0.1), zone: tuple[float, float] = (0.5, 0.1)
) -> Scene:
    square = thing("zone", "green", x=zone[0], y=zone[1])
    return Scene((thing("block", x=item[0], y=item[1]), square, *more))  # type: ignore[arg-type]


@pytest.mark.parametrize("heading", np.linspace(0, 2 * np.pi, 9)[:-1])
def test_a_straight_free_lane_is_clear_in_every_direction(heading: float) -> None:
    way = 0.08 * np.array([np.cos(heading), np.sin(heading)])
    scene = push(item=(0.5 - way[0], -way[1]), zone=(0.5 + way[0], way[1]))
    assert push_is_clear(scene, 0, 1)


def test_a_push_that_is_nearly_done_is_refused() -> None:
    scene = push(item=(0.5, 0.03))
    assert is_in_zone(scene, moved(state_of(scene), 2, by=(0, 0.02, 0)), 0, 1)
    assert not push_is_clear(scene, 0, 1)
    assert not push_is_clear(push(item=(0.5, 0.1)), 0, 1)  # no direction at all
    assert push_is_clear(push(item=(0.5, 0.005)), 0, 1)


def test_nothing_offered_is_done_already() -> None:
    for x in np.linspace(0.38, 0.62, 13):
        for y in np.linspace(-0.1, 0.1, 11):
            scene = push(item=(float(x), float(y)), zone=(0.5, 0.0))
            if is_in_zone(scene, state_of(scene), 0, 1):
                assert not push_is_clear(scene, 0, 1)


@pytest.mark.parametrize(
    ("item", "zone"),
    [
        ((0.35, 0.0), (0.55, 0.0)),  # towards the camera, from next to the robot
        ((0.66, 0.0), (0.45, 0.0)),
        ((0.5, -0.30), (0.5, -0.1)),
        ((0.5, 0.30), (0.5, 0.1)),
    ],
)
def test_a_start_out_of_reach_is_refused(
    item: tuple[float, float], zone: tuple[float, float]
) -> None:
    assert not push_is_clear(push(item=item, zone=zone), 0, 1)
    mid = tuple(0.7 * z + 0.3 * i for i, z in zip(item, zone, strict=True))
    far = tuple(1.4 * z - 0.4 * i for i, z in zip(item, zone, strict=True))
    assert push_is_clear(push(item=mid, zone=far), 0, 1)  # farther from the edge the same push is


@pytest.mark.parametrize("y", [-0.19, -0.02, 0.06, 0.15])
def test_anything_in_the_lane_blocks_it(y: float) -> None:
    """The lane runs from where the gripper comes down to where the object stops."""
    assert not push_is_clear(push(thing("cylinder", "blue", x=0.52, y=y)), 0, 1)
    assert push_is_clear(push(thing("cylinder", "blue", x=0.60, y=y)), 0, 1)


@pytest.mark.parametrize("y", [-0.28, 0.27])
def test_what_stands_before_and_after_the_lane_does_not_block_it(y: float) -> None:
    assert push_is_clear(push(thing("cylinder", "blue", x=0.5, y=y)), 0, 1)


def test_the_lane_is_as_wide_as_the_neighbour_needs() -> None:
    aside = 0.5 + 0.045 + 0.06
    assert push_is_clear(push(thing("cylinder", "blue", x=aside)), 0, 1)
    assert not push_is_clear(push(thing("bowl", "blue", x=aside)), 0, 1)


def test_paint_never_blocks() -> None:
    assert push_is_clear(push(thing("zone", "pink", x=0.5, y=-0.02)), 0, 1)
