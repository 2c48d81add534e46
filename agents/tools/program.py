"""Code as policies: one tool that runs a program whose functions are the other tools.

Liang et al. 2022, arXiv:2209.07753, but interpreted by `code_sandbox` or `monty_sandbox`, not by
Python's `exec`. Every call in a program passes the same toolbox, and so the same gate, as others.
"""

from collections.abc import Callable, Iterable
from typing import Any

from handeye.agents.core.conversation import ToolCall, ToolSpec
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import Tool, Toolbox, ToolGate, ToolResult
from handeye.agents.sandbox.code_sandbox import Function, ProgramError, Sandbox
from handeye.agents.sandbox.monty_sandbox import MontySandbox

MAX_TOLD = 12  # A result tells so many of a program's calls, the latest.
Interpreter = type[Sandbox] | type[MontySandbox]
INTERPRETERS: dict[str, Interpreter] = {"own": Sandbox, "monty": MontySandbox}


def with_programs(
    tools: Iterable[Tool], gate: ToolGate, interpreter: Interpreter = Sandbox
) -> Toolbox:
    """The tools, and `run_program` over them."""
    tools = list(tools)
    return Toolbox([*tools, Tool.of(run_program, Toolbox(tools, gate), interpreter)], gate)


@ToolTraits(harmless=True)
def run_program(toolbox: Toolbox, interpreter: Interpreter, source: list[str]) -> ToolResult:
    """Run a short program in a small part of Python whose functions are the other tools.

    It knows numbers, strings, lists, dicts, if, for, while, f-strings and len, abs, min, max,
    round, str, int, float, range, sorted, sum; no attributes, imports or definitions. A tool gives
    a dict with "ok", "reason" and its data. The program ends at its first failed call, unless the
    result is assigned to a name. Set `answer` to tell something.

    Args:
        source: lines of the program, each at most 500 characters.
    """
    told: list[str] = []
    functions = {spec.name: _function(toolbox, spec, told.append) for spec in toolbox.specs}
    try:
        variables = interpreter(functions, ends=_ends_program).run("\n".join(source))
    except ProgramError as error:
        return ToolResult(False, "; ".join([*told[-MAX_TOLD:], str(error)]))
    answer = {"answer": variables["answer"]} if "answer" in variables else {}
    said = [f"answer: {answer['answer']}"] if answer else ["the program ran to its end"]
    return ToolResult(True, "; ".join([*told[-MAX_TOLD:], *said]), data=answer)


def _function(toolbox: Toolbox, spec: ToolSpec, tell: Callable[[str], None]) -> Function:
    """A tool as programs see it: arguments by position or name, a dict as its value."""
    names = list(spec.parameters["properties"])

    def call(*arguments: Any, **named: Any) -> dict[str, Any]:
        """Call the tool by position or by name and return what it tells."""
        given = {**dict(zip(names, arguments, strict=False)), **named}
        too_many = len(arguments) > len(names)
        problem = f"{spec.name} takes {len(names)} arguments" if too_many else ""
        result = toolbox.call(ToolCall(spec.name, given, "", problem))
        tell(f"{spec.name}: {'ok' if result.ok else 'failed'}, {result.reason}")
        return {"ok": result.ok, "reason": result.reason, **result.data}

    return call


def _ends_program(value: Any) -> str:
    """Return why a program ends at a value that it does not keep: the failure of a call, or ""."""
    failed = isinstance(value, dict) and value.get("ok") is False
    return f"ended: {value['reason']}" if failed else ""
