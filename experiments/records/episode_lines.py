"""Records beside a published table: gzipped JSON lines, equal bytes for equal records."""

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from handeye.base.json_reader import parse_json
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.run_folder import write_bytes_atomic

FOLDER = "episodes"


def episode_lines_path(result: Path) -> Path:
    """Return where the records of a table lie whose figures are in `result`."""
    return result.parent / FOLDER / f"{result.stem}.jsonl.gz"


def write_episode_lines(path: Path, records: Sequence[EpisodeRecord]) -> None:
    """Write records of any order; real times are rounded, since nothing is counted from them."""
    rounded = (replace(record, wall_s=round(record.wall_s, 3)) for record in records)
    lines = "".join(json.dumps(record.to_dict()) + "\n" for record in rounded)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes_atomic(path, gzip.compress(lines.encode(), mtime=0))


def read_episode_lines(path: Path) -> list[EpisodeRecord]:
    """Return the records of such a file.

    Raises:
        ValueError: it is cut off or damaged, or a line is no record of this version.
    """
    try:
        content = gzip.decompress(path.read_bytes()).decode()
    except (EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} is cut off or damaged ({error}); take it from the repository again"
        ) from error
    return [
        EpisodeRecord.from_dict(parse_json(line, dict, where := f"{path} line {number}"), where)
        for number, line in enumerate(content.splitlines(), 1)
    ]
