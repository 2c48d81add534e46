"""Route following: go the way that the words describe, and stop where it ends."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from handeye.envs.rooms.routes.executor import walks_that_fit
from handeye.envs.rooms.routes.language import (
    HELD_OUT_WORDINGS,
    USUAL_WORDS,
    WORDINGS,
    parse_route,
    say_route,
)
from handeye.envs.rooms.routes.route_map import RouteMap
from handeye.envs.rooms.routes.routes import crossings, describe, draw_target, way_to
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M, BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.tasks.task import RoomTask

MOST_ROUTES = 6
TARGET_TRIES = 24  # targets drawn for them
APART_M = 2 * STOP_WITHIN_M  # between the ends of two routes: no place satisfies both


class RouteFollowing(RoomTask):
    """The robot has stopped within `STOP_WITHIN_M` of the described way's end.

    ## Description
    A way through the apartment is told turn by turn, by doors and by things that stand along
    it.

    ## Instructions
    "leave through the second door on the left, turn right at the sofa, stop beside the bed".

    ## Success
    The robot stops within `STOP_WITHIN_M` of the end of the way.
    """

    name = "route_following"
    least_rooms = 4  # fewer seldom have four routes
    templates = tuple(wording for wordings in WORDINGS.values() for wording in wordings)
    held_out_templates = tuple(w for wordings in HELD_OUT_WORDINGS.values() for w in wordings)

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> Iterator[RoomGoal]:
        """Routes to different places, each told so that the words lead there and nowhere else."""
        route_map = RouteMap(scene)
        ends_m: list[tuple[float, float]] = []
        for _ in range(TARGET_TRIES):
            goal = self._drawn(route_map, ends_m, rng)
            if goal is not None:
                ends_m.append(goal.path_m[-1])
                yield goal
            if len(ends_m) == MOST_ROUTES:
                return

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """Near enough to the end of the way."""
        return {"at the end": math.dist(walk.here.xy, goal.path_m[-1]) <= STOP_WITHIN_M}

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """Through every doorway of the described way, then to its end."""
        path = np.array(goal.path_m)
        doorways = [crossing.point_m for crossing in crossings(RouteMap(scene), path)]
        return tuple(Leg((point,)) for point in (*doorways, goal.path_m[-1]))

    def instruction(
        self, scene: RoomScene, goal: RoomGoal, split: str, rng: np.random.Generator
    ) -> str:
        """The steps in words."""
        return say_route(scene, goal.steps, split, rng)

    def _drawn(
        self,
        route_map: RouteMap,
        ends_m: list[tuple[float, float]],
        rng: np.random.Generator,
    ) -> RoomGoal | None:
        """A route to a place apart from those, or None where the draw came to nothing."""
        target = draw_target(route_map, rng)
        way = way_to(route_map, target)
        if way is None:
            return None
        path = tuple((x, y) for x, y in way.tolist())
        length_m = sum(math.dist(a, b) for a, b in pairwise(path))
        if length_m < self.least_way_m or any(
            math.dist(path[-1], end) <= APART_M for end in ends_m
        ):
            return None
        steps = describe(route_map, way, target, rng)
        if steps is None:
            return None
        words = say_route(route_map.scene, steps, "seen", rng)
        if len(words.split()) > USUAL_WORDS or not all_near(ends_of(route_map, words), path[-1]):
            return None
        return RoomGoal(tuple(s.landmark for s in steps if s.landmark), path_m=path, steps=steps)


def ends_of(route_map: RouteMap, words: str) -> list[tuple[float, float]]:
    """Where the walks end that fit the words, the one to take first; none if no walk fits."""
    try:
        walks = walks_that_fit(route_map, parse_route(route_map.scene, words))
    except ValueError:
        return []
    return [walk.here.xy for walk in walks]


def all_near(ends_m: list[tuple[float, float]], place_m: tuple[float, float]) -> bool:
    """Return whether there are ends, all within `STOP_WITHIN_M` of a place."""
    return bool(ends_m) and all(math.dist(end, place_m) <= STOP_WITHIN_M for end in ends_m)
