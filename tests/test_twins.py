"""Numbers that two halls both hold, since neither may import the other, are the same."""

from dataclasses import fields

import numpy as np
import pytest

from handeye.agents.tools import skills
from handeye.envs.rooms.apartments import contents
from handeye.envs.rooms.routes import language, route_map
from handeye.envs.rooms.scene import ego_camera, mobile_base
from handeye.envs.tabletop import oracle
from handeye.envs.tabletop.world import arm, feasibility
from handeye.perception.mapping import thing_front
from handeye.perception.mapping.ego_camera import EgoCamera
from handeye.policies.modular import door_belief, route_follower
from handeye.policies.navigation import grid_planner
from handeye.policies.tokens import action_tokenizer

ARM_NAMES = ("OPEN", "CLOSED", "FORK", "HOVER_M", "RELEASE_GAP_M", "RIM_GAP_M", "PUSH_Z_M")
BASE_NAMES = ("STOP", "FORWARD", "LEFT", "RIGHT", "FORWARD_M", "TURN_RAD")


@pytest.mark.parametrize("name", ARM_NAMES)
def test_skills_move_as_the_oracle_does(name: str) -> None:
    assert getattr(skills, name) == getattr(oracle, name)


def test_skills_know_the_fingers_as_the_simulator_does() -> None:
    assert skills.HAND_OPEN_M == oracle.FULLY_OPEN_M
    assert skills.BEHIND_M == feasibility.BEHIND_M
    assert skills.FINGER_M == feasibility.FINGER_HALF_M


@pytest.mark.parametrize("name", BASE_NAMES)
def test_planned_moves_are_those_of_the_base(name: str) -> None:
    assert getattr(grid_planner, name) == getattr(mobile_base, name)


def test_planned_ways_are_for_a_base_of_its_radius() -> None:
    assert grid_planner.GridPlanner().radius_m == mobile_base.RADIUS_M


def test_the_map_is_made_by_the_camera_that_the_base_carries() -> None:
    seen = {field.name: field.default for field in fields(EgoCamera)}
    assert seen == {
        "height_m": ego_camera.EYE_HEIGHT_M,
        "tilt_rad": ego_camera.TILT_RAD,
        "fov_rad": ego_camera.FOV_RAD,
    }


def test_furniture_without_a_front_is_the_same() -> None:
    assert thing_front.FREE_STANDING == contents.FREE_STANDING


def test_routes_are_followed_by_the_numbers_of_who_describes_them() -> None:
    assert door_belief.TURNS == route_map.TURNS
    assert route_follower.ORDINALS == language.ORDINALS
    assert route_follower.AHEAD_M == route_map.AHEAD_M
    assert route_follower.APART_M == route_map.APART_M


@pytest.mark.parametrize("mode", [*action_tokenizer.ACTION_BOUNDS])
def test_tokens_cover_what_an_action_mode_takes(mode: str) -> None:
    space = {**arm.ACTION_MODES, **mobile_base.BASE_MODES}[mode]
    bounds = action_tokenizer.ACTION_BOUNDS[mode]
    np.testing.assert_allclose(space.low, bounds.low)
    np.testing.assert_allclose(space.high, bounds.high)


def test_discrete_actions_are_as_many_as_the_base_has() -> None:
    space = mobile_base.BASE_MODES[action_tokenizer.DISCRETE_MODE]
    assert space.n == action_tokenizer.DISCRETE_ACTIONS  # type: ignore[attr-defined]
