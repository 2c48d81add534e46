"""The transcript of a run: a line of JSON for each record, pictures as PNG files beside it.

Each record is a single write and on disk when it returns, its picture before it, so a kill costs at
most the last record. Records are numbered: whoever reads them notices one that is missing.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.conversation import Usage
from handeye.agents.core.planner import Step
from handeye.base.json_reader import JsonError, parse_json

if TYPE_CHECKING:
    from handeye.agents.agent import AgentResult

FORMAT = "handeye.transcript/1"
KINDS = ("start", "note", "step", "end")


class TranscriptError(ValueError):
    """A transcript that cannot be read or gone on with; the message says where and what to do."""


@dataclass(frozen=True)
class TranscriptRecord:
    """One line.

    Attributes:
        number: counted from 0.
        kind: one of `KINDS`.
        data: plain values; "image" names a PNG file beside the transcript.
    """

    number: int
    kind: str
    data: Mapping[str, Any]


class Loaded(NamedTuple):
    """The contents of a file: its whole records, and whether a torn last line was left out."""

    records: tuple[TranscriptRecord, ...]
    torn: bool


class Transcript:
    """Appends the records of one run to a new file.

    Args:
        path: of the file, ending in .jsonl; its pictures go to a folder of the same name without
            the ending.

    Raises:
        TranscriptError: the file is there already.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = open(path, "xb", buffering=0)  # noqa: SIM115 - closed by __exit__
        except FileExistsError as error:
            raise TranscriptError(f"{path} exists; give each run a file of its own") from error
        self._frames, self._count = path.with_suffix(""), 0

    def start(self, instruction: str, planner_id: str, seed: int) -> None:
        """The first record."""
        told = {"instruction": instruction, "planner": planner_id, "seed": seed}
        self._append("start", {"format": FORMAT, **told})

    def note(self, data: Mapping[str, Any]) -> None:
        """Anything else worth keeping, such as a language model's messages."""
        self._append("note", data)

    def step(self, step: Step, usage: Usage, planned_s: float, steps: int) -> None:
        """A call and its result; tokens and simulator steps are counted from the start."""
        call, result = step
        image = self._save(result.image.rgb) if result.image else None
        self._append(
            "step",
            {
                "call": {**call._asdict(), "arguments": dict(call.arguments)},
                "result": {"ok": result.ok, "reason": result.reason, "data": dict(result.data)},
                "image": image,
                "usage": usage._asdict(),
                "planned_s": round(planned_s, 4),
                "steps": steps,
            },
        )

    def end(self, result: "AgentResult") -> None:
        """The last record; the environment's info stays out, since it is privileged."""
        told = {k: v for k, v in asdict(result).items() if k != "info"}
        done = result.done._asdict() if result.done else None
        self._append("end", {**told, "done": done})

    def _save(self, rgb: NDArray[np.uint8]) -> str:
        """Write a picture (H, W, 3); its path relative to the transcript."""
        self._frames.mkdir(exist_ok=True)
        file = self._frames / f"{self._count:05d}.png"
        done, content = cv2.imencode(".png", rgb[..., ::-1])
        if not done:
            raise OSError(f"{file} could not be encoded")
        temporary = file.with_suffix(".tmp")
        with open(temporary, "wb") as picture:
            picture.write(content.tobytes())
            picture.flush()
            os.fsync(picture.fileno())
        os.replace(temporary, file)
        return f"{self._frames.name}/{file.name}"

    def _append(self, kind: str, data: Mapping[str, Any]) -> None:
        record = {"number": self._count, "kind": kind, "data": data}
        line = json.dumps(record, allow_nan=False, default=_plain).encode() + b"\n"
        written = self._file.write(line)
        if written != len(line):  # a full disk may take a part of it
            raise OSError(f"only {written} of {len(line)} bytes of a record could be written")
        os.fsync(self._file.fileno())
        self._count += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RecordLine(TypedDict):
    """A line of a transcript."""

    number: int
    kind: str
    data: dict[str, Any]


def load_transcript(path: Path) -> Loaded:
    """The records of a file; a torn last line, the mark of a kill, is left out.

    Raises:
        TranscriptError: no transcript, or a damaged or missing line before the last.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TranscriptError(f"{path} cannot be read ({error.strerror})") from error
    whole = content.rfind(b"\n") + 1
    records = tuple(
        _record(path, number, line) for number, line in enumerate(content[:whole].split(b"\n")[:-1])
    )
    if records and records[0].data.get("format") != FORMAT:
        raise TranscriptError(f"{path} does not begin as a {FORMAT}; is it another file?")
    return Loaded(records, torn=whole < len(content))


def _record(path: Path, number: int, line: bytes) -> TranscriptRecord:
    where = f"{path} line {number + 1}"
    try:
        fields = parse_json(line, RecordLine, "it")
        record = TranscriptRecord(fields["number"], fields["kind"], fields["data"])
    except JsonError as error:
        remedy = "the lines before it can be kept"
        raise TranscriptError(f"{where} is damaged ({error}); {remedy}") from error
    if record.number != number:
        raise TranscriptError(f"{where} is record {record.number}: one is missing or doubled")
    if record.kind not in KINDS:
        raise TranscriptError(f"{where} is of the unknown kind {record.kind!r}")
    return record


def _plain(value: object) -> Any:
    """Return what JSON does not know: numpy's numbers and arrays, dataclasses."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"a transcript cannot hold a {type(value).__name__}")
