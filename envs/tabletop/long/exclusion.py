"""Which goals of one table exclude each other: whether what solves one would solve another too.

Steps are done on symbols: where each thing is, how often buttons were pressed, which drawers are
open. A scene offers goals that exclude each other, so that the words decide.
"""

from collections import Counter
from collections.abc import Sequence

from handeye.envs.tabletop.long.goal import SIDES, Condition, Layout, LongGoal
from handeye.envs.tabletop.world.goal import Subgoal


def excludes_all(layout: Layout, goal: LongGoal, others: Sequence[LongGoal]) -> bool:
    """Return whether no solution of a goal serves one of the others, or the other way round.

    Goals that cannot be done are all solved by saying so; they need other words only.
    """
    return not any(
        goal.clauses == other.clauses
        or (
            goal.feasible
            and other.feasible
            and (solves(layout, goal, other) or solves(layout, other, goal))
        )
        for other in others
    )


def solves(layout: Layout, done: LongGoal, asked: LongGoal) -> bool:
    """Return whether who carries out the steps of one feasible goal has reached another."""
    if done.answer != asked.answer or not _touched(done) <= _touched(asked):
        return False
    table = _Table(layout)
    held: set[int] = set()
    first: dict[int, int] = {}
    since: dict[int, int] = {}
    for tick, step in enumerate((None, *done.subgoals)):
        if step is not None:
            table.do(step)
        for number, condition in enumerate(asked.conditions):
            if not table.holds(condition):
                held.discard(number)
            elif number not in held:
                held.add(number)
                since[number] = tick
                first.setdefault(number, tick)
    met = all(k in (held if c.lasting else first) for k, c in enumerate(asked.conditions))
    return met and all(first[i] <= since[j] for i, j in asked.order)


def _touched(goal: LongGoal) -> set[int]:
    """Things that a goal's steps move or slide; presses are counted by its conditions."""
    return {step.item for step in goal.subgoals if step.skill in ("put", "push", "slide")}


class _Table:
    """What is where, after steps.

    Attributes:
        place: thing -> (relation, target) where it is in, on or beside something.
    """

    def __init__(self, layout: Layout) -> None:
        self.place = {s.item: (str(s.relation), s.target) for s in layout.starts if s.target >= 0}
        self._open = {s.item for s in layout.starts if s.relation == "open"}
        self._presses: Counter[int] = Counter()

    def do(self, step: Subgoal) -> None:
        """Do one step."""
        if step.skill in ("put", "push"):
            self.place[step.item] = (step.relation, step.target)
        elif step.skill == "press":
            self._presses[step.item] += 1
        elif step.skill == "slide" and step.relation == "open":
            self._open.add(step.item)
        elif step.skill == "slide":
            self._open.discard(step.item)

    def holds(self, condition: Condition) -> bool:
        """Return whether a condition holds now."""
        place = self.place.get(condition.item)
        match condition.relation:
            case "outside":
                return place != ("inside", condition.target)
            case "off_zone":
                return place != ("in_zone", condition.target)
            case "tower":
                return self._is_tower(condition.among)
            case "count_inside":
                inside = ("inside", condition.target)
                found = sum(self.place.get(i) == inside for i in condition.among)
                return found == condition.number
            case "press":
                return self._presses[condition.item] >= condition.number
            case "presses":
                return self._presses[condition.item] == condition.number
            case "open":
                return condition.item in self._open
            case "closed":
                return condition.item not in self._open
        assert condition.relation in ("inside", "on", "in_zone", *SIDES)
        return place == (condition.relation, condition.target)

    def _is_tower(self, among: Sequence[int]) -> bool:
        """Return whether all of them but one stand on another one each."""
        below = [
            target
            for item in among
            for relation, target in [self.place.get(item, ("", -1))]
            if relation == "on" and target in among
        ]
        return len(below) == len(set(below)) == len(among) - 1
