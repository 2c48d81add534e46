"""A table at which somebody says a sentence of the corpus, judged by what the sentence asks for."""

from typing import Any

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.core.oracle_action import Claim
from handeye.envs.core.simulated_user import ANY_OBJECT, Unclear
from handeye.envs.people.utterances import Utterance
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.long.allowed import allowed_by
from handeye.envs.tabletop.long.goal import Condition, LongGoal
from handeye.envs.tabletop.long.judging import History, verdicts
from handeye.envs.tabletop.long.oracle import LongOracle
from handeye.envs.tabletop.oracle import Waypoints
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.side_effects import Allowed
from handeye.envs.tabletop.world.state import State

STEPS = {"press": "press", "open": "slide", "closed": "slide"}  # relation -> skill; others "put"
WAYS = {"open": "open", "closed": "close"}


class SpokenTable(TabletopEnv):
    """A tabletop whose scenes are those of a task and whose goal is what somebody said.

    Attributes:
        utterance: of the next episode; its seed and task fix the scene.
    """

    utterance: Utterance

    def sample_episode(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> None:
        """Sample the scene of the task, then put what was said in the place of its goal."""
        super().sample_episode(seed=seed, options=options)
        goal = goal_of(self.utterance, self.scene)
        self.task = SpokenTask(self.task)
        self.goals, self.goal_index, self.goal = [goal], 0, goal

    def words_for(self, goal: int, variant: int = 0) -> str:
        """The sentence."""
        return self.utterance.words


class SpokenTask(Task):
    """What somebody said, on a table of another task; the hand is empty, whatever it was there.

    Args:
        base: whose table it is.
    """

    history: History

    def __init__(self, base: Task) -> None:
        self.base = base
        self.__dict__["name"] = base.name  # of which random numbers are drawn; a class has it else

    def slide_m(self, drawer: int, rng: np.random.Generator) -> float:
        """As in the other task."""
        return self.base.slide_m(drawer, rng)

    def begin(self, scene: Scene, goals: list[Any]) -> None:
        """Forget the last episode."""
        self.base.begin(scene, goals)
        self.history = History(scene, goals)
        self.presses = self.history.buttons

    def watch(self, state: State) -> None:
        """Remember what goals ask about the past."""
        self.history.watch(state)

    def hear(self, answer: str, claim: Claim) -> None:
        """Remember what is said at the end."""
        self.history.answer, self.history.claim = answer, claim

    def conditions(self, scene: Scene, goal: Any, state: State) -> dict[str, bool]:
        """Named conditions, see `judging.verdicts`."""
        return verdicts(goal, scene, state, self.history)

    def subgoals(self, goal: Any) -> tuple[Subgoal, ...]:
        """One solution."""
        return tuple(goal.subgoals)

    def oracle(self, scene: Scene, goal: Any) -> Waypoints:
        """Return the scripted policy for what was said."""
        return LongOracle(scene, goal, self.history)

    def allowed(self, scene: Scene, goal: Any) -> Allowed:
        """What may change."""
        return allowed_by(goal, scene)

    def about(self, goal: Any) -> dict[str, Any]:
        """The kind of utterance, and whether it can be done."""
        return {"kind": goal.kind, "feasible": goal.feasible}

    def unclear(self, goal: Any) -> Unclear | None:
        """What the words leave open."""
        if not goal.clarification:
            return None
        return Unclear(ANY_OBJECT[0], f"the {goal.clarification} one", COLOURS, ())


def goal_of(utterance: Utterance, scene: Scene) -> LongGoal:
    """What an utterance asks for in its scene.

    Raises:
        ValueError: it is about an object that is not there.
    """
    names = [thing.name for thing in scene.objects]

    def index(name: str) -> int:
        """Return the number of an object."""
        if name not in names:
            raise ValueError(f"{utterance.id} is about {name}, which is not on its table")
        return names.index(name)

    wanted, steps = list[Condition](), list[Subgoal]()
    for told in utterance.conditions:
        relation, item = told["relation"], index(told["item"])
        target = index(told["target"]) if "target" in told else -1
        number = told.get("number", 0)
        wanted.append(Condition(relation, item, target, number, lasting=relation != "press"))
        step = Subgoal(STEPS.get(relation, "put"), item, target, WAYS.get(relation, relation))
        steps += [step] * max(number, 1)
    done = utterance.kind in ("cannot", "harmful")
    buttons = [i for i, thing in enumerate(scene.objects) if thing.kind == "button"]
    presses = {b: sum(s.item == b and s.skill == "press" for s in steps) for b in buttons}
    totals = [Condition("presses", b, number=count) for b, count in presses.items()]
    order = tuple((k, k + 1) for k in range(len(wanted) - 1)) if utterance.ordered else ()
    return LongGoal(
        kind=utterance.kind,
        length="short",
        vagueness="ordinary",
        clauses=(),
        ordered=utterance.ordered,
        subgoals=tuple(steps),
        effects=tuple(wanted),
        conditions=(*wanted, *totals),
        order=order,
        answer=utterance.answer,
        infeasible=utterance.kind if done else "",
        clarification=utterance.clarification,
    )
