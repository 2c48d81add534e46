"""What `make` says where it cannot set up: one line with the cause, and the remedy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "-C", str(ROOT), *arguments],
        capture_output=True,
        text=True,
        env={**own, **environment},
        timeout=60,
    )


def write_program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.slow
def test_python_3_11_is_taken_where_it_is(tmp_path: Path) -> None:
    for name in ("python3.11", "python3.13"):
        write_program(tmp_path / name, "exit 0")
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert "python3.11 -m venv" in make("-n", "-B", "install", PATH=path).stdout
    write_program(tmp_path / "python3.11", "exit 127")  # what a version manager leaves behind
    assert "python3.13 -m venv" in make("-n", "-B", "install", PATH=path).stdout
    assert "mine -m venv" in make("-n", "-B", "install", PATH=path, PYTHON="mine").stdout


def test_a_python_that_is_not_supported_is_named_with_the_remedy(tmp_path: Path) -> None:
    old = "import sys; sys.version_info = (3, 10); exec(sys.argv[1])"
    python = write_program(tmp_path / "python3.10", f'shift; exec {sys.executable} -c "{old}" "$1"')
    refused = make("-B", "install", PYTHON=str(python))
    assert refused.returncode != 0
    assert "error: Python 3.10 is not among 3.11 to 3.13: make PYTHON=python3.11" in refused.stderr


def test_without_a_compiler_the_remedy_is_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    write_program(tmp_path / "bin" / "python", f'exec {sys.executable} "$@"')
    refused = make("pybullet", f"VENV={tmp_path}", CXX="no-such-compiler")
    assert refused.returncode != 0
    assert "make PYTHON=python3.11" in refused.stderr
    assert "apt-get install g++" in refused.stderr


def test_every_target_is_explained() -> None:
    said = make("help").stdout
    listed = next(
        line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY")
    )
    for target in listed.removeprefix(".PHONY: ").split():
        assert f"make {target} " in said or target == "help", target
