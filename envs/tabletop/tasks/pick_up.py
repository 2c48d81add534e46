"""Pick up: lift the named object."""

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene
from handeye.envs.tabletop.world.state import State


class PickUp(Task):
    """The object is held by both fingers, 8 cm above the table.

    ## Description
    Five or six graspable objects stand on the table, some of one colour, some of one kind. The
    one that is named has to be lifted.

    ## Instructions
    "pick up the yellow star", "grab the little block left of the cup".

    ## Success
    Both fingers touch the object, and its bottom is 8 cm above the table.
    """

    name = "pick_up"
    templates = spell_out(
        "(pick up|lift|grasp|take|raise|hold up|fetch) {a}",
        "(pick|hold) {a} up",
        "(grab|grasp|hold) {a} and (lift|raise) it",
        "take {a} (off the table|in your hand)",
        "{a}: (pick it up|lift it)",
    )
    held_out_templates = (
        "once you have {a} in your hand, raise the arm",
        "hold {a} so that it is no longer on the table",
        "the table has to let go of {a}, and your hand has to keep it",
        "of all that is on the table, it is {a} that should hang from your hand",
    )

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """Five or six graspables."""
        return palette.graspables(int(palette.rng.integers(5, 7)))

    def goals(self, scene: Scene) -> list[Goal]:
        """Any graspable."""
        return [Goal((i,)) for i, o in enumerate(scene.objects) if o.graspable]

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """Held and lifted."""
        item = goal.referred[0]
        return {
            "held": predicates.is_held(scene, state, item),
            "lifted": predicates.is_lifted(scene, state, item),
        }

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """Grasp; the oracle lifts what it holds."""
        return (Subgoal("grasp", goal.referred[0]),)
