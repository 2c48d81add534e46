"""Push to zone: slide the named object onto the named coloured square."""

from itertools import product

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.feasibility import push_is_clear
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene
from handeye.envs.tabletop.world.state import State


class PushToZone(Task):
    """The object stands on the square and no finger touches it from above.

    ## Description
    Three graspable objects stand on the table, on which two squares are painted. The straight
    way between object and square is free.

    ## Instructions
    "push the hexagon onto the green square", "slide the red block to the pink zone".

    ## Success
    The object's middle is inside the square, and the object is not held. How it came there does
    not count.
    """

    name = "push_to_zone"
    templates = spell_out(
        "push {a} (to|onto|into|towards) {b}",
        "slide {a} (to|onto|towards) {b}",
        "shove {a} (to|into|towards) {b}",
        "nudge {a} (to|onto|into) {b}",
        "(to|onto|into) {b} (push|slide|nudge) {a}",
        "(push|slide) {a} (all the way to|until it is in) {b}",
    )
    held_out_templates = (
        "without raising it off the table, take {a} over to {b}",
        "keep pushing at {a}, and stop no sooner than in {b}",
        "{b} is how far {a} has to slide over the table",
        "along the table {a} should go until it ends in {b}",
    )

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """Three graspables and two squares."""
        return palette.same_kind("zone", 2) + palette.graspables(3)

    def goals(self, scene: Scene) -> list[Goal]:
        """Every graspable with every square that it can be pushed to in a straight line."""
        items = [i for i, o in enumerate(scene.objects) if o.graspable]
        zones = [i for i, o in enumerate(scene.objects) if o.kind == "zone"]
        return [Goal(p) for p in product(items, zones) if push_is_clear(scene, *p)]

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """In the square, not held."""
        item, zone = goal.referred
        return {
            "in_zone": predicates.is_in_zone(scene, state, item, zone),
            "not_held": not predicates.is_held(scene, state, item),
        }

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """One or more pushes."""
        return (Subgoal("push", goal.referred[0], goal.referred[1]),)
