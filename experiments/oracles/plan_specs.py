"""Specifications that the oracle planner follows, made from the goals of the suites."""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.long import Clause, LongGoal
from handeye.envs.tabletop.tasks.task import Task
from handeye.envs.tabletop.world.goal import Goal, Subgoal
from handeye.envs.tabletop.world.language import KIND_WORDS
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, SceneObject
from handeye.experiments.labels.scene_facts import Facts, VisibleObject, sides
from handeye.experiments.labels.scene_nouns import fitting, read_noun
from handeye.experiments.oracles.oracle_planner import Inquiry, PlanSpec, names_in

Resolve = Callable[[str], list[int]]
COUNTED: dict[str, tuple[int, ...]] = {  # clause -> slots that hold plurals to be counted
    "more": (0, 1), "which_more": (0, 1), "how_many": (0,), "as_many": (2,), "press_as_many": (1,),
    "number_in": (1,),
}  # fmt: skip

STEPS: dict[str, tuple[str, str]] = {  # clause -> skill and relation
    "put_in": ("put", "inside"), "stow": ("put", "inside"), "put_on": ("put", "on"),
    "put_zone": ("put", "in_zone"), "push": ("push", "in_zone"), "press": ("press", ""),
    "open": ("slide", "open"), "close": ("slide", "close"),
}  # fmt: skip
# Clause -> slot of the drawer that hides something.
HIDDEN = {"what_inside": 1, "fetch_any": 0, "fetch": 1}


def core_plan_spec(
    task: Task, goal: Goal, things: Sequence[SceneObject], instruction: str, resolve: Resolve
) -> PlanSpec:
    """Return the specification of an episode of `tabletop-core`."""
    return PlanSpec(instruction, things, task.subgoals(goal), resolve)


def long_plan_spec(
    goal: LongGoal, things: Sequence[SceneObject], instruction: str, resolve: Resolve
) -> PlanSpec:
    """Return the specification of an episode of `tabletop-long`.

    Where several objects would do, the first in view comes first.
    """
    said = list(_all_clauses(goal.clauses))
    unclear = None
    if goal.clarification:
        unclear = _unclear(goal, said, things)
    absent = _absent(goal) if not goal.feasible else ""
    told = _told(instruction, things)
    return PlanSpec(
        instruction,
        things,
        _in_vain(goal) if absent else _in_view_order(goal, said, told),
        resolve,
        tuple(_inquiries(said)),
        goal.answer,
        goal.infeasible,
        absent,
        unclear,
    )


def _absent(goal: LongGoal) -> str:
    """Words for what one clause is about and is not there; "" if that is not what is wrong."""
    if not all(clause.name in STEPS for clause in goal.clauses):
        return ""
    words = [slot for clause in goal.clauses for slot in clause.slots if isinstance(slot, str)]
    return words[0].removeprefix("the ") if words else ""


def _in_vain(goal: LongGoal) -> list[Subgoal]:
    """The clauses one by one as steps; what is not there has the index -1."""
    steps = []
    for clause in goal.clauses:
        (skill, relation), slots = STEPS[clause.name], clause.slots
        item, target = [slot if isinstance(slot, int) else -1 for slot in (*slots, -1)][:2]
        steps.append(Subgoal(skill, item, target, relation))
    return steps


def _all_clauses(clauses: Sequence[Clause]) -> Iterator[Clause]:
    for clause in clauses:
        yield clause
        yield from _all_clauses([slot for slot in clause.slots if isinstance(slot, Clause)])


def _unclear(
    goal: LongGoal, said: Sequence[Clause], things: Sequence[SceneObject]
) -> tuple[int, str]:
    """The thing that is acted on but described by words that fit several, and those words."""
    acted = [i for s in goal.subgoals for i in (s.item, s.target) if i >= 0]
    described = {i for clause in said for i in clause.objects()}
    acted.sort(key=lambda i: i in described)
    told = [str(s).removeprefix("the ") for c in said for s in c.slots if str(s).startswith("the ")]
    return next(
        (i, words)
        for words in told
        for i in acted
        if words.split()[-1] in KIND_WORDS[things[i].kind] or words.split()[0] == things[i].colour
    )


