"""The file beside an episode: its frames once, and what is said about them, as JSON."""

from typing import Any, TypedDict

from handeye.base.json_reader import JsonError
from handeye.experiments.data.vl.examples import Box, Frame, SeenThing, VlExample

RECORD_FORMAT = "handeye-vl-1"


class StoredExample(TypedDict):
    """An example in JSON: frames by their numbers in the record."""

    kind: str
    about: str
    question: str
    answer: str
    frames: list[int]
    bodies: list[str]
    boxes: list[Box]
    wrong: str
    before: list[tuple[str, str]]


class VlRecord(TypedDict):
    """The file beside an episode: its frames, and what is said about them."""

    format: str
    frames: list[Frame]
    examples: list[StoredExample]


def to_record(examples: list[VlExample]) -> VlRecord:
    """Return examples of one episode as JSON-able data; `from_record` is the inverse."""
    frames = list(dict.fromkeys(frame for one in examples for frame in one.frames))
    rows: list[StoredExample] = [
        {
            "kind": one.kind,
            "about": one.about,
            "question": one.question,
            "answer": one.answer,
            "frames": [frames.index(frame) for frame in one.frames],
            "bodies": list(one.bodies),
            "boxes": list(one.boxes),
            "wrong": one.wrong,
            "before": list(one.before),
        }
        for one in examples
    ]
    return {"format": RECORD_FORMAT, "frames": frames, "examples": rows}


def from_record(data: VlRecord, where: str) -> list[VlExample]:
    """Return the examples of a record of the right shape.

    Raises:
        JsonError: an example names a frame that is not there, or its boxes do not fit its words.
    """
    frames = [_frame(row) for row in data["frames"]]
    examples = []
    for number, row in enumerate(data["examples"]):
        if not all(0 <= index < len(frames) for index in row["frames"]):
            raise JsonError(f"{where}: examples[{number}] is about a frame that is not there")
        fields: dict[str, Any] = {
            **row,
            "frames": tuple(frames[index] for index in row["frames"]),
            "bodies": tuple(row["bodies"]),
            "boxes": tuple(_box(box) for box in row["boxes"]),
            "before": tuple((question, answer) for question, answer in row["before"]),
        }
        try:
            examples.append(VlExample(**fields))
        except ValueError as error:
            raise JsonError(f"{where}: examples[{number}]: {error}") from error
    return examples


def _frame(row: Frame) -> Frame:
    """A frame that JSON gave as lists."""
    episode, time, camera, turn_rad, room, things = row
    seen = (SeenThing(*thing) for thing in things)
    boxed = tuple(one._replace(box=_box(one.box)) for one in seen)
    return Frame(episode, time, camera, turn_rad, room, boxed)


def _box(row: Box) -> Box:
    x0, y0, x1, y1 = row
    return (x0, y0, x1, y1)
