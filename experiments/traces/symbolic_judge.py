"""Judges episodes on tables of paper as the environments do: the claim that is true at the end."""

import itertools
from collections.abc import Sequence

import numpy as np

from handeye.envs.tabletop.long import LongGoal
from handeye.envs.tabletop.long.goal import SIDES, Condition
from handeye.envs.tabletop.long.judging import is_answer
from handeye.envs.tabletop.world import predicates, shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.side_effects import MOVED_M, SLID_M
from handeye.experiments.traces.symbolic_tabletop import SymbolicTabletop
from handeye.policies.policy import Claim

HANDLING = ("grasp", "place", "put", "push")
OPEN_SHARE, CLOSED_SHARE = 0.75, 0.25  # of a drawer's travel
BESIDE_M = (0.04, predicates.BESIDE_M)


class SymbolicJudge:
    """Watches one episode, call after call.

    Args:
        table: as it was laid, before anything is done.
        subgoals: one solution.
        goal: of `tabletop-long`; None: the subgoals are those of a core task, the last counts.
    """

    def __init__(
        self, table: SymbolicTabletop, subgoals: Sequence[Subgoal], goal: LongGoal | None
    ) -> None:
        self._table, self._subgoals, self._goal = table, list(subgoals), goal
        self._start = table.places()
        self._slides = [thing.slide_m for thing in table.things]
        self._first: dict[Condition, int] = {}
        self._since: dict[Condition, int] = {}
        self._calls = 0
        self.watch()

    def watch(self) -> None:
        """Look at the table after a call."""
        self._calls += 1
        for condition in self._goal.conditions if self._goal else ():
            if not self._holds(condition):
                self._since.pop(condition, None)
            elif condition not in self._since:
                self._since[condition] = self._calls
                self._first.setdefault(condition, self._calls)

    def true_claim(self, answer: str) -> Claim:
        """Return what is true to claim now, with this answer."""
        if self._goal is not None and not self._goal.feasible:
            return "cannot"
        return "success" if self._reached(answer) and not self.side_effects() else "failure"

    def side_effects(self) -> list[int]:
        """Return the things that have changed though the goal does not ask for it."""
        things = self._table.things
        groups = {i for c in self._goal.conditions for i in c.among} if self._goal else set()
        moves = groups | {s.item for s in self._subgoals if s.skill in HANDLING}
        pressed = [s.item for s in self._subgoals if s.skill == "press"]
        slides = {s.item for s in self._subgoals if s.skill == "slide"}
        changed = []
        for i, thing in enumerate(things):
            if thing.spec.kind == "drawer":
                too_far = abs(thing.slide_m - self._slides[i]) > SLID_M and i not in slides
            elif thing.spec.kind == "button":
                too_far = thing.presses > pressed.count(i)
            else:
                far = float(np.hypot(*(thing.xy - self._start[i]))) > MOVED_M
                too_far = far and i not in moves and thing.inside < 0
            changed += [i] if too_far else []
        return changed

    def _reached(self, answer: str) -> bool:
        goal, table = self._goal, self._table
        if goal is None:
            return all(self._done(step) for step in self._subgoals[-1:])
        if any(s.skill in ("put", "push", "slide") for s in self._subgoals) and table.held >= 0:
            return False
        achieved = (c in (self._since if c.lasting else self._first) for c in goal.conditions)
        ordered = (self._in_order(goal.conditions[i], goal.conditions[j]) for i, j in goal.order)
        return all((*achieved, *ordered)) and (not goal.answer or is_answer(answer, goal.answer))

    def _in_order(self, earlier: Condition, later: Condition) -> bool:
        known = earlier in self._first and later in self._since
        return known and self._first[earlier] <= self._since[later]

    def _done(self, step: Subgoal) -> bool:
        """Whether the last step of a core task has had its effect."""
        table, thing = self._table, self._table.things[step.item]
        match step.skill:
            case "grasp":
                return table.held == step.item
            case "press":
                return thing.presses > 0
            case "slide":
                return self._slid(step.item, step.relation)
            case "reach":
                return bool(np.hypot(*(table.tcp_m[:2] - thing.xy)) < predicates.REACH_M)
        relation = "in_zone" if step.skill == "push" else step.relation
        return table.held < 0 and self._related(step.item, relation, step.target)

    def _holds(self, condition: Condition) -> bool:
        item, target, things = condition.item, condition.target, self._table.things
        match condition.relation:
            case "outside":
                return things[item].inside != target
            case "off_zone":
                gap = np.abs(things[item].xy - things[target].xy)
                return not (gap < shapes.ZONE_HALF_WIDTH_M).all()
            case "tower":
                parts = sorted(condition.among, key=lambda i: things[i].bottom_m)
                return all(things[up].on == low for low, up in itertools.pairwise(parts))
            case "count_inside":
                return sum(things[i].inside == target for i in condition.among) == condition.number
            case "press":
                return things[item].presses >= condition.number
            case "presses":
                return things[item].presses == condition.number
            case "open" | "closed":
                return self._slid(item, condition.relation)
        return self._related(item, condition.relation, target)

    def _related(self, item: int, relation: str, target: int) -> bool:
        """Whether a thing that was let go is where it belongs."""
        thing, base = self._table.things[item], self._table.things[target]
        if item == self._table.held:
            return False
        if relation == "inside":
            return thing.inside == target
        if relation == "in_zone" or (relation == "on" and base.spec.kind == "zone"):
            return self._table.stands_in(item, target)
        if relation == "on":
            return thing.on == target or thing.inside == target
        assert relation in SIDES
        gap = thing.xy - base.xy
        along = float(gap @ predicates.DIRECTIONS[relation])
        across = float(np.abs(gap - along * predicates.DIRECTIONS[relation]).max())
        return BESIDE_M[0] < along < BESIDE_M[1] and across < along

    def _slid(self, drawer: int, relation: str) -> bool:
        share = self._table.things[drawer].slide_m / shapes.DRAWER.travel_m
        return share > OPEN_SHARE if relation == "open" else share < CLOSED_SHARE
