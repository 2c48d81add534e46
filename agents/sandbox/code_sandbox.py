"""Runs generated programs: an interpreter of its own for a small part of Python's syntax.

Nothing is compiled or handed to Python's `exec`: the source is parsed to a tree, and only the node
types below have a meaning here; any other is an error before the first statement runs. Programs
hold plain values alone (numbers, strings, booleans, None, lists and dicts of them), never a Python
object with attributes, and there is no syntax for attributes, imports, functions or classes. So
there is no way from a value to the interpreter, and no separate process is needed: what a program
can do is to compute, within the limits, and to call the tools it was given.

It stands beside `monty_sandbox` because it counts steps where pydantic-monty counts seconds: a
program ends at the same step on every machine, so episodes with programs can be repeated. It needs
no binary of 10 MiB and no process, and takes 0.3 ms of CPU for a program of 20 calls where monty
takes 4.4.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from handeye.agents.sandbox.program_limits import SandboxLimits, Value, size_of

Function = Callable[..., Value]

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
    ast.Is: lambda a, b: a is b, ast.IsNot: lambda a, b: a is not b,
}  # fmt: skip
# Every so many items of a value cost one more step, so that steps bound time and memory.
ITEMS_A_STEP = 50
MOST_DIGITS = 15


def _rounded(number: Value, digits: int = 0) -> Value:
    """`round` for few digits: rounding a whole number to -10**9 digits would take for ever."""
    if abs(digits) > MOST_DIGITS:
        raise ValueError(f"round takes at most {MOST_DIGITS} digits")
    return round(number, digits) if digits else round(number)


PLAIN: dict[str, Function] = {
    "len": len, "abs": abs, "min": min, "max": max, "round": _rounded, "str": str, "int": int,
    "float": float, "range": lambda *bounds: list(range(*bounds)), "sorted": sorted, "sum": sum,
}  # fmt: skip
STATEMENTS = (
    ast.Module, ast.Assign, ast.AugAssign, ast.Expr, ast.If, ast.For, ast.While, ast.Break,
    ast.Continue, ast.Pass,
)  # fmt: skip
EXPRESSIONS = (
    ast.Constant, ast.Name, ast.List, ast.Tuple, ast.Dict, ast.Subscript, ast.BinOp, ast.UnaryOp,
    ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.keyword, ast.JoinedStr, ast.FormattedValue,
)  # fmt: skip
MARKS: tuple[type[ast.AST], ...] = (
    ast.Load, ast.Store, ast.And, ast.Or, ast.Not, ast.USub, ast.UAdd, *ARITHMETIC, *COMPARISONS,
)  # fmt: skip
ALLOWED = (*STATEMENTS, *EXPRESSIONS, *MARKS)


class ProgramError(RuntimeError):
    """A program that is not allowed, went wrong or used up a limit; says the line.

    Attributes:
        line: of the source, from 1.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line


class _LoopEnd(Exception):
    """A break or continue on its way to its loop."""

    def __init__(self, goes_on: bool) -> None:
        self.goes_on = goes_on


