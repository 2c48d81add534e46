"""Evaluations of agents end to end: records, transcripts, resuming, pages, bad settings."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import Toolbox
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.agents.transcript import load_transcript
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.cli import main
from handeye.experiments.evaluation.config import EvaluateConfig, PolicyFlags
from handeye.experiments.evaluation.evaluate import evaluate
from handeye.experiments.evaluation.run_agent_episode import run_agent_episode
from handeye.experiments.oracles.call_monitor import CallMonitor
from handeye.experiments.records.agent import AgentFlags, AgentSetting, Confusion
from handeye.experiments.records.episode import AgentJob
from handeye.experiments.reports.config import PageConfig
from handeye.experiments.reports.transcript_page import run as make_pages

SEED = 2_000_000


def config(folder: Path, style: str = "scripted", **changes: Any) -> EvaluateConfig:
    flags = AgentFlags(style, calls=4)
    few = EvaluateConfig(
        PolicyFlags(), folder, suite="press_button", episodes=2, seed=SEED, workers=0, agent=flags
    )
    return replace(few, **changes)


def lines(folder: Path) -> list[dict[str, Any]]:
    """Records without what differs between equal runs."""
    records = [json.loads(line) for line in (folder / "episodes.jsonl").read_text().splitlines()]
    return [{**r, "wall_s": 0, "agent": {**r["agent"], "planned_s": 0}} for r in records]


@pytest.mark.slow
def test_an_evaluation_of_an_agent_leaves_records_transcripts_and_a_report(tmp_path: Path) -> None:
    evaluation = evaluate(config(tmp_path / "run"))
    info = evaluation.info
    assert info["policy"] == "scripted, truth"
    assert info["success"]["k"] == info["success"]["n"] == 2
    assert info["agent"]["overall"]["calls"] == 1.0
    record = evaluation.records[0]
    assert record.oracle_steps
    assert record.agent is not None
    assert (record.agent.mistakes, record.agent.violations, record.agent.hallucinated) == (0, 0, 0)
    path = tmp_path / "run" / "transcripts" / f"press_button_{SEED}_true.jsonl"
    assert load_transcript(path).records[-1].kind == "end"
    assert "valid calls" in (tmp_path / "run" / "report.html").read_text()


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_records(tmp_path: Path) -> None:
    evaluate(config(tmp_path / "whole", style="random-valid"))
    evaluate(config(tmp_path / "cut", style="random-valid"))
    path = tmp_path / "cut" / "episodes.jsonl"
    path.write_bytes(path.read_bytes()[:-40])  # the last record is torn, its transcript whole
    evaluate(config(tmp_path / "cut", style="random-valid", resume=True))
    assert lines(tmp_path / "cut") == lines(tmp_path / "whole")
    other = replace(config(tmp_path / "cut").agent, calls=5)
    with pytest.raises(ValueError, match="agent was"):
        evaluate(config(tmp_path / "cut", agent=other, resume=True))


@pytest.mark.slow
def test_pages_are_made_of_transcripts_of_broken_off_runs_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_agent_episode(job(AgentFlags("random-valid", calls=3), tmp_path))
    run_agent_episode(replace(job(AgentFlags("scripted"), tmp_path), seed=SEED + 1))
    torn = tmp_path / f"press_button_{SEED}_true.jsonl"
    torn.write_bytes(torn.read_bytes()[:-20])
    assert make_pages(PageConfig(tmp_path, failed=True)) == 0
    assert [page.name for page in tmp_path.glob("*.html")] == [f"press_button_{SEED}_true.html"]
    assert "broken off" in torn.with_suffix(".html").read_text()
    with pytest.raises(ValueError, match="there is no transcript"):
        make_pages(PageConfig(tmp_path / "nowhere"))


def job(flags: AgentFlags, folder: Path) -> AgentJob:
    setting = AgentSetting(flags, str(folder))
    return AgentJob("x", "tabletop-core", "press_button", "seen", SEED, agent=setting)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], "give either --policy.path"),
        (["--agent", "scripted", "--policy.path", "oracle"], "give either --policy.path"),
        (["--agent", "react"], "name one with --llm"),
        (["--agent", "scripted", "--tools", "thruth"], "truth"),
    ],
)
def test_mistakes_end_in_one_line(
    flags: list[str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--output_dir", str(tmp_path / "run"), *flags]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error:")
    assert expected in error
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_calls_are_compared_with_the_truth() -> None:
    tool_set = tool_set_of("stack")
    env = tool_set.env("stack", max_steps=60)
    robot = Robot(env)
    robot.reset(SEED + 1)
    bench = tool_set.bench(robot, tool_set.perception("truth", env))
    watch = CallMonitor(tool_set.call_checks(env))
    box = Toolbox([watch.around(tool, bench) for tool in tool_set.tools(bench)], SafetyGate())
    item, base = (env.scene.objects[index] for index in env.goal.referred[:2])
    names = [f"{thing.size} {thing.colour} {thing.kind}" for thing in (item, base)]

    def call(name: str, **arguments: str) -> bool:
        return box.call(ToolCall(name, arguments, "1")).ok

    call("place_on", base=names[1])  # with an empty hand
    assert (watch.made, watch.violations, watch.hallucinated) == (1, 1, 0)
    call("pick", target="purple elephant")
    call("pick", target="#77")
    assert (watch.violations, watch.hallucinated) == (1, 2)
    call("detect", words="purple elephant")  # to look for something is no mistake
    assert watch.hallucinated == 2
    assert not call("check", item=names[0], relation="on", base=names[1])
    assert watch.checks == Confusion(true_negative=1)
    assert call("pick", target=names[0])
    assert call("check", item=names[0], relation="held")
    assert watch.checks == Confusion(true_positive=1, true_negative=1)
    call("pick", target=names[1])  # with a full hand
    assert watch.violations == 2
    bench.grip = None  # as if the tools had lost count: the check is wrong now
    call("check", item=names[0], relation="held")
    assert watch.checks == Confusion(true_positive=1, false_negative=1, true_negative=1)
