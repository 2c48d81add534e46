"""The ladder's order, its attribution and its file, with an agent that is told when to succeed."""

from dataclasses import replace
from pathlib import Path

import pytest

from handeye.experiments.evaluation import oracle_ladder
from handeye.experiments.evaluation.oracle_ladder import (
    Attribution,
    Failure,
    climb,
    explain,
    ladder_summary,
    rungs_for,
    tries,
)
from handeye.experiments.records.agent import AgentFlags, AgentSetting, Confusion, Rung
from handeye.experiments.records.episode import AgentJob, EpisodeRecord
from tests.experiments.evaluation.test_agent_summary import AGENT, EPISODE

JOB = AgentJob(
    "x", "tabletop-core", "stack", "seen", 7, agent=AgentSetting(AgentFlags("scripted"), "kept")
)
ALL: tuple[Rung, ...] = ("perception", "plan", "skill")
asked: list[tuple[Rung, ...]] = []


@pytest.fixture
def needed(monkeypatch: pytest.MonkeyPatch) -> set[Rung]:
    """The oracles that an episode needs to succeed; tests say which."""
    needs: set[Rung] = set()

    def judged(job: AgentJob) -> EpisodeRecord:
        assert job.agent is not None
        assert not job.agent.transcripts  # the failed episode's own is kept as it is
        asked.append(job.agent.oracles)
        solved = needs <= set(job.agent.oracles)
        return replace(EPISODE, success=solved, events=("false_done",))

    asked.clear()
    monkeypatch.setattr(oracle_ladder, "run_agent_episode", judged)
    return needs


def test_one_after_the_other_then_more_and_more_together() -> None:
    assert tries(ALL) == [
        ("perception",), ("plan",), ("skill",), ("perception", "plan"), ALL,
    ]  # fmt: skip
    assert tries(("placebo", *ALL)) == [("placebo",), *tries(ALL)]


def test_the_first_that_restores_success_gets_the_failure(needed: set[Rung]) -> None:
    needed.add("plan")
    assert climb(Failure(JOB, ALL)) == Attribution("stack/7/true", "plan", ("plan",))
    assert asked == [("perception",), ("plan",)]


def test_where_two_are_needed_the_last_one_added_gets_it(needed: set[Rung]) -> None:
    needed |= {"perception", "skill"}
    assert climb(Failure(JOB, ALL)) == Attribution("stack/7/true", "skill", ALL)


def test_what_no_oracle_restores_is_the_environments_with_its_cause(needed: set[Rung]) -> None:
    needed.add("grounding")
    found = climb(Failure(JOB, ALL))
    assert (found.rung, found.together) == ("environment", ALL)
    assert found.cause == "with every oracle: claimed success, 2 of 2 conditions met, false_done"
    assert "nothing of it" in climb(Failure(JOB, ())).cause


def test_oracles_stand_in_for_what_is_none_yet() -> None:
    seen, true = AgentFlags("scripted", tools="eyes"), AgentFlags("scripted")
    unchecked = replace(AGENT, checks=Confusion())
    assert {"perception", "grounding"} <= set(rungs_for(seen, "stack", AGENT))
    assert not {"perception", "grounding"} & set(rungs_for(true, "stack", AGENT))
    assert "check" in rungs_for(true, "stack", AGENT)
    assert "check" not in rungs_for(true, "stack", unchecked)


def test_every_failure_is_explained_once(needed: set[Rung], tmp_path: Path) -> None:
    jobs = [replace(JOB, seed=seed) for seed in range(3)]
    records = [replace(EPISODE, episode_id=job.episode_id, success=job.seed == 1) for job in jobs]
    flags = {"workers": 0, "deadline_s": 60.0}
    found = explain(tmp_path, jobs, records, **flags)
    assert [a.episode_id for a in found] == ["stack/0/true", "stack/2/true"]
    before = len(asked)
    assert explain(tmp_path, jobs, records, **flags) == found
    assert len(asked) == before  # the file knew


def test_all_failures_are_counted() -> None:
    found = [
        Attribution("a", "plan", ("plan",)),
        Attribution("b", "skill", ALL),
        Attribution("c", "environment", ALL, "it rained"),
    ]
    found.append(Attribution("d", "skill", ("skill",)))
    summary = ladder_summary(found, judged=8)
    assert summary["failures"] == summary["attributed"] == 4
    assert (summary["plan_success"]["k"], summary["plan_success"]["n"]) == (5, 8)
    assert summary["rungs"]["plan"] == {"alone": 1, "together": 0}
    assert summary["rungs"]["skill"] == {"alone": 1, "together": 1}
    assert (summary["environment"], summary["causes"]) == (1, {"it rained": 1})
