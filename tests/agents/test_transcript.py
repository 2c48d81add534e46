import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from handeye.agents.core.conversation import Image, ToolCall, Usage
from handeye.agents.core.planner import Step
from handeye.agents.core.tools import ToolResult
from handeye.agents.transcript import Transcript, TranscriptError, load_transcript


def written(path: Path) -> Path:
    rgb = np.zeros((4, 6, 3), np.uint8)
    rgb[..., 0] = 200
    look = ToolResult(True, "seen", Image(rgb), {"x_m": np.float64(0.5)})
    with Transcript(path) as transcript:
        transcript.start("put it there", "told", 7)
        transcript.note({"messages": ["hello"]})
        transcript.step(Step(ToolCall("look", {"at": "cup"}, "1"), look), Usage(5, 2), 0.1, 3)
    return path


def test_it_loads_back(tmp_path: Path) -> None:
    records, torn = load_transcript(written(tmp_path / "run.jsonl"))
    assert not torn
    assert [r.kind for r in records] == ["start", "note", "step"]
    assert records[0].data["seed"] == 7
    step = records[2].data
    assert step["call"] == {
        "name": "look", "arguments": {"at": "cup"}, "call_id": "1", "problem": "",
    }  # fmt: skip
    assert step["result"] == {"ok": True, "reason": "seen", "data": {"x_m": 0.5}}
    assert (step["usage"], step["steps"]) == ({"input_tokens": 5, "output_tokens": 2}, 3)
    picture = cv2.imread(str(tmp_path / step["image"]))
    assert picture is not None
    assert picture.shape == (4, 6, 3)
    assert picture[0, 0].tolist() == [0, 0, 200]  # cv2's blue, green, red


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "run.jsonl")
    content = path.read_bytes()
    for cut in range(content.rfind(b"\n", 0, -1) + 2, len(content)):
        path.write_bytes(content[:cut])
        assert len(load_transcript(path).records) == 2
        assert load_transcript(path).torn


def test_a_kill_costs_no_committed_record(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    program = (
        "import sys; from pathlib import Path; from handeye.agents.transcript import Transcript\n"
        "t = Transcript(Path(sys.argv[1])); t.start('x', 'y', 0)\n"
        "for i in range(10**6): t.note({'i': i}); print(i, flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(20)]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    records = load_transcript(path).records
    assert len(records) >= 1 + len(said)
    assert [r.data["i"] for r in records[1:]] == list(range(len(records) - 1))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda lines: [lines[0], b"{oops", lines[2]], "line 2 is damaged"),
        (lambda lines: [lines[0], lines[2]], "line 2 is record 2: one is missing"),
        (lambda lines: [lines[0], b'{"number": 1, "kind": "odd", "data": {}}'], "unknown kind"),
        (lambda lines: [lines[0], b"[1, 2]"], "line 2 is damaged"),
        (lambda lines: [lines[0], b"\xff\xfe"], "line 2 is damaged"),
        (lambda lines: [b'{"number": 0, "kind": "start", "data": {}}'], "does not begin as"),
    ],
)
def test_damage_is_named(tmp_path: Path, damage, says: str) -> None:  # type: ignore[no-untyped-def]
    path = written(tmp_path / "run.jsonl")
    lines = damage(path.read_bytes().splitlines())
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    with pytest.raises(TranscriptError, match=says):
        load_transcript(path)


def test_a_run_is_not_written_over(tmp_path: Path) -> None:
    path = written(tmp_path / "run.jsonl")
    with pytest.raises(TranscriptError, match="exists"):
        Transcript(path)
    with pytest.raises(TranscriptError, match="cannot be read"):
        load_transcript(tmp_path / "none.jsonl")


def test_what_is_no_plain_value_is_refused(tmp_path: Path) -> None:
    with Transcript(tmp_path / "run.jsonl") as transcript:
        with pytest.raises(TypeError, match="cannot hold a set"):
            transcript.note({"x": {1}})
        with pytest.raises(ValueError, match="JSON"):
            transcript.note({"x": float("nan")})
        transcript.start("x", "y", 0)
    (record,) = load_transcript(tmp_path / "run.jsonl").records
    assert json.loads(json.dumps(dict(record.data)))["planner"] == "y"
