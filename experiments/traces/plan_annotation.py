"""Puts plans into traces afterwards: what is about to be done, in words, before it is begun.

A small model that has to find out at every call how far an instruction is carried out makes
mistakes at every call. One that has first written the steps down, each in the words of its call,
has only to go on in its own list. Where something is found out on the way, the list ends with the
call that finds it out, and a new one follows.
"""

from collections.abc import Sequence
from typing import NamedTuple

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import PLAN
from handeye.agents.core.tool_traits import traits_of
from handeye.agents.planners.react import told
from handeye.agents.tools.rooms import ROOMS_TOOLS
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from handeye.agents.tools.vision import VISION_TOOLS
from handeye.experiments.oracles.oracle_planner import FED_BACK

TRAITS = {tool.__name__: traits_of(tool) for tool in (*TABLETOP_TOOLS, *VISION_TOOLS, *ROOMS_TOOLS)}
STEPS = {name for name, traits in TRAITS.items() if traits.in_plans == "step"}
INQUIRIES = {name for name, traits in TRAITS.items() if traits.in_plans == "inquiry"}
PLACING = {name for name, traits in TRAITS.items() if traits.hand == "full"}
WORTH = 2  # steps from which a plan is


class Turn(NamedTuple):
    """A call, what came of it, and whether a model should learn to make it."""

    call: ToolCall
    result: str
    taught: bool


class Trace(NamedTuple):
    """One episode.

    Attributes:
        kind: a task of the core suite, or a kind of long instruction.
        instruction: in words.
        turns: in their order; the last is a call of `done`, without a result.
    """

    kind: str
    instruction: str
    turns: tuple[Turn, ...]


def with_plans(trace: Trace, intended: Sequence[str] = ()) -> Trace:
    """The trace with a call of `plan` wherever several acts begin.

    Args:
        trace: without plans.
        intended: steps of the first plan, where it was given up on the way.
    """
    turns: list[Turn] = []
    planned = False
    for number, turn in enumerate(trace.turns):
        if _counts(turn) and turn.call.name in INQUIRIES:
            planned = False
        elif turn.taught and turn.call.name in STEPS and not planned:
            planned = True
            steps = list(intended) or _ahead(trace.turns[number:])
            intended = ()
            if len(steps) >= WORTH:
                words = "; ".join(steps)
                call = ToolCall(PLAN.spec.name, {"steps": words}, "")
                turns.append(Turn(call, told(PLAN.function(steps=words)), True))
        turns.append(turn)
    return trace._replace(turns=tuple(turns))


def _ahead(turns: Sequence[Turn]) -> list[str]:
    """The acts up to where something is found out; of those that were tried again the last."""
    steps: list[str] = []
    for turn, following in zip(turns, [*turns[1:], None], strict=True):
        name, failed = turn.call.name, turn.result.startswith("failed")
        if not _counts(turn):
            continue
        if name in INQUIRIES:
            steps.append(name)
            break
        asked_next = following is not None and following.call.name == "ask_user"
        if name in STEPS and (not failed or asked_next):
            steps.append(turn.call.in_words())
        elif failed and name in PLACING and steps:
            steps.pop()  # it was lost on the way and is picked again
        elif failed and name in ("check", "verify"):
            del steps[-2 if steps[-1:] and steps[-1].split()[0] in PLACING else -1 :]
    return steps


def _counts(turn: Turn) -> bool:
    """Whether a call belongs to what is planned; those made in vain on purpose do not."""
    return turn.taught or turn.call.name in FED_BACK
