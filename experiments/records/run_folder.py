"""Run folders: refuse to overwrite, write atomically, append so that a kill loses one line at most.

A run is one folder. It is either new, continued (`--resume`) or started over (`--overwrite`), never
two of these by accident. Whole files appear under their final name only when complete and on disk;
JSON lines are appended with one write each, and a torn last line, the mark of a kill, is dropped
when the run continues.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self

MARKER = ".handeye_run"


def open_run_folder(path: Path, *, resume: bool = False, overwrite: bool = False) -> Path:
    """Create the folder of a run, or enter it again as told.

    Args:
        path: the `--output_dir`.
        resume: continue in the folder (it may be new).
        overwrite: delete what is there first; only a folder that a run made is ever deleted.

    Returns:
        The same path, existing.

    Raises:
        FileExistsError: something is there and neither flag was given.
        ValueError: both flags, or `overwrite` of a folder that no run made.
    """
    if resume and overwrite:
        raise ValueError("--resume and --overwrite exclude each other. Give one of them.")
    if path.exists() and not path.is_dir():
        raise FileExistsError(f"{path} is a file. Choose a folder as --output_dir.")
    occupied = path.is_dir() and any(path.iterdir())
    if occupied and overwrite:
        if not (path / MARKER).exists():
            raise ValueError(
                f"{path} was not made by handeye, so --overwrite leaves it alone. "
                "Choose another --output_dir, or remove the folder yourself."
            )
        shutil.rmtree(path)
    elif occupied and not resume:
        raise FileExistsError(
            f"{path} holds a run already. Add --resume to continue it, --overwrite to start over, "
            "or choose another --output_dir."
        )
    path.mkdir(parents=True, exist_ok=True)
    (path / MARKER).touch()
    return path


def write_bytes_atomic(path: Path, content: bytes) -> None:
    """Write a whole file or nothing: temporary file, fsync, rename, fsync of the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)  # mkstemp makes it private
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


def write_text_atomic(path: Path, text: str) -> None:
    """`write_bytes_atomic` of UTF-8 text."""
    write_bytes_atomic(path, text.encode())


def write_json_atomic(path: Path, value: Any) -> None:
    """`write_bytes_atomic` of indented JSON; NaN is refused, since JSON has none."""
    write_text_atomic(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file; a damaged one is a ValueError that names it."""
    try:
        return json.loads(path.read_text())
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not valid JSON ({error}). Restore or remove it.") from error


def fsync_folder(path: Path) -> None:
    """Make the folder's entries (a rename, a new file) survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class JsonLines:
    """An append-only JSON-lines file; every line is one record.

    Opening it for appending cuts off a torn last line first. Each record is a single write and is
    on disk when `append` returns, so whoever reads the file later sees whole records only.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = open(path, "ab", buffering=0)  # noqa: SIM115 - closed by __exit__
        whole = whole_lines_length(path)
        if whole != self._file.tell():
            self._file.truncate(whole)
            self._file.seek(whole)

    def append(self, record: Any) -> None:
        """Write one record as a line."""
        line = json.dumps(record, allow_nan=False).encode() + b"\n"
        written = self._file.write(line)
        if written != len(line):  # a full disk may take a part of it
            raise OSError(f"only {written} of {len(line)} bytes of a record could be written")
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def whole_lines_length(path: Path) -> int:
    """Bytes up to and including the last newline: what is left of the file after a kill."""
    return path.read_bytes().rfind(b"\n") + 1


def read_json_lines(path: Path) -> Iterator[Any]:
    """Records of a JSON-lines file, in order; a torn last line is ignored.

    Raises:
        ValueError: a line before the last is damaged (named by its number).
    """
    if not path.exists():
        return
    content = path.read_bytes()
    for number, line in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), 1):
        try:
            yield json.loads(line)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ValueError(
                f"{path} line {number} is damaged ({error}). Remove the line to evaluate that "
                "episode again with --resume."
            ) from error
