"""Run folders under kills, full disks and careless flags."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from handeye.experiments.records.run_folder import (
    JsonLines,
    open_run_folder,
    read_json,
    read_json_lines,
    write_json_atomic,
    write_text_atomic,
)


def test_new_and_empty_folders_are_entered(tmp_path: Path) -> None:
    assert open_run_folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "empty").mkdir()
    assert open_run_folder(tmp_path / "empty").is_dir()


def test_an_existing_run_is_refused(tmp_path: Path) -> None:
    run = open_run_folder(tmp_path / "run")
    (run / "result.json").write_text("{}")
    with pytest.raises(FileExistsError, match=r"--resume .* --overwrite"):
        open_run_folder(run)
    assert (run / "result.json").exists()


def test_resume_keeps_and_overwrite_clears(tmp_path: Path) -> None:
    run = open_run_folder(tmp_path / "run")
    (run / "result.json").write_text("{}")
    assert (open_run_folder(run, resume=True) / "result.json").exists()
    assert not (open_run_folder(run, overwrite=True) / "result.json").exists()
    with pytest.raises(ValueError, match="exclude each other"):
        open_run_folder(run, resume=True, overwrite=True)


def test_overwrite_never_deletes_a_folder_that_is_not_a_run(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match="not made by handeye"):
        open_run_folder(tmp_path, overwrite=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    with pytest.raises(FileExistsError, match="is a file"):
        open_run_folder(tmp_path / "run", overwrite=True)


def test_atomic_write_replaces_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "info.json"
    write_json_atomic(path, {"a": 1})
    write_json_atomic(path, {"a": 2})
    assert read_json(path) == {"a": 2}
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
    assert read_json(path) == {"old": True}
    assert [p.name for p in tmp_path.iterdir()] == ["info.json"]


def test_nan_is_refused_by_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json_atomic(tmp_path / "x.json", {"rate": float("nan")})
    assert not (tmp_path / "x.json").exists()


def test_damaged_json_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "info.json").write_text('{"a": ')
    with pytest.raises(ValueError, match=r"info\.json is not valid JSON"):
        read_json(tmp_path / "info.json")


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
    with pytest.raises(ValueError, match="line 2 is damaged"):
        list(read_json_lines(path))


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
