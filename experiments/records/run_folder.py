"""Run folders: one process at a time, no run lost by accident, files that a kill leaves whole.

A run is one folder. It is either new, continued (`--resume`) or started over (`--overwrite`), never
two of these by accident. Whoever works in it holds a lock that vanishes with the process. A start
that fails leaves no folder behind, and brings back what `--overwrite` had set aside. Whole files
appear under their final name only when complete and on disk; JSON lines are appended with one write
each, and a torn last line, the mark of a kill, is dropped when the run continues.
"""

import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Self

from handeye.base.json_reader import JsonError, parse_json

MARKER = ".handeye_run"  # locked by the process that works in the folder
SET_ASIDE = ".overwritten"  # holds what --overwrite replaces until the new run has begun
# A run writes these before it has done anything; so does TensorBoard.
SETTINGS_FILES = ("config.json", "dataset.json", "train.json", "train_eyes.json",
                  "train_palm_e.json", "train_planner.json")  # fmt: skip
OWN_FILES = (MARKER, *SETTINGS_FILES)
EVENTS = "events.out.tfevents"
NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)  # some network file systems have none
_locked: set[int] = set()  # descriptors


@contextmanager
def open_run_folder(path: Path, *, resume: bool = False, overwrite: bool = False) -> Iterator[Path]:
    """Create the folder of a run, or enter it again as told, and hold it until the block ends.

    If the block raises before the run has written more than its settings, all is as it was before.

    Args:
        path: the `--output_dir`.
        resume: continue in the folder (it may be new).
        overwrite: replace what is there.

    Yields:
        The same path, existing.

    Raises:
        FileExistsError: a run is there and neither flag was given, or files that no run made.
        ValueError: both flags, a folder that cannot be made, or one in which another process works.
    """
    if resume and overwrite:
        raise ValueError("--resume and --overwrite exclude each other. Give one of them.")
    if path.exists() and not path.is_dir():
        raise FileExistsError(f"{path} is a file. Choose a folder as --output_dir.")
    if path.is_dir() and any(path.iterdir()) and not any((path / n).exists() for n in OWN_FILES):
        raise FileExistsError(
            f"{path} holds files, and was not made by handeye, so it is left alone. "
            "Choose another --output_dir."
        )
    made = _make_folders(path)
    try:
        with _lock(path / MARKER):
            occupied = holds_run(path)
            if not occupied:
                _restore(path)  # what a start that was killed left behind
                occupied = holds_run(path)
            if occupied and not (resume or overwrite):
                raise FileExistsError(
                    f"{path} holds a run already. Add --resume to continue it, --overwrite to "
                    "start over, or choose another --output_dir."
                )
            with _undone_on_failure(path, set_aside=occupied and overwrite):
                yield path
    finally:
        for folder in reversed(made):
            with suppress(OSError):  # those that hold something stay
                folder.rmdir()


def holds_run(path: Path) -> bool:
    """Return whether a run has written more into its folder than its settings."""
    return any(
        file.stat().st_size > 0
        for file in path.rglob("*")
        if not file.name.startswith((".", EVENTS))
        and file.name not in SETTINGS_FILES
        and SET_ASIDE not in file.parts
        and file.is_file()
    )


def _make_folders(path: Path) -> list[Path]:
    """Make the folder and its parents; return those that are new, outermost first."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    with _told_plainly(path):
        path.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


@contextmanager
def _told_plainly(path: Path) -> Iterator[None]:
    """Say what `--output_dir` has to do with a place where nothing can be written."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        cause = (error.strerror or str(error)).lower()
        raise ValueError(
            f"nothing can be written to --output_dir {path} ({cause}). Choose another place."
        ) from error


@contextmanager
def _lock(marker: Path) -> Iterator[None]:
    """Hold a folder by its marker, which goes again if nothing else came to stand beside it."""
    with _told_plainly(marker.parent):
        descriptor = os.open(marker, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    _locked.add(descriptor)
    try:
        _take(descriptor, marker)
        try:
            yield
        finally:
            if list(marker.parent.iterdir()) == [marker]:
                marker.unlink()
    finally:
        _locked.discard(descriptor)
        os.close(descriptor)


def _take(descriptor: int, marker: Path) -> None:
    """Lock an open marker and write this process's id into it; raise if another has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = marker.exists() and os.path.samestat(os.fstat(descriptor), marker.stat())
    except BlockingIOError:
        free = False
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        return
    if not free:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        who = f"process {holder}" if holder else "another process"
        raise ValueError(
            f"{who} works in {marker.parent}. Wait until it ends, or choose another --output_dir."
        )
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def _let_go() -> None:
    for descriptor in _locked:
        os.close(descriptor)
    _locked.clear()


os.register_at_fork(after_in_child=_let_go)  # else a child that lives on would hold the folder


@contextmanager
def _undone_on_failure(path: Path, *, set_aside: bool) -> Iterator[None]:
    """Bring the folder back to what it was if the block raises before a run has begun in it.

    With `set_aside` the block begins with nothing: what is there comes back, or goes for good.
    """
    aside = path / SET_ASIDE
    shutil.rmtree(aside, ignore_errors=True)  # of a run that began and was killed
    if set_aside:
        there = [item for item in path.iterdir() if item.name != MARKER]
        aside.mkdir()
        for item in there:
            item.rename(aside / item.name)
    try:
        yield
    except BaseException:
        if not holds_run(path):
            _restore(path)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _restore(path: Path) -> None:
    """Remove what a start has written, and bring back what it had set aside."""
    aside = path / SET_ASIDE
    for item in path.iterdir():
        if item.name not in (MARKER, SET_ASIDE):
            shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
    if aside.is_dir():
        for item in aside.iterdir():
            item.rename(path / item.name)
        aside.rmdir()


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


def read_json_lines(path: Path, shape: Any = dict[str, Any]) -> Iterator[Any]:
    """Yield the records of a JSON-lines file, in order; a torn last line is ignored.

    Args:
        path: of the file; where there is none there are no records.
        shape: of every record, see `json_reader.check_shape`.

    Raises:
        JsonError: a line before the last is damaged or of another shape (named by its number).
    """
    if not path.exists():
        return
    content = path.read_bytes()
    for number, line in enumerate(content[: content.rfind(b"\n") + 1].split(b"\n")[:-1], 1):
        try:
            yield parse_json(line, shape, f"{path} line {number}")
        except JsonError as error:
            raise JsonError(f"{error}. Remove the line, and --resume runs it again.") from error
