"""Families of long instructions as tasks: each draws one of its kinds."""

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

import numpy as np

from handeye.base.names import look_up
from handeye.envs.base.colours import COLOURS
from handeye.envs.core.documentation import headed
from handeye.envs.core.oracle_action import Claim
from handeye.envs.core.registry import KIND_SPLIT, Suite
from handeye.envs.core.simulated_user import Unclear
from handeye.envs.core.task import SceneSamplingError
from handeye.envs.tabletop.long.allowed import allowed_by
from handeye.envs.tabletop.long.casting import Unfit
from handeye.envs.tabletop.long.exclusion import excludes_all
from handeye.envs.tabletop.long.goal import STEPS, Length, LongGoal, Vagueness, vaguenesses_in
from handeye.envs.tabletop.long.judging import History, verdicts
from handeye.envs.tabletop.long.oracle import LongOracle
from handeye.envs.tabletop.long.phrasing import instruction
from handeye.envs.tabletop.long.registry import FAMILIES, KINDS, kinds_in
from handeye.envs.tabletop.long.sampling import draw_goal, write_goal
from handeye.envs.tabletop.long.scene_layout import can_be_done, lay, layout_of
from handeye.envs.tabletop.long.words import wording_of
from handeye.envs.tabletop.oracle import Waypoints
from handeye.envs.tabletop.tasks.task import SPLITS, Task
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.side_effects import Allowed
from handeye.envs.tabletop.world.state import State

GOALS = 4  # of a scene; they exclude each other
OWN_TRIES, FAMILY_TRIES = 24, 48  # at another goal of the same kind, then of any of the family
TRIES_A_KIND = 50  # at a scene, before another kind is tried
LONG_SCENE_TRIES = 400
GIVEN_TRIES = 200
LAYINGS = 10
OPEN_M = 0.95 * shapes.DRAWER.travel_m


