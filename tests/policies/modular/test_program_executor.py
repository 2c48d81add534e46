"""Programs are carried out in a world of boxes whose boxes are known by what they are."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from handeye.perception.instructions.navigation_program import ProgramStep
from handeye.perception.mapping.floor_map import FloorMap
from handeye.policies.modular.program_executor import SEEN_SCORE, ProgramExecutor, Want, wants_of
from handeye.policies.navigation.explorer import Explorer
from handeye.policies.navigation.grid_planner import STOP, GridPlanner
from tests.perception.box_world import Base, Box, cast, room, wall_with_door

CHAIR: Box = (3.8, 1.3, 0.0, 4.0, 1.7, 0.8)
SOFA: Box = (-1.4, -1.9, 0.0, -0.6, -1.5, 0.7)
PLANT: Box = (3.0, -1.9, 0.0, 3.3, -1.6, 0.9)
WORLD = [*room(-1.5, -2, 4.5, 2), *wall_with_door(1.5, -2, 2, -1.0)]
THINGS = {Want("chair", "red"): CHAIR, Want("sofa"): SOFA, Want("plant"): PLANT}


class Walker:
    """Eyes that know every box, on a base that drives."""

    def __init__(self, steps: Sequence[ProgramStep], point: tuple[float, float] | None = None):
        self.base = Base([*WORLD, *THINGS.values()])
        self.wants = wants_of(steps)
        self.explorer = Explorer(GridPlanner(), FloorMap(channels=len(self.wants)))
        self.pursuit = ProgramExecutor(steps, point, self.explorer, self.wants)

    def walk(self, most: int = 300) -> int:
        """Steps until it stops."""
        for step in range(most):
            self.explorer.see(self.base.observation(64), self.scores())
            action = self.explorer.doing(self.pursuit.next_action())
            if action == STOP:
                return step
            self.base.do(action)
        raise AssertionError(f"no stop in {most} steps, at {self.base.pose}")

    def scores(self) -> np.ndarray:
        shown = cast(self.base.boxes, self.base.pose, 64)[1]
        first = len(WORLD)
        known = {want: first + index for index, want in enumerate(THINGS)}
        maps = [(shown == known.get(want, -9)).astype(np.float32) for want in self.wants]
        return np.stack(maps, -1) if maps else np.zeros((64, 64, 0), np.float32)

    def away_m(self, box: Box) -> float:
        x, y, _ = self.base.pose
        return math.hypot(max(box[0] - x, 0.0, x - box[3]), max(box[1] - y, 0.0, y - box[4]))


@pytest.mark.slow
def test_a_thing_behind_a_door_is_found_reached_and_looked_at() -> None:
    walker = Walker([ProgramStep("thing", "chair", "red")])
    walker.walk()
    assert walker.away_m(CHAIR) < 1.0
    assert abs(walker.base.pose.bearing_rad(3.9, 1.5)) < math.radians(15)


@pytest.mark.slow
def test_what_looks_different_from_near_is_given_up() -> None:
    class Deceived(Walker):
        def scores(self) -> np.ndarray:
            shown = cast(self.base.boxes, self.base.pose, 64)[1]
            sofa, chair = len(WORLD) + 1, len(WORLD)
            like = 0.45 * (shown == sofa) + 0.9 * (shown == chair)
            return like[..., None].astype(np.float32)

    walker = Deceived([ProgramStep("thing", "chair", "red")])
    walker.walk()
    assert walker.away_m(CHAIR) < 1.0
    ways = [math.hypot(p.x_m + 1.0, p.y_m + 1.7) for p in walker.base.track]
    assert min(ways) < 1.3  # it had a look at the sofa first


@pytest.mark.slow
def test_a_doubtful_thing_is_better_than_none() -> None:
    class Unsure(Walker):
        def scores(self) -> np.ndarray:
            return 0.35 * super().scores()

    walker = Unsure([ProgramStep("thing", "chair", "red")])
    walker.walk()
    assert walker.away_m(CHAIR) < 1.0


@pytest.mark.slow
def test_a_point_is_reached_and_the_start_after_it() -> None:
    there = Walker([ProgramStep("point")], (3.0, 0.5))
    there.walk()
    assert math.hypot(there.base.pose.x_m - 3.0, there.base.pose.y_m - 0.5) < 0.45
    and_back = Walker([ProgramStep("thing", "plant"), ProgramStep("start")])
    and_back.walk()
    assert math.hypot(*and_back.base.pose[:2]) < 0.45
    ways = [math.hypot(p.x_m - 3.15, p.y_m + 1.75) for p in and_back.base.track]
    assert min(ways) < 1.2  # it was there


@pytest.mark.slow
def test_between_two_things_it_stands_between_them() -> None:
    steps = [ProgramStep("between", "chair", "red"), ProgramStep("and", "plant")]
    walker = Walker(steps)
    walker.walk()
    assert math.hypot(walker.base.pose.x_m - 3.6, walker.base.pose.y_m + 0.15) < 0.6


def test_what_was_found_out_belongs_to_one_step() -> None:
    walker = Walker([ProgramStep("stop", "chair", "red"), ProgramStep("thing", "plant")])
    pursuit = walker.pursuit
    pursuit._rejected.append((1.0, 1.0))
    pursuit._least_score, pursuit._turned_rad, pursuit._face = 0.3, 1.0, (1.0, 1.0)
    pursuit._begin(1)
    left = pursuit._rejected, pursuit._turned_rad, pursuit._face, pursuit._least_score
    assert left == ([], 0.0, None, SEEN_SCORE)


@pytest.mark.slow
def test_a_doubtful_first_thing_does_not_make_the_second_one_doubtful() -> None:
    class Unsure(Walker):
        def scores(self) -> np.ndarray:
            return super().scores() * np.array([0.35, 1.0], np.float32)

    walker = Unsure([ProgramStep("thing", "chair", "red"), ProgramStep("thing", "plant")])
    walker.walk()
    assert walker.pursuit._least_score == SEEN_SCORE
    assert walker.away_m(PLANT) < 1.0


@pytest.mark.slow
def test_what_is_not_there_is_given_up_when_all_is_explored() -> None:
    walker = Walker([ProgramStep("thing", "bed")])
    walker.walk()
    free_m2 = (walker.explorer.floor.grid == 1).sum() * walker.explorer.floor.cell_m**2
    assert free_m2 == pytest.approx(24.0, rel=0.15)


def test_a_program_without_steps_stops_at_once() -> None:
    assert Walker([]).walk() == 0


@pytest.mark.slow
def test_things_are_counted_after_a_look_around() -> None:
    walker = Walker([ProgramStep("count", "sofa")])
    walker.walk()
    assert walker.pursuit.answer == "1"
    none = Walker([ProgramStep("count", "bed")])
    none.walk()
    assert none.pursuit.answer == "0"


def test_every_want_has_one_channel() -> None:
    steps = [
        ProgramStep("leave", room="study"),
        ProgramStep("pass", "sofa"),
        ProgramStep("enter", room="kitchen"),
        ProgramStep("stop", "sofa"),
    ]
    assert wants_of(steps) == [Want("sofa"), Want(room="study"), Want(room="kitchen")]
