"""Run folders under kills, full disks and careless flags."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from handeye.base.json_reader import read_json
from handeye.experiments.records.run_folder import (
    MARKER,
    JsonLines,
    open_run_folder,
    read_json_lines,
    write_json_atomic,
    write_text_atomic,
)


def make_run(path: Path) -> Path:
    with open_run_folder(path):
        (path / "result.json").write_text("{}")
    return path


def test_new_and_empty_folders_are_entered(tmp_path: Path) -> None:
    with open_run_folder(tmp_path / "a" / "b") as run:
        assert run.is_dir()
    (tmp_path / "empty").mkdir()
    with open_run_folder(tmp_path / "empty") as run:
        assert run.is_dir()


def test_an_existing_run_is_refused(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    with pytest.raises(FileExistsError, match=r"--resume .* --overwrite"), open_run_folder(run):
        pass
    assert (run / "result.json").exists()


def test_resume_keeps_and_overwrite_clears(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    with open_run_folder(run, resume=True):
        assert (run / "result.json").exists()
    with open_run_folder(run, overwrite=True):
        assert not (run / "result.json").exists()
        (run / "other.json").write_text("{}")
    assert {p.name for p in run.iterdir()} == {MARKER, "other.json"}
    with (
        pytest.raises(ValueError, match="exclude each other"),
        open_run_folder(run, resume=True, overwrite=True),
    ):
        pass


@pytest.mark.parametrize("flags", [{}, {"resume": True}, {"overwrite": True}])
def test_a_folder_that_is_no_run_is_left_alone(tmp_path: Path, flags: dict[str, bool]) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with (
        pytest.raises(FileExistsError, match="not made by handeye"),
        open_run_folder(tmp_path, **flags),
    ):
        pass
    assert [p.read_text() for p in tmp_path.iterdir()] == ["years of work"]


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with (
        pytest.raises(FileExistsError, match="is a file"),
        open_run_folder(tmp_path / "run", overwrite=True),
    ):
        pass


@pytest.mark.parametrize("place", ["/proc/x", "/proc/x/y"])
def test_a_place_that_takes_no_folder_is_named(place: str) -> None:
    with (
        pytest.raises(ValueError, match=f"--output_dir {place} .*another place"),
        open_run_folder(Path(place)),
    ):
        pass


def fail(path: Path, written: dict[str, str], error: BaseException, **flags: bool) -> None:
    """A run that writes files, then fails."""
    with open_run_folder(path, **flags) as run:
        for name, text in written.items():
            (run / name).write_text(text)
        raise error


@pytest.mark.parametrize("resume", [False, True])
def test_a_failed_start_leaves_nothing(tmp_path: Path, resume: bool) -> None:
    files = {"train.json": "{}", "episodes.jsonl": "", "events.out.tfevents.1": "begun"}
    for _ in range(2):  # the second finds no trace of the first
        with pytest.raises(ValueError, match="no dataset"):
            fail(tmp_path / "a" / "b", files, ValueError("no dataset"), resume=resume)
        assert not list(tmp_path.iterdir())


def test_a_start_over_that_fails_brings_the_old_run_back(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        fail(run, {"config.json": "{}"}, KeyboardInterrupt(), overwrite=True)
    assert {p.name for p in run.iterdir()} == {MARKER, "result.json"}


def test_a_run_that_has_begun_stays_when_it_fails(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    with pytest.raises(ValueError, match="later"):
        fail(run, {"half.json": "{}"}, ValueError("later"), overwrite=True)
    assert {p.name for p in run.iterdir()} == {MARKER, "half.json"}


HOLDER = """
import sys, time
from pathlib import Path
from typing import Any
from handeye.experiments.records.run_folder import open_run_folder
with open_run_folder(Path(sys.argv[1]), overwrite=True) as run:
    (run / "config.json").write_text("{}")
    print("in", flush=True)
    time.sleep(60)
