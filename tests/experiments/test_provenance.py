"""What stands beside a figure."""

import sys

import pytest

from handeye.experiments.provenance import command_line, commit_id, machine_name, measured_with


def test_the_command_is_what_was_typed_without_folders_of_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["/home/me/.venv/bin/handeye", "evaluate", "--seed", "1"])
    assert command_line() == "handeye evaluate --seed 1"
    monkeypatch.setattr(sys, "argv", ["/home/me/experiments/kill_test.py", "--kills", "5 0"])
    assert command_line() == "python -m handeye.experiments.kill_test --kills '5 0'"


def test_every_figure_has_command_commit_and_machine() -> None:
    beside = measured_with()
    assert beside["commit"] == commit_id()
    assert beside["machine"] == machine_name()
    assert set(beside) == {"command", "commit", "machine"}
