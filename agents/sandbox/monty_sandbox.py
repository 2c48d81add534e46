"""Runs generated programs in pydantic-monty: more of Python, in a process of its own.

The extra `sandbox` brings it. Unlike `code_sandbox` it knows comprehensions, functions, methods of
plain values and exceptions. The worker has no files, clock, network or modules of the host; what it
asks the host for are the tools alone, and each answer passes through here. Chance in a program
starts from a fixed seed, so that a program does the same in every run.

A value may hold one list many times over. It comes to the host as it is, shared, so its size is
bounded while it is made plain, before any copy of it is larger than the limits allow.
"""

import ast
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from handeye.agents.sandbox.code_sandbox import Function, ProgramError
from handeye.agents.sandbox.program_limits import SandboxLimits, Value, size_of

RUN_S, GRACE_S = 2.0, 1.0
"""Seconds of computing of a program, and those after them until its worker is killed."""
HOST_S = 10.0
"""Seconds of a whole run on the host's clock; the work of tools is not counted."""
MEMORY_BYTES = 16 * 2**20
MOST_TURNS = 1000  # Calls of tools and names that are looked up.
PRINTED_BYTES = 10_000
POLICY = {"datetime": "call_host", "sleep": "call_host", "random_start": {"seed": 0}}
"""What the worker asks the host for, which refuses it: the clock and sleep."""


class MontySandbox:
    """Runs one program with the tools given; as `code_sandbox.Sandbox`.

    Args:
        tools: the only functions of the host; they get plain values and give such. What they raise
            propagates.
        limits: on what the program may use up; its steps and depth are bounded by time instead.
        ends: asked about the value of every call of a tool that the program does not keep: why the
            program must end there, or "".

    Raises:
        ValueError: pydantic-monty is not installed.
    """

    def __init__(
        self,
        tools: Mapping[str, Function],
        limits: SandboxLimits | None = None,
        ends: Callable[[Value], str] = lambda value: "",
    ) -> None:
        try:
            import pydantic_monty
        except ImportError as error:
            raise ValueError(
                'programs run in monty with the extra "sandbox": pip install "handeye[sandbox]"'
            ) from error
        self._monty: Any = pydantic_monty
        self._tools, self._limits, self._ends = dict(tools), limits or SandboxLimits(), ends
        self._calls = 0
        self._until_s = 0.0  # on the host's clock

    def run(self, source: str) -> dict[str, Value]:
        """Run a program; its plain variables at the end.

        Raises:
            ProgramError: it is not allowed, went wrong or used up a limit.
        """
        if len(source) > self._limits.source_chars:
            raise ProgramError(1, f"a program of more than {self._limits.source_chars} characters")
        monty = self._monty
        self._until_s = time.monotonic() + HOST_S
        limits = {
            "max_feed_duration_secs": RUN_S,
            "max_memory": MEMORY_BYTES,
            "max_suspensions": MOST_TURNS,
        }
        try:
            with (
                monty.Monty(max_processes=1, feed_duration_limit_grace=GRACE_S) as pool,
                pool.checkout(limits=limits, os_policy=POLICY) as session,
            ):
                printed = monty.CollectString(max_bytes=PRINTED_BYTES)
                turn = session.feed_start(source, print_callback=printed)
                statements = _statements(source)
                while not isinstance(turn, monty.MontyComplete):
                    turn = self._answered(turn, source, statements)
                return self._variables(session, source)
        except monty.MontyError as error:
            raise ProgramError(_line_of(error), str(error)) from error

    def _answered(self, turn: Any, source: str, statements: set[tuple[int, int]]) -> Any:
        """Return what the program waits for, given; its next wait or end."""
        if not isinstance(turn, self._monty.FunctionSnapshot):
            self._check_time(1)
            return turn.resume()  # a name that it does not have
        line = source.encode()[: turn.position.start].count(b"\n") + 1
        if turn.is_os_function or turn.function_name not in self._tools:
            there = ", ".join(sorted(self._tools))
            raise ProgramError(line, f"there is no {turn.function_name!r}; there are {there}")
        self._calls += 1
        if self._calls > self._limits.calls:
            raise ProgramError(line, f"more than {self._limits.calls} calls of tools")
        arguments = [self._plain(line, value) for value in turn.args]
        named = {str(name): self._plain(line, value) for name, value in turn.kwargs.items()}
        self._check_time(line)
        began_s = time.monotonic()
        value = self._tools[turn.function_name](*arguments, **named)
        self._until_s += time.monotonic() - began_s
        why = self._ends(value) if (turn.position.start, turn.position.end) in statements else ""
        if why:
            raise ProgramError(line, why)
        return turn.resume({"return_value": value})

    def _check_time(self, line: int) -> None:
        """Raise a ProgramError if the run has taken too long on the host's clock."""
        if time.monotonic() > self._until_s:
            raise ProgramError(line, f"the program took more than {HOST_S:g} s")

    def _plain(self, line: int, value: Any) -> Value:
        """Return a value of the program as a plain one; tuples become lists."""
        try:
            made = _listed(value, self._limits.depth, _Room(self._limits.items))
            size_of(made, self._limits)
        except ValueError as error:
            raise ProgramError(line, str(error)) from error
        return made

    def _variables(self, session: Any, source: str) -> dict[str, Value]:
        kept: dict[str, Value] = {}
        for name in _assigned(source):
            self._check_time(1)
            try:
                kept[name] = self._plain(1, session.feed_run(name))
            except (self._monty.MontyError, ProgramError):
                continue  # never assigned, or no plain value
        return kept


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # the worker says what is wrong with it


def _statements(source: str) -> set[tuple[int, int]]:
    """Return where calls stand whose values are not kept: first byte and end, encoded."""
    tree = _tree(source)
    begins = [0]
    for line in source.encode().split(b"\n"):
        begins.append(begins[-1] + len(line) + 1)
    return {
        (
            begins[node.value.lineno - 1] + node.value.col_offset,
            begins[(node.value.end_lineno or 1) - 1] + (node.value.end_col_offset or 0),
        )
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    }


def _assigned(source: str) -> list[str]:
    """Names that the program may give values to, outside of functions of its own."""
    tree = _tree(source)
    nodes = ast.walk(tree) if tree else ()
    stored = (n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return sorted({node.id for node in stored})


@dataclass
class _Room:
    """The number of items of a value that may still be copied."""

    items: int

    def take(self, count: int) -> None:
        """Take room for items.

        Raises:
            ValueError: there is not so much.
        """
        self.items -= count
        if self.items < 0:
            raise ValueError("a value with too many items")


def _listed(value: Any, depth: int, room: _Room) -> Any:
    """Return the value with its tuples as lists.

    Raises:
        ValueError: it is nested deeper than `depth` says, or a copy of it, in which nothing is
            shared, has not enough room.
    """
    if not isinstance(value, list | tuple | dict):
        return value
    if depth < 0:
        raise ValueError("a value nested too deep")
    room.take(len(value))
    if isinstance(value, dict):
        return {key: _listed(part, depth - 1, room) for key, part in value.items()}
    return [_listed(part, depth - 1, room) for part in value]


def _line_of(error: Any) -> int:
    frames = error.traceback() if hasattr(error, "traceback") else []
    return int(frames[0].line) if frames else 1
