"""The command line: quick help, one-line errors, exit codes."""

import dataclasses
import errno
import functools
import importlib
import os
import re
import shlex
import subprocess
import sys
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

from handeye.experiments import cli
from handeye.experiments.records.default_folder import DEFAULT_FOLDER

HEAVY = {"torch", "transformers", "pybullet", "numba", "numpy", "gymnasium", "scipy", "cv2"}


@dataclass(frozen=True)
class PolicyFlags:
    """Which policy acts."""

    path: str = "oracle"


@dataclass(frozen=True)
class FakeConfig:
    """A command for tests."""

    policy: PolicyFlags = field(default_factory=PolicyFlags)
    output_dir: str = "outputs"
    episodes: int = 1


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[FakeConfig], int]], None]:
    """Install a function as `handeye fake`."""

    def install(body: Callable[[FakeConfig], int]) -> None:
        module = ModuleType("handeye.experiments.fake")

        def run(config: FakeConfig) -> int:
            return body(config)

        module.run = run  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "handeye.experiments.fake", module)
        module.FakeConfig = FakeConfig  # type: ignore[attr-defined]
        fake = cli.Command("fake:FakeConfig", "fake", "does nothing", "handeye fake --episodes 3")
        monkeypatch.setitem(cli.COMMANDS, "fake", fake)

    return install


def test_flags_reach_the_config(command: Callable[..., None]) -> None:
    seen: list[FakeConfig] = []

    def keep(config: FakeConfig) -> int:
        seen.append(config)
        return 7

    command(keep)
    flags = ["fake", "--policy.path", "nano", "--episodes", "3", "--output_dir", "o"]
    assert cli.main(flags) == 7
    assert seen == [FakeConfig(PolicyFlags("nano"), "o", 3)]


def test_help_of_a_command_has_summary_and_example(
    command: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    command(lambda config: 0)
    with pytest.raises(SystemExit) as exit_:
        cli.main(["fake", "--help"])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    for part in ("Does nothing.", "handeye fake --episodes 3", "--output_dir", "--policy.path"):
        assert part in text


def test_wrong_flag_exits_2(command: Callable[..., None]) -> None:
    command(lambda config: 0)
    with pytest.raises(SystemExit) as exit_:
        cli.main(["fake", "--episode", "three"])
    assert exit_.value.code == 2


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("no such\nsuite"), "error: no such suite"),
        (FileExistsError("outputs holds a run already."), "error: outputs holds a run already."),
        (
            OSError(errno.ENOSPC, "No space left on device", "a.jsonl"),
            "error: No space left on device: a.jsonl. Free some space",
        ),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "data/core"),
            "error: No such file or directory: data/core. Check the path.",
        ),
        (ModuleNotFoundError("No module named 'panda_gym'"), "handeye doctor"),
    ],
)
def test_user_errors_are_one_line(
    command: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    message: str,
) -> None:
    def fail(_: FakeConfig) -> int:
        raise error

    command(fail)
    assert cli.main(["fake"]) == cli.USAGE_EXIT_CODE
    text = capsys.readouterr().err
    assert message in text
    assert text.count("\n") == 1


def test_bugs_keep_their_trace(command: Callable[..., None]) -> None:
    def fail(_: FakeConfig) -> int:
        raise AssertionError("a bug")

    command(fail)
    with pytest.raises(AssertionError):
        cli.main(["fake"])


def test_a_missing_module_of_ours_is_a_bug(command: Callable[..., None]) -> None:
    def fail(_: FakeConfig) -> int:
        raise ModuleNotFoundError("No module named 'handeye.x'", name="handeye.x")

    command(fail)
    with pytest.raises(ModuleNotFoundError):
        cli.main(["fake"])


