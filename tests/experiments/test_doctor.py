"""The doctor finds what is broken and says what to do."""

import importlib.metadata
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from handeye.experiments import doctor
from handeye.experiments.config import DoctorConfig
from handeye.experiments.doctor import Finding, probe, run, show


def test_probe_reports_the_last_line() -> None:
    assert probe("print('a'); print('b')") == (True, "b")
    fine, said = probe("raise RuntimeError('no card')")
    assert not fine
    assert said == "RuntimeError: no card"


def test_probe_survives_a_crash_and_a_hang() -> None:
    assert probe("import os; os.kill(os.getpid(), 11)") == (False, "killed by signal 11")
    assert probe("import time; time.sleep(60)", timeout_s=0.2) == (False, "no answer within 0.2 s")


@pytest.mark.parametrize(
    "check",
    [doctor.check_python, doctor.check_pybullet, doctor.check_video, doctor.check_machine],
)
def test_checks_pass_on_a_machine_that_runs_these_tests(
    check: Callable[[], Finding],
) -> None:
    assert check().verdict != "broken"


def test_torchvision_that_does_not_load_is_called_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "0.1")
    monkeypatch.setattr(doctor, "probe", lambda _: (False, "RuntimeError: operator nms"))
    finding = doctor.check_torchvision()
    assert finding.verdict == "broken"
    assert "uninstall torchvision" in finding.remedy


def test_every_trouble_comes_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "probe", lambda _: (False, "it broke"))
    for check in doctor.CHECKS:
        finding = check()
        assert finding.remedy or finding.verdict == "ok"


def test_run_prints_writes_and_fails_when_something_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine, broken = Finding("a", "ok", "1.0"), Finding("b", "broken", "gone", "Install b.")
    monkeypatch.setattr(doctor, "CHECKS", (lambda: fine,))
    assert run(DoctorConfig(tmp_path / "doctor.json")) == 0
    assert json.loads((tmp_path / "doctor.json").read_text())[0]["verdict"] == "ok"
    monkeypatch.setattr(doctor, "CHECKS", (lambda: fine, lambda: broken))
    assert run(DoctorConfig()) == 1


def test_show_lists_remedies() -> None:
    text = io.StringIO()
    show([Finding("b", "broken", "gone", "Install b.")], Console(file=text, width=80))
    assert "broken" in text.getvalue()
    assert "b: Install b." in text.getvalue()
