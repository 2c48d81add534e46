from typing import Any

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.safety.gate import Limits, SafetyGate
from handeye.agents.tools.program import INTERPRETERS, with_programs


def count(words: str) -> ToolResult:
    """Count things.

    Args:
        words: what to count.
    """
    return ToolResult(words != "ghost", f"2 {words}", data={"count": 2})


def run(*source: str, **limits: Any) -> tuple[ToolResult, SafetyGate]:
    gate = SafetyGate(Limits(**limits))
    box = with_programs([Tool.of(count)], gate)
    return box.call(ToolCall("run_program", {"source": list(source)}, "1")), gate


def test_a_program_calls_tools() -> None:
    result, _ = run("n = count('cup')", "answer = n['count'] + 1")
    assert result.ok
    assert result.data == {"answer": 3}
    assert result.reason == "count: ok, 2 cup; answer: 3"


def test_a_failed_call_ends_the_program_unless_kept() -> None:
    result, _ = run("count('ghost')", "answer = 1")
    assert not result.ok
    assert "line 1: ended: 2 ghost" in result.reason
    assert run("x = count('ghost')", "if not x['ok']: answer = 'none'")[0].data["answer"] == "none"


def test_mistakes_in_calls_and_programs_come_back() -> None:
    assert "count lacks words" in run("count()")[0].reason
    assert "takes 1 arguments" in run("count('a', 'b')")[0].reason
    assert "there is no function 'fly'" in run("fly()")[0].reason
    assert "Import is not allowed" in run("import os")[0].reason


def test_calls_in_programs_pass_the_gate() -> None:
    result, gate = run("count('cup')", tools={"run_program"})
    assert "denied: count is not allowed" in result.reason
    assert gate.denials == {"tools": 1}


def test_programs_may_be_run_by_monty() -> None:
    gate = SafetyGate(Limits(tools=("run_program",)))
    box = with_programs([Tool.of(count)], gate, INTERPRETERS["monty"])
    source = ["n = sum([count(w)['count'] for w in ('cup', 'bowl')])", "answer = n"]
    result = box.call(ToolCall("run_program", {"source": source}, "1"))
    assert "not allowed" in result.reason or not result.ok  # the same gate
    box = with_programs([Tool.of(count)], SafetyGate(), INTERPRETERS["monty"])
    assert box.call(ToolCall("run_program", {"source": source}, "1")).data == {"answer": 4}
    failed = box.call(ToolCall("run_program", {"source": ["count('ghost')", "answer = 1"]}, "2"))
    assert "line 1: ended: 2 ghost" in failed.reason
