"""Figures of agents, checked by hand on made-up records, and how they are shown."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from handeye.experiments.evaluation.agent_summary import (
    abstention,
    agent_summary,
    check_scores,
    scores,
)
from handeye.experiments.records.agent import RUNGS, AgentRecord, Confusion
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.reports.agent_report import (
    AGENT_COLUMNS,
    LADDER_COLUMNS,
    agent_rows,
    ladder_cells,
    print_agent,
)

AGENT = AgentRecord(
    kind="sort", length="short", vagueness="", feasible=True, claim="success", answer="",
    ended_by="claim", calls=4, failed_calls=1, mistakes=1, raw=None, carried_out=5,
    violations=1, hallucinated=0, checks=Confusion(2, 1, 0, 1), denials={"tools": 1},
    input_tokens=100, output_tokens=10, planned_s=(0.1, 0.3),
)  # fmt: skip
EPISODE = EpisodeRecord(
    "sort/1/true", "tabletop-long", "sort", "seen", 1, "true", "x", success=True,
    goal_conditions=(2, 2), steps=10, oracle_steps=5, sim_s=3.0, agent=AGENT,
)  # fmt: skip
FALSE_DONE = replace(
    EPISODE, success=False, goal_conditions=(0, 2), agent=replace(AGENT, length="long")
)
REFUSED = replace(EPISODE, agent=replace(AGENT, claim="cannot", feasible=False))
REFUSED_IN_VAIN = replace(FALSE_DONE, agent=replace(AGENT, claim="cannot", ended_by="loop"))
TRIED_IN_VAIN = replace(FALSE_DONE, agent=replace(AGENT, feasible=False, disturbed=True))
ALL = (EPISODE, FALSE_DONE, REFUSED, REFUSED_IN_VAIN, TRIED_IN_VAIN)


def test_records_of_agents_survive_json() -> None:
    known = replace(EPISODE, agent=replace(AGENT, raw=(2, 5)))
    for record in (EPISODE, known):
        assert EpisodeRecord.from_dict(json.loads(json.dumps(record.to_dict()))) == record


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
    assert row["missed_done"]["k"] == 0
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


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1"),
    [
        (Confusion(), None, None, None),
        (Confusion(true_negative=9), None, None, None),
        (Confusion(true_positive=2), 1.0, 1.0, 1.0),
        (Confusion(false_positive=1), 0.0, None, 0.0),
        (Confusion(false_negative=1), None, 0.0, 0.0),
        (Confusion(3, 1, 2, 5), 0.75, 0.6, 6 / 9),
    ],
)
def test_scores_by_hand(
    counts: Confusion, precision: float | None, recall: float | None, f1: float | None
) -> None:
    told = scores(counts)
    assert (told["precision"], told["recall"], told["f1"]) == (precision, recall, f1)
    assert told["true_positive"] == counts.true_positive


@pytest.mark.parametrize(
    ("counts", "alarms", "misses"),
    [
        (Confusion(), None, None),
        (Confusion(true_positive=3, false_negative=1), None, 0.25),
        (Confusion(false_positive=1, true_negative=3), 0.25, None),
    ],
)
def test_check_scores_divide_by_what_was_so(
    counts: Confusion, alarms: float | None, misses: float | None
) -> None:
    told = check_scores(counts)
    assert (told["false_positive_rate"], told["false_negative_rate"]) == (alarms, misses)


def test_abstention_counts_only_the_word_cannot() -> None:
    agents = [
        replace(AGENT, claim=claim, feasible=feasible)
        for claim in ("success", "failure", "cannot", "")
        for feasible in (True, False)
    ]
    assert abstention(agents) == Confusion(1, 1, 3, 3)


def test_steps_are_compared_over_solved_episodes_whose_oracle_counted() -> None:
    unsolved = replace(EPISODE, success=False, steps=1000)
    uncounted = replace(EPISODE, oracle_steps=None, steps=1000)
    twice = replace(EPISODE, steps=20)  # oracle: 5
    assert agent_summary([EPISODE, unsolved, uncounted, twice])["overall"]["steps_ratio"] == 3.0
    assert agent_summary([unsolved, uncounted])["overall"]["steps_ratio"] is None


def test_raw_calls_are_shown_only_where_all_agents_counted_them() -> None:
    known = replace(EPISODE, agent=replace(AGENT, raw=(2, 5)))
    assert agent_summary([known, EPISODE])["overall"]["raw_valid_calls"] is None


def test_denials_of_all_causes_add_up() -> None:
    other = replace(EPISODE, agent=replace(AGENT, denials={"tools": 2, "words": 1}))
    assert agent_summary([EPISODE, other])["overall"]["denials"] == {"tools": 3, "words": 1}


def test_lengths_come_in_their_order_and_kinds_by_name() -> None:
    varied = [
        replace(EPISODE, agent=replace(AGENT, length=length, kind=kind))
        for length, kind in (("long", "swap"), ("short", "sort"), ("medium", "empty"))
    ]
    by = agent_summary(varied)["by"]
    assert list(by) == ["length", "kind"]
    assert list(by["length"]) == ["short", "medium", "long"]
    assert list(by["kind"]) == ["empty", "sort", "swap"]


def test_a_summary_is_plain_json() -> None:
    summary = agent_summary(ALL)
    assert json.loads(json.dumps(summary)) == summary


def test_a_row_has_a_cell_for_every_column() -> None:
    rows = agent_rows(agent_summary(ALL))
    assert next(iter(rows)) == "all episodes"
    assert {"length short", "length long"} <= set(rows)
    for cells in rows.values():
        assert len(cells) == len(AGENT_COLUMNS)
    cells = dict(zip(AGENT_COLUMNS, rows["all episodes"], strict=True))
    assert cells["valid calls"] == "75.0 %"
    assert cells["abstention F1 (P, R)"] == "50.0 % (50.0 %, 50.0 %)"
    assert cells["check FP, FN"] == "50.0 %, 0.0 %"
    assert cells["tokens in + out"] == "100 + 10"
    assert cells["s a decision p50, p95"] == "0.200, 0.300"
    assert cells["steps / oracle"] == "2.00"


LADDER = {
    "failures": 4,
    "rungs": {rung: {"alone": n, "together": n + 1} for n, rung in enumerate(RUNGS)},
    "environment": 1,
    "attributed": 3,
    "plan_success": {"k": 3, "n": 4, "rate": 0.75, "wilson95": [0.3, 0.95]},
}


def test_the_ladder_is_shown_rung_by_rung() -> None:
    cells = ladder_cells(LADDER)
    assert cells == (
        "4",
        "0",
        "1 + 2",
        "2 + 3",
        "3 + 4",
        "4 + 5",
        "5 + 6",
        "1",
        "75.0 %",
        "75.0 % (30.0–95.0 %)",
    )
    assert len(cells) == len(LADDER_COLUMNS)


def test_a_ladder_without_failures_attributes_nothing() -> None:
    assert ladder_cells({**LADDER, "failures": 0, "attributed": 0})[-2] == "–"


def test_the_terminal_shows_the_ladder_where_there_is_one() -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    print_agent({"agent": agent_summary([EPISODE]), "ladder": LADDER}, console)
    assert "failures 4, placebo 0, perception 1 + 2" in console.export_text()
