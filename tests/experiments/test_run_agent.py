import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.planner import Step
from handeye.agents.language_models import retries
from handeye.agents.language_models.language_model import LanguageModelError
from handeye.agents.planners.scripted import ScriptedPlanner
from handeye.agents.transcript import TranscriptRecord, load_transcript
from handeye.experiments import run_agent
from handeye.experiments.actors.agent_worlds import ROOMS_STEPS, TABLETOP_STEPS, tool_set_of
from handeye.experiments.cli import main, print_error
from handeye.experiments.config import AgentConfig
from handeye.experiments.pictures.video import decode_mp4, encode_mp4
from handeye.experiments.reports.transcript_page import render_page
from handeye.experiments.run_agent import run
from tests.agents.rigged_model import save_rigged_model

SEED = 2_000_000


def config(folder: Path, instruction: str = "", **changes: object) -> AgentConfig:
    plain = {"agent": "scripted", "tools": "truth"}
    flags = {"task": "press_button", "seed": SEED, **plain, **changes}
    return AgentConfig(instruction, folder, **flags)  # type: ignore[arg-type]


@pytest.mark.slow
def test_an_instruction_is_carried_out_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config(tmp_path / "run")) == 0
    said = capsys.readouterr().out
    assert "press(button=" in said
    assert "solved" in said
    records = load_transcript(tmp_path / "run" / "transcript.jsonl").records
    assert [record.kind for record in records] == ["start", "step", "end"]
    page = (tmp_path / "run" / "transcript.html").read_text()
    assert page.count("data:image/jpeg") == 2  # the start, and after the call
    assert "http://" not in page
    assert "https://" not in page
    assert len(decode_mp4((tmp_path / "run" / "video.mp4").read_bytes())) > 10


def test_words_that_nobody_understands_are_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config(tmp_path / "run", "fold the <b>napkin</b>")) == 0
    said = capsys.readouterr().out
    assert "claims cannot" in said
    assert "nobody judges them" in said
    page = (tmp_path / "run" / "transcript.html").read_text()
    assert "<b>napkin" not in page  # nothing of the words becomes markup


def test_what_steers_a_terminal_does_not_reach_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "press \x1b[2J\x1b]0;me\x07 the red\r\n button \x9b1m\u202e"
    run(config(tmp_path / "run", words))
    print_error(f"no model says {words}")
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "\\x1b[2J" in said
    assert not set("\x1b\x07\x9b\r\u202e") & set(said)


@pytest.mark.parametrize(
    ("limits", "flags", "problem"),
    [
        ('{"protected": ["knob"]}', {}, "'knob' is not understood"),
        ('{"protected": ["the button on the left"]}', {}, "cannot be protected"),
        ('{"force_n": 1e400}', {}, "not finite"),
        ('{"protected": ["button"]}', {"foresee": False}, "leave out --no-foresee"),
        ('{"force_n": 50}', {"task": "room_goal"}, "take a tabletop"),
    ],
)
def test_limits_that_would_not_hold_are_refused_before_anything_is_written(
    limits: str, flags: dict[str, object], problem: str, tmp_path: Path
) -> None:
    (tmp_path / "limits.json").write_text(limits)
    with pytest.raises(ValueError, match=problem):
        run(config(tmp_path / "run", limits=tmp_path / "limits.json", **flags))
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_limits_from_a_file_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    limits = tmp_path / "limits.json"
    limits.write_text('{"protected": ["button"]}')
    assert run(config(tmp_path / "run", limits=limits)) == 1
    said = capsys.readouterr().out
    assert "button is protected and would be touched" in said
    assert "claims failure" in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--llm", "opennai:x"], "did you mean openai:"),
        (["--llm", "openai:x@http://127.0.0.1:9/v1"], "127.0.0.1:9"),
        (["--task", "put_inn"], "put_in"),
        (["--agent", "reakt"], "Did you mean 'react'"),
        (["--agent", "scripted", "--llm", "openai:x"], "asks no language model"),
        (["--tools", "thruth"], "truth"),
    ],
)
def test_mistakes_end_in_one_line(
    flags: list[str],
    expected: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retries.time, "sleep", lambda seconds: None)
    assert main(["agent", "--output_dir", str(tmp_path / "run"), *flags]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error:")
    assert expected in error
    assert error.count("\n") == 1


def test_a_run_broken_off_still_makes_a_page() -> None:
    frame = np.zeros((16, 16, 3), np.uint8)
    start = TranscriptRecord(0, "start", {"instruction": "go", "planner": "p", "seed": 0})
    page = render_page([start], [frame], encode_mp4([frame], 10))
    assert "broken off" in page
    with pytest.raises(ValueError, match="begins with a record of its start"):
        render_page([], [frame], b"")


@pytest.mark.slow
def test_what_the_transcript_keeps_is_plain(tmp_path: Path) -> None:
    run(config(tmp_path / "run"))
    lines = (tmp_path / "run" / "transcript.jsonl").read_text().splitlines()
    end = json.loads(lines[-1])["data"]
    assert end["success"] is True
    assert "info" not in end  # the environment's, and privileged


@pytest.mark.slow
def test_a_local_model_that_calls_what_there_is_not_is_told_so_and_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_rigged_model(tmp_path / "model")
    model = f"transformers:{tmp_path / 'model'}"
    flags = {"agent": "react", "llm": model, "replies": tmp_path / "replies"}
    assert run(config(tmp_path / "run", **flags)) == 1
    said = capsys.readouterr().out
    assert "there is no tool 'look_at'" in said
    assert "ended by mistakes" in said
    assert "4 replies" in said
    assert len(list((tmp_path / "replies").rglob("*.json"))) == 4


@pytest.mark.slow
def test_any_style_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config(tmp_path / "run", agent="random-valid", calls=3)) == 1
    assert "random-valid (baseline)" in capsys.readouterr().out


def test_a_server_that_falls_silent_ends_the_run_in_one_line_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def next_call(_planner: ScriptedPlanner, history: Sequence[Step]) -> ToolCall:
        if history:
            raise LanguageModelError("the server answered 500; look into its log")
        return ToolCall("look", {}, "1")

    monkeypatch.setattr(ScriptedPlanner, "next_call", next_call)
    with pytest.raises(ValueError, match=r"answered 500.*What was done so far is in"):
        run(config(tmp_path / "run"))
    page = (tmp_path / "run" / "transcript.html").read_text()
    assert "broken off" in page
    assert "look()" in page
    assert (tmp_path / "run" / "video.mp4").is_file()


@pytest.mark.parametrize(
    ("task", "steps"), [("rooms-long", ROOMS_STEPS), ("stack", TABLETOP_STEPS)]
)
def test_the_world_says_how_many_actions_an_instruction_may_take(
    task: str, steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(suite: str, *, max_steps: int) -> NoReturn:
        raise ValueError(f"asked for {max_steps} actions")

    monkeypatch.setattr(
        run_agent, "tool_set_of", lambda name: replace(tool_set_of(name), env=asked)
    )
    with pytest.raises(ValueError, match=f"asked for {steps} actions"):
        run(config(tmp_path / "a", task=task))
