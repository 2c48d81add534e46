"""Press button: push the cap of the named button down."""

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import ObjectSpec, Scene
from handeye.envs.tabletop.world.state import State


class PressButton(Task):
    """The cap sinks by more than half its travel, at any moment.

    ## Description
    Four buttons of different colours and two graspable objects stand on the table.

    ## Instructions
    "press the red button", "push the blue button down".

    ## Success
    The cap of the named button has been down by more than half its travel once in the episode.
    """

    name = "press_button"
    templates = spell_out(
        "(press|push|hit|tap) {a}",
        "press {a} (down|in)",
        "push (down|in) {a}",
        "(touch|reach) {a} and (press|push) it",
        "press (on|firmly on) {a}",
        "{a}: (press|push) it",
    )
    held_out_templates = (
        "do not stop before you have felt {a} go down",
        "let the gripper come down from above until {a} is all the way in",
        "of all the buttons here, it is {a} that should be down once",
        "with closed fingers, go down on {a} as far as it can go",
    )

    def specs(self, palette: Palette) -> list[ObjectSpec]:
        """Four buttons and two graspables."""
        return palette.same_kind("button", 4) + palette.graspables(2)

    def goals(self, scene: Scene) -> list[Goal]:
        """Any button."""
        return [Goal((i,)) for i, o in enumerate(scene.objects) if o.kind == "button"]

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """The cap has been down in the episode."""
        return {"pressed": bool(self.presses.ticks[goal.referred[0]])}

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """One press."""
        return (Subgoal("press", goal.referred[0]),)
