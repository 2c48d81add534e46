"""One episode, judged and filmed, on the real tabletop."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.evaluation.episode_video import WatchedPolicy, film
from handeye.experiments.evaluation.run_policy_episode import run_in, run_policy_episode
from handeye.experiments.pictures.video import decode_mp4
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord
from handeye.policies.policy import Action, RandomPolicy

JOB = EpisodeJob("oracle", "tabletop-core", "pick_up", "seen", 1_000_000)


def timeless(record: EpisodeRecord) -> EpisodeRecord:
    return replace(record, wall_s=0.0)


def words_and_target(job: EpisodeJob) -> tuple[str, int]:
    env = TabletopEnv(job.task, split=job.split, cameras=())
    env.reset(seed=job.seed)
    return env.instruction, env.goal.referred[0]


@pytest.mark.slow
def test_oracle_solves_and_everything_is_recorded() -> None:
    record = run_policy_episode(JOB)
    assert record.success
    assert record.goal_reached
    assert record.goal_conditions[0] == record.goal_conditions[1] > 0
    assert (record.ended_by, record.claim, record.side_effects) == ("terminate", "success", ())
    assert record.told == {"cameras": "front, wrist", "depth": "none", "state": "of the simulator"}
    assert record.suite_version == 2
    assert record.oracle_steps == record.steps > 0
    assert record.path_length_m > 0.05
    assert record.sim_s > 0.5
    assert record.n_choices > 1
    assert record.chance == 1 / record.n_choices
    assert len(record.state_hash) >= 16
    assert record.renderer_fingerprint
    assert record.instruction == words_and_target(JOB)[0]


@pytest.mark.slow
def test_an_episode_depends_on_its_job_alone() -> None:
    first = run_policy_episode(JOB)
    run_policy_episode(replace(JOB, seed=JOB.seed + 1))
    run_policy_episode(replace(JOB, policy="random"))
    assert timeless(run_policy_episode(JOB)) == timeless(first)


@pytest.mark.slow
def test_random_fails_with_a_reason() -> None:
    record = run_policy_episode(replace(JOB, policy="random"))
    assert not record.success
    assert record.ended_by == "limit"
    assert "timeout" in record.events


@pytest.mark.slow
def test_blank_words_keep_the_goal() -> None:
    record = run_policy_episode(replace(JOB, condition="blank"))
    assert record.instruction == ""
    assert record.success  # the oracle does not read


@pytest.mark.slow
def test_shuffled_words_are_the_donors() -> None:
    donor = replace(JOB, task="reach", seed=JOB.seed + 5)
    record = run_policy_episode(replace(JOB, condition="shuffled", donor=(donor.task, donor.seed)))
    assert record.instruction == words_and_target(donor)[0]
    assert record.state_hash == run_policy_episode(JOB).state_hash


@pytest.mark.slow
def test_contradictory_words_name_another_object_and_count_for_it() -> None:
    record = run_policy_episode(replace(JOB, condition="contradictory"))
    assert record.instruction != words_and_target(JOB)[0]
    assert record.success  # the oracle went for the named object
    assert record.state_hash != run_policy_episode(JOB).state_hash
    assert timeless(run_policy_episode(replace(JOB, condition="contradictory"))) == timeless(record)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["oracle", "blind"])
def test_filming_changes_nothing(policy: str) -> None:
    job = replace(JOB, policy=policy)
    shot = film(job)
    assert timeless(shot.record) == timeless(run_policy_episode(job))
    assert len(shot.decisions) >= shot.record.steps
    pictures = decode_mp4(shot.mp4)
    assert len(pictures) > shot.record.steps  # the motion between decisions is there
    assert np.std(np.stack([pictures[0], pictures[-1]]), axis=0).max() > 5  # something moved


def test_a_watched_policy_forgets_at_reset() -> None:
    watched = WatchedPolicy(
        open_policy("random").build(TabletopEnv("reach", action_mode="ee_pose"))
    )
    watched.reset("reach it", 1)
    assert isinstance(watched.act({"rgb_front": 0}), Action)
    assert len(watched.decisions) == 1
    watched.reset("again", 2)
    assert watched.decisions == []


class Shover(RandomPolicy):
    """Acts at random while the goal's object goes over the edge of the table."""

    def __init__(self, env: TabletopEnv) -> None:
        super().__init__("ee_pose")
        self._env = env

    def act(self, observation: Mapping[str, Any]) -> Action:
        self._env.displace(self._env.goal.referred[0], 2.0, 0.0)
        return super().act(observation)


@pytest.mark.slow
def test_what_falls_off_the_table_is_a_failure_not_a_fault() -> None:
    env = TabletopEnv("put_in", action_mode="ee_pose", cameras=(), max_steps=8)
    job = EpisodeJob("random", "tabletop-core", "put_in", "seen", 1_000_023)
    record = run_in(env, Shover(env), job)
    env.close()
    assert "object_off_table" in record.events
    assert not record.success
