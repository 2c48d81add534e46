"""What a page reads of the records of a transcript."""

from pathlib import Path
from typing import Any, TypedDict

from handeye.agents.transcript import TranscriptRecord
from handeye.base.json_reader import check_shape


class Start(TypedDict):
    """The first record."""

    instruction: str
    planner: str
    seed: int


class Call(TypedDict):
    """The call of a step."""

    name: str
    arguments: dict[str, Any]


class Result(TypedDict):
    """What came of it."""

    ok: bool
    reason: str


class Tokens(TypedDict):
    """Tokens of the language model so far."""

    input_tokens: int
    output_tokens: int


class Step(TypedDict):
    """A call and its result."""

    call: Call
    result: Result
    image: str | None
    usage: Tokens
    planned_s: float
    steps: int


class Claim(TypedDict):
    """The planner's last word."""

    claim: str
    answer: str


class End(TypedDict):
    """The last record."""

    done: Claim | None
    ended_by: str
    success: bool
    calls: int
    failed_calls: int
    mistakes: int
    tokens: int
    steps: int
    wall_s: float


SHAPES = {"start": Start, "step": Step, "end": End}


def check_records(path: Path, records: tuple[TranscriptRecord, ...]) -> None:
    """Raise a JsonError that names the file, the line and the field of what a page cannot show."""
    for record in records:
        if record.kind in SHAPES:
            where = f"{path} line {record.number + 1}"
            check_shape(dict(record.data), SHAPES[record.kind], where)