class LongTask(Task):
    """A family of long instructions. It remembers what happens in its one episode.

    Attributes:
        history: of the episode.
    """

    splits: ClassVar[tuple[str, ...]] = (*SPLITS, KIND_SPLIT)
    history: History

    def __init__(self) -> None:
        self.wish()

    def take_wishes(self, wishes: Mapping[str, Any]) -> None:
        """Take what the next scene and goal must be like, see `wish`."""
        self.wish(**wishes)

    def wish(
        self,
        *,
        kind: str | None = None,
        length: Length | None = None,
        vagueness: Vagueness | None = None,
        scene: Scene | Mapping[str, Any] | None = None,
    ) -> None:
        """Say what the next scene and goal must be like; what is not said is free.

        Raises:
            UnknownName: the family has no such kind.
            ValueError: the scene is not valid.
        """
        names = tuple(k.name for k in FAMILIES[self.name])
        if kind is not None:
            look_up(f"kind of {self.name!r}", kind, dict.fromkeys(names))
        self._wished = kind
        self._length, self._vagueness = length, vagueness
        self._given = Scene.from_dict(dict(scene)) if isinstance(scene, Mapping) else scene

    def draw_scene(self, rng: np.random.Generator, split: str) -> tuple[Scene, list[Any], int]:
        """A scene, its `GOALS` goals (all of one family and length), and how many were rejected.

        Raises:
            Unfit: what was wished cannot be.
            SceneSamplingError: no solvable scene in `LONG_SCENE_TRIES` draws.
        """
        names = tuple(kind.name for kind in FAMILIES[self.name])
        self._names = kinds_in(split, names) if self._wished is None else (self._wished,)
        if self._given is not None:
            self._layout = layout_of(self._given)
            return self._given, self._goals_in(self._given, rng, split), 0
        kinds: tuple[str, ...] = ()
        for rejected in range(LONG_SCENE_TRIES):
            if rejected % TRIES_A_KIND == 0:
                kinds = self._names
            self._layout, goal = draw_goal(
                rng, kinds=kinds, length=self._length, vagueness=self._vagueness, split=split
            )
            kinds = (goal.kind,)
            scene = self._laid(goal, rng)
            if scene is None:
                continue
            goals = [goal, *self._others(scene, goal, rng, split)]
            if len(goals) == GOALS:
                return scene, goals, rejected
        raise SceneSamplingError(f"no solvable scene for {self.name!r} in {LONG_SCENE_TRIES} draws")

    def pursuable(self, scene: Scene, goals: list[Any], split: str) -> list[int]:
        """Return the indices of the goals of the kinds that were wished."""
        allowed = super().pursuable(scene, goals, split)
        return [i for i in allowed if goals[i].kind in self._names]

    def outcome(self, goal: Any) -> Hashable:
        """Return the goal; all that cannot be done come to the same claim."""
        return goal if goal.feasible else "cannot"

    def _laid(self, goal: LongGoal, rng: np.random.Generator) -> Scene | None:
        """The layout with places in which the goal can be done, if some are found."""
        for _ in range(LAYINGS):
            try:
                scene = lay(self._layout, rng)
            except SceneSamplingError:
                return None
            if can_be_done(scene, goal):
                return scene
        return None

    def _others(
        self, scene: Scene, goal: LongGoal, rng: np.random.Generator, split: str
    ) -> list[LongGoal]:
        """Further goals of the same family and length in a scene, so that the words decide.

        What solves one of them solves no other one. Of a family that comes both ways, half can be
        done. Kinds that training never shows come only where they are asked for.
        """
        found = [goal]
        count = len(goal.subgoals) or max(STEPS[goal.length])
        names = tuple(kind.name for kind in FAMILIES[self.name])
        free = split == KIND_SPLIT or self._wished is not None
        shown = names if free else kinds_in(split, names)
        family = [name for name in shown if KINDS[name].least <= count]
        for number in range(OWN_TRIES + FAMILY_TRIES):
            kind = goal.kind if number < OWN_TRIES else family[int(rng.integers(len(family)))]
            feasible = 2 * sum(g.feasible for g in found) < len(found)
            other = self._written(kind, count, goal.vagueness, rng, split, feasible)
            if (
                isinstance(other, LongGoal)
                and excludes_all(self._layout, other, found)
                and can_be_done(scene, other)
            ):
                found.append(other)
            if len(found) == GOALS:
                break
        return found[1:]

    def _goals_in(self, scene: Scene, rng: np.random.Generator, split: str) -> list[LongGoal]:
        """Goals in a given scene, all of one family and length."""
        ways = vaguenesses_in(split)
        cause = "what is pushed or put beside something has no room"
        for _ in range(GIVEN_TRIES):
            kind = KINDS[self._names[int(rng.integers(len(self._names)))]]
            lengths = [self._length] if self._length else list(STEPS)
            count = int(rng.choice([n for length in lengths for n in STEPS[length]]))
            told = self._vagueness or ways[int(rng.integers(len(ways)))]
            goal = self._written(kind.name, count, told, rng, split)
            if isinstance(goal, Unfit):
                cause = str(goal)
            elif can_be_done(scene, goal):
                return [goal, *self._others(scene, goal, rng, split)]
        raise Unfit(
            f"the given scene allows no goal of {' or '.join(self._names)} ({cause}); give it the "
            "things that such a goal is about, or ask for another kind"
        )

    def _written(
        self,
        kind: str,
        count: int,
        told: Vagueness,
        rng: np.random.Generator,
        split: str,
        feasible: bool | None = None,
    ) -> LongGoal | Unfit:
        """A goal about what is on the table, or why there is none."""
        try:
            return write_goal(KINDS[kind], rng, split, count, told, self._layout, feasible)[1]
        except Unfit as unfit:
            return unfit

    def instruction(self, scene: Scene, goal: Any, split: str, rng: np.random.Generator) -> str:
        """The goal in words."""
        return instruction(goal, self._layout.things, rng, wording_of(split))

    def conditions(self, scene: Scene, goal: Any, state: State) -> dict[str, bool]:
        """Named conditions, see `judging.verdicts`."""
        return verdicts(goal, scene, state, self.history)

    def subgoals(self, goal: Any) -> tuple[Subgoal, ...]:
        """One solution, see `LongGoal`."""
        return tuple(goal.subgoals)

    def slide_m(self, drawer: int, rng: np.random.Generator) -> float:
        """Open or closed, as the scene is laid out."""
        start = self._layout.start_of(drawer)
        return OPEN_M if start is not None and start.relation == "open" else 0.0

    def max_steps(self, goal: Any, action_mode: str) -> int:
        """Return the usual budget for each subgoal that instructions of this length may have."""
        return self.step_budget[action_mode] * max(STEPS[goal.length])

    def allowed(self, scene: Scene, goal: Any) -> Allowed:
        """What a long goal lets change, see `allowed_by`."""
        return allowed_by(goal, scene)

    def oracle(self, scene: Scene, goal: Any) -> Waypoints:
        """Return the scripted policy for a long goal; it follows the episode's history."""
        return LongOracle(scene, goal, self.history)

    def about(self, goal: Any) -> dict[str, Any]:
        """Kind, length, vagueness, and whether it can be done."""
        return {
            "kind": goal.kind,
            "length": goal.length,
            "vagueness": goal.vagueness,
            "feasible": goal.feasible,
        }

    def unclear(self, goal: Any) -> Unclear | None:
        """What is not said of one of the objects, where the words fit several."""
        return left_open_by(goal)

    def begin(self, scene: Scene, goals: list[Any]) -> None:
        """Forget the last episode."""
        self.history = History(scene, goals)
        self.presses = self.history.buttons

    def watch(self, state: State) -> None:
        """Remember what goals ask about the past."""
        self.history.watch(state)

    def hear(self, answer: str, claim: Claim) -> None:
        """Remember what is said at the end."""
        self.history.answer, self.history.claim = answer, claim


