"""Evaluate a long goal's conditions over an episode, keeping which ones have held so far."""

import itertools
import re
from collections.abc import Callable
from typing import Literal

from handeye.envs.base.colours import COLOURS
from handeye.envs.core.oracle_action import Claim
from handeye.envs.tabletop.long.goal import SIDES, Condition, LongGoal
from handeye.envs.tabletop.long.words import NUMBERS, PLURALS
from handeye.envs.tabletop.world import predicates
from handeye.envs.tabletop.world.presses import Presses
from handeye.envs.tabletop.world.scene import FIRST_OBJECT_BODY, Scene
from handeye.envs.tabletop.world.state import State


class History:
    """Record what has happened in one episode, as far as long goals ask for it.

    Args:
        scene: where.
        goals: whose conditions are watched.

    Attributes:
        buttons: watches the presses.
        presses: button -> ticks at which it went down.
        first: condition -> tick at which it held first.
        since: condition -> tick at which it came to hold last.
        answer: what was said at the end.
        claim: what was claimed at the end; "" before it.
    """

    def __init__(self, scene: Scene, goals: list[LongGoal]) -> None:
        self._scene = scene
        self._watched = {c for g in goals for c in (*g.conditions, *g.effects) if c is not None}
        self._held: set[Condition] = set()
        self.buttons = Presses(scene)
        self.presses = self.buttons.ticks
        self.first: dict[Condition, int] = {}
        self.since: dict[Condition, int] = {}
        self.answer = ""
        self.claim: Claim | Literal[""] = ""

    def watch(self, state: State) -> None:
        """Take in the next state."""
        self.buttons.watch(state)
        for condition in self._watched:
            if not holds(condition, self._scene, state, self):
                self._held.discard(condition)
            elif condition not in self._held:
                self._held.add(condition)
                self.since[condition] = state.tick
                self.first.setdefault(condition, state.tick)

    def achieved(self, condition: Condition) -> bool:
        """Return whether it holds in the last state, or has held if that is enough."""
        return condition in (self._held if condition.lasting else self.first)


def holds(condition: Condition, scene: Scene, state: State, history: History) -> bool:
    """Return whether a condition holds in a state."""
    item, target = condition.item, condition.target
    match condition.relation:
        case "inside":
            return _is_in(scene, state, item, target)
        case "outside":
            return not _is_in(scene, state, item, target)
        case "on":
            return predicates.is_on(scene, state, item, target)
        case "in_zone":
            return predicates.is_in_zone(scene, state, item, target)
        case "off_zone":
            return not predicates.is_over(scene, state, item, target)
        case "tower":
            return _is_tower(scene, state, condition.among)
        case "count_inside":
            found = sum(_is_in(scene, state, i, target) for i in condition.among)
            return found == condition.number
        case "press":
            return len(history.presses[item]) >= condition.number
        case "presses":
            return len(history.presses[item]) == condition.number
        case "open":
            return predicates.is_open(scene, state, item)
        case "closed":
            return predicates.is_closed(scene, state, item)
    assert condition.relation in SIDES
    return predicates.is_beside(scene, state, item, target, condition.relation)


def verdicts(goal: LongGoal, scene: Scene, state: State, history: History) -> dict[str, bool]:
    """Return the named conditions of a goal; it is reached when all hold.

    Beside the goal's own: "declined" (of an infeasible goal: that was claimed, and it is all),
    "order", "released" (nothing that can be moved is in the hand) and "answer".
    """
    if not goal.feasible:
        return {"declined": history.claim == "cannot"}
    found = {str(c): history.achieved(c) for c in goal.conditions}
    if goal.order:
        found["order"] = all(
            _in_order(goal.conditions[i], goal.conditions[j], history) for i, j in goal.order
        )
    if any(step.skill in ("put", "push", "slide") for step in goal.subgoals):
        found["released"] = not _holds_something(scene, state)
    if goal.answer:
        found["answer"] = is_answer(history.answer, goal.answer)
    return found


def is_answer(said: str, right: str) -> bool:
    """Return whether the words give the right answer and no other one of its sort.

    Numbers may be digits or words, shapes one or many: "3 stars", "there are three", "the star".
    Where the right answer is of no known sort, all its words have to be said.
    """
    spoken = {_plain(word) for word in re.findall(r"[^\W\d_]+|\d+", said.lower())}
    wanted = {_plain(word) for word in re.findall(r"[^\W\d_]+|\d+", right.lower())}
    sort = next((of_sort for of_sort in _SORTS if all(map(of_sort, wanted))), None)
    if not wanted or sort is None:
        return bool(wanted) and wanted <= spoken
    return {word for word in spoken if sort(word)} == wanted


def _plain(word: str) -> str:
    if word.isdecimal():
        number = int(word)
        return _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return _ONE_OF.get(word, word)


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in _NUMBERS


_NUMBERS = (*NUMBERS, "ten", "eleven", "twelve")
_ONE_OF = {plural: kind for kind, plural in PLURALS.items()} | {"zero": NUMBERS[0], "none": "no"}
_SORTS: tuple[Callable[[str], bool], ...] = (_is_number, PLURALS.__contains__, COLOURS.__contains__)


def _holds_something(scene: Scene, state: State) -> bool:
    """Return whether what can be moved is in the hand; closed fingers rest on a button at times."""
    held = state.held_body - FIRST_OBJECT_BODY
    return held >= 0 and scene.objects[held].kind != "button"


def _in_order(earlier: Condition, later: Condition, history: History) -> bool:
    """Return whether one condition came about before the other did for the last time."""
    if earlier not in history.first or later not in history.since:
        return False
    return history.first[earlier] <= history.since[later]


def _is_in(scene: Scene, state: State, item: int, container: int) -> bool:
    if scene.objects[container].kind == "drawer":
        return predicates.is_stowed(scene, state, item, container)
    return predicates.is_inside(scene, state, item, container)


def _is_tower(scene: Scene, state: State, among: tuple[int, ...]) -> bool:
    """Return whether all of them stand on one another, one at the bottom."""
    heights = sorted(among, key=lambda i: float(predicates.position(scene, state, i)[2]))
    return all(
        predicates.is_on(scene, state, upper, lower) for lower, upper in itertools.pairwise(heights)
    )
