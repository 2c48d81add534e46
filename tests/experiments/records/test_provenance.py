"""What stands beside a figure."""

import subprocess
import sys
from pathlib import Path

import pytest

from handeye.experiments.records import provenance
from handeye.experiments.records.provenance import (
    code_fingerprint,
    command_line,
    commit_id,
    machine_name,
    measured_with,
)


def test_the_command_is_what_was_typed_without_folders_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["/home/me/.venv/bin/handeye", "evaluate", "--seed", "1"])
    assert command_line() == "handeye evaluate --seed 1"
    program = "/home/me/experiments/checks/crash_recovery.py"
    monkeypatch.setattr(sys, "argv", [program, "--kills", "5 0"])
    assert command_line() == "python -m handeye.experiments.checks.crash_recovery --kills '5 0'"


def test_changed_code_shows_and_changed_results_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True, capture_output=True)

    (tmp_path / "results").mkdir()
    code, figure = tmp_path / "code.py", tmp_path / "results" / "figure.json"
    code.write_text("1")
    figure.write_text("1")
    git("init")
    git("add", ".")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "first")
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    figure.write_text("2")
    assert "+changes" not in provenance.commit_id.__wrapped__()
    code.write_text("2")
    assert provenance.commit_id.__wrapped__().endswith("+changes")


def test_every_figure_has_command_commit_and_machine() -> None:
    beside = measured_with()
    assert beside["commit"] == commit_id()
    assert beside["machine"] == machine_name()
    assert set(beside) == {"command", "commit", "fingerprint", "machine"}


def test_the_fingerprint_is_of_the_source_and_of_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "ROOT", tmp_path)

    def fingerprint() -> str:
        code_fingerprint.cache_clear()
        return code_fingerprint()

    for name in ("envs/a.py", "policies/weights.bin", "docs/a.md", "results/a.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    first = fingerprint()
    (tmp_path / "docs/a.md").write_text("2")
    (tmp_path / "results/a.json").write_text("2")
    assert fingerprint() == first
    for name in ("envs/a.py", "policies/weights.bin", "envs/b.py"):
        (tmp_path / name).write_text("2")
        assert fingerprint() != first
        first = fingerprint()
    code_fingerprint.cache_clear()
