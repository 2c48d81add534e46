"""A planner that knows the goal: teacher of `handeye-planner`, and the oracle of planning.

LABELLED AN ORACLE: it is told the true subgoals and what each thing is. It names things as the
instruction does where that fits one alone, else in the fewest words that do; it looks before it
acts, finds out by calls what the words leave open, checks placements, and tries again.
"""

import re
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.success_detector import SIDES
from handeye.agents.core.tools import ToolResult
from handeye.agents.sight.perception import names_captioned
from handeye.envs.base.colours import COLOURS
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.language import KIND_WORDS, RELATION_WORDS, SIZE_WORDS
from handeye.envs.tabletop.world.predicates import DIRECTIONS
from handeye.envs.tabletop.world.scene import SceneObject

TRIES = 4  # of one subgoal
FED_BACK = ("check", "verify", "ask_user")  # calls that a rule may have made instead
NOTHING_NEW = ToolResult.failed("nothing in view is new", "not_seen")
"""What a look tells after a drawer was opened that should hold something."""
DONE_ALREADY = ToolResult(True, "")
CallGenerator = Generator[ToolCall | Done, ToolResult, None]


def _either(words: Sequence[str]) -> str:
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


NOUN = _either([word for words in KIND_WORDS.values() for word in words] + ["object", "thing"])
SIZE = _either([word for words in SIZE_WORDS.values() for word in words])
COLOUR = _either(list(COLOURS))
SIDE = _either([word for side in DIRECTIONS for word in RELATION_WORDS[side]])
PLAIN = f"(?:{SIZE} )?(?:{COLOUR} )?{NOUN}(?![\\w-])"
# Each noun phrase, and for one that is told by its place also without that; they may overlap.
PHRASE = re.compile(rf"\b(?:the|an?) (?=({PLAIN}(?: {SIDE} the {PLAIN})?))(?=({PLAIN}))")


@dataclass(frozen=True)
class Inquiry:
    """A call to find something out before anything is done."""

    tool: str
    arguments: dict[str, str]


@dataclass(frozen=True)
class PlanSpec:
    """What the expert is told.

    Attributes:
        instruction: in words.
        things: on the table.
        subgoals: one solution: "put", "grasp", "place", "push", "press", "slide", "reach", "say",
            "look" (again).
        resolve: indices of the things that a noun phrase fits now.
        inquiries: what to find out first.
        answer: what to say at the end.
        infeasible: why it cannot be done; "" if it can.
        absent: words for what is not there, which is why; subgoals are then what one sets out to
            do who has not noticed, -1 being the index of what is absent.
        unclear: index of the ambiguous object, and the ambiguous phrase.
    """

    instruction: str
    things: Sequence[SceneObject]
    subgoals: Sequence[Subgoal]
    resolve: Callable[[str], list[int]]
    inquiries: Sequence[Inquiry] = ()
    answer: str = ""
    infeasible: str = ""
    absent: str = ""
    unclear: tuple[int, str] | None = None


class OraclePlanner:
    """Follows the subgoals of a specification.

    Args:
        specify: makes the specification when an instruction starts, from its words.

    Attributes:
        intended: steps, as calls in words, that will be given up on the way; none else.
    """

    planner_id = "expert (oracle)"
    usage = Usage()

    def __init__(self, specify: Callable[[str], PlanSpec]) -> None:
        self._specify = specify

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Read the goal."""
        follow = _Follow(self._specify(instruction))
        self._script, self.intended = follow.script(), follow.intended()
        self._count = self._answered = 0

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The next call of the script, which is told how the last one went.

        What another has called meanwhile and found out is not called again.
        """
        since = list(history[self._answered :])
        self._answered = len(history)
        if self._count == 0:
            decided = next(self._script)
            result = since[-1].result if since else None  # another has looked already
        else:
            own, *feedback = since
            decided = self._script.send(own.result)
            result = _answer_of(decided, feedback)
        while result is not None:
            decided = self._script.send(result)
            result = _answer_of(decided, since[1:])
        self._count += 1
        if isinstance(decided, ToolCall):
            return decided._replace(call_id=f"call_{self._count}")
        return decided