class Sandbox:
    """Runs one program with the tools given.

    Args:
        tools: the only functions besides plain ones such as `len`; they get plain values and give
            such. What they raise propagates.
        limits: on what the program may use up.
        ends: asked about the value of every statement that keeps none: why the program must end
            there, or "".

    Attributes:
        variables: of the program, as they are now.
    """

    def __init__(
        self,
        tools: Mapping[str, Function],
        limits: SandboxLimits | None = None,
        ends: Callable[[Value], str] = lambda value: "",
    ) -> None:
        clash = sorted(set(tools) & set(PLAIN))
        if clash:
            raise ValueError(f"tools may not be called {', '.join(clash)}: plain functions are")
        self._tools, self._limits = dict(tools), limits or SandboxLimits()
        self._ends = ends
        self.variables: dict[str, Value] = {}
        self._steps = self._calls = 0

    def run(self, source: str) -> dict[str, Value]:
        """Run a program; its variables at the end.

        Raises:
            ProgramError: see there.
        """
        tree = parse_program(source, self._limits)
        for statement in tree.body:
            self._do(statement)
        return self.variables

    # ------------------------------------------------------------- statements

    def _do(self, node: ast.stmt) -> None:
        self._tick(node)
        match node:
            case ast.Assign(targets=[target], value=value):
                self._store(target, self._value(value))
            case ast.AugAssign(target=ast.Name() as target, op=op, value=value):
                before = self._value(ast.copy_location(ast.Name(target.id, ast.Load()), node))
                self._store(target, self._arithmetic(node, op, before, self._value(value)))
            case ast.Expr(value=value):
                why = self._ends(self._value(value))
                if why:
                    raise _wrong(node, why)
            case ast.If(test=test, body=body, orelse=orelse):
                self._block(body if self._value(test) else orelse)
            case ast.For(target=target, iter=items, body=body, orelse=[]):
                self._for(node, target, self._value(items), body)
            case ast.While(test=test, body=body, orelse=[]):
                while self._value(test) and self._goes_on(body):
                    self._tick(node)
            case ast.Break() | ast.Continue():
                raise _LoopEnd(isinstance(node, ast.Continue))
            case ast.Pass():
                pass
            case _:
                raise _wrong(node, f"this form of {type(node).__name__} is not allowed")

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._do(statement)

    def _goes_on(self, body: list[ast.stmt]) -> bool:
        """Run a loop's body; whether the loop goes on after it."""
        try:
            self._block(body)
        except _LoopEnd as end:
            return end.goes_on
        return True

    def _for(self, node: ast.stmt, target: ast.expr, items: Value, body: list[ast.stmt]) -> None:
        if not isinstance(items, list | dict | str):
            raise _wrong(node, "for goes over lists, dicts and strings")
        for item in list(items):
            self._tick(node)
            self._store(target, item)
            if not self._goes_on(body):
                return

    def _store(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                if name in self._tools or name in PLAIN:
                    raise _wrong(target, f"{name} is a function; choose another name")
                self.variables[name] = value
            case ast.Subscript(value=holder, slice=index):
                held, key = self._value(holder), self._value(index)
                self._guarded(target, lambda: held.__setitem__(key, value))
                self._checked(target, held)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                if not isinstance(value, list) or len(value) != len(parts):
                    raise _wrong(target, f"needs a list of {len(parts)} values")
                for part, one in zip(parts, value, strict=True):
                    self._store(part, one)
            case _:
                raise _wrong(target, "only names and items can be assigned to")

    # ------------------------------------------------------------ expressions

    def _value(self, node: ast.expr) -> Value:
        self._tick(node)
        match node:
            case ast.Constant(value=value):
                return self._checked(node, value)
            case ast.Name(id=name):
                if name not in self.variables:
                    raise _wrong(node, f"{name!r} has no value")
                return self.variables[name]
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return self._checked(node, [self._value(part) for part in parts])
            case ast.Dict(keys=keys, values=values):
                return self._dict(node, keys, values)
            case ast.Subscript(value=holder, slice=index):
                held, key = self._value(holder), self._value(index)
                return self._guarded(node, lambda: held[key])
            case ast.BinOp(left=left, op=op, right=right):
                return self._arithmetic(node, op, self._value(left), self._value(right))
            case ast.UnaryOp(op=op, operand=operand):
                return self._unary(node, op, self._value(operand))
            case ast.BoolOp(op=op, values=values):
                return self._bool(isinstance(op, ast.And), values)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._value(body if self._value(test) else orelse)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compare(node, left, ops, others)
            case ast.Call():
                return self._call(node)
            case ast.JoinedStr(values=parts):
                return self._checked(node, "".join(self._text(part) for part in parts))
            case _:
                raise _wrong(node, f"this form of {type(node).__name__} is not allowed")

    def _dict(self, node: ast.expr, keys: list[ast.expr | None], values: list[ast.expr]) -> Value:
        made: dict[Any, Any] = {}
        for key, value in zip(keys, values, strict=True):
            if key is None:
                raise _wrong(node, "** is not allowed")
            name, held = self._value(key), self._value(value)
            self._guarded(node, partial(made.__setitem__, name, held))
        return self._checked(node, made)

    def _unary(self, node: ast.expr, op: ast.unaryop, value: Value) -> Value:
        if isinstance(op, ast.Not):
            return not value
        if not isinstance(value, int | float):
            raise _wrong(node, "a sign needs a number")
        return -value if isinstance(op, ast.USub) else +value

    def _bool(self, both: bool, parts: list[ast.expr]) -> Value:
        value: Value = None
        for part in parts:
            value = self._value(part)
            if bool(value) != both:
                break
        return value

    def _compare(
        self, node: ast.expr, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]
    ) -> bool:
        value = self._value(left)
        for op, other in zip(ops, others, strict=True):
            right = self._value(other)
            if not self._guarded(node, partial(COMPARISONS[type(op)], value, right)):
                return False
            value = right
        return True

    def _arithmetic(self, node: ast.AST, op: ast.operator, left: Value, right: Value) -> Value:
        """The result, its size checked before it is made where it could be large."""
        if isinstance(op, ast.Mod) and isinstance(left, str):
            raise _wrong(node, "% does not format strings")
        if isinstance(op, ast.Mult):
            for long, times in ((left, right), (right, left)):
                counted = isinstance(long, str | list) and isinstance(times, int)
                if counted and len(long) * times > self._limits.items:
                    raise _wrong(node, f"more than {self._limits.items} items")
        return self._checked(node, self._guarded(node, lambda: ARITHMETIC[type(op)](left, right)))

    def _text(self, part: ast.expr) -> str:
        match part:
            case ast.Constant(value=str(text)):
                return text
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return str(self._value(value))
            case _:
                raise _wrong(part, "an f-string may hold {name} only, without a format")

    def _call(self, node: ast.Call) -> Value:
        if not isinstance(node.func, ast.Name):
            raise _wrong(node, "only tools and plain functions can be called, by their names")
        name = node.func.id
        arguments = [self._value(argument) for argument in node.args]
        named = {k.arg: self._value(k.value) for k in node.keywords if k.arg is not None}
        if len(named) != len(node.keywords):
            raise _wrong(node, "** is not allowed, and an argument is given once")
        if name in self._tools:
            self._calls += 1
            if self._calls > self._limits.calls:
                raise _wrong(node, f"more than {self._limits.calls} calls of tools")
            return self._checked(node, self._tools[name](*arguments, **named))
        if name not in PLAIN:
            known = ", ".join(sorted([*self._tools, *PLAIN]))
            raise _wrong(node, f"there is no function {name!r}; there are {known}")
        if named:
            raise _wrong(node, f"{name} takes no named arguments")
        if name == "range":
            self._check_range(node, arguments)
        return self._checked(node, self._guarded(node, lambda: PLAIN[name](*arguments)))

    # ----------------------------------------------------------------- limits

    def _tick(self, node: ast.AST, steps: int = 1) -> None:
        self._steps += steps
        if self._steps > self._limits.steps:
            raise _wrong(node, f"more than {self._limits.steps} steps; does a loop not end?")

    def _check_range(self, node: ast.AST, bounds: list[Value]) -> None:
        length = self._guarded(node, lambda: len(range(*bounds)))
        if length > self._limits.items:
            raise _wrong(node, f"a range of more than {self._limits.items}")

    def _guarded(self, node: ast.AST, work: Callable[[], Value]) -> Value:
        """Return what the work gives; mistakes that plain values allow become a ProgramError."""
        try:
            return work()
        except (ArithmeticError, TypeError, ValueError, LookupError, AttributeError) as error:
            raise _wrong(node, f"{type(error).__name__}: {error}") from error

    def _checked(self, node: ast.AST, value: Value) -> Value:
        """The value, if it is plain and small enough; large ones cost more steps."""
        try:
            size = size_of(value, self._limits)
        except ValueError as error:
            raise _wrong(node, str(error)) from error
        self._tick(node, size // ITEMS_A_STEP)
        return value


def parse_program(source: str, limits: SandboxLimits) -> ast.Module:
    """The tree of a program that holds allowed syntax alone.

    Raises:
        ProgramError: see there.
    """
    if len(source) > limits.source_chars:
        raise ProgramError(1, f"the program is longer than {limits.source_chars} characters")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ProgramError(line, f"not a program: {getattr(error, 'msg', error)}") from error
    _check(tree, 0, 1, limits)
    return tree


def _check(node: ast.AST, depth: int, line: int, limits: SandboxLimits) -> None:
    """Refuse syntax without a meaning here, names with two underscores, and deep nesting."""
    line = getattr(node, "lineno", line)
    if depth > limits.depth:
        raise ProgramError(line, f"nested deeper than {limits.depth}")
    if not isinstance(node, ALLOWED):
        raise ProgramError(line, f"{type(node).__name__} is not allowed")
    name = getattr(node, "id", None) or getattr(node, "arg", None) or ""
    if "__" in name:
        raise ProgramError(line, f"the name {name!r} is not allowed")
    for child in ast.iter_child_nodes(node):
        _check(child, depth + 1, line, limits)


def _wrong(node: ast.AST, reason: str) -> ProgramError:
    return ProgramError(getattr(node, "lineno", 1), reason)
