"""`handeye page`: a transcript as one HTML page that opens offline, each call with its result.

`handeye agent` makes such a page with a frame beside every call. Of transcripts of evaluations, and
of killed runs, it shows the pictures that tools gave.
"""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import jinja2
import numpy as np
from rich.console import Console

from handeye.agents.transcript import TranscriptRecord, load_transcript
from handeye.experiments.pictures.video import Frame, encode_jpeg
from handeye.experiments.records.run_folder import write_text_atomic
from handeye.experiments.reports.config import PageConfig
from handeye.experiments.reports.transcript_shapes import check_records

TEMPLATES = Path(__file__).parents[1] / "templates"


def run(config: PageConfig) -> int:
    """Write the pages and say where they are; exit code 0.

    Raises:
        ValueError: there is no transcript, or a damaged one.
    """
    console = Console()
    for path in transcripts_in(config.transcripts):
        records = load_transcript(path).records
        check_records(path, records)
        ended = [record.data["success"] for record in records if record.kind == "end"]
        if not records or (config.failed and config.transcripts.is_dir() and any(ended)):
            continue
        page = path.with_suffix(".html")
        write_text_atomic(page, render_page(records, recorded_frames(path, records)))
        console.print(page, soft_wrap=True, highlight=False)
    return 0


def transcripts_in(path: Path) -> list[Path]:
    """The transcript itself, or those in a folder or its folder `transcripts`.

    Raises:
        ValueError: there is none.
    """
    if path.is_file():
        return [path]
    found = sorted([*path.glob("transcript*.jsonl"), *path.glob("transcripts/*.jsonl")])
    found = found or [p for p in sorted(path.glob("*.jsonl")) if p.name != "episodes.jsonl"]
    if not found:
        raise ValueError(
            f"there is no transcript in {path}; name a .jsonl file, or the folder of "
            "`handeye agent` or of `handeye evaluate --agent`"
        )
    return found


def recorded_frames(path: Path, records: Sequence[TranscriptRecord]) -> list[Frame | None]:
    """For the start nothing, then for each step the picture that its tool gave, if any.

    Raises:
        ValueError: a picture lies outside the transcript's folder.
    """
    images = [record.data["image"] for record in records if record.kind == "step"]
    return [None, *(_read(path, image) if image else None for image in images)]


def _read(transcript: Path, image: str) -> Frame | None:
    file = (transcript.parent / image).resolve()
    if not file.is_relative_to(transcript.parent.resolve()):
        raise ValueError(f"{transcript} shows {image!r}, which lies outside its folder")
    picture = cv2.imread(str(file)) if file.is_file() else None
    return None if picture is None else np.asarray(picture[..., ::-1], np.uint8)


def render_page(
    records: Sequence[TranscriptRecord], frames: Sequence[Frame | None], video: bytes | None = None
) -> str:
    """The page.

    Args:
        records: of one run, from its start on.
        frames: (H, W, 3) at the start, then after each step; None where there is none.
        video: the run as MP4, if there is one.

    Raises:
        ValueError: the records do not begin with a start, or the frames are too few.
    """
    if not records or records[0].kind != "start":
        raise ValueError("a transcript begins with a record of its start; this one has none")
    steps: list[Mapping[str, Any]] = [record.data for record in records if record.kind == "step"]
    ends = [record.data for record in records if record.kind == "end"]
    pictures = ["" if f is None else _base64(encode_jpeg(f)) for f in frames]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("transcript.html").render(
        start=records[0].data,
        first=pictures[0],
        steps=list(zip(steps, pictures[1:], strict=True)),
        failed=[(n, step) for n, step in enumerate(steps, 1) if not step["result"]["ok"]],
        end=ends[-1] if ends else None,
        video=_base64(video) if video else "",
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
