"""Move drawer: open or close the named drawer; both drawers start half open."""

from itertools import product

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene
from handeye.envs.tabletop.world.state import State


class MoveDrawer(Task):
    """The drawer is open (or closed) and the gripper has let go.

    ## Description
    Two drawers, both half open at reset, and three graspable objects stand on the table. A fin
    at the front of a drawer can be held.

    ## Instructions
    "open the red drawer", "push the green drawer shut".

    ## Success
    The drawer is at the end of its travel, open or closed as told, and no finger touches it.
    """

    name = "move_drawer"
    templates = spell_out(
        "{side} {a}",
        "(please|now|go and|could you) {side} {a}",
        "{side} {a} (fully|completely|all the way)",
        "(grab|move to|find) {a} and {side} it",
    )
    held_out_templates = (
        "do not stop before you have managed to {side} {a}",
        "with your hand at its handle, {side} {a} as far as it can go",
        "of all that is on the table, it is {a} that you should {side}",
        "there is one thing left to do now, and that is to {side} {a}",
    )

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """Two drawers and three graspables."""
        return palette.same_kind("drawer", 2) + palette.graspables(3)

    def goals(self, scene: Scene) -> list[Goal]:
        """Open or close either."""
        drawers = [i for i, o in enumerate(scene.objects) if o.kind == "drawer"]
        return [Goal((i,), way) for i, way in product(drawers, ("open", "close"))]

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """At the end of its travel and released."""
        drawer = goal.referred[0]
        moved = predicates.is_open if goal.relation == "open" else predicates.is_closed
        return {
            goal.relation: moved(scene, state, drawer),
            "released": predicates.is_released(scene, state, drawer),
        }

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """Hold the fin, pull or push."""
        return (Subgoal("slide", goal.referred[0], relation=goal.relation),)