@pytest.mark.parametrize(
    "arguments",
    [
        "train --dataset.root {0}/none",
        "train --dataset.root {0}/none --resume",
        "train-eyes --tables {0}/none --homes {0}/none",
        "train-planner --start {0}/none",
        "collect --episodes 0",
        "evaluate --policy.path {0}/none",
        "agent --llm none:x",
    ],
)
def test_a_failed_start_claims_no_folder(
    arguments: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--output_dir", str(tmp_path / "new" / "run")]
    told = []
    for _ in range(2):
        assert cli.main([*arguments.format(tmp_path).split(), *place]) == cli.USAGE_EXIT_CODE
        told.append(capsys.readouterr().err)
    assert told[0] == told[1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main([name, "--help"])
    assert exit_.value.code == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert f"handeye {name}" in text
    assert "Example:" in text


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_example_is_understood(name: str) -> None:
    command = cli.COMMANDS[name]
    words = shlex.split(command.example)
    assert words[:2] == ["handeye", name]
    assert isinstance(cli.parse(name, command, words[2:]), cli.config_type(command))


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_the_flags_are_what_the_command_takes(name: str) -> None:
    command = cli.COMMANDS[name]
    module = importlib.import_module(f"handeye.experiments.{command.module}")
    assert typing.get_type_hints(module.run)["config"] is cli.config_type(command)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_one_flag_for_one_thing(name: str) -> None:
    flags = {field.name: field for field in dataclasses.fields(cli.config_type(cli.COMMANDS[name]))}
    assert not {"output", "record", "out", "report"} & flags.keys()
    assert flags.keys() & {"output_dir", "result"} or name in {"list", "mcp", "page", "replay"}
    if "output_dir" in flags:
        assert flags["output_dir"].default == DEFAULT_FOLDER


def test_traceback_on_request(
    command: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: FakeConfig) -> int:
        raise ValueError("where?")

    command(fail)
    monkeypatch.setenv(cli.TRACEBACK_VARIABLE, "1")
    with pytest.raises(ValueError, match="where"):
        cli.main(["fake"])


def test_interrupt_exits_130(command: Callable[..., None]) -> None:
    def interrupt(_: FakeConfig) -> int:
        raise KeyboardInterrupt

    command(interrupt)
    assert cli.main(["fake"]) == cli.INTERRUPTED_EXIT_CODE


def test_unknown_command_suggests(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evalute"]) == cli.USAGE_EXIT_CODE
    assert "Did you mean 'evaluate'" in capsys.readouterr().err


def test_overview_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in cli.COMMANDS)
    assert cli.main([]) == cli.USAGE_EXIT_CODE


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("handeye ")


@pytest.mark.slow
def test_help_and_list_import_nothing_heavy() -> None:
    program = f"""
import contextlib, io, sys
from handeye.experiments import cli
calls = [["--help"], ["list"], *([name, "--help"] for name in cli.COMMANDS)]
for call in calls:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        cli.main(call)
    heavy = {HEAVY!r} & set(sys.modules)
    if heavy:
        sys.exit(f"handeye {{' '.join(call)}} imports {{heavy}}")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_run_without_a_folder_gets_one_of_its_own() -> None:
    parse = functools.partial(cli.parse, "evaluate", cli.COMMANDS["evaluate"])
    config = parse(["--policy.path", "outputs/my net", "--split", "phrasing"])
    named = r"outputs/evaluate/\d{4}-\d\d-\d\d/\d\d-\d\d-\d\d_outputs-my-net_tabletop-core_phrasing"
    assert re.fullmatch(named, str(config.output_dir))
    for flag in ("--resume", "--overwrite"):
        with pytest.raises(ValueError, match=f"{flag} needs --output_dir"):
            parse([flag])


@pytest.mark.slow
def test_list_works_without_a_home() -> None:
    program = [sys.executable, "-m", "handeye.experiments.cli", "list"]
    places = {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "", "NUMBA_CACHE_DIR": "/proc/nowhere"}
    done = subprocess.run(program, capture_output=True, text=True, env={**os.environ, **places})
    assert done.returncode == 0, done.stderr
    assert "tabletop-core" in done.stdout
