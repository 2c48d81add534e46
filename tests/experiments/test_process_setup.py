"""Commands outlive their readers, narrow encodings and impatient users."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = """
import dataclasses, sys, time, types
from pathlib import Path
from handeye.experiments import cli

@dataclasses.dataclass(frozen=True)
class Config:
    pass

def run(config):
    {body}
    return 7

module = types.ModuleType("handeye.experiments.fake")
module.Config, module.run = Config, run
sys.modules[module.__name__] = module
cli.COMMANDS["fake"] = cli.Command("fake:Config", "fake", "fake", "handeye fake")
sys.argv = ["handeye", "fake"]
sys.exit(cli.main())
"""


def start(body: str, **options: object) -> subprocess.Popen[str]:
    program = COMMAND.format(body=body.strip().replace("\n", "\n    "))
    return subprocess.Popen(
        [sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, **options
    )  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_no_character_ends_a_command(encoding: str) -> None:
    body = 'print("✓ done")\nfrom rich.console import Console\nConsole().print("✗ “not”")'
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    with start(body, stdout=subprocess.PIPE, env=environment) as command:
        said, told = command.communicate()
    assert command.returncode == 7, told
    assert "done" in said
    assert "not" in said


def test_a_reader_that_leaves_does_not_end_a_command(tmp_path: Path) -> None:
    body = (
        'for n in range(20000): print("line", n, flush=n % 100 == 0)\n'
        f'Path({str(tmp_path / "end")!r}).write_text("all")'
    )
    with start(body, stdout=subprocess.PIPE) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.readline()
        command.stdout.close()
        told = command.stderr.read()
    assert command.returncode == 7, told
    assert told == ""
    assert (tmp_path / "end").read_text() == "all"


def test_ctrl_c_twice_ends_at_once_without_a_trace() -> None:
    body = (
        'try:\n    print("begun", flush=True); time.sleep(60)\n'
        'finally:\n    print("closing", flush=True); time.sleep(60)'
    )
    with start(body, stdout=subprocess.PIPE) as command:
        assert command.stdout is not None
        for word in ("begun", "closing"):
            # A line may come twice: Ctrl-C can meet Python between writing and forgetting it.
            assert any(line.strip() == word for line in command.stdout)
            command.send_signal(signal.SIGINT)
        _, told = command.communicate()
    assert command.returncode == 130
    assert told == "interrupted again: ended at once\n"
