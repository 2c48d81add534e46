"""A transcript as one HTML page that opens offline: each call with its result and a frame."""

import base64
from collections.abc import Sequence
from pathlib import Path

import jinja2

from handeye.agents.transcript import Record
from handeye.experiments.video import Frame, encode_jpeg

TEMPLATES = Path(__file__).parent / "templates"


def render_page(records: Sequence[Record], frames: Sequence[Frame], video: bytes) -> str:
    """The page.

    Args:
        records: of one run, from its start on.
        frames: (H, W, 3) at the start, then after each step.
        video: the run as MP4.

    Raises:
        ValueError: the records do not begin with a start, or the frames are too few.
    """
    if not records or records[0].kind != "start":
        raise ValueError("a transcript begins with a record of its start; this one has none")
    steps = [record.data for record in records if record.kind == "step"]
    ends = [record.data for record in records if record.kind == "end"]
    pictures = [base64.b64encode(encode_jpeg(frame)).decode() for frame in frames]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("transcript.html").render(
        start=records[0].data,
        first=pictures[0],
        steps=list(zip(steps, pictures[1:], strict=True)),
        end=ends[-1] if ends else None,
        video=base64.b64encode(video).decode(),
    )
