"""Put in: put the named object into the named bowl, cup or plate."""

from itertools import product

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene
from handeye.envs.tabletop.world.state import State


class PutIn(Task):
    """The object lies in the container and the gripper has let go.

    ## Description
    Three or four graspable objects and two containers (bowls, cups, plates) stand on the table.

    ## Instructions
    "put the red block into the blue bowl", "the star goes in the cup".

    ## Success
    The object is inside the container, and no finger touches it.
    """

    name = "put_in"
    templates = spell_out(
        "(put|drop|move|lay) {a} (in|into|inside) {b}",
        "place {a} (in|inside) {b}",
        "(pick up|grab|lift) {a} and (put|place|drop) it (in|into) {b}",
        "(take|bring) {a} to {b} and (put|drop) it in",
        "(in|inside) {b} (put|place|drop|lay) {a}",
        "into {b} (put|place|move|lay) {a}",
        "{a} (goes|belongs) (in|into|inside) {b}",
    )
    held_out_templates = (
        "with {a} in your hand, go over {b} and open the gripper",
        "when you are done, {b} should have {a} at its bottom",
        "{a} is outside {b} now and has to be inside",
        "do not let go of {a} before it is inside {b}",
    )

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """Three or four graspables and two containers."""
        return palette.graspables(int(palette.rng.integers(3, 5))) + palette.containers(2)

    def goals(self, scene: Scene) -> list[Goal]:
        """Every graspable with every container."""
        items = [i for i, o in enumerate(scene.objects) if o.graspable]
        vessels = [i for i, o in enumerate(scene.objects) if o.kind in shapes.VESSELS]
        return [Goal(pair) for pair in product(items, vessels)]

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """Inside and released."""
        item, vessel = goal.referred
        return {
            "inside": predicates.is_inside(scene, state, item, vessel),
            "released": predicates.is_released(scene, state, item),
        }

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """Grasp, then place."""
        item, vessel = goal.referred
        return (Subgoal("grasp", item), Subgoal("place", item, vessel, "inside"))
