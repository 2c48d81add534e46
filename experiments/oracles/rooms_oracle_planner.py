"""A planner that knows an apartment's goal: teacher of `handeye-planner`, oracle of planning.

LABELLED AN ORACLE. It goes where the words send it, explores for what has not been seen yet, and
claims that it cannot be done where the exploration ends without it.
"""

from collections.abc import Callable, Generator, Sequence

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import ToolResult
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.long import LongGoal, Subgoal, exact_words, home_of
from handeye.envs.rooms.long.sampling import Sample
from handeye.envs.rooms.long.task import work_of
from handeye.envs.rooms.long.words import Said

CallGenerator = Generator[ToolCall | Done, ToolResult, None]
Act = Generator[ToolCall | Done, ToolResult, ToolResult]
# Kinds whose rooms may come in any order are done in the order in which tools list rooms.
ANY_ORDER = ("patrol",)


class RoomsOraclePlanner:
    """Does the goal's true subgoals; what it says at the end is the goal's answer.

    Args:
        env: of the suite rooms-long; its goal is read at every reset.
    """

    planner_id = "expert of the rooms (oracle)"
    usage = Usage()

    def __init__(self, env: RoomsEnv) -> None:
        self._env = env

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Read the goal; the words do not matter, nor is anything random here."""
        home, goal = home_of(self._env.scene), work_of(self._env.goal)
        called = {name: exact_words(home, name) for name in home.nameable}
        self._handles: list[str] = []
        sample = Sample(home, goal, Said(instruction, called))
        self._script = rooms_script(sample, lambda name: self._handles.pop(0))
        self._count = 0

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """Return the script's next call."""
        if history:
            self._handles += history[-1].result.data.get("handles", ())
        asked = self._script.send(history[-1].result) if history else next(self._script)
        if isinstance(asked, Done):
            return asked
        self._count += 1
        return asked._replace(call_id=f"call_{self._count}")


def rooms_script(sample: Sample, handle_of: Callable[[str], str]) -> CallGenerator:
    """Yield the calls of an episode; each is sent what came of it.

    Args:
        sample: the home, the goal and the words.
        handle_of: a thing's name -> its handle, once it has been seen.
    """
    goal, home, called = sample.goal, sample.home, dict(sample.said.called)
    detected = False
    for subgoal in _in_listed_order(goal):
        place, what = subgoal.place, called.get(subgoal.what, subgoal.what)
        if subgoal.skill == "go_back":
            result = yield ToolCall("go_back", {}, "")
        elif subgoal.skill == "ask_user":
            result = yield ToolCall("ask_user", {"question": subgoal.what}, "")
        elif subgoal.skill == "explore" and not place:
            result = yield ToolCall("explore", {}, "")
        elif subgoal.skill == "explore":
            result = yield ToolCall("explore", {"words": called.get(place) or place}, "")
        elif subgoal.skill == "count":
            where = {"where": place} if place else {}
            result = yield from _finding(ToolCall("count", {"words": what, **where}, ""), place)
        elif subgoal.skill == "detect":
            detected = True
            words = f"{what} in the {place}" if place else what
            result = yield ToolCall("detect", {"words": words}, "")
        else:
            name = called.get(place) or (
                handle_of(place) if detected and place in home.by_name else exact_words(home, place)
            )
            result = yield from _finding(ToolCall("go_to", {"target": name}, ""), name)
        if not goal.feasible and result.cause == "explored":
            break
    if goal.feasible:
        yield Done("success", goal.answer)
    yield Done("cannot", "it is not there")


def _finding(call: ToolCall, words: str) -> Act:
    """A call; where it fails for what has not been seen, once more after exploring for that."""
    result = yield call
    if result.cause != "not_seen":
        return result
    found = yield ToolCall("explore", {"words": words}, "")
    if not found.ok:
        return found
    result = yield call
    return result


def intended(sample: Sample) -> tuple[str, ...]:
    """Return the calls in words that whoever does not know yet that it is in vain would plan."""
    steps = sample.goal.meant
    if any(step.skill not in ("go_to", "go_back") for step in steps):
        return ()  # something is to be found out before
    called = sample.said.called
    names = (called.get(step.place) or exact_words(sample.home, step.place) for step in steps)
    return tuple(
        "go_back" if step.skill == "go_back" else f"go_to {name}"
        for step, name in zip(steps, names, strict=True)
    )


def _in_listed_order(goal: LongGoal) -> Sequence[Subgoal]:
    """What is to be done, or tried where it cannot be done."""
    subgoals = goal.meant or goal.subgoals
    if goal.kind not in ANY_ORDER:
        return subgoals
    rooms = list(ROOM_KINDS)

    def rank(subgoal: Subgoal) -> int:
        """Return the place of a subgoal in the fixed order of rooms."""
        last = len(rooms) if subgoal.skill == "go_back" else -1
        return rooms.index(subgoal.place) if subgoal.place in rooms else last

    return sorted(subgoals, key=rank)
