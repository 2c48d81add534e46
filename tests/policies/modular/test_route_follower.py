"""Routes are walked on a map drawn by hand; doors are counted as those are who describe routes."""

import math
from itertools import product

import numpy as np
import pytest

from handeye.envs.rooms.routes import route_map
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.perception.instructions.navigation_program import ProgramStep
from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.plan_from_map import floor_plan
from handeye.policies.modular import route_follower as route_walk
from handeye.policies.modular.program_executor import ProgramExecutor, wants_of
from handeye.policies.modular.route_follower import counted_doors
from handeye.policies.navigation.explorer import Explorer
from handeye.policies.navigation.grid_planner import FORWARD, LEFT, STOP, GridPlanner
from tests.envs.route_home import HOME
from tests.envs.route_home import route_map as described_from_study
from tests.perception.drawn_map import drawn_map, on_map

IN_STUDY = BasePose(6.0, 1.5, math.pi / 2)
BEHIND_M = route_walk.INTO_ROOM_M
STUDY_DOOR, MIDDLE_OF_HALLWAY = (6.0, 3.0), (6.0, 3.8)


def walked(
    *steps: ProgramStep, start: BasePose = IN_STUDY, floor: FloorMap | None = None
) -> tuple[float, float]:
    """Where a program ends in the world."""
    wants = wants_of(steps)
    rooms = [want.room for want in wants]
    explorer = Explorer(GridPlanner(), floor or drawn_map(HOME, start, rooms))
    pursuit = ProgramExecutor(steps, None, explorer, wants)
    for _ in range(400):
        action, (x, y, yaw) = pursuit.next_action(), explorer.pose
        if action == STOP:
            cos, sin = math.cos(start.yaw_rad), math.sin(start.yaw_rad)
            return start.x_m + cos * x - sin * y, start.y_m + sin * x + cos * y
        if action == FORWARD:
            x, y = x + 0.25 * math.cos(yaw), y + 0.25 * math.sin(yaw)
        else:
            yaw += math.radians(15.0) * (1 if action == LEFT else -1)
        explorer.pose = EgoPose(x, y, yaw)
    raise AssertionError("no stop in 400 steps")


LEAVE = ProgramStep("leave", room="study")
AT_DOOR = ProgramStep("stop at door")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("turn", "side"), list(product(("", *route_map.TURNS), ("left", "right", "ahead", "")))
)
def test_doors_are_counted_as_in_the_description(turn: str, side: str) -> None:
    described = described_from_study()
    here = described.through(described.start, 1)
    wanted = [HOME.doors[d].centre_m for d in described.doors_on(here, turn, side)]
    start = BasePose(6.0, 1.5, 0.3)
    plan = floor_plan(drawn_map(HOME, start))
    assert plan is not None
    hallway = plan.room_at(*on_map(start, *MIDDLE_OF_HALLWAY))
    came = on_map(start, *STUDY_DOOR)
    doors = [d for d in plan.doors_of(hallway) if math.dist(plan.to_map(*d.middle_m), came) > 0.5]
    quarter = plan.quarter(math.pi / 2 - start.yaw_rad) + route_map.TURNS.get(turn, 0)
    found = counted_doors(doors, hallway, plan.to_plan(*came), quarter % 4, side)
    assert [plan.to_map(*d.middle_m) for d in found] == [
        pytest.approx(on_map(start, *centre), abs=0.1) for centre in wanted
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("steps", "end"),
    [
        ((LEAVE, AT_DOOR), STUDY_DOOR),
        ((ProgramStep("stop"),), (6.0, 1.5)),
        ((LEAVE, ProgramStep("stop")), MIDDLE_OF_HALLWAY),
        ((LEAVE, ProgramStep("stop", room="hallway")), MIDDLE_OF_HALLWAY),
        ((LEAVE, ProgramStep("enter", room="hallway"), ProgramStep("stop")), MIDDLE_OF_HALLWAY),
        ((LEAVE, ProgramStep("stop at door", room="kitchen")), (10.0, 3.0)),
        ((LEAVE, ProgramStep("enter", room="kitchen"), AT_DOOR), (10.0, 3.0)),
        ((LEAVE, ProgramStep("enter", room="bathroom"), ProgramStep("stop")), (9.0, 6.3)),
    ],
)
def test_rooms_are_left_and_entered_by_name(
    steps: tuple[ProgramStep, ...], end: tuple[float, float]
) -> None:
    assert math.dist(walked(*steps), end) < 0.75


@pytest.mark.slow
@pytest.mark.parametrize(
    ("turn", "ordinal", "side", "door"),
    [
        ("turn left", "first", "left", (2.0, 3.0)),
        ("turn left", "", "right", (4.0, 4.6)),
        ("turn left", "second", "", (2.0, 3.0)),
        ("turn right", "first", "", (9.0, 4.6)),
        ("turn right", "second", "", (10.0, 3.0)),
        ("turn right", "", "right", (10.0, 3.0)),
    ],
)
def test_counted_doors_after_a_turn(
    turn: str, ordinal: str, side: str, door: tuple[float, float]
) -> None:
    stop = ProgramStep("stop at door", ordinal=ordinal, side=side)
    assert math.dist(walked(LEAVE, ProgramStep(turn), stop), door) < 0.5


@pytest.mark.slow
def test_a_turn_is_forgotten_behind_the_next_door() -> None:
    start = BasePose(2.0, 1.5, math.pi / 2)  # in the bedroom; the hallway goes on to the right
    left = ProgramStep("enter", ordinal="first", side="left")
    steps = (ProgramStep("leave", room="bedroom"), ProgramStep("turn right"), left)
    assert math.dist(walked(*steps, ProgramStep("stop"), start=start), (3.0, 6.3)) < 0.75


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "door"),
    [
        (ProgramStep("turn right"), (10.0, 3.0)),
        (ProgramStep("turn left"), (2.0, 3.0)),
        (ProgramStep("pass", "box", side="left"), (10.0, 3.0)),
    ],
)
def test_what_is_told_of_the_way_tells_rooms_apart_that_look_alike(
    told: ProgramStep, door: tuple[float, float]
) -> None:
    steps = (LEAVE, told, ProgramStep("enter", room="kitchen"), AT_DOOR)
    channels = [want.room for want in wants_of(steps)]
    floor = drawn_map(HOME, IN_STUDY, channels)
    kitchen = channels.index("kitchen")
    bedroom = drawn_map(HOME, IN_STUDY, ["bedroom"])._scores[..., 0]
    floor._scores[..., kitchen] = 0.3 * np.maximum(floor._scores[..., kitchen], bedroom)
    if told.op == "pass":
        floor._scores[..., channels.index("")] = 0.0
        row, column = floor.cell_of(*on_map(IN_STUDY, 7.5, 4.3))
        floor._scores[row - 2 : row + 3, column - 2 : column + 3, channels.index("")] = 1.0
    assert math.dist(walked(*steps, floor=floor), door) < 0.5


@pytest.mark.slow
def test_a_door_that_is_not_there_is_passed_over() -> None:
    no_door = ProgramStep("enter", ordinal="second", side="left")
    end = walked(no_door, ProgramStep("enter", room="hallway"), ProgramStep("stop"))
    assert math.dist(end, MIDDLE_OF_HALLWAY) < 0.75


@pytest.mark.slow
def test_what_is_passed_makes_no_detour() -> None:
    told = ProgramStep("pass", "plant", side="left")
    assert math.dist(walked(told, LEAVE, AT_DOOR), STUDY_DOOR) < 0.5
