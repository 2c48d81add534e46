"""Reproducing: the commands of docs/methods.md, each once, timed."""

import json
import sys
from pathlib import Path

import pytest

from handeye.experiments.training import reproduce
from handeye.experiments.training.reproduce import STAGES, ReproduceConfig, run, stages

PAGE = Path(__file__).parents[3] / "docs" / "methods.md"
WRITE_INFO = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1]) / "eval"; folder.mkdir()
rate = {"k": 1, "n": 2, "rate": 0.5, "wilson95": [0.1, 0.9]}
names = {"suite": "reach", "split": "seen", "seed": 1000000, "commit": "abc"}
info = {**names, "format": "handeye-evaluation-2", "success": rate, "goal_reached": rate,
        "per_task": {"reach": rate}, "macro_mean": {"mean": 0.5}}
(folder / "eval_info.json").write_text(json.dumps(info))
"""


def stand_in(folder: Path, code: int) -> dict[str, list[str]]:
    """Two stages in the place of the long ones; the first ends with `code`."""
    return {
        "train": [sys.executable, "-c", f"raise SystemExit({code})"],
        "evaluate": [sys.executable, "-c", WRITE_INFO, str(folder)],
    }


def test_the_first_commands_are_those_of_the_page() -> None:
    told = " ".join(PAGE.read_text().replace("\\\n", " ").split())
    for command in (STAGES["collect"], STAGES["train"]):
        name, *flags = command.split()
        assert f"handeye {name}" in told
        for flag, value in zip(flags[::2], flags[1::2], strict=True):
            assert "{0}" in value or f"{flag} {value}" in told, f"{name}: {flag} {value}"


def test_every_stage_reads_what_an_earlier_one_made(tmp_path: Path) -> None:
    made: set[str] = set()
    for command in stages(tmp_path).values():
        output = command[command.index("--output_dir") + 1]
        read = {word for word in command if word.startswith(str(tmp_path)) and word != output}
        assert all(any(word.startswith(folder) for folder in made) for word in read)
        made.add(output)


def test_a_failure_stops_and_the_next_attempt_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ReproduceConfig(tmp_path / "work", tmp_path / "reproduction.json")
    monkeypatch.setattr(reproduce, "stages", lambda folder: stand_in(folder, 3))
    assert run(config) == 3
    assert not config.result.exists()
    monkeypatch.setattr(reproduce, "stages", lambda folder: stand_in(folder, 0))
    assert run(config) == 0
    outcome = json.loads(config.result.read_text())
    assert outcome["attempts"] == 3
    assert outcome["evaluation"]["macro_mean"]["mean"] == 0.5
    assert set(outcome["wall_s"]) == {"train", "evaluate"}
    assert "50.0%" in outcome["summary"]
    assert run(config) == 0  # all is done: nothing runs again
    assert json.loads(config.result.read_text())["attempts"] == 3