def left_open_by(goal: LongGoal) -> Unclear | None:
    """What the words of a goal do not say of one of the objects, where they fit several."""
    if not goal.clarification:
        return None
    phrases = (slot for clause in goal.clauses for slot in clause.slots)
    said = next(slot for slot in phrases if isinstance(slot, str) and slot.startswith("the "))
    values = COLOURS if goal.clarification.endswith(" one") else shapes.KINDS
    return Unclear(said.split()[-1], goal.clarification, values, shapes.KINDS)


SUMMARIES = {  # of each family: what is so when it is done
    "sort": "groups of things are where they belong, and nothing else is",
    "build": "towers and rows stand as told, or things have changed places",
    "drawers": "things are stowed in drawers or fetched from them, and the drawers are as told",
    "buttons": "buttons have been pressed as often and in the order told, no other ones",
    "sequence": "steps of several sorts have been done in the order told",
    "decide": "what the words ask for in the case that is so, has been done, not the other thing",
    "count": "so many things are moved, presses made or told as a count of things says",
    "sense": "what is named by its use, or by what sets it apart, is where it should be",
    "unclear": "what the user meant is done; the words fit several things, asking tells which",
    "impossible": "it has been done, or claimed that it cannot be where that is so: half the time",
}


def _doc(family: str, success: str) -> str:
    """Return the headed docstring of a family."""
    kinds = "\n".join(f"- `{kind.name}`: {kind.summary}" for kind in FAMILIES[family])
    return headed(
        f"{success.capitalize()}.",
        Description=(
            "A table is laid for an instruction of several steps, of one of these kinds:\n" + kinds
        ),
        Instructions=(
            "Clauses joined by words that demand an order or leave it free. Their length is short "
            "(2 steps), medium (3 or 4) or long (5 or 6), their wording specific, ordinary or "
            "vague; reset options choose among them."
        ),
        Success=(
            f"At the end {success}. What is asked for has to hold together and, where the words "
            "demand it, to have come about in their order; the hand holds nothing."
        ),
    )


LONG_TASKS: dict[str, type[LongTask]] = {
    name: type(name, (LongTask,), {"name": name, "__doc__": _doc(name, said)})
    for name, said in SUMMARIES.items()
}
LONG = Suite(
    "tabletop-long",
    2,
    (
        *("sort", "build", "drawers", "buttons", "sequence"),
        *("decide", "count", "sense", "unclear", "impossible"),
    ),
)
