"""The core tasks on mixed tables, where only the words say which of them is meant."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from handeye.envs.core.documentation import headed
from handeye.envs.core.registry import Suite
from handeye.envs.tabletop.chains.sampling import Chain, sample_chain
from handeye.envs.tabletop.chains.situation import CATEGORIES, CORE, SLIDES_M, feasible_goals
from handeye.envs.tabletop.chains.starts import anywhere, left_by
from handeye.envs.tabletop.chains.tables import PLACEMENT
from handeye.envs.tabletop.tasks import SPLITS, TASKS, Goal, Start, Subgoal, Task, pursuable
from handeye.envs.tabletop.world.presses import Presses
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.state import State

BEFORE = (0.4, 0.3, 0.15, 0.1, 0.05)  # shares of episodes that begin after 0, 1, ... goals
ELSEWHERE = 0.3  # share of the others whose arm is not where the last goal left it


class CoreTasks:
    """The core tasks as those of one episode, for goals that name theirs.

    Args:
        presses: of the episode.
    """

    def __init__(self, presses: Presses) -> None:
        self._tasks = {name: task() for name, task in TASKS.items()}
        for task in self._tasks.values():
            task.presses = presses

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """Named conditions of the goal's own task."""
        return self._tasks[goal.task].conditions(scene, goal, state)


class MixedTask(Task):
    """Goals of one core task on a table that offers those of all.

    Class attributes:
        category: the core task.
    """

    splits: ClassVar[tuple[str, ...]] = (*(s for s in SPLITS if s != "distractors"), PLACEMENT)
    step_budget: ClassVar[dict[str, int]] = {"ee_pose": 24, "ee_delta": 360}
    category: ClassVar[str]
    chain: Chain

    def draw_scene(self, rng: np.random.Generator, split: str) -> tuple[Scene, list[Goal], int]:
        """A table in the midst of a chain, everything that can be asked next, rejected draws.

        Raises:
            SceneSamplingError: no such table was found.
        """
        before = int(rng.choice(len(BEFORE), p=BEFORE))
        self.chain, rejected = sample_chain(rng, split, before + 1, self.category)
        now = self.chain.situations[before]
        goals = [goal for task in CATEGORIES for goal in feasible_goals(now, task)]
        return now.scene, goals, rejected

    def pursuable(self, scene: Scene, goals: list[Any], split: str) -> list[int]:
        """Indices of the goals of this task that an episode of a split may be about."""
        return [i for i in pursuable(scene, goals, split) if goals[i].task == self.category]

    def start(self, rng: np.random.Generator) -> Start:
        """Where the arm is at reset."""
        *_, before, now, _ = (None, *self.chain.situations)
        if before is None or (now.held < 0 and rng.random() < ELSEWHERE):
            return anywhere(rng)
        return left_by(self.chain.goals[-2], before, now, rng)

    def slide_m(self, drawer: int, rng: np.random.Generator) -> float:
        """How far a drawer is open at reset."""
        return SLIDES_M[self.chain.situations[-2].drawers[drawer]]

    def instruction(self, scene: Scene, goal: Goal, split: str, rng: np.random.Generator) -> str:
        """The goal in words."""
        return CORE[goal.task].instruction(scene, goal, split, rng)

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """Named conditions of the goal's own task."""
        return self._core.conditions(scene, goal, state)

    def begin(self, scene: Scene, goals: list[Any]) -> None:
        """A new episode: forget the last one."""
        super().begin(scene, goals)
        self._core = CoreTasks(self.presses)

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """The steps of a scripted solution."""
        return CORE[goal.task].subgoals(goal)


def _doc(category: str) -> str:
    """Return the headed docstring of a core task on mixed tables."""
    return headed(
        f"The task {category.replace('_', ' ')} on a table that offers every core task's goals.",
        Description=(
            "A drawer, a zone, two buttons, a container and four graspable objects, two of them "
            "large enough to build on, stand on the table. Up to four instructions have been "
            "carried out before: things lie in, on and beside others, the drawer is closed, half "
            "open or open, and the arm is where they left it, or anywhere above the table; it may "
            "hold what has been picked up."
        ),
        Instructions=f"Those of `{category}`; here only the verb says what to do.",
        Success=f"That of `{category}`.",
    )