class _Follow:
    """One specification as a script of calls."""

    def __init__(self, told: PlanSpec) -> None:
        self._told = told
        self._asked = False  # the user, about what is unclear
        self._phrases = names_in(told.instruction)

    def script(self) -> CallGenerator:
        """Look, find out, act, say how it went."""
        self._in_view = _names((yield _call("describe")).reason)
        for inquiry in self._told.inquiries:
            yield _call(inquiry.tool, **inquiry.arguments)
        if self._told.infeasible and not self._told.absent:
            yield Done("cannot", self._told.infeasible)
        for subgoal in _merged(self._told.subgoals):
            for number in range(TRIES):
                result = yield from self._achieve(subgoal)
                if result.ok:
                    break
                absent = self._told.absent
                looked_twice = number > 0 or (absent and subgoal.item >= 0)
                if looked_twice and result.cause == "not_seen":
                    why = self._told.infeasible
                    yield Done("cannot", why) if absent else Done("failure", result.reason)
            else:
                yield Done("failure", result.reason)
        yield Done("success", self._told.answer)

    def intended(self) -> tuple[str, ...]:
        """Every step in words, if one of them is about what is not there."""
        if not self._told.absent:
            return ()
        calls: list[ToolCall] = []
        for step in _merged(self._told.subgoals):
            item, target = self._name(step.item), self._name(step.target)
            if step.skill == "put":
                place = "place_in" if step.relation == "inside" else "place_on"
                calls += [_call("pick", target=item), _call(place, target=target)]
            elif step.skill == "push":
                calls.append(_call("push_to", target=item, goal=target))
            elif step.skill == "press":
                calls.append(_call("press", button=item))
            else:
                calls.append(_call(f"{step.relation}_drawer", drawer=item))
        return tuple(call.in_words() for call in calls)

    def _achieve(self, subgoal: Subgoal) -> Generator[ToolCall | Done, ToolResult, ToolResult]:
        """Try once; return what came of it."""
        skill, relation = subgoal.skill, subgoal.relation
        if skill == "say":
            return DONE_ALREADY
        if skill == "look":
            told = (yield _call("describe")).reason
            new, self._in_view = _names(told) - self._in_view, _names(told)
            return DONE_ALREADY if new else NOTHING_NEW
        if skill in ("put", "grasp"):
            picked = yield from self._say("pick", target=subgoal.item)
            if not picked.ok or skill == "grasp":
                return picked
            result = yield from self._put(subgoal)
            if result.cause == "not_seen":  # it is still in the hand
                result = yield from self._put(subgoal)
        elif skill == "push":
            result = yield from self._say("push_to", target=subgoal.item, goal=subgoal.target)
        elif skill == "press":
            result = yield from self._say("press", button=subgoal.item)
        elif skill == "slide":
            result = yield from self._say(f"{relation}_drawer", drawer=subgoal.item)
        else:
            result = yield from self._say("reach", target=subgoal.item)
        if result.ok and skill in ("put", "push") and self._can_check(subgoal):
            result = yield from self._check(subgoal)
        return result

    def _put(self, subgoal: Subgoal) -> Generator[ToolCall | Done, ToolResult, ToolResult]:
        if subgoal.relation in DIRECTIONS:
            return (
                yield from self._say(
                    "place_beside", reference=subgoal.target, side=subgoal.relation
                )
            )
        if subgoal.relation == "inside":
            return (yield from self._say("place_in", container=subgoal.target))
        return (yield from self._say("place_on", base=subgoal.target))

    def _can_check(self, subgoal: Subgoal) -> bool:
        """Whether the names still fit one thing alone."""
        both = (subgoal.item, subgoal.target)
        return all(self._told.resolve(self._name(i)) == [i] for i in both)

    def _check(self, subgoal: Subgoal) -> Generator[ToolCall | Done, ToolResult, ToolResult]:
        item, base = self._name(subgoal.item), self._name(subgoal.target)
        if subgoal.relation in DIRECTIONS:
            statement = f"the {item} is {SIDES[subgoal.relation]} the {base}"
            return (yield _call("verify", statement=statement))
        relation = "in" if subgoal.relation == "inside" else "on"
        result = yield _call("check", item=item, relation=relation, base=base)
        return result

    def _say(
        self, tool: str, **arguments: Any
    ) -> Generator[ToolCall | Done, ToolResult, ToolResult]:
        """A call about things by their index; the user is asked where the words are unclear."""
        unclear = self._told.unclear
        if unclear and not self._asked and unclear[0] in arguments.values():
            words = {k: unclear[1] if v == unclear[0] else v for k, v in arguments.items()}
            yield _call(tool, **self._named(words))
            yield _call("ask_user", question=f"Which {unclear[1]}?")
            self._asked = True
        result = yield _call(tool, **self._named(arguments))
        return result

    def _named(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {k: self._name(v) if isinstance(v, int) else v for k, v in arguments.items()}

    def _name(self, index: int) -> str:
        """The instruction's words if they fit this thing alone now, else the fewest that do."""
        things = self._told.things
        if index < 0:
            return self._told.absent
        if self._told.unclear and self._told.unclear[0] == index:
            return f"{things[index].colour} {things[index].kind}"
        for phrase in self._phrases:
            if self._told.resolve(phrase) == [index]:
                return str(phrase)
        thing = things[index]
        plain = f"{thing.colour} {thing.kind}"
        if not thing.size or self._told.resolve(plain) == [index]:
            return plain
        return f"{thing.size} {plain}"


def names_in(instruction: str) -> list[str]:
    """The noun phrases of an instruction, first those without the places that tell things apart."""
    found = PHRASE.findall(instruction.lower())
    return list(dict.fromkeys([plain for _, plain in found] + [whole for whole, _ in found]))


def _names(described: str) -> Counter[str]:
    """Return the names in a description, however often each."""
    return Counter(names_captioned(described))


def _merged(subgoals: Sequence[Subgoal]) -> list[Subgoal]:
    """The subgoals, each placement that follows a grasp made one "put" with it."""
    merged: list[Subgoal] = []
    for subgoal in subgoals:
        if subgoal.skill == "place" and merged and merged[-1].skill == "grasp":
            merged[-1] = replace(subgoal, skill="put")
        else:
            merged.append(subgoal)
    return merged


def _answer_of(decided: ToolCall | Done, feedback: Sequence[Step]) -> ToolResult | None:
    """What was told already to a call that would only check or ask the same again."""
    if not isinstance(decided, ToolCall) or decided.name not in FED_BACK:
        return None
    return next((step.result for step in feedback if step.call.name == decided.name), None)


def _call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(name, arguments, "")
