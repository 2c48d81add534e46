"""Object goal: find the named piece of furniture."""

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.scene.ego_camera import in_view
from handeye.envs.rooms.scene.language import nameable, refer_to_thing
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M, BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.scene.viewpoints import viewpoints
from handeye.envs.rooms.tasks.task import RoomTask


def near_and_in_view(scene: RoomScene, name: str, walk: BaseTrajectory) -> dict[str, bool]:
    """Return whether the robot stands within `STOP_WITHIN_M` of an object, and sees it."""
    here = walk.here
    return {
        "near": scene.things[name].distance_m(*here.xy) <= STOP_WITHIN_M,
        "in view": in_view(scene, here, name),
    }


def leg_to_view(scene: RoomScene, name: str) -> Leg:
    """Return the leg to the nearest place from which an object is seen, then facing it."""
    points = tuple(map(tuple, viewpoints(scene, name).tolist()))
    return Leg(points, scene.things[name].footprint.centre)


class ObjectGoal(RoomTask):
    """The robot has stopped within `STOP_WITHIN_M` of the thing and sees it.

    ## Description
    A piece of furniture has to be found in an apartment that the robot has not seen before.

    ## Instructions
    "find the red sofa", "drive up to the chair in the kitchen". The words fit one piece alone.

    ## Success
    The robot stops within `STOP_WITHIN_M` of the piece, which is in its view.
    """

    name = "object_goal"
    templates = spell_out(
        "(find|look for|search for|locate) {a}",
        "(go|drive|move|head|walk) to {a}",
        "(go|drive) (up to|over to) {a} and stop there",
        "stop (next to|near|in front of) {a}",
        "bring yourself to {a}",
    )
    held_out_templates = (
        "what i need is for you to stand where you can see {a} close up",
        "before you stop, {a} must be close and in full view",
        "you are done when nothing but a step is left between you and {a}",
    )

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> list[RoomGoal]:
        """All furniture that words single out."""
        furniture = [piece.name for piece in scene.apartment.furniture]
        shuffled = rng.permutation(furniture).tolist()
        return [RoomGoal((name,)) for name in shuffled if nameable(scene, name)]

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """Near and in view."""
        return near_and_in_view(scene, goal.referred[0], walk)

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """To the nearest place from which it is seen, then look at it."""
        return (leg_to_view(scene, goal.referred[0]),)

    def instruction(
        self, scene: RoomScene, goal: RoomGoal, split: str, rng: np.random.Generator
    ) -> str:
        """The thing, named so that nothing else fits."""
        return self.template(split, rng).format(a=refer_to_thing(scene, goal.referred[0], rng))
