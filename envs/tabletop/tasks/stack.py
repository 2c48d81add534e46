"""Stack: put the named object on top of the other named object."""

from itertools import permutations

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene
from handeye.envs.tabletop.world.state import State

BASES = ("block", "cylinder", "hexagon")


class Stack(Task):
    """The object rests on the other one, both upright, and the gripper has let go.

    ## Description
    Five graspable objects stand on the table, three of them large blocks, cylinders or hexagons
    that others can stand on.

    ## Instructions
    "stack the star on the large red block", "put the triangle on top of the cylinder".

    ## Success
    The object rests on the other one, both upright, and no finger touches it.
    """

    name = "stack"
    templates = spell_out(
        "(stack|put|set|lay) {a} (on|onto|on top of) {b}",
        "place {a} (on|onto) {b}",
        "(pick up|grab|lift) {a} and (put|set|place) it (on|on top of) {b}",
        "on top of {b} (put|set|place|stack|lay) {a}",
        "(on|onto) {b} (put|set|place|lay) {a}",
        "{a} (goes|belongs) (on|on top of) {b}",
    )
    held_out_templates = (
        "{b} right under {a} is how it should look when you are done",
        "do not let go of {a} before it stands up there on {b}",
        "{b} is what should carry {a} when you stop",
        "with {b} as the one below, let {a} be the one above",
    )

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """Five graspables, three of them flat and wide enough to build on."""
        bases = [ObjectSpec(s.kind, s.colour, "large") for s in palette.graspables(3, BASES)]
        return bases + palette.graspables(2)

    def goals(self, scene: Scene) -> list[Goal]:
        """Every graspable on every large base."""
        items = [i for i, o in enumerate(scene.objects) if o.graspable]
        pairs = [(a, b) for a, b in permutations(items, 2) if scene.objects[b].kind in BASES]
        return [Goal((a, b)) for a, b in pairs if scene.objects[b].size == "large"]

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """On top and released."""
        item, base = goal.referred
        return {
            "on": predicates.is_on(scene, state, item, base),
            "released": predicates.is_released(scene, state, item),
        }

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """Grasp, then place."""
        item, base = goal.referred
        return (Subgoal("grasp", item), Subgoal("place", item, base, "on"))
