"""The end of an episode, and the record that is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.suites import suite_version
from handeye.experiments.evaluation.conditions import oracle_steps
from handeye.experiments.evaluation.failure_cause import failure_of
from handeye.experiments.records.agent import AgentRecord
from handeye.experiments.records.chain import ChainRecord
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord, NavigationRecord


@dataclass(frozen=True)
class EpisodeEnd:
    """How an episode ended.

    Attributes:
        info: the environment's last.
        policy_id: who acted.
        steps: decisions, or actions of an agent's tools.
        wall_s: real seconds.
        further_events: what the environment does not notice.
        navigation: what navigation records besides.
        agent: what is recorded of an agent besides.
        told: what the actor was told besides what the environment shows.
        chain: how far a chain of instructions went.
    """

    info: Mapping[str, Any]
    policy_id: str
    steps: int
    wall_s: float
    further_events: tuple[str, ...] = ()
    navigation: NavigationRecord | None = None
    agent: AgentRecord | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    chain: ChainRecord | None = None


def record_end(job: EpisodeJob, env: InstructedEnv, end: EpisodeEnd) -> EpisodeRecord:
    """Return the record of an episode that has just ended.

    Args:
        job: what was asked for.
        env: in which it was run; not yet reset to another one.
        end: how it ended.
    """
    info = end.info
    met, conditions = info["goal_conditions"]
    counted = job.condition == "true" and end.chain is None
    asked = end.chain.subtasks if end.chain else ()
    return EpisodeRecord(
        episode_id=job.episode_id,
        suite=job.suite,
        suite_version=suite_version(job.suite),
        task=job.task,
        split=job.split,
        seed=job.seed,
        condition=job.condition,
        policy_id=end.policy_id,
        instruction="; ".join(one.instruction for one in asked) or env.instruction,
        success=bool(info["is_success"]),
        goal_reached=bool(info["goal_reached"]),
        goal_conditions=(int(met), int(conditions)),
        side_effects=tuple(info["side_effects"]),
        claim=str(info["claim"]) if end.agent is None else end.agent.claim,
        steps=end.steps,
        oracle_steps=oracle_steps(job, env.action_mode) if counted else None,
        path_length_m=float(info["path_length_m"]),
        events=tuple(dict.fromkeys([*info["events"], *end.further_events])),
        ended_by=str(info["ended_by"]) if end.agent is None else _agent_ended_by(end.agent),
        wall_s=end.wall_s,
        sim_s=float(info["sim_s"]),
        state_hash=info["state_hash"],
        renderer_fingerprint=env.renderer_fingerprint,
        told={**_told(env), **end.told},
        n_choices=int(info["n_choices"]),
        chance=float(info["chance"]),
        navigation=end.navigation,
        agent=end.agent,
        chain=end.chain,
        failure=None if info["is_success"] else failure_of(env),
    )


def _agent_ended_by(agent: AgentRecord) -> str:
    """Return "claim" where the planner had the last word, else that a budget was spent."""
    return "claim" if agent.ended_by == "claim" else "limit"


def _told(env: InstructedEnv) -> dict[str, str]:
    """Return what an environment shows of the world, apart from the words."""
    error_m = env.settings.depth_noise_m
    depth = "none"
    if env.settings.depth and env.cameras:
        depth = f"{1000 * error_m:g} mm noise" if error_m else "exact"
    told = {"cameras": ", ".join(env.cameras) or "none", "depth": depth}
    if isinstance(env, RoomsEnv):
        noise = env.settings.odometry_noise
        told["odometry"] = f"{100 * noise:g} % noise" if noise else "exact"
    return told
