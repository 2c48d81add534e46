"""Reach: bring the gripper to just above the named object."""

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene
from handeye.envs.tabletop.world.state import State


class Reach(Task):
    """The tcp comes within 3 cm of the point 2 cm above the object.

    ## Description
    Four or five graspable objects and a container stand on the table. The hand has to come
    close above the object that is named; nothing is grasped.

    ## Instructions
    "reach for the red block", "move the gripper over the small star". The object is named by
    size, colour, kind or place, so that nothing else fits.

    ## Success
    The tcp is within 3 cm of the point 2 cm above the top of the object.
    """

    name = "reach"
    templates = spell_out(
        "(reach|reach for|move to|go to|point at|hover over|approach) {a}",
        "(move|bring|guide) (the gripper|your hand|the arm) (to|above|over) {a}",
        "(go|move) (over|close) to {a}",
        "to {a} (move|bring) (the gripper|your hand)",
    )
    held_out_templates = (
        "bring the arm to where {a} is below your hand",
        "where {a} is, there your gripper has to stop, just above it",
        "your hand is done as soon as it is close above {a}",
        "of all that you could touch, it is {a} that the gripper should come to",
    )

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """Four or five graspables and a container."""
        return palette.graspables(int(palette.rng.integers(4, 6))) + palette.containers(1)

    def goals(self, scene: Scene) -> list[Goal]:
        """Any object."""
        return [Goal((i,)) for i, o in enumerate(scene.objects) if o.kind in shapes.PRISMS]

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """The gripper is there."""
        return {"reached": predicates.is_reached(scene, state, goal.referred[0])}

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """One motion."""
        return (Subgoal("reach", goal.referred[0]),)
