"""What is noted of an agent's episode, without running one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handeye.agents.agent import AgentResult
from handeye.agents.core.conversation import ToolCall, Usage
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import ToolResult
from handeye.agents.transcript import load_transcript
from handeye.experiments.evaluation.run_agent_episode import (
    Notes,
    agent_record,
    check_agent,
    note_keeper,
    raw_counts,
)
from handeye.experiments.oracles.call_monitor import CallMonitor
from handeye.experiments.records.agent import AgentFlags, AgentSetting, Confusion
from handeye.experiments.records.episode import EpisodeJob

JOB = EpisodeJob("x", "tabletop-core", "put_in", "seen", 2_000_000)
ENDED = AgentResult(
    success=True, ended_by="claim", done=Done("success", "red"), calls=5, failed_calls=2,
    mistakes=1, denials={"words": 1}, tokens=110, steps=30, wall_s=1.0, info={},
)  # fmt: skip
STEP = Step(ToolCall("pick", {"target": "star"}, "c"), ToolResult(True, "it is in the hand"))


class NoTruth:
    """A world in which every call is fine and none is a check."""

    def violates(self, tool: str, bench: Any) -> bool:
        return False

    def unreal(self, tool: str, arguments: Any, bench: Any) -> bool:
        return False

    def verdict(self, tool: str, arguments: Any, bench: Any) -> bool | None:
        return None


def watch() -> CallMonitor:
    """One that has counted."""
    watch = CallMonitor(NoTruth())
    watch.made, watch.violations, watch.hallucinated = 9, 3, 2
    watch.checks = Confusion(1, 0, 0, 2)
    return watch


def test_a_record_takes_each_figure_from_where_it_was_counted() -> None:
    record = agent_record(JOB, ENDED, watch(), Usage(100, 10), [0.123456, 2.0])
    assert (record.claim, record.answer, record.ended_by) == ("success", "red", "claim")
    assert (record.calls, record.failed_calls, record.mistakes) == (5, 2, 1)
    assert (record.carried_out, record.violations, record.hallucinated) == (9, 3, 2)
    assert record.checks == Confusion(1, 0, 0, 2)
    assert record.denials == {"words": 1}
    assert (record.input_tokens, record.output_tokens) == (100, 10)
    assert record.planned_s == (0.1235, 2.0)
    assert record.raw is None
    assert not record.disturbed


def test_what_a_suite_does_not_tell_apart_is_the_task_and_feasible() -> None:
    record = agent_record(JOB, ENDED, watch(), Usage(), [])
    assert (record.kind, record.length, record.vagueness) == ("put_in", "", "")
    assert record.feasible


def test_what_a_suite_tells_apart_is_kept() -> None:
    info = {"kind": "swap", "length": "long", "vagueness": "vague", "feasible": False}
    record = agent_record(JOB, replace(ENDED, info=info), watch(), Usage(), [])
    assert (record.kind, record.length, record.vagueness) == ("swap", "long", "vague")
    assert not record.feasible


def test_who_said_no_last_word_claims_nothing() -> None:
    record = agent_record(JOB, replace(ENDED, done=None, ended_by="calls"), watch(), Usage(), [])
    assert (record.claim, record.answer) == ("", "")


def test_notes_without_a_transcript_keep_times_alone() -> None:
    notes = Notes(None)
    notes.start("go", "p", 1)
    notes.step(STEP, Usage(), 0.5, 1)
    notes.step(STEP, Usage(), 0.25, 2)
    notes.end(ENDED)
    assert notes.planned_s == [0.5, 0.25]


def test_no_folder_no_transcript(tmp_path: Path) -> None:
    with note_keeper(AgentSetting(AgentFlags("scripted")), JOB) as notes:
        notes.start("go", "p", 1)
    assert not list(tmp_path.iterdir())


def test_a_transcript_is_named_after_its_episode_and_begun_anew(tmp_path: Path) -> None:
    setting = AgentSetting(AgentFlags("scripted"), str(tmp_path / "transcripts"))
    for words in ("broken off", "go"):
        with note_keeper(setting, JOB) as notes:
            notes.start(words, "p", JOB.seed)
            notes.step(STEP, Usage(1, 1), 0.1, 3)
            notes.end(ENDED)
    [path] = (tmp_path / "transcripts").glob("*.jsonl")
    assert path.name == "put_in_2000000_true.jsonl"
    records = load_transcript(path).records
    assert [record.kind for record in records].count("end") == 1
    assert "go" in str(records[0].data)
    assert "broken off" not in str(records[0].data)


def test_who_asks_no_model_has_no_raw_mistakes() -> None:
    assert raw_counts("") is None


@pytest.mark.parametrize(
    ("flags", "suite", "expected"),
    [
        (AgentFlags("skripted"), "put_in", "Did you mean 'scripted'"),
        (AgentFlags("react"), "put_in", "name one with --llm"),
        (AgentFlags("scripted", "openai:x"), "put_in", "leave out --llm, or use react"),
        (AgentFlags("scripted", tools="eye"), "put_in", "Did you mean 'eyes'"),
        (AgentFlags("scripted", tools="ears"), "rooms", "ears"),
        (AgentFlags("scripted"), "tabeltop-core", "tabletop-core"),
    ],
)
def test_flags_that_name_no_agent_are_refused(flags: AgentFlags, suite: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        check_agent(flags, suite)


@pytest.mark.parametrize("suite", ["tabletop-core", "tabletop-long", "rooms-long", "stack"])
def test_flags_that_name_an_agent_pass(suite: str) -> None:
    check_agent(AgentFlags("scripted"), suite)
