"""What an evaluation left, read whole or refused."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handeye.experiments.comparison.read_side import is_recorded, read_side
from handeye.experiments.comparison.side import check_alike, shared_episodes, with_own_names
from handeye.experiments.records.episode_lines import write_episode_lines
from tests.experiments.comparison.runs import FIRST, info_of, lines, record, records, write_run

OUTCOMES = {"reach": [True, False, True], "stack": [False, False, True]}


def test_a_run_folder_is_read(tmp_path: Path) -> None:
    blank = replace(record("reach", FIRST, False, condition="blank"))
    lost = record("stack", FIRST + 3, False, worker_lost=True)
    folder = write_run(tmp_path / "nano", [*records(OUTCOMES), blank, lost])
    (folder / "videos").mkdir()
    film = folder / "videos" / f"reach_{FIRST + 1}_failure.mp4"
    film.write_bytes(b"film")
    side = read_side(folder)
    assert (side.name, side.outcomes) == ("nano", OUTCOMES)
    assert side.solved["reach", FIRST + 1] is False
    assert side.lost == {("stack", FIRST + 3)}
    assert side.films == {("reach", FIRST + 1): film}
    assert side.facts["version of the suite"] == "2"
    assert read_side(folder / "eval_info.json").solved == side.solved
    assert read_side(folder / "episodes.jsonl").solved == side.solved
    assert is_recorded(str(folder))
    assert not is_recorded("oracle")


def test_an_episode_that_was_lost_and_run_again_counts_once(tmp_path: Path) -> None:
    again = [record("reach", FIRST, False, worker_lost=True), *records({"reach": [True]})]
    side = read_side(write_run(tmp_path / "nano", again))
    assert side.solved == {("reach", FIRST): True}
    assert not side.lost


def test_episodes_beside_a_table_are_read(tmp_path: Path) -> None:
    kept = records(OUTCOMES)
    result = tmp_path / "nano_seen.json"
    result.write_text(json.dumps(info_of(kept, "nano")))
    alone = read_side(result)
    assert (alone.outcomes["reach"], alone.solved) == ([True, True, False], {})
    packed = tmp_path / "episodes" / "nano_seen.jsonl.gz"
    write_episode_lines(packed, kept)
    assert read_side(result).outcomes == read_side(packed).outcomes == OUTCOMES


def test_what_was_cut_off_or_edited_is_refused(tmp_path: Path) -> None:
    kept = records(OUTCOMES)
    folder = write_run(tmp_path / "nano", kept)
    path, whole = folder / "episodes.jsonl", lines(kept)
    row = whole.splitlines(keepends=True)
    bad = {
        whole[:-9]: r"episodes.jsonl is cut off",
        "".join(row[:-1]): r"of stack it holds 0 successes in 2 episodes, and .* says 1",
        whole.replace('"success": false', '"success": true', 1): r"reach it holds 3 .* says 2 in 3",
        whole + row[0]: r"edited: it holds reach/1000000/true twice",
        whole.replace('"seed": 1000001', '"seed": 1000009', 1): r"line 2 was edited: it is called",
        whole.replace('"schema": 2', '"schema": 1', 1): r"line 1 is of schema 1",
        whole.replace('"split": "seen"', '"split": "phrasing"', 1): r"mixes runs: split phrasing",
        "": "is cut off",
        "[1]\n": "line 1 must be an object",
    }
    for text, message in bad.items():
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            read_side(folder)
    (folder / "eval_info.json").unlink()
    with pytest.raises(ValueError, match=r"not finished: eval_info.json is missing"):
        read_side(folder)
    packed = tmp_path / "nano.jsonl.gz"
    packed.write_bytes(gzip.compress(whole.encode())[:-20])
    with pytest.raises(ValueError, match=r"nano.jsonl.gz is cut off or damaged"):
        read_side(packed)
    blank = tmp_path / "blank.jsonl"
    blank.write_text(lines(records(OUTCOMES, condition="blank")))
    with pytest.raises(ValueError, match="no episode with true instructions"):
        read_side(blank)


def lerobot(path: Path, data: dict[str, Any]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**data, "overall": {"pc_success": 50.0}}))
    return path


def test_files_of_lerobot_are_read(tmp_path: Path) -> None:
    seeded = {"per_episode": [
        {"episode_ix": 0, "sum_reward": 1.0, "max_reward": 1.0, "success": True, "seed": 7},
        {"episode_ix": 1, "sum_reward": 0.0, "max_reward": 0.0, "success": False, "seed": 8},
    ]}  # fmt: skip
    old = read_side(lerobot(tmp_path / "act" / "eval_info.json", seeded))
    assert (old.name, old.solved) == ("act", {("all", 7): True, ("all", 8): False})
    tasks = {"per_task": [
        {"task_group": "libero", "task_id": 3, "metrics": {"successes": [True, False]}},
    ]}  # fmt: skip
    new = lerobot(tmp_path / "pi" / "eval_info.json", tasks)
    assert read_side(new).outcomes == {"libero 3": [True, False]}
    assert not read_side(new).solved
    assert read_side(new, by_order=True).solved == {("libero 3", 0): True, ("libero 3", 1): False}
    with pytest.raises(ValueError, match="per_episode"):
        read_side(lerobot(tmp_path / "no" / "eval_info.json", {"per_episode": [{"success": 1}]}))


def test_what_differs_is_named_with_both_sides(tmp_path: Path) -> None:
    side = read_side(write_run(tmp_path / "a", records(OUTCOMES)))
    for field, value, message in (
        ("suite", "tabletop-long", "suite 'tabletop-core' and 'tabletop-long'"),
        ("suite_version", 1, "version of the suite '2' and '1'"),
        ("split", "phrasing", "split 'seen' and 'phrasing'"),
        ("renderer_fingerprint", "xyz", "renderer 'abc' and 'xyz'"),
    ):
        kept = records(OUTCOMES, **{field: value})
        other = read_side(write_run(tmp_path / field / "b", kept))
        with pytest.raises(ValueError, match=message) as raised:
            check_alike(side, other)
        assert str(side.where) in str(raised.value)
        assert str(other.where) in str(raised.value)
    lenient = replace(side, facts={**side.facts, "success rule": "lenient"})
    with pytest.raises(ValueError, match="success rule 'strict' and 'lenient'"):
        check_alike(side, lenient)
    with pytest.raises(ValueError, match="no task in common: reach, stack and sort"):
        check_alike(side, replace(side, outcomes={"sort": [True]}))


def test_no_common_episode_is_said() -> None:
    sides = [read_like(seed) for seed in (FIRST, FIRST + 500)]
    with pytest.raises(ValueError, match="seeds 1000000 to 1000001 and 1000500 to 1000501"):
        shared_episodes(*sides)


def read_like(first: int) -> Any:
    from handeye.experiments.comparison.side import Side

    solved = {("reach", first): True, ("reach", first + 1): False}
    return Side.of_episodes("nano", f"runs/{first}", {}, solved)


def test_sides_of_one_name_are_told_apart() -> None:
    one, other = read_like(1), read_like(2)
    assert [side.name for side in with_own_names([one, other])] == ["nano (1)", "nano (2)"]
    assert [side.name for side in with_own_names([one, one])] == ["nano (1) 1", "nano (1) 2"]
    assert [side.name for side in with_own_names([one])] == ["nano"]
