"""Programs in pydantic-monty: they compute and call tools, and reach nothing else."""

import contextlib
import json
import time
import tracemalloc
from typing import Any

import pytest

from handeye.agents.sandbox import monty_sandbox
from handeye.agents.sandbox.code_sandbox import ProgramError
from handeye.agents.sandbox.monty_sandbox import MontySandbox
from handeye.agents.sandbox.program_limits import SandboxLimits
from tests.agents.sandbox.test_code_sandbox import ESCAPES

pytest.importorskip("pydantic_monty")
REACHING_OUT = (
    "open('{file}', 'w').write('x')",
    "from pathlib import Path\nPath('{file}').write_text('x')",
    "import os\nos.system('touch {file}')",
    "import os\nos.mkdir('{file}')",
    "import subprocess\nsubprocess.run(['touch', '{file}'])",
    "__import__('os').system('touch {file}')",
    "import socket",
    "import ctypes",
    "import urllib.request",
    "eval(\"open('{file}', 'w')\")",
    "exec(\"import os; os.system('touch {file}')\")",
    "import os\nx = os.environ['HOME']",
    "x = os.getenv('HOME')",
    "import asyncio\nasyncio.run(open('{file}', 'w'))",
    "import time\ntime.sleep(60)",
    "def f(): return f()\nf()",
    "x = [i for i in range(10 ** 12)]",
    "x = ''.join('a' for i in range(10 ** 12))",
    "x = sum(range(10 ** 12))",
)


@pytest.fixture(autouse=True)
def programs_end_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monty_sandbox, "RUN_S", 0.3)
    monkeypatch.setattr(monty_sandbox, "GRACE_S", 0.3)


def run(source: str, **limits: Any) -> dict[str, Any]:
    tools = {"pick": lambda *a, **k: [*a, *k.values()]}
    return MontySandbox(tools, SandboxLimits(**limits)).run(source)


@pytest.mark.slow
@pytest.mark.parametrize("source", REACHING_OUT)
def test_nothing_of_the_host_is_reached(source: str, tmp_path: Any) -> None:
    file = tmp_path / "made"
    began = time.monotonic()
    with pytest.raises(ProgramError, match=r"^line \d+: "):
        run(source.replace("{file}", str(file)))
    assert not list(tmp_path.iterdir())
    assert time.monotonic() - began < 30


@pytest.mark.slow
def test_what_the_own_interpreter_forbids_ends_in_an_error_or_in_plain_values() -> None:
    for source in ESCAPES:
        try:
            variables = run(source)
        except ProgramError as error:
            variables = {"why": str(error)}
        assert len(json.dumps(variables)) < 100_000, source


def test_functions_comprehensions_and_methods_are_known() -> None:
    lines = (
        "def twice(n):",
        "    return 2 * n",
        "x = [twice(k) for k in (1, 2)]",
        "y = ' A '.strip()",
    )
    assert run("\n".join(lines))["x"] == [2, 4]
    assert run("y = ' A '.strip()") == {"y": "A"}


def test_tools_get_plain_values_and_give_them() -> None:
    assert run("x = pick((1, 2), to='cup')") == {"x": [[1, 2], "cup"]}


def test_what_tools_raise_propagates() -> None:
    def broken() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        MontySandbox({"broken": broken}).run("try:\n    broken()\nexcept KeyError:\n    pass")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 'ä'\npick(1)", 2),
        ("if True:\n    y = 1\n    pick(1); z = 2", 3),
        ("def f():\n    pick(1)\nf()", 2),
    ],
)
def test_a_call_that_is_not_kept_may_end_the_program(source: str, line: int) -> None:
    ends = MontySandbox({"pick": lambda n: n}, ends=lambda value: f"ended by {value}")
    with pytest.raises(ProgramError, match=f"line {line}: ended by 1"):
        ends.run(source)


def test_a_call_that_is_kept_does_not_end_it() -> None:
    kept = MontySandbox({"pick": lambda n: n}, ends=lambda value: "ended")
    assert kept.run("x = pick(1)\ny = [pick(2)]\nif pick(0): x = 3") == {"x": 1, "y": [2]}


def test_limits_hold() -> None:
    with pytest.raises(ProgramError, match="more than 2 calls"):
        run("for i in range(3): pick(i)", calls=2)
    with pytest.raises(ProgramError, match="more than 10 characters"):
        run("x = 1 + 1 + 1", source_chars=10)
    with pytest.raises(ProgramError, match="more than 5 items"):
        run("pick('abcdefgh')", items=5)


@pytest.mark.parametrize("wrapped", ["[x]", "{'a': x}", "(x,)"])
def test_values_that_are_nested_too_deep_come_back(wrapped: str) -> None:
    with pytest.raises(ProgramError, match="line 3: a value nested too deep"):
        run(f"x = []\nfor i in range(3000): x = {wrapped}\npick(x)")


@pytest.mark.slow
def test_a_worker_that_hangs_is_killed() -> None:
    with pytest.raises(ProgramError):
        run("x = 3\nwhile True: x = x * x")


@pytest.mark.slow
@pytest.mark.parametrize("made", ["[x, x]", "(x, x)", "{1: x, 2: x}", "[x, [x, (x,)]]"])
@pytest.mark.parametrize("use", ["pick(x)", "pick(a=x)", "pass"])
def test_a_value_that_holds_one_list_many_times_is_bounded_before_it_is_copied(
    made: str, use: str
) -> None:
    source = f"x = [1]\nfor i in range(26):\n    x = {made}\n{use}"
    tracemalloc.start()
    with contextlib.suppress(ProgramError):
        assert "x" not in run(source)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * 2**20


CLOCKS = (
    "time.time()", "time.time_ns()", "time.monotonic()", "time.perf_counter()", "time.ctime()",
    "time.strftime('%H')", "str(time.localtime())", "str(datetime.datetime.now())",
    "str(datetime.date.today())", "str(datetime.datetime.now(datetime.timezone.utc))",
    "time.sleep(0.01)",
)  # fmt: skip


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_program_cannot_read_the_clock(clock: str) -> None:
    with pytest.raises(ProgramError, match="line 3: there is no"):
        run(f"import time\nimport datetime\nx = {clock}")


def test_a_program_does_the_same_in_every_run() -> None:
    source = "import random\nimport time\nx = [random.random(), time.process_time()]"
    assert run(source) == run(source)


def test_a_run_is_bounded_on_the_hosts_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monty_sandbox, "HOST_S", -1.0)
    with pytest.raises(ProgramError, match="line 2: the program took more than"):
        run("x = 1\npick(x)")


def test_the_work_of_tools_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 0.1, 0.2, 100.0, *[100.5] * 50])  # the tool takes from 0.2 to 100
    monkeypatch.setattr(monty_sandbox.time, "monotonic", lambda: next(times))
    assert run("x = pick(1)") == {"x": [1]}
