"""Figures of agents, checked by hand on made-up records, and how they are shown."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from handeye.experiments.agent_record import AgentRecord, Confusion
from handeye.experiments.agent_report import AGENT_COLUMNS, agent_rows, print_agent
from handeye.experiments.agent_summary import agent_summary
from handeye.experiments.episode_record import EpisodeRecord

AGENT = AgentRecord(
    kind="sort", length="short", vagueness="", feasible=True, claim="success", answer="",
    ended_by="claim", calls=4, failed_calls=1, mistakes=1, raw=None, carried_out=5,
    violations=1, hallucinated=0, checks=Confusion(2, 1, 0, 1), denials={"tools": 1},
    input_tokens=100, output_tokens=10, planned_s=(0.1, 0.3),
)  # fmt: skip
EPISODE = EpisodeRecord(
    "sort/1/true", "tabletop-long", "sort", "seen", 1, "true", "x", success_final=True,
    goal_conditions=(2, 2), steps=10, oracle_steps=5, sim_s=3.0, agent=AGENT,
)  # fmt: skip
FALSE_DONE = replace(
    EPISODE, success_final=False, goal_conditions=(0, 2), agent=replace(AGENT, length="long")
)
REFUSED = replace(EPISODE, agent=replace(AGENT, claim="cannot", feasible=False))
REFUSED_IN_VAIN = replace(FALSE_DONE, agent=replace(AGENT, claim="cannot", ended_by="loop"))
TRIED_IN_VAIN = replace(FALSE_DONE, agent=replace(AGENT, feasible=False, disturbed=True))
ALL = (EPISODE, FALSE_DONE, REFUSED, REFUSED_IN_VAIN, TRIED_IN_VAIN)


def test_records_of_agents_survive_json() -> None:
    known = replace(EPISODE, agent=replace(AGENT, raw=(2, 5)))
    for record in (EPISODE, known):
        assert EpisodeRecord.from_dict(json.loads(json.dumps(record.to_dict()))) == record


def test_records_from_before_agents_stay_readable() -> None:
    data = replace(EPISODE, agent=None).to_dict()
    del data["agent"]
    assert EpisodeRecord.from_dict(data).agent is None


def test_an_agents_record_of_another_version_is_refused() -> None:
    data = EPISODE.to_dict()
    del data["agent"]["claim"]
    with pytest.raises(ValueError, match=r"another version \(fields claim\)"):
        EpisodeRecord.from_dict(data)


def test_every_figure_is_what_counting_gives() -> None:
    row = agent_summary(ALL)["overall"]
    assert row["n"] == 5
    assert (row["success"]["k"], row["success"]["n"]) == (2, 5)
    assert row["conditions"] == 4 / 10
    assert row["steps_ratio"] == 2.0
    assert (row["valid_calls"]["k"], row["valid_calls"]["n"]) == (15, 20)
    assert row["raw_valid_calls"] is None
    assert (row["violations"]["k"], row["violations"]["n"]) == (5, 25)
    assert row["hallucinated"]["k"] == 0
    assert row["denials"] == {"tools": 5}
    abstained = row["abstention"]
    assert (abstained["precision"], abstained["recall"], abstained["f1"]) == (0.5, 0.5, 0.5)
    assert row["false_done"]["k"] == 2  # what was refused in vain claims no success
    assert row["loops"]["k"] == 1
    assert (row["recovered"]["k"], row["recovered"]["n"]) == (0, 1)
    checks = row["checks"]
    assert (checks["false_positive_rate"], checks["false_negative_rate"]) == (0.5, 0.0)
    assert (row["calls"], row["input_tokens"], row["output_tokens"]) == (4.0, 100.0, 10.0)
    assert row["latency_s"] == {"p50": 0.2, "p95": 0.3}
    assert row["ended_by"] == {"claim": 4, "loop": 1}


def test_groups_are_told_apart_and_raw_calls_counted_where_they_are_known() -> None:
    known = replace(EPISODE, agent=replace(AGENT, raw=(2, 5)))
    summary = agent_summary([known, replace(FALSE_DONE, agent=replace(known.agent, length="long"))])
    assert list(summary["by"]) == ["length"]  # of kinds and vagueness there is one only
    assert list(summary["by"]["length"]) == ["short", "long"]
    assert summary["by"]["length"]["short"]["success"]["k"] == 1
    raw = summary["overall"]["raw_valid_calls"]
    assert (raw["k"], raw["n"]) == (6, 10)


def test_what_was_lost_or_got_other_words_counts_nowhere() -> None:
    lost = replace(EPISODE, worker_lost=True)
    assert agent_summary([EPISODE, lost, replace(EPISODE, condition="blank")])["overall"]["n"] == 1
    assert agent_summary([lost, replace(EPISODE, agent=None)]) == {}


def test_nothing_measured_is_shown_as_a_dash() -> None:
    quiet = replace(AGENT, calls=0, mistakes=0, carried_out=0, violations=0, planned_s=())
    rows = agent_rows(agent_summary([replace(EPISODE, agent=replace(quiet, checks=Confusion()))]))
    cells = dict(zip(AGENT_COLUMNS, rows["all episodes"], strict=True))
    assert cells["SR (Wilson 95 %)"].startswith("100.0 % (20.7")
    for column in ("valid calls", "raw", "abstention F1 (P, R)", "recovered"):
        assert cells[column] == "–"
    assert cells["check FP, FN"] == "–, –"
    assert cells["s a decision p50, p95"] == "–"


def test_the_terminal_shows_groups_but_no_kinds() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    other = replace(FALSE_DONE, agent=replace(AGENT, kind="swap", length="long"))
    print_agent({"agent": agent_summary([EPISODE, other])}, console)
    said = console.export_text()
    assert "length short" in said
    assert "swap" not in said
