"""What every task of the suite `rooms` has in common: goals, words, success, scripted legs."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import ClassVar

import numpy as np

from handeye.envs.core.task import InstructedTask, SceneSamplingError
from handeye.envs.rooms.apartments.furnishing import draw_apartment
from handeye.envs.rooms.oracle import RoomsOracle
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import BaseTrajectory, Leg, RoomGoal, RoomScene

ROOM_SPLITS = ("seen", "unseen", "phrasing")
SCENE_TRIES = 50
MOST_GOALS = 12


class RoomTask(InstructedTask):
    """A family of goals in apartments.

    ## Actions
    `base_discrete`: 0 stop, 1 forward 0.25 m, 2 turn left 15 degrees, 3 turn right 15 degrees.
    `base_velocity`: float32 (2,) in [-1, 1], shares of the greatest forward speed and turn
    rate, at 10 Hz.

    ## Observation
    `rgb_ego` uint8 (H, W, 3), `depth_ego` float32 (H, W) in m along the optical axis, on
    request `segmentation_ego` int32 (H, W), body numbers (privileged); `proprio` float32 (6,):
    odometry as m ahead and m to the left of the start pose, cosine and sine of the yaw since
    then, 1.0 if the last action touched something, speed of the last action as a share of the
    greatest; `instruction` text.

    ## Reward
    1.0 on the step that ends the episode with the goal reached, else 0.0.

    ## Episode end
    The discrete action 0, stop, ends it, and so does `finish` with an answer and a claim:
    terminated. What holds then counts. Truncated when the step budget is spent.

    Class attributes:
        least_way_m: how long the shortest way of a goal is at least.
    """

    splits: ClassVar[tuple[str, ...]] = ROOM_SPLITS
    step_budget: ClassVar[dict[str, int]] = {"base_discrete": 500, "base_velocity": 1500}
    least_way_m: ClassVar[float] = 1.5

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> Iterable[RoomGoal]:
        """What could be asked in this scene, in random order.

        `draw_scene` takes the first `MOST_GOALS` that can be done and are not done at the start.
        """
        raise NotImplementedError

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """Named conditions; the goal is reached if all hold when the robot stops."""
        raise NotImplementedError

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """A scripted solution. Every point of every leg is free and can be reached.

        A leg without points means that the goal cannot be reached from the scene's start.
        """
        raise NotImplementedError

    def oracle(self, scene: RoomScene, goal: RoomGoal, action_mode: str) -> RoomsOracle:
        """Return the scripted policy for a goal."""
        return RoomsOracle(scene, self.legs(scene, goal), action_mode, goal.answer)

    def prepare(self, scene: RoomScene, rng: np.random.Generator) -> RoomScene:
        """Change a drawn scene as the task needs it (another start, other signs)."""
        return scene

    def draw_scene(
        self, rng: np.random.Generator, split: str
    ) -> tuple[RoomScene, list[RoomGoal], int]:
        """A scene with at least two goals, its goals, and how many draws were rejected.

        Raises:
            SceneSamplingError: no valid scene in `SCENE_TRIES` draws.
        """
        apartments = "unseen" if split == "unseen" else "train"
        for rejected in range(SCENE_TRIES):
            apartment = draw_apartment(rng, split=apartments)
            scene = self.prepare(draw_start(RoomScene(apartment, BasePose(0, 0, 0)), rng), rng)
            asked = (goal for goal in self.goals(scene, rng) if self.worth_asking(scene, goal))
            goals = list(islice(asked, MOST_GOALS))
            if len(goals) > 1:
                return scene, goals, rejected
        raise SceneSamplingError(f"no scene for {self.name!r} in {SCENE_TRIES} draws")

    def worth_asking(self, scene: RoomScene, goal: RoomGoal) -> bool:
        """Return whether there is a way to it, and a way that has to be gone."""
        here = BaseTrajectory(np.array([(*scene.start.xy, scene.start.yaw_rad)]))
        way_m = shortest_path_m(scene, self.legs(scene, goal))
        return self.least_way_m <= way_m < np.inf and not self.done(scene, goal, here)


def draw_start(scene: RoomScene, rng: np.random.Generator) -> RoomScene:
    """The scene with a random free start pose on the floor that all rooms share."""
    for _ in range(1000):
        room = scene.apartment.rooms[int(rng.integers(len(scene.apartment.rooms)))].floor
        x, y = float(rng.uniform(room.x0, room.x1)), float(rng.uniform(room.y0, room.y1))
        yaw = float(rng.uniform(-np.pi, np.pi))
        if scene.free.is_free(x, y) and scene.on_main_floor(x, y):
            return scene.starting_at(BasePose(x, y, yaw))
    raise SceneSamplingError("the apartment has no free floor to start from")


def shortest_path_m(scene: RoomScene, legs: Sequence[Leg]) -> float:
    """Length of the shortest way through the legs in order, each to its nearest point; inf if none.

    Exact for one leg; for several an upper bound, since a leg may be left anywhere.
    """
    here = scene.free.nearest_free(*scene.start.xy)
    total = 0.0
    for leg in legs:
        ways_m = scene.free.field_to(here).distances_m(leg.points_m)
        if not len(ways_m) or not np.isfinite(ways_m).any():
            return float("inf")
        nearest = int(ways_m.argmin())
        total += float(ways_m[nearest])
        here = leg.points_m[nearest]
    return total
