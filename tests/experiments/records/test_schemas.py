"""Files that commands leave for each other: whatever stands in them, one error names the file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.agents.transcript import FORMAT
from handeye.envs.core.dataset_file import read_dataset
from handeye.experiments import cli
from handeye.experiments.data.collect import record_missing
from handeye.experiments.data.config import CollectConfig
from handeye.experiments.evaluation.evaluate import read_records
from handeye.experiments.records.episode import EpisodeRecord, NavigationRecord
from handeye.experiments.records.run_folder import read_json_lines
from handeye.experiments.records.schemas import (
    RoundLine,
    SafetyLine,
    StageLine,
    ValidationLine,
    read_evaluation,
)
from handeye.experiments.records.settings import remember_settings
from handeye.experiments.reports.config import PageConfig
from handeye.experiments.reports.transcript_page import run as make_pages

FOREIGN = {
    "empty": "",
    "null": "null",
    "list": "[]",
    "text": '"data"',
    "object": "{}",
    "nested": "[" * 100_000 + "]" * 100_000,
    "nested objects": '{"format":' * 900 + "1" + "}" * 900,
    "large": '{"seed": ' + "9" * 400 + "}",
    "larger": '{"seed": ' + "9" * 5000 + "}",
    "not a number": '{"seed": NaN}',
    "half a character": '{"format": "\\ud800"}',
}
READERS: dict[str, Callable[[Path], Any]] = {
    "dataset.json": lambda path: read_dataset(path.parent),
    "unsolved.jsonl": lambda path: record_missing(path.parent, [], CollectConfig(path.parent)),
    "episodes.jsonl": lambda path: list(read_records(path)),
    "config.json": lambda path: remember_settings(path, {"seed": 1}),
    "eval_info.json": read_evaluation,
    "stages.jsonl": lambda path: list(read_json_lines(path, StageLine)),
    "rounds.jsonl": lambda path: list(read_json_lines(path, RoundLine)),
    "runs.jsonl": lambda path: list(read_json_lines(path, SafetyLine)),
    "evaluations.jsonl": lambda path: list(read_json_lines(path, ValidationLine)),
    "transcript.jsonl": lambda path: make_pages(PageConfig(path)),
}


@pytest.mark.parametrize("content", FOREIGN)
@pytest.mark.parametrize("name", READERS)
def test_a_foreign_file_is_named(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(FOREIGN[content] + "\n")
    with pytest.raises(ValueError, match=f"{name}|holds a run with other settings"):
        READERS[name](path)
    assert [p.name for p in tmp_path.iterdir()] == [name]


RECORD = EpisodeRecord(
    "reach/1/true", "tabletop-core", "reach", "seen", 1, "true", "oracle",
    navigation=NavigationRecord(1.0, ((0.0, 1.0),), 0, None, True),
).to_dict()  # fmt: skip


RECORD_FIELDS = [name for name in RECORD if name != "schema"]


@pytest.mark.parametrize("field", [*RECORD_FIELDS, "navigation.path_xy", "navigation.collisions"])
def test_every_field_of_a_record_is_checked(field: str, tmp_path: Path) -> None:
    path = tmp_path / "episodes.jsonl"
    data = json.loads(json.dumps(RECORD))
    outer, _, inner = field.rpartition(".")
    (data[outer] if outer else data)[inner] = [[["x"]]]
    path.write_text(json.dumps(RECORD) + "\n" + json.dumps(data) + "\n")
    records = read_records(path)
    assert next(records).task == "reach"
    with pytest.raises(ValueError, match=rf"jsonl line 2: field {field}.* must be"):
        next(records)


def test_a_record_of_another_version_says_so(tmp_path: Path) -> None:
    path = tmp_path / "episodes.jsonl"
    path.write_text(json.dumps({**RECORD, "colour": 1}) + "\n")
    with pytest.raises(ValueError, match=r"line 1 is of another version \(fields colour\)"):
        list(read_records(path))


def test_another_schema_is_named_beside_the_wanted_one(tmp_path: Path) -> None:
    path = tmp_path / "eval_info.json"
    path.write_text('{"format": "handeye-eyes-1"}')
    with pytest.raises(ValueError, match=r"'handeye-eyes-1', and 'handeye-evaluation-2' is wanted"):
        read_evaluation(path)
    path.write_text('{"format": "handeye-evaluation-2"}')
    with pytest.raises(ValueError, match=r"field commit is missing; 'handeye-evaluation-2'"):
        read_evaluation(path)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("replay", '{"format": "handeye-dataset-0", "settings": {}}'),
        ("replay", "{}"),
        ("replay", "[]"),
        ("train --workers 1 --output_dir {}/run", "{}"),
        pytest.param("train --workers 2 --output_dir {}/run", "[]", marks=pytest.mark.slow),
    ],
)
def test_a_dataset_of_another_version_is_refused(
    command: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "data"
    root.mkdir()
    (root / "dataset.json").write_text(said)
    arguments = [*command.format(tmp_path).split(), "--dataset.root", str(root)]
    assert cli.main(arguments) == cli.USAGE_EXIT_CODE
    told = capfd.readouterr().err
    assert "dataset.json" in told
    assert "Traceback" not in told
    assert [p.name for p in tmp_path.iterdir()] == ["data"]


STEP = {
    "call": {"name": "look", "arguments": {}, "call_id": "1"},
    "result": {"ok": True, "reason": "", "data": {}},
    "image": None,
    "usage": {"input_tokens": 0, "output_tokens": 0},
    "planned_s": 0.0,
    "steps": 0,
}


def transcript(path: Path, step: dict[str, Any]) -> None:
    start = {"format": FORMAT, "instruction": "go", "planner": "p", "seed": 1}
    lines = [("start", start), ("step", {**STEP, **step})]
    rows = [{"number": n, "kind": kind, "data": data} for n, (kind, data) in enumerate(lines)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_page_shows_no_picture_from_outside_its_folder(tmp_path: Path) -> None:
    import cv2

    secret = tmp_path / "secret.png"
    cv2.imwrite(str(secret), np.zeros((8, 8, 3), np.uint8))
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "link.png").symlink_to(secret)
    for place in ("../secret.png", str(secret), "link.png", "a/../../secret.png"):
        transcript(folder / "transcript.jsonl", {"image": place})
        with pytest.raises(ValueError, match=r"transcript.jsonl .*outside"):
            make_pages(PageConfig(folder))
    assert not (folder / "transcript.html").exists()


@pytest.mark.parametrize("field", STEP)
def test_a_step_of_another_shape_is_named(field: str, tmp_path: Path) -> None:
    transcript(tmp_path / "transcript.jsonl", {field: [7]})
    with pytest.raises(ValueError, match=rf"transcript.jsonl line 2: field {field} must be"):
        make_pages(PageConfig(tmp_path))
