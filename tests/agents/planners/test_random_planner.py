from typing import Literal

import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.planners.random_planner import RandomPlanner, spans
from handeye.agents.tools.program import run_program
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from tests.agents.builders import listing


def anything(
    words: str, times: int, share: float, sure: bool, where: Literal["a", "b"], more: str | None
) -> ToolResult:
    """One argument of every kind.

    Args:
        words: a.
        times: b.
        share: c.
        sure: d.
        where: e.
        more: f.
    """
    return ToolResult(True, f"{words}{times}{share}{sure}{where}{more}")


TOOLS = [
    *(Tool.of(function, None) for function in TABLETOP_TOOLS),
    Tool.of(run_program, None, None),
    Tool.of(anything),
]


def calls_of(seed: int, count: int) -> list[ToolCall | Done]:
    planner, history = RandomPlanner(), []
    planner.reset("put the red block in the bowl", [tool.spec for tool in TOOLS], seed)
    made = []
    for _ in range(count):
        made.append(planner.next_call(history))
        history.append(Step(ToolCall("detect", {}, "1"), listing("#1 red block; #2 bowl")))
    return made


def test_every_call_follows_the_grammar_and_all_tools_come_up() -> None:
    by_name = {tool.spec.name: tool for tool in TOOLS}
    made = calls_of(seed=0, count=800)
    for call in made:
        if isinstance(call, ToolCall):
            assert not call.problem
            assert not by_name[call.name].mistake_in(call.arguments), call
    assert {call.name for call in made if isinstance(call, ToolCall)} == set(by_name)
    claims = {call.claim for call in made if isinstance(call, Done)}
    assert claims == {"success", "failure", "cannot"}
    assert "#2" in {call.arguments.get("target") for call in made if isinstance(call, ToolCall)}


def test_the_seed_alone_decides() -> None:
    assert calls_of(5, 30) == calls_of(5, 30)
    assert calls_of(5, 30) != calls_of(6, 30)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("", []), ("go", ["go"]), ("the the", ["the", "the the"]), ("a b", ["a", "b", "a b"])],
)
def test_spans_are_the_runs_of_words(words: str, expected: list[str]) -> None:
    assert spans(words) == expected


def test_without_words_it_still_calls() -> None:
    planner = RandomPlanner()
    planner.reset("", [tool.spec for tool in TOOLS], 0)
    assert {type(planner.next_call([])) for _ in range(200)} == {ToolCall, Done}
