"""Record the published figures anew: `make results`.

    python -m handeye.experiments.showcase.record_rows            # every row that is not up to date
    python -m handeye.experiments.showcase.record_rows --list     # what is missing, and how long

A row is one line of `published_rows.toml`: a name and a command that takes `--result`. It is up to
date where `results/<name>.json` carries the fingerprint of the code as it is now. Rows are run one
after the other, each in a folder of its own that is continued after an interruption, and kept in
`results/next` until all are there: then they take the place of those published. So recording may be
spread over several days, and no table mixes two versions of the code; as soon as the code changes,
every row is due again.
"""

import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import tyro

from handeye.base.json_reader import read_json
from handeye.experiments.records.provenance import code_fingerprint

WAITING = "next"  # Folder of rows that wait for the others.
ROWS = Path(__file__).with_name("published_rows.toml")


@dataclass(frozen=True)
class RecordRowsConfig:
    """Which rows to record, and where.

    Attributes:
        only: pattern of names, such as "nano_*".
        results: folder of the figures.
        output_dir: gets the run folders, which need not be kept.
        minutes: begin no row after so many; 0 for no limit.
        list: tell what is due and do nothing.
    """

    only: str = "*"
    results: Path = Path("results")
    output_dir: Path = Path("outputs/results")
    minutes: float = 0.0
    list: bool = False


@dataclass(frozen=True)
class Row:
    """One published figure.

    Attributes:
        name: of its file, without suffix.
        command: words after `handeye`, or after `python -m` where they name a module.
    """

    name: str
    command: str

    def arguments(self, folder: Path, result: Path) -> list[str]:
        """Return the command line that records the row, continued if it was begun."""
        words = shlex.split(self.command)
        module = words.pop(0) if words[0].startswith("handeye.") else "handeye.experiments.cli"
        command = [sys.executable, "-m", module, *words, "--result", str(result)]
        if words[:1] == ["evaluate"]:
            command += ["--output_dir", str(folder), "--resume", "--films", "0"]
        return command


def run(config: RecordRowsConfig) -> int:
    """Record what is due; exit code 0, or 1 if a row failed."""
    rows = [row for row in read_rows(ROWS) if fnmatch(row.name, config.only)]
    if not rows:
        raise ValueError(f"no row is named {config.only!r}; --list names them all")
    fingerprint = code_fingerprint()
    waiting = config.results / WAITING
    places = (config.results, waiting)
    due = [row for row in rows if not any(is_recorded(p, row, fingerprint) for p in places)]
    print(f"{len(rows) - len(due)} of {len(rows)} rows are recorded with the code {fingerprint}")
    if config.list:
        print("\n".join(f"  due: {row.name}: {row.command}" for row in due))
        return 0
    started, failed = time.monotonic(), 0
    for number, row in enumerate(due, 1):
        spent = (time.monotonic() - started) / 60
        if config.minutes and spent > config.minutes:
            print(f"{len(due) - number + 1} rows are left for another time")
            break
        print(f"{number} of {len(due)}, after {spent:.0f} min: {row.name}", flush=True)
        folder = config.output_dir / fingerprint / row.name
        failed += record(row, folder, waiting / f"{row.name}.json")
    if all(is_recorded(waiting, row, fingerprint) for row in read_rows(ROWS)):
        publish(waiting, config.results)
    return int(failed > 0)


def record(row: Row, folder: Path, result: Path) -> bool:
    """Run a row's command; return whether it failed."""
    code = subprocess.run(row.arguments(folder, result), check=False).returncode
    if code:
        print(f"{row.name} failed with exit code {code}", file=sys.stderr)
    return code != 0


def publish(waiting: Path, results: Path) -> None:
    """Let rows that waited for the last one take the place of those published."""
    for path in sorted(p for p in waiting.rglob("*") if p.is_file()):
        target = results / path.relative_to(waiting)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    shutil.rmtree(waiting)
    print(f"all rows are recorded and published in {results}; `make tables` shows them")


def read_rows(path: Path) -> Sequence[Row]:
    """Return the rows of a TOML file: a table of names and commands.

    Raises:
        ValueError: two rows have one name, or the file is no TOML.
    """
    listed = tomllib.loads(path.read_text())
    return [Row(name, command) for part in listed.values() for name, command in part.items()]


def is_recorded(results: Path, row: Row, fingerprint: str) -> bool:
    """Return whether a row's figure was measured with the code of a fingerprint."""
    path = results / f"{row.name}.json"
    if not path.exists():
        return False
    found = read_json(path, object)
    parts = found if isinstance(found, list) else [found]
    return bool(parts) and all(
        isinstance(one, dict) and one.get("fingerprint") == fingerprint for one in parts
    )


if __name__ == "__main__":
    sys.exit(run(tyro.cli(RecordRowsConfig, use_underscores=True)))