def _told(instruction: str, things: Sequence[SceneObject]) -> set[int]:
    """The things that an instruction names alone, whether they can be seen now or not."""
    facts = standing_facts(things, np.zeros((len(things), 2)))
    nouns = [noun for phrase in names_in(instruction) if (noun := read_noun(phrase))]
    found = [np.flatnonzero(fitting(noun, facts)).tolist() for noun in nouns if not noun.relation]
    return {alike[0] for alike in found if len(alike) == 1}


def _in_view_order(goal: LongGoal, said: Sequence[Clause], told: Set[int]) -> list[Subgoal]:
    """The subgoals, those about things that no words single out in the order of `detect`.

    With a look into a drawer that hides what the instruction does not name, `told` being what it
    does name.
    """
    named = {i for clause in said for i in clause.objects()}
    subgoals = list(goal.subgoals)
    for condition in goal.conditions:
        if condition.relation == "count_inside":
            chosen = iter(condition.among)
            subgoals = [
                replace(s, item=next(chosen))
                if s.item in condition.among and s.target == condition.target
                else s
                for s in subgoals
            ]
        if condition.relation == "tower" and not named.issuperset(condition.among):
            parts = condition.among
            for k, s in enumerate(subgoals[: len(parts) - 1]):
                subgoals[k] = replace(s, item=parts[k + 1], target=parts[k])
            return subgoals
    begin = 0
    while begin < len(subgoals):
        end = begin + 1
        while end < len(subgoals) and _alike(subgoals[begin], subgoals[end], named):
            end += 1
        subgoals[begin:end] = sorted(subgoals[begin:end], key=lambda s: s.item)
        begin = end
    for clause in said:
        if clause.name in HIDDEN and not (clause.name == "fetch" and clause.slots[0] in told):
            drawer = clause.slots[HIDDEN[clause.name]]
            opening = next(
                k for k, s in enumerate(subgoals) if (s.item, s.relation) == (drawer, "open")
            )
            subgoals.insert(opening + 1, Subgoal("look", -1))
    return subgoals


def _alike(first: Subgoal, other: Subgoal, named: set[int]) -> bool:
    """Whether neither is singled out by words and both are of one group."""
    unnamed = first.item not in named and other.item not in named
    one_place = first.target == other.target or other.target not in named
    return unnamed and first.skill == other.skill and one_place and first.item != other.item


def _inquiries(said: Sequence[Clause]) -> Iterator[Inquiry]:
    """What has to be counted."""
    for clause in said:
        if clause.name == "there_is":
            yield Inquiry("count", {"words": str(clause.slots[0]).split(" ", 1)[1]})
        for k in COUNTED.get(clause.name, ()):
            yield Inquiry("count", {"words": str(clause.slots[k]).removeprefix("the ")})


def plan_spec_of(env: TabletopEnv, goal_index: int | None = None) -> Callable[[str], PlanSpec]:
    """Return what makes the specification of a tabletop's present episode.

    Args:
        env: the environment.
        goal_index: of another goal of the scene than the episode's own.
    """

    def specify(instruction: str) -> PlanSpec:
        """Return what the instruction asks for, in the scene of the episode."""
        things = env.scene.objects
        goal = env.goal if goal_index is None else env.goals[goal_index]

        def resolve(words: str) -> list[int]:
            """Return the indices of the objects that the words fit."""
            noun = read_noun(words)
            places = env.state.body_poses[FIRST_OBJECT_BODY:, :2]
            facts = standing_facts(things, places)
            return np.flatnonzero(fitting(noun, facts)).tolist() if noun else []

        if isinstance(goal, LongGoal):
            return long_plan_spec(goal, things, instruction, resolve)
        return core_plan_spec(env.task, goal, things, instruction, resolve)

    return specify


def standing_facts(things: Sequence[SceneObject], places: NDArray[np.float64]) -> Facts:
    """What the things are and on which side of each other they stand; places (N, 2), m."""
    count = len(things)
    facts = tuple(VisibleObject(thing.kind, thing.colour, thing.size) for thing in things)
    extents = np.array([thing.radius_m for thing in things])
    masks = np.zeros((count, 1, 1), np.bool_)
    related = sides(places, np.zeros(count, np.bool_))
    return Facts(facts, related, extents, places[:, 1], -places[:, 0], masks)
