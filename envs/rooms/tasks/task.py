"""What every task of the suite `rooms` has in common: goals, words, success, scripted legs."""

from collections.abc import Hashable, Iterable, Sequence
from itertools import islice
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.synonyms import SYNONYM_SPLIT, Synonyms
from handeye.envs.core.task import InstructedTask, SceneSamplingError
from handeye.envs.rooms.apartments.furnishing import draw_apartment
from handeye.envs.rooms.apartments.sample_floor_plan import LEAST_ROOMS, MOST_ROOMS
from handeye.envs.rooms.oracle import RoomsOracle
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.scene.synonyms import ROOM_SYNONYMS

ROOM_SPLITS = ("seen", "unseen", "phrasing", SYNONYM_SPLIT)
SCENE_TRIES = 50
MOST_GOALS = 12
# Of path caps, see `experiments/checks/path_caps.py`: a walk may be so many times the shortest way
# long, and so much longer for each room, in which one may have to look around.
WAY_SHARE, EXPLORING_M = 1.5, 12.0
WAY_ON_SHARE, WAY_ON_M = 1.4, 1.5  # the same from the last visit on, when the way is known


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
        least_goals: how many goals a scene offers at least, so that a guess seldom wins.
        least_rooms: how many rooms its apartments have at least.
    """

    splits: ClassVar[tuple[str, ...]] = ROOM_SPLITS
    synonyms: ClassVar[Synonyms] = ROOM_SYNONYMS
    step_budget: ClassVar[dict[str, int]] = {"base_discrete": 500, "base_velocity": 1500}
    least_way_m: ClassVar[float] = 1.5
    least_goals: ClassVar[int] = 4
    least_rooms: ClassVar[int] = LEAST_ROOMS

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

    def path_cap_m(self, scene: RoomScene, goal: RoomGoal) -> float:
        """How long a walk may be that is no roaming: the goal's way, and looking for it."""
        way_m = shortest_path_m(scene, self.legs(scene, goal))
        return whole_cap_m(way_m, len(scene.apartment.rooms))

    def visited_at(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> int | None:
        """The tick of the last visit that is told, after which the robot has only to come back.

        None where a visit lacks, where nothing is to be visited, or where more is to be found out
        afterwards: then the whole walk alone has a cap.
        """
        return None

    def end_place_m(self, scene: RoomScene, goal: RoomGoal) -> tuple[float, float] | None:
        """Where the robot has to be after the visits that `visited_at` is about; None: anywhere."""
        return scene.start.xy

    def side_effects(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> list[str]:
        """Return what a walk did beside its goal: it was longer than its caps, see `path_caps`."""
        found = beyond(path_length_m(walk.track), self.path_cap_m(scene, goal), "")
        since = self.visited_at(scene, goal, walk)
        if since is not None:
            here = (float(walk.track[since, 0]), float(walk.track[since, 1]))
            cap_m = way_on_cap_m(way_m_between(scene, here, self.end_place_m(scene, goal)))
            found += beyond(path_length_m(walk.track[since:]), cap_m, " after the last visit")
        return found

    def outcome(self, goal: RoomGoal) -> Hashable:
        """Return the answer, where one is asked for: saying it is one deed for all such goals."""
        return goal.answer or goal

    def prepare(self, scene: RoomScene, rng: np.random.Generator) -> RoomScene:
        """Change a drawn scene as the task needs it (another start, other signs)."""
        return scene

    def draw_scene(
        self, rng: np.random.Generator, split: str
    ) -> tuple[RoomScene, list[RoomGoal], int]:
        """A scene with at least `least_goals` goals, these, and how many draws were rejected.

        Raises:
            SceneSamplingError: no valid scene in `SCENE_TRIES` draws.
        """
        apartments = "unseen" if split == "unseen" else "train"
        for rejected in range(SCENE_TRIES):
            rooms = int(rng.integers(self.least_rooms, MOST_ROOMS + 1))
            apartment = draw_apartment(rng, split=apartments, rooms=rooms)
            scene = self.prepare(draw_start(RoomScene(apartment, BasePose(0, 0, 0)), rng), rng)
            asked = (goal for goal in self.goals(scene, rng) if self.worth_asking(scene, goal))
            goals = list(islice(asked, MOST_GOALS))
            if len(goals) >= self.least_goals:
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


def path_length_m(track: NDArray[np.float64]) -> float:
    """Length of a walk (T, 3) or (T, 2), m."""
    return float(np.hypot(*np.diff(track[:, :2], axis=0).T).sum())


def whole_cap_m(way_m: float, rooms: int) -> float:
    """How long a whole walk may be, given its shortest way and the number of rooms."""
    return WAY_SHARE * way_m + EXPLORING_M * rooms


def way_on_cap_m(way_m: float) -> float:
    """How far one may walk on from the last visit, given the shortest way to the end place."""
    return WAY_ON_SHARE * way_m + WAY_ON_M


def way_m_between(
    scene: RoomScene, here: tuple[float, float], end: tuple[float, float] | None
) -> float:
    """Length of the shortest way from a free point to the end place; 0 if there is none."""
    if end is None:
        return 0.0
    return scene.free.field_to(scene.free.nearest_free(*end)).distance_m(*here)


def beyond(walked_m: float, cap_m: float, when: str) -> list[str]:
    """Return the side effect in words if a walk is longer than its cap."""
    return [f"walked {walked_m:.0f} m of at most {cap_m:.0f} m{when}"] if walked_m > cap_m else []


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
