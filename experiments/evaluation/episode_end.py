"""The end of an episode, and the record that is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handeye.envs.core.base_env import InstructedEnv
from handeye.experiments.evaluation.conditions import oracle_steps
from handeye.experiments.evaluation.failure_cause import failure_of
from handeye.experiments.records.agent import AgentRecord
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord, NavigationRecord


@dataclass(frozen=True)
class EpisodeEnd:
    """How an episode ended.

    Attributes:
        info: the environment's last.
        policy_id: who acted.
        steps: decisions, or actions of an agent's tools.
        termination: "success", "terminate" or "limit", see `EpisodeRecord`.
        wall_s: real seconds.
        further_events: what the environment does not notice.
        navigation: what navigation records besides.
        agent: what is recorded of an agent besides.
    """

    info: Mapping[str, Any]
    policy_id: str
    steps: int
    termination: str
    wall_s: float
    further_events: tuple[str, ...] = ()
    navigation: NavigationRecord | None = None
    agent: AgentRecord | None = None


def record_end(job: EpisodeJob, env: InstructedEnv, end: EpisodeEnd) -> EpisodeRecord:
    """Return the record of an episode that has just ended.

    Args:
        job: what was asked for.
        env: in which it was run; not yet reset to another one.
        end: how it ended.
    """
    info = end.info
    met, conditions = info["goal_conditions"]
    own_words = job.condition == "true"
    return EpisodeRecord(
        episode_id=job.episode_id,
        suite=job.suite,
        task=job.task,
        split=job.split,
        seed=job.seed,
        condition=job.condition,
        policy_id=end.policy_id,
        instruction=env.instruction,
        success=bool(info["goal_reached"]),
        success_final=bool(info["is_success"]),
        goal_conditions=(int(met), int(conditions)),
        steps=end.steps,
        oracle_steps=oracle_steps(job, env.action_mode) if own_words else None,
        path_length_m=float(info["path_length_m"]),
        events=tuple(dict.fromkeys([*info["events"], *end.further_events])),
        termination=end.termination,
        wall_s=end.wall_s,
        sim_s=float(info["sim_s"]),
        state_hash=info["state_hash"],
        renderer_fingerprint=env.renderer_fingerprint,
        n_choices=int(info["n_choices"]),
        navigation=end.navigation,
        agent=end.agent,
        failure=None if info["is_success"] else failure_of(env),
    )
