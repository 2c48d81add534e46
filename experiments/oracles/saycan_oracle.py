"""The expert as SayCan has a planner: it looks, then calls skills, and says when it is done.

There is no plan, no check and no counting among SayCan's options, and things go by the short names
that its options have; a model that is to score them has to have read such episodes.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from handeye.agents.core.conversation import ToolCall, ToolSpec, Usage
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.scene_notes import EVERYTHING, SceneNotes, scene_notes
from handeye.agents.core.tools import ToolResult
from handeye.agents.planners.saycan import looks_first, short_name
from handeye.experiments.oracles.oracle_planner import OraclePlanner, PlanSpec

LOOK = ToolCall("detect", {"words": EVERYTHING}, "")
TAKEN_AS_TRUE = ToolResult(True, "")  # what the expert hears of a call that it cannot make here


class SayCanOracle:
    """LABELLED AN ORACLE, as the expert within it is.

    Args:
        specify: as the expert's; nothing in it may be unclear, since nobody is asked.
        whole_name: the whole name of the one thing that words fit now, "" if there is none.
    """

    planner_id = "expert, skills alone (oracle)"
    usage = Usage()

    def __init__(
        self, specify: Callable[[str], PlanSpec], whole_name: Callable[[str], str]
    ) -> None:
        self._expert = OraclePlanner(lambda words: _at_sight(specify(words)))
        self._whole_name = whole_name

    def reset(self, instruction: str, tools: Sequence[ToolSpec], seed: int) -> None:
        """Read the goal."""
        self._expert.reset(instruction, tools, seed)
        self._tools = tuple(tools)
        self._acting = {spec.name for spec in tools if spec.traits.moves}
        self._told: list[Step] = []  # what the expert has heard
        self._count = 0

    def next_call(self, history: Sequence[Step]) -> ToolCall | Done:
        """The expert's next skill, in the words of SayCan's options; a look where SayCan looks."""
        if looks_first(history, self._tools):
            return LOOK
        acts = [step for step in history if step.call.name != LOOK.name]
        if len(acts) > self._count:
            self._told.append(acts[-1])
            self._count = len(acts)
        decided = self._expert.next_call(self._told)
        while isinstance(decided, ToolCall) and decided.name not in self._acting:
            self._told.append(Step(decided, TAKEN_AS_TRUE))
            decided = self._expert.next_call(self._told)
        return (
            self._shortly(decided, scene_notes(history))
            if isinstance(decided, ToolCall)
            else decided
        )

    def _shortly(self, call: ToolCall, noted: SceneNotes) -> ToolCall:
        arguments = dict(call.arguments)
        for argument, words in arguments.items():
            name = self._whole_name(str(words))
            alike = [thing for thing in noted.things if thing.name == name]
            if len(alike) == 1:
                arguments[argument] = short_name(alike[0], noted)
        return call._replace(arguments=arguments)


def _at_sight(told: PlanSpec) -> PlanSpec:
    """The specification, where what is not there is known from the look at everything."""
    acts = [subgoal for subgoal in told.subgoals if subgoal.skill != "look"]
    return replace(told, inquiries=(), absent="", subgoals=acts)