class ChainTask(Task):
    """Five instructions one after the other on one table, each of another core task.

    ## Description
    A drawer, a zone, two buttons, a container and four graspable objects, two of them large enough
    to build on, stand on the table. Nothing is reset between the instructions of a chain; each is
    feasible after those before it, and what has been picked up is asked to be put somewhere next.

    ## Instructions
    Those of the core tasks, one at a time: `TabletopEnv.go_on` gives the next one.

    ## Success
    Of each instruction that of its core task, where what it must not change is judged from its own
    beginning. A chain is solved when all five are.
    """

    chain: Chain
    name = "chain"
    splits = MixedTask.splits
    step_budget = MixedTask.step_budget
    templates = tuple(t for task in CORE.values() for t in task.templates)
    held_out_templates = tuple(t for task in CORE.values() for t in task.held_out_templates)

    def draw_scene(self, rng: np.random.Generator, split: str) -> tuple[Scene, list[Goal], int]:
        """A table, everything that can be asked first, rejected draws.

        Raises:
            SceneSamplingError: no such table was found.
        """
        self.chain, rejected = sample_chain(rng, split)
        self.number = 0
        scene = self.chain.situations[0].scene
        return scene, self._goals(scene), rejected

    def _goals(self, scene: Scene) -> list[Goal]:
        """What is asked, and everything else that could be."""
        asked, now = self.chain.goals[self.number], self.chain.situations[self.number]
        now = replace(now, scene=scene)
        offered = [goal for task in CATEGORIES for goal in feasible_goals(now, task)]
        return [asked, *(goal for goal in offered if goal != asked)]

    def next_goals(self, scene: Scene) -> tuple[list[Goal], int]:
        """What can be asked next on the table as it is now, and the index of what is asked.

        Raises:
            RuntimeError: the chain is at its end.
        """
        if self.number + 1 == len(self.chain.goals):
            raise RuntimeError("the chain is at its end; reset the environment")
        self.number += 1
        return self._goals(scene), 0

    def pursuable(self, scene: Scene, goals: list[Any], split: str) -> list[int]:
        """Index of what the chain asks for."""
        return [0]

    def instruction(self, scene: Scene, goal: Goal, split: str, rng: np.random.Generator) -> str:
        """What is asked now, in words."""
        return CORE[goal.task].instruction(scene, goal, split, rng)

    def conditions(self, scene: Scene, goal: Goal, state: State) -> dict[str, bool]:
        """Named conditions of what is asked now."""
        return self._core.conditions(scene, goal, state)

    def begin(self, scene: Scene, goals: list[Any]) -> None:
        """The next instruction: forget the last one."""
        super().begin(scene, goals)
        self._core = CoreTasks(self.presses)

    def subgoals(self, goal: Goal) -> tuple[Subgoal, ...]:
        """The steps of a scripted solution."""
        return CORE[goal.task].subgoals(goal)

    def slide_m(self, drawer: int, rng: np.random.Generator) -> float:
        """How far a drawer is open at reset."""
        return SLIDES_M[self.chain.situations[0].drawers[drawer]]

    def about(self, goal: Any) -> dict[str, Any]:
        """The core task, and which of how many instructions it is."""
        return {
            "kind": goal.task,
            "feasible": True,
            "subtask": self.number,
            "subtasks": len(self.chain.goals),
        }


MIXED_TASKS: dict[str, type[MixedTask]] = {
    f"mixed_{category}": type(
        f"Mixed{CORE[category].__class__.__name__}",
        (MixedTask,),
        {
            "name": f"mixed_{category}",
            "category": category,
            "templates": CORE[category].templates,
            "held_out_templates": CORE[category].held_out_templates,
            "__doc__": _doc(category),
        },
    )
    for category in CATEGORIES
}
MIXED = Suite(
    "tabletop-mixed",
    1,
    (
        *("mixed_reach", "mixed_pick_up", "mixed_put_in", "mixed_stack"),
        *("mixed_push_to_zone", "mixed_place_beside", "mixed_press_button", "mixed_move_drawer"),
    ),
)
CHAINS = Suite("tabletop-chains", 1, (ChainTask.name,))
CHAIN_TASKS: dict[str, type[Task]] = {**MIXED_TASKS, ChainTask.name: ChainTask}
