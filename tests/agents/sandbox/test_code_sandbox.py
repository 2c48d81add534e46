import re
from typing import Any

import pytest

from handeye.agents.sandbox.code_sandbox import ProgramError, Sandbox
from handeye.agents.sandbox.program_limits import SandboxLimits

ESCAPES = (
    # attributes, and the ways to them
    "().__class__",
    "x = ''.__class__.__mro__[1].__subclasses__()",
    "pick.__globals__",
    "x = 'a'.format",
    "'{0.__class__}'.format(1)",
    "x = 1\nx.real = 2",
    "[].append(1)",
    "x = {}.items()",
    # names that reach Python
    "__import__('os')",
    "x = __builtins__",
    "__name__",
    "x = _a__b",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "open('/etc/passwd')",
    "getattr(1, 'real')",
    "setattr(1, 'real', 2)",
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    "type(1)",
    "object()",
    "breakpoint()",
    "input()",
    "print(1)",
    "x = pick",
    "x = len",
    "pick = 1",
    "len = 1",
    "(pick)(1)(2)",
    "[len][0]([1])",
    # syntax without a meaning here
    "import os",
    "from os import path",
    "import os as pick",
    "def f(): pass",
    "async def f(): pass",
    "class A: pass",
    "lambda: 1",
    "x = [y for y in [1]]",
    "x = {y: y for y in [1]}",
    "x = (y for y in [1])",
    "x = {1, 2}",
    "global x",
    "nonlocal x",
    "del x",
    "return 1",
    "yield 1",
    "await pick()",
    "with pick(): pass",
    "try:\n    pick()\nexcept: pass",
    "raise 1",
    "assert 1",
    "x = (y := 1)",
    "match 1:\n    case _: pass",
    "@pick\ndef f(): pass",
    "x = [1, 2][0:1]",
    "x: int = 1",
    "pick(*[1])",
    "pick(**{'a': 1})",
    "x = {**{}}",
    "for x in [1]: pass\nelse: pass",
    "x = y = 1",
    # formats
    "x = f'{1:>99999999}'",
    "x = f'{1!r}'",
    "x = '%99999999d' % 1",
    # what grows or never ends
    "while True: pass",
    "x = 0\nwhile x < 1: x = 0",
    "x = 2 ** 999999999",
    "x = 1 << 999999999",
    "x = 'a' * 999999999",
    "x = [0] * 999999999",
    "x = 999999999 * [0]",
    "x = 'a'\nwhile True: x = x + x",
    "x = [1]\nwhile True: x = [x, x]",
    "x = [1]\nx[0] = x",
    "x = [0]\ny = [x]\nx[0] = y",
    "x = {}\nx['a'] = x",
    "x = 3\nwhile True: x = x * x",
    "x = range(999999999)",
    "x = range(0, 999999999999, 1)",
    "x = round(5, -999999999)",
    "x = round(5.5, 999999999)",
    "x = 1e308 * 10",
    "x = float('nan')",
    "x = int('9' * 4000)",
    "while True: pick(1)",
    "x = 0\nfor a in range(9999):\n    for b in range(9999): x = x + 1",
    "x = " + "not " * 60 + "1",
    "x = " + "-" * 5000 + "1",
    "x = " + "[" * 60 + "]" * 60,
    "x = " + "+".join(["1"] * 500),
    "x = " + "1" * 9000,
    "\0",
    "x = 'a",
    # values that are not plain
    "x = b'a'",
    "x = 1j",
    "x = ...",
    "x = {[1]: 2}",
    "x = 1 / 0",
    "x = [1][5]",
    "x = {}['a']",
    "x = 'a' + 1",
    "x = -'a'",
    "x = min(1)",
    "x = sorted([1, 'a'])",
    "x = max([1], key=len)",
    "nothing",
    "x = None\nx[0] = 1",
)


def sandbox(**limits: Any) -> Sandbox:
    return Sandbox({"pick": lambda *a, **k: [*a, *k.values()]}, SandboxLimits(**limits))


def test_nothing_escapes() -> None:
    for source in ESCAPES:
        with pytest.raises(ProgramError) as refused:
            sandbox().run(source)
        assert re.match(r"line \d+: ", str(refused.value)), source


def test_there_are_enough_escapes() -> None:
    assert len(set(ESCAPES)) == len(ESCAPES) > 100


def test_a_program_computes() -> None:
    source = """
names = ["red", "blue"]
found = {}
total = 0
for name in names:
    if name == "red" and not total > 5:
        total += len(name) * 2
    elif name in found:
        pass
    else:
        total = total - 1
    found[name] = f"{name} block {total}"
while True:
    total = total + 1
    if total % 2:
        continue
    if total >= 10:
        break
a, b = [min(total, 3), max([1, 2])]
chosen = "many" if 1 < a <= 3 else "few"
last = sorted([3, 1, 2])[-1] + round(2.5, 1) + abs(-1)
"""
    values = sandbox().run(source)
    assert values["found"] == {"red": "red block 6", "blue": "blue block 5"}
    assert (values["total"], values["a"], values["b"]) == (10, 3, 2)
    assert (values["chosen"], values["last"]) == ("many", 6.5)


def test_tools_are_called_by_position_and_name() -> None:
    assert sandbox().run("x = pick(1, b=[2])")["x"] == [1, [2]]


def test_the_line_is_named() -> None:
    with pytest.raises(ProgramError) as caught:
        sandbox().run("x = 1\n\nif x:\n    y = x + unknown")
    assert caught.value.line == 4
    assert "'unknown' has no value" in str(caught.value)


def test_forbidden_syntax_stops_a_program_before_it_starts() -> None:
    called = []
    box = Sandbox({"pick": called.append})
    with pytest.raises(ProgramError, match="line 2: Import"):
        box.run("pick(1)\nimport os")
    assert called == []


def test_what_tools_raise_propagates() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Sandbox({"broken": broken}).run("broken()")


def test_what_tools_give_must_be_plain() -> None:
    with pytest.raises(ProgramError, match="no plain value"):
        Sandbox({"world": object}).run("x = world()")


def test_large_values_cost_steps() -> None:
    with pytest.raises(ProgramError, match="more than 1000 steps"):
        sandbox(steps=1000).run("x = range(9000)\nfor i in range(10): x[0] = i")


def test_calls_are_counted() -> None:
    with pytest.raises(ProgramError, match="more than 2 calls"):
        sandbox(calls=2).run("pick()\npick()\npick()")


def test_tools_do_not_hide_plain_functions() -> None:
    with pytest.raises(ValueError, match="len"):
        Sandbox({"len": len})
