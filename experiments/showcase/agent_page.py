"""The transcript of docs/agents.md, a frame beside each call.

handeye agent --task tabletop-long --output_dir outputs/agent
python -m handeye.experiments.showcase.agent_page --transcript outputs/agent/transcript.html
"""

import base64
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import tyro

from handeye.agents.transcript import TranscriptRecord, load_transcript
from handeye.experiments.pictures.video import Frame, encode_jpeg
from handeye.experiments.records.markdown import insert, markdown
from handeye.experiments.records.run_folder import write_bytes_atomic, write_text_atomic

BEGIN = "<!-- written by `python -m handeye.experiments.showcase.agent_page` -->"
END = "<!-- end of what is written by the command -->"
FRAME = re.compile(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)")
WIDTH_PX = 160


@dataclass(frozen=True)
class AgentPageConfig:
    """What to show.

    Attributes:
        transcript: the page that `handeye agent` wrote.
        page: the Markdown file with the markers.
        pictures: folder of the frames, beside the page.
    """

    transcript: Path
    page: Path = Path("docs/agents.md")
    pictures: Path = Path("docs/pictures/agent")


def run(config: AgentPageConfig) -> int:
    """Write the table and its pictures, in place of those of before.

    Raises:
        ValueError: the page lacks a frame for some call; it is not one of `handeye agent`.
    """
    records = load_transcript(config.transcript.with_suffix(".jsonl")).records
    frames = [_decoded(found) for found in FRAME.findall(config.transcript.read_text())]
    steps = [record for record in records if record.kind == "step"]
    if len(frames) != 1 + len(steps):
        raise ValueError(
            f"{config.transcript} has {len(frames)} frames for {len(steps)} calls; give the page "
            "that `handeye agent` wrote"
        )
    config.pictures.mkdir(parents=True, exist_ok=True)
    for old in config.pictures.glob("*.jpg"):
        old.unlink()
    names = [f"{number:02d}.jpg" for number in range(len(frames))]
    for name, frame in zip(names, frames, strict=True):
        small = cv2.resize(frame, (WIDTH_PX, WIDTH_PX), interpolation=cv2.INTER_AREA)
        write_bytes_atomic(config.pictures / name, encode_jpeg(np.asarray(small, np.uint8)))
    linked = [f"{config.pictures.relative_to(config.page.parent)}/{name}" for name in names]
    text = config.page.read_text()
    write_text_atomic(config.page, insert(text, render(records, linked), BEGIN, END))
    return 0


def render(records: Sequence[TranscriptRecord], pictures: Sequence[str]) -> str:
    """The instruction, then every call with its result and the frame after it."""
    start, *steps = [record.data for record in records if record.kind in ("start", "step")]
    rows = [("", "at the start", f"![]({pictures[0]})")]
    for step, picture in zip(steps, pictures[1:], strict=True):
        call, result = step["call"], step["result"]
        said = ", ".join(f"{key}={value!r}" for key, value in call["arguments"].items())
        verdict = "ok" if result["ok"] else "failed"
        rows.append(
            (f"`{call['name']}({said})`", f"{verdict}: {result['reason']}", f"![]({picture})")
        )
    end = next(record.data for record in records if record.kind == "end")
    verdict = "solved" if end["success"] else "not solved"
    caption = f"“{start['instruction']}” ({start['planner']}: {verdict})"
    return f"{caption}\n\n{markdown(('call', 'result', 'then'), rows)}"


def _decoded(text: str) -> Frame:
    content = np.frombuffer(base64.b64decode(text), np.uint8)
    picture = cv2.imdecode(content, cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("the page holds a frame that is no JPEG; make it anew")
    return np.asarray(picture[..., ::-1], np.uint8)


if __name__ == "__main__":
    sys.exit(run(tyro.cli(AgentPageConfig, use_underscores=True)))
