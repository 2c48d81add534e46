"""Place beside: put the named object left of, right of, in front of or behind another."""

from itertools import permutations, product

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.feasibility import beside_is_clear
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene
from handeye.envs.tabletop.world.state import State


class PlaceBeside(Task):
    """The object stands on the named side of the reference, seen from the front camera.

    ## Description
    Four graspable objects and a container stand on the table. Left, right, in front and behind
    are meant as the camera `front` sees them.

    ## Instructions
    "put the star to the left of the cup", "place the red block behind the bowl".

    ## Success
    The object stands near the reference on that side, and no finger touches it.
    """

    name = "place_beside"
    templates = spell_out(
        "(put|place|move|lay|stand) {a} {side} {b}",
        "(set|put|lay) {a} down {side} {b}",
        "(pick up|grab|lift) {a} and (put|place|set) it {side} {b}",
        "(take|bring) {a} and (put|set|lay) it {side} {b}",
        "{side} {b} (put|set|lay|move|stand) {a}",
        "{a} (goes|belongs) {side} {b}",
    )
    held_out_templates = (
        "let me find {a} standing {side} {b}",
        "have {b} stay and {a} go {side} it",
        "only let go of {a} {side} {b}",
        "what belongs {side} {b} is {a}, nothing else",
    )

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """Four graspables and a container."""
        return palette.graspables(4) + palette.containers(1)

    def goals(self, scene: Scene) -> list[Goal]:
        """Every graspable on every free side of every other object where it is not yet."""
        objects = range(len(scene.objects))
        pairs = [p for p in permutations(objects, 2) if scene.objects[p[0]].graspable]
        sides = product(pairs, predicates.DIRECTIONS)
        return [Goal(pair, side) for pair, side in sides if beside_is_clear(scene, *pair, side)]

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """Beside and released."""
        item, reference = goal.referred
        return {
            "beside": predicates.is_beside(scene, state, item, reference, goal.relation),
            "released": predicates.is_released(scene, state, item),
        }

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """Grasp, then place."""
        item, reference = goal.referred
        return (Subgoal("grasp", item), Subgoal("place", item, reference, goal.relation))
