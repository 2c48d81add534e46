"""Records beside a table: what was written is read, and damage is told by name."""

from dataclasses import replace
from pathlib import Path

import pytest

from handeye.experiments.records.episode_lines import (
    episode_lines_path,
    read_episode_lines,
    write_episode_lines,
)
from tests.experiments.records.test_episode import RECORD, WALKED


def test_what_was_written_is_read_and_equal_records_are_equal_bytes(tmp_path: Path) -> None:
    path = episode_lines_path(tmp_path / "nano_seen.json")
    assert path == tmp_path / "episodes" / "nano_seen.jsonl.gz"
    records = [RECORD, replace(WALKED, wall_s=1.5)]
    write_episode_lines(path, records)
    assert read_episode_lines(path) == records
    before = path.read_bytes()
    write_episode_lines(path, [RECORD, replace(WALKED, wall_s=1.50001)])
    assert path.read_bytes() == before


def test_a_file_that_is_cut_off_or_edited_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    write_episode_lines(path, [RECORD])
    whole = path.read_bytes()
    for damaged in (whole[:-9], b"no gzip", whole[:20] + b"x" + whole[21:]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"a\.jsonl\.gz is cut off or damaged"):
            read_episode_lines(path)
