"""From the settings of an evaluation to its episodes: every name is looked up here, and once."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handeye.envs.suites import TABLETOP, World, check_split, world_of
from handeye.envs.tabletop.chains import ChainTask
from handeye.experiments.actors.foreign_policy import PolicyFailure
from handeye.experiments.actors.load_policy import policy_source
from handeye.experiments.evaluation.config import EvaluateConfig
from handeye.experiments.evaluation.run_agent_episode import check_agent, run_agent_episode
from handeye.experiments.evaluation.run_policy_episode import policy_episode, try_policy
from handeye.experiments.records.agent import AgentSetting
from handeye.experiments.records.episode import (
    AgentJob,
    EpisodeJob,
    EpisodeRecord,
    plan_jobs,
)
from handeye.experiments.records.seeds import check_judged_seeds

NECESSITY_EPISODES = 10


@dataclass(frozen=True)
class EvaluationPlan:
    """What an evaluation does.

    Attributes:
        jobs: every episode.
        run_episode: runs one of the jobs, in any process.
        policy: what finds the policy again; how tables name the agent.
        filmed: whether episodes are filmed; of agents there are transcripts.
    """

    jobs: list[EpisodeJob]
    run_episode: Callable[[Any], EpisodeRecord | PolicyFailure]
    policy: str
    filmed: bool


def plan_evaluation(config: EvaluateConfig) -> EvaluationPlan:
    """Check the settings and lay out every episode, before anything is written.

    Raises:
        ValueError: an unknown suite, split or planner style, seeds of training data, a policy that
            does not fit the suite, or code of a policy that does not work.
        FileNotFoundError: there is no such policy.
    """
    world = world_of(config.suite)
    check_split(config.suite, config.split)
    seeds = check_judged_seeds(config.seed, config.episodes)
    tasks = world.registry.tasks_of(config.suite, config.split)
    if bool(config.policy.path) == bool(config.agent.agent):
        raise ValueError(
            "give either --policy.path, for a policy, or --agent, for an agent with tools; "
            "`handeye list` names both"
        )
    _check_noise(config, world)
    if config.agent.agent:
        return _plan_agent(config, tasks, seeds)
    if config.ladder:
        raise ValueError("--ladder explains the failures of agents; give --agent too")
    return _plan_policy(config, world, tasks, seeds)


def _check_noise(config: EvaluateConfig, world: World) -> None:
    """Refuse noise of a sensor that the actor does not have, since it would change nothing."""
    noise, at_table = config.noise, world is TABLETOP
    if not all(0 <= value < math.inf for value in (noise.depth_m, noise.odometry)):
        raise ValueError("--noise.depth_m and --noise.odometry are finite and 0 or more")
    if noise.odometry and at_table:
        raise ValueError(f"--noise.odometry: {config.suite} has no odometry; leave it out")
    if noise.depth_m and at_table and not config.agent.agent:
        raise ValueError("--noise.depth_m: policies at the table see no depth; leave it out")


def _plan_agent(config: EvaluateConfig, tasks: tuple[str, ...], seeds: range) -> EvaluationPlan:
    check_agent(config.agent, config.suite)
    setting = AgentSetting(config.agent, str(config.output_dir / "transcripts"))
    example = AgentJob(
        config.label, config.suite, tasks[0], config.split, seeds[0],
        noise=config.noise, run_key=config.run_key, agent=setting,
    )  # fmt: skip
    jobs = plan_jobs(example, tasks, seeds, config.necessity_episodes or 0)
    return EvaluationPlan([*jobs], run_agent_episode, config.label, filmed=False)


def _plan_policy(
    config: EvaluateConfig, world: World, tasks: tuple[str, ...], seeds: range
) -> EvaluationPlan:
    source = policy_source(config.policy.path, config.policy.device)
    source.check_suite(config.suite, world)
    necessity = config.necessity_episodes
    chained = ChainTask.name in tasks
    if chained and necessity:
        raise ValueError(
            "--necessity_episodes changes the words of single instructions; leave it out for "
            f"{config.suite}, or give --suite tabletop-mixed"
        )
    if necessity is None:
        necessity = NECESSITY_EPISODES if source.reads and not chained else 0
    example = EpisodeJob(
        source.path, config.suite, tasks[0], config.split, seeds[0],
        noise=config.noise, run_key=config.run_key, device=config.policy.device,
    )  # fmt: skip
    if source.foreign:
        try_policy(example)
    jobs = plan_jobs(example, tasks, seeds, min(necessity, config.episodes))
    return EvaluationPlan(jobs, policy_episode, source.path, filmed=True)