"""


def test_one_process_works_in_a_folder_and_a_kill_frees_it(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    program = [sys.executable, "-c", HOLDER, str(run)]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        for flags in ({"resume": True}, {"overwrite": True}, {}):
            with (
                pytest.raises(ValueError, match=f"process {holder.pid} works in"),
                open_run_folder(run, **flags),
            ):
                pass
        holder.kill()
    with open_run_folder(run, resume=True):  # what the kill left half-begun is undone
        assert {p.name for p in run.iterdir()} == {MARKER, "result.json"}


def test_a_child_that_lives_on_holds_no_folder(tmp_path: Path) -> None:
    told, tell = os.pipe()
    wait, go = os.pipe()
    with open_run_folder(tmp_path / "run") as run:
        child = os.fork()
        if child == 0:
            os.close(go)
            os.write(tell, b"x")
            os.read(wait, 1)
            os._exit(0)
        os.read(told, 1)
        (run / "result.json").write_text("{}")
    with open_run_folder(run, resume=True):
        pass
    os.close(go)
    os.waitpid(child, 0)
    for descriptor in (told, tell, wait):
        os.close(descriptor)


def test_atomic_write_replaces_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "info.json"
    write_json_atomic(path, {"a": 1})
    write_json_atomic(path, {"a": 2})
    assert read_json(path, Any) == {"a": 2}
    assert [p.name for p in path.parent.iterdir()] == ["info.json"]


def test_failed_write_leaves_the_old_file_and_no_crumbs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "info.json"
    write_json_atomic(path, {"old": True})

    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_text_atomic(path, "new")
    assert read_json(path, Any) == {"old": True}
    assert [p.name for p in tmp_path.iterdir()] == ["info.json"]


def test_nan_is_refused_by_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json_atomic(tmp_path / "x.json", {"rate": float("nan")})
    assert not (tmp_path / "x.json").exists()


def test_damaged_json_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "info.json").write_text('{"a": ')
    with pytest.raises(ValueError, match=r"info\.json is not valid JSON"):
        read_json(tmp_path / "info.json", Any)


def test_lines_are_appended_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "episodes.jsonl"
    assert list(read_json_lines(path)) == []
    with JsonLines(path) as lines:
        lines.append({"seed": 1})
        lines.append({"seed": 2, "instruction": "put the blue “star”\nin the cup"})
    assert [record["seed"] for record in read_json_lines(path)] == [1, 2]


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_last_line_is_ignored_then_cut_off(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "episodes.jsonl"
    whole = b'{"seed": 1}\n{"seed": 2}\n'
    path.write_bytes(whole[:-cut])
    assert [record["seed"] for record in read_json_lines(path)] == [1]
    with JsonLines(path) as lines:
        lines.append({"seed": 3})
    assert [record["seed"] for record in read_json_lines(path)] == [1, 3]


def test_a_damaged_line_in_the_middle_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "episodes.jsonl"
    path.write_bytes(b'{"seed": 1}\n{"se\n{"seed": 3}\n')
    with pytest.raises(ValueError, match=r"line 2 is not valid JSON .* Remove the line"):
        list(read_json_lines(path))


@pytest.mark.slow
def test_a_killed_writer_leaves_whole_records(tmp_path: Path) -> None:
    path = tmp_path / "episodes.jsonl"
    program = (
        "import sys; from pathlib import Path\n"
        "from handeye.experiments.records.run_folder import JsonLines\n"
        "lines = JsonLines(Path(sys.argv[1])); n = 0\n"
        "while True: lines.append({'n': n, 'pad': 'x' * 5000}); n += 1"
    )
    for _ in range(3):
        before = len(list(read_json_lines(path)))
        writer = subprocess.Popen([sys.executable, "-c", program, str(path)])
        while len(list(read_json_lines(path))) < before + 5:
            time.sleep(0.005)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    with JsonLines(path) as lines:
        lines.append({"n": 0, "pad": ""})
    content = path.read_text().splitlines()
    assert all(json.loads(line)["pad"] in ("x" * 5000, "") for line in content)
