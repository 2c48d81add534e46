"""Code as policies: each turn of the language model is a program over the tools.

Liang et al. 2022, arXiv:2209.07753. A model that calls `run_program` is taken at its word; so is
one that answers with a code block; one that can only make single calls makes them, and each is then
a program of one line. What goes wrong in a program returns to the model with its line.
"""

import ast
import re

from handeye.agents.core.conversation import Reply, ToolCall
from handeye.agents.core.planner import DONE
from handeye.agents.language_models.language_model import LanguageModel
from handeye.agents.planners.react import ReactPlanner, only_call
from handeye.agents.sandbox.code_sandbox import ProgramError, parse_program
from handeye.agents.sandbox.program_limits import SandboxLimits

PROGRAM_TOOL = "run_program"
MAX_TOKENS = 1024
BLOCK = re.compile(r"```[a-z]*\n(.*?)(?:```|\Z)", re.DOTALL)


def code_planner(model: LanguageModel) -> ReactPlanner:
    """A planner whose calls are programs."""
    return ReactPlanner(model, prompt="code", max_tokens=MAX_TOKENS, read=program_in)


def program_in(reply: Reply) -> ToolCall:
    """The reply's call; a program that stands in its text as a call of `run_program`.

    A block that is nothing but `done(...)` is that call.
    """
    found = None if reply.calls else BLOCK.search(reply.text)
    if found is None:
        return only_call(reply)
    source = found[1].strip()
    return _claim_in(source) or ToolCall(PROGRAM_TOOL, {"source": source.splitlines()}, "")


def _claim_in(source: str) -> ToolCall | None:
    """The call of `done`, if the program is that and nothing else."""
    try:
        tree = parse_program(source, SandboxLimits())
    except ProgramError:
        return None  # what is wrong with it is said when it is run
    match tree.body:
        case [ast.Expr(value=ast.Call(func=ast.Name(id=name), args=given, keywords=named))]:
            parts: list[ast.expr] = [*given, *(keyword.value for keyword in named)]
        case _:
            return None
    values = [part.value for part in parts if isinstance(part, ast.Constant)]
    if name != DONE.spec.name or len(values) < len(parts):
        return None
    names = [*DONE.spec.parameters["properties"]][: len(given)]
    names += [keyword.arg or "" for keyword in named]
    return ToolCall(DONE.spec.name, dict(zip(names, values, strict=False)), "")
