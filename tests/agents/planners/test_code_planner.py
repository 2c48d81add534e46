import pytest

from handeye.agents.agent import Agent
from handeye.agents.core.conversation import Reply, ToolCall
from handeye.agents.core.planner import Done
from handeye.agents.core.tools import Tool, Toolbox, ToolResult
from handeye.agents.planners.code_planner import code_planner, program_in
from handeye.agents.planners.react import EMPTY
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.program import with_programs
from handeye.agents.tools.robot import Robot
from tests.agents.builders import PaperEnv, ToldModel, calls


def count(words: str) -> ToolResult:
    """Count things.

    Args:
        words: what to count.
    """
    return ToolResult(words != "ghost", f"2 {words}", data={"count": 2})


def equip(_robot: Robot, gate: SafetyGate) -> Toolbox:
    return with_programs([Tool.of(count)], gate)


def test_programs_are_run_and_their_errors_return_to_the_model() -> None:
    model = ToldModel(
        Reply("First:\n```python\nn = count('cup')\nanswer = n['cost']\n```"),
        calls("run_program", source=["n = count('cup')", "answer = n['count'] + 1"]),
        Reply("```\ndone('success', answer='3')\n```"),
    )
    result = Agent(code_planner(model), equip).run(PaperEnv(), "how many cups and one?", seed=0)
    assert result.done == Done("success", "3")
    assert (result.calls, result.failed_calls, result.mistakes) == (2, 1, 0)
    told = model.asked[1][-1]
    assert told.role == "user"  # an answer to words, not to a call
    assert "line 2: KeyError: 'cost'" in told.text
    assert "answer: 3" in model.asked[2][-1].text
    assert "by short programs" in model.asked[0][0].text


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("```\ncount('a')\n", ToolCall("run_program", {"source": ["count('a')"]}, "")),
        ("```\ndone('cannot')\n```", ToolCall("done", {"claim": "cannot"}, "")),
        ("```\ndone(x)\n```", ToolCall("run_program", {"source": ["done(x)"]}, "")),
        ("```\n(\n```", ToolCall("run_program", {"source": ["("]}, "")),
        ("I would count.", ToolCall("", {}, "", EMPTY)),
    ],
)
def test_what_a_reply_means(text: str, call: ToolCall) -> None:
    assert program_in(Reply(text)) == call


def test_a_single_call_is_a_program_of_one_line() -> None:
    assert program_in(calls("count", words="cup")).name == "count"
