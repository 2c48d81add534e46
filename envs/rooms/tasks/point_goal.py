"""Point goal: go to a place given in metres from where the robot starts."""

import math

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M, BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.tasks.task import MOST_GOALS, RoomTask, draw_start


class PointGoal(RoomTask):
    """The robot has stopped within `STOP_WITHIN_M` of the point.

    ## Description
    A point of the apartment is told by its distance ahead of the robot and to its side, as seen
    from where the robot starts. Walls may lie between.

    ## Instructions
    "go to the point 3.2 m ahead and 1.5 m to the left".

    ## Success
    The robot stops within `STOP_WITHIN_M` of the point.
    """

    name = "point_goal"
    templates = spell_out(
        "(go|drive|move|head) (to the point|) {ahead} and {aside}",
        "(go|drive) to the place {ahead} and {aside} (of here|from here)",
        "the goal is {ahead} and {aside}",
        "stop at the point {ahead} and {aside}",
    )
    held_out_templates = (
        "count from where you are now : {ahead} and {aside}, and there you are done",
        "you are done when you have come {ahead} and {aside}",
    )

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> list[RoomGoal]:
        """Random places, to a tenth of a metre as the words say them."""
        places = (draw_start(scene, rng).start.xy for _ in range(MOST_GOALS))
        spoken = (from_start(scene, *(round(v, 1) for v in to_start(scene, *p))) for p in places)
        return [RoomGoal(place_m=p) for p in spoken if scene.free.is_free(*p)]

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """Near enough."""
        assert goal.place_m is not None
        return {"at the point": math.dist(walk.here.xy, goal.place_m) <= STOP_WITHIN_M}

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """Straight there."""
        assert goal.place_m is not None
        return (Leg((goal.place_m,)),)

    def instruction(
        self, scene: RoomScene, goal: RoomGoal, split: str, rng: np.random.Generator
    ) -> str:
        """Metres ahead (or back) and to the left (or right), seen from the start pose."""
        assert goal.place_m is not None
        ahead, left = to_start(scene, *goal.place_m)
        return (
            self.template(split, rng)
            .format(
                ahead=f"{abs(ahead):.1f} metres {'ahead' if ahead >= 0 else 'behind'}",
                aside=f"{abs(left):.1f} metres to the {'left' if left >= 0 else 'right'}",
            )
            .replace("  ", " ")
        )


def to_start(scene: RoomScene, x: float, y: float) -> tuple[float, float]:
    """A world point as (ahead, left) of the start pose, m."""
    start = scene.start
    dx, dy = x - start.x_m, y - start.y_m
    cos, sin = math.cos(start.yaw_rad), math.sin(start.yaw_rad)
    return cos * dx + sin * dy, cos * dy - sin * dx


def from_start(scene: RoomScene, ahead: float, left: float) -> tuple[float, float]:
    """The inverse of `to_start`."""
    start = scene.start
    cos, sin = math.cos(start.yaw_rad), math.sin(start.yaw_rad)
    return start.x_m + cos * ahead - sin * left, start.y_m + sin * ahead + cos * left
