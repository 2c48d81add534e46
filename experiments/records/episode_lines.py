"""Records beside a published table: gzipped JSON lines, equal bytes for equal records."""

import gzip
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from handeye.base.json_reader import MOST_BYTES, parse_json
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.run_folder import write_bytes_atomic

FOLDER = "episodes"


def episode_lines_path(result: Path) -> Path:
    """Return where the records of a table lie whose figures are in `result`."""
    return result.parent / FOLDER / f"{result.stem}.jsonl.gz"


def write_episode_lines(path: Path, records: Sequence[EpisodeRecord]) -> None:
    """Write records of any order; real times are rounded, since nothing is counted from them."""
    rounded = (replace(record, wall_s=round(record.wall_s, 3)) for record in records)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_atomic(path, packed(record.to_dict() for record in rounded))


def read_episode_lines(path: Path) -> list[EpisodeRecord]:
    """Return the records of such a file.

    Raises:
        ValueError: it is cut off or damaged, or a line is no record of this version.
    """
    return [
        EpisodeRecord.from_dict(parse_json(line, dict, where := f"{path} line {number}"), where)
        for number, line in enumerate(unpacked(path).splitlines(), 1)
    ]


def packed(lines: Iterable[Any]) -> bytes:
    """Return gzipped JSON lines; equal bytes for equal lines."""
    return gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode(), mtime=0)


def unpacked(path: Path) -> bytes:
    """Return the content of a gzipped file.

    Raises:
        ValueError: it is cut off, damaged, or unpacks to more than a file may hold.
    """
    try:
        with gzip.open(path) as file:
            content = file.read(MOST_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is cut off or damaged ({error}). Take a whole copy.") from error
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path} holds more than {MOST_BYTES // 1_000_000} MB")
    return content
