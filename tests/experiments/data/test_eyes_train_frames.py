"""How tables for eyes are laid, without rendering one."""

import numpy as np
import pytest

from handeye.envs.core.task import SceneSamplingError
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.predicates import is_closed, is_inside, is_stowed, tray_middle
from handeye.envs.tabletop.world.scene import ROBOT_JOINTS, ObjectSpec, Scene, place
from handeye.envs.tabletop.world.state import State
from handeye.experiments.data.eyes_train_frames import laid_out, mixed_scene, standing

UP = np.array([0.0, 0.3, 0.0, -2.0, 0.0, 2.3, 0.8, 0.04, 0.04])  # the hand above the table
DRAWS = 40


def table(*specs: ObjectSpec) -> Scene:
    return place(specs, np.random.default_rng(0))


def stood(scene: Scene, seed: int = 0) -> State:
    return standing(scene, UP, np.random.default_rng(seed))


def test_things_stand_where_the_scene_places_them() -> None:
    scene = table(ObjectSpec("block", "red", "small"), ObjectSpec("bowl", "blue"))
    state = stood(scene)
    for index, thing in enumerate(scene.objects):
        x, y, z, *_, sin, cos = state.body_poses[scene.body(index)].tolist()
        assert (x, y, z) == pytest.approx(tuple(thing.position_m))
        assert 2 * np.arctan2(sin, cos) == pytest.approx(thing.yaw_rad)
    assert np.array_equal(state.joint_positions[:ROBOT_JOINTS], UP)


def test_drawers_and_buttons_stay_on_their_ways() -> None:
    scene = table(ObjectSpec("drawer", "red"), ObjectSpec("button", "blue"))
    joints = np.array([stood(scene, seed).joint_positions for seed in range(DRAWS)])
    drawer, button = joints[:, scene.joint(0)], joints[:, scene.joint(1)]
    assert drawer.min() >= 0.0
    assert drawer.max() <= shapes.DRAWER.travel_m
    assert np.ptp(drawer) > 0.5 * shapes.DRAWER.travel_m  # open and shut ones
    assert button.min() >= -shapes.BUTTON.travel_m
    assert button.max() == 0.0
    assert 0 < np.mean(button < 0) < 1  # pressed and free ones


def test_a_layout_is_a_function_of_its_generator() -> None:
    scene = table(
        ObjectSpec("block", "red", "small"),
        ObjectSpec("bowl", "blue"),
        ObjectSpec("star", "red", "small"),
    )
    state = stood(scene)
    one, same, other = (laid_out(scene, state, np.random.default_rng(seed)) for seed in (3, 3, 5))
    assert np.array_equal(one.body_poses, same.body_poses)
    assert not np.array_equal(one.body_poses, other.body_poses)


def test_things_lie_in_drawers_that_are_open_and_in_no_others() -> None:
    scene = table(ObjectSpec("star", "red", "small"), ObjectSpec("drawer", "blue"))
    stowed = 0
    for seed in range(4 * DRAWS):
        state = stood(scene, seed)
        laid = laid_out(scene, state, np.random.default_rng(seed))
        if not is_stowed(scene, laid, 0, 1):
            continue
        stowed += 1
        assert not is_closed(scene, laid, 1)
        gap = laid.body_poses[scene.body(0), :3] - tray_middle(scene, laid, 1)
        assert np.hypot(*gap[:2]) < np.hypot(0.055, 0.060)
        assert gap[2] == pytest.approx(0.0)
    assert stowed > DRAWS / 4


def test_laying_out_leaves_the_state_that_it_was_given() -> None:
    scene = table(ObjectSpec("block", "red", "small"), ObjectSpec("bowl", "blue"))
    state = stood(scene)
    poses, joints = state.body_poses.copy(), state.joint_positions.copy()
    for seed in range(DRAWS):
        laid_out(scene, state, np.random.default_rng(seed))
    assert np.array_equal(state.body_poses, poses)
    assert np.array_equal(state.joint_positions, joints)


def test_what_cannot_be_grasped_stays() -> None:
    scene = table(
        ObjectSpec("bowl", "blue"), ObjectSpec("block", "red", "small"), ObjectSpec("zone", "red")
    )
    state = stood(scene)
    for seed in range(DRAWS):
        laid = laid_out(scene, state, np.random.default_rng(seed))
        for index in (0, 2):
            body = scene.body(index)
            assert np.array_equal(laid.body_poses[body], state.body_poses[body])


def test_now_and_then_a_thing_is_in_the_hand() -> None:
    scene = table(ObjectSpec("block", "red", "small"))
    state, held = stood(scene), 0
    tcp = tcp_target(state.joint_positions)
    for seed in range(DRAWS):
        laid = laid_out(scene, state, np.random.default_rng(seed))
        x, y, z = laid.body_poses[scene.body(0), :3].tolist()
        if z > 0.01:
            held += 1
            assert (x, y) == pytest.approx(tuple(tcp[:2]))
            assert z == pytest.approx(tcp[2] - scene.objects[0].height_m / 2)
            assert (laid.joint_positions[7:9] < 0.04).all()  # the fingers close on it
    assert 0 < held < DRAWS


def test_what_is_too_wide_is_not_put_into_a_vessel() -> None:
    scene = table(ObjectSpec("cup", "blue"), ObjectSpec("block", "red", "large"))
    vessel, block = shapes.VESSELS["cup"], scene.objects[1]
    fits = block.radius_m <= vessel.base_radius_m - vessel.wall_m
    state = stood(scene)
    laid = [laid_out(scene, state, np.random.default_rng(seed)) for seed in range(DRAWS)]
    assert any(is_inside(scene, one, 1, 0) for one in laid) == fits


def test_mixed_tables_hold_something_to_grasp_and_nothing_held_out() -> None:
    rng, made = np.random.default_rng(2), 0
    for _ in range(15):
        try:
            scene = mixed_scene(rng)
        except SceneSamplingError:
            continue
        made += 1
        assert 1 <= sum(thing.graspable for thing in scene.objects) <= 5
        assert not {(thing.kind, thing.colour) for thing in scene.objects} & HELD_OUT
    assert made > 5
