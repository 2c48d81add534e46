"""Planning an evaluation and counting its records."""

import json
from dataclasses import replace

import pytest

from handeye.experiments.records.episode import (
    EpisodeJob,
    EpisodeRecord,
    NavigationRecord,
    necessity_rows,
    plan_jobs,
    rate_of,
    side_effect_counts,
)

JOB = EpisodeJob("nano", "tabletop-core", "stack", "seen", 1_000_000)
RECORD = EpisodeRecord(
    JOB.episode_id, "tabletop-core", "stack", "seen", 1_000_000, "true", "nano",
    goal_conditions=(1, 2), events=("object_dropped",), side_effects=("pressed red button",),
    told={"depth": "exact"},
)  # fmt: skip

WALKED = replace(
    RECORD,
    navigation=NavigationRecord(
        shortest_m=4.25,
        path_xy=((0.0, 0.0), (0.25, 0.01)),
        collisions=3,
        ndtw=None,
        oracle_success=True,
    ),
)


@pytest.mark.parametrize("record", [RECORD, WALKED], ids=["tabletop", "navigation"])
def test_records_survive_json(record: EpisodeRecord) -> None:
    assert EpisodeRecord.from_dict(json.loads(json.dumps(record.to_dict()))) == record


def test_records_of_another_version_are_refused() -> None:
    data = RECORD.to_dict()
    del data["steps"]
    with pytest.raises(ValueError, match=r"another version \(fields colour, steps\)"):
        EpisodeRecord.from_dict({**data, "colour": 1})


def test_records_of_an_older_schema_are_refused_by_name() -> None:
    data = RECORD.to_dict()
    assert data.pop("schema") == 2
    with pytest.raises(
        ValueError, match=r"a\.jsonl line 3 is of schema 1, where success meant that"
    ):
        EpisodeRecord.from_dict(data, "a.jsonl line 3")
    with pytest.raises(ValueError, match=r"of schema 3; records are of schema 2"):
        EpisodeRecord.from_dict({**data, "schema": 3})


def test_side_effects_are_counted_once_an_episode() -> None:
    spoilt = replace(RECORD, events=("bystander_moved", "bystander_moved", "timeout"))
    assert side_effect_counts([spoilt, spoilt, RECORD]) == {"bystander_moved": 2}


def test_what_navigation_records_is_checked_too() -> None:
    data = WALKED.to_dict()
    del data["navigation"]["ndtw"]
    with pytest.raises(ValueError, match=r"another version \(fields ndtw\)"):
        EpisodeRecord.from_dict(data)
    del data["navigation"]
    with pytest.raises(ValueError, match=r"another version \(fields navigation\)"):
        EpisodeRecord.from_dict(data)


def test_every_seed_meets_every_task_and_row() -> None:
    jobs = plan_jobs(JOB, ["reach", "stack"], range(10, 13), 2)
    assert len(jobs) == 3 * 2 + 4 * 2 * 2
    assert len({job.episode_id for job in jobs}) == len(jobs)
    assert [job.condition for job in jobs[:6]] == ["true"] * 6
    blank = {(job.task, job.seed) for job in jobs if job.condition == "blank"}
    assert blank == {("reach", 10), ("stack", 10), ("reach", 11), ("stack", 11)}


@pytest.mark.parametrize(("tasks", "episodes"), [(2, 3), (2, 1), (1, 2), (5, 2)])
def test_shuffled_words_come_from_another_episode_each(tasks: int, episodes: int) -> None:
    names = [f"task{i}" for i in range(tasks)]
    jobs = plan_jobs(JOB, names, range(episodes), episodes)
    shuffled = [job for job in jobs if job.condition == "shuffled"]
    assert len(shuffled) == tasks * episodes
    assert all(job.donor != (job.task, job.seed) for job in shuffled)
    assert len({job.donor for job in shuffled}) == len(shuffled)
    if episodes > 1:
        assert all(job.donor is not None and job.donor[0] == job.task for job in shuffled)


def test_one_episode_alone_cannot_be_shuffled() -> None:
    jobs = plan_jobs(JOB, ["reach"], range(1), 1)
    assert [job.condition for job in jobs] == ["true", "blank", "contradictory", "paraphrased"]


def test_lost_episodes_count_nowhere() -> None:
    lost = EpisodeRecord.lost(JOB, "worker lost (died): exit code 3")
    assert lost.worker_lost
    assert lost.lost_reason.endswith("exit code 3")
    solved = replace(RECORD, success=True)
    assert rate_of([lost, solved, RECORD]).to_dict()["n"] == 2


def test_necessity_compares_the_same_episodes() -> None:
    def row(seed: int, condition: str, solved: bool) -> EpisodeRecord:
        return replace(RECORD, seed=seed, condition=condition, success=solved, chance=0.25)  # type: ignore[arg-type]

    records = [row(1, "true", True), row(2, "true", False), row(1, "blank", False)]
    rows = necessity_rows(records)
    assert (rows["true"]["k"], rows["true"]["n"]) == (1, 1)  # seed 2 has no blank twin
    assert (rows["blank"]["k"], rows["blank"]["n"], rows["blank"]["chance"]) == (0, 1, 0.25)
    assert "shuffled" not in rows
    assert necessity_rows(records[:2]) == {}
