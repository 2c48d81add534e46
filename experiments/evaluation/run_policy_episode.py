"""Run one episode of an evaluation with a policy.

A run is a pure function of its job, so it may happen in any process in any order. What is costly to
make (a policy's weights, an environment) is kept per process; every episode resets it by its seed.
"""

import time
from functools import cache

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.suites import make_suite_env
from handeye.experiments.actors.foreign_policy import PolicyFailure
from handeye.experiments.actors.load_policy import policy_source
from handeye.experiments.evaluation.chain_episode import carry_out, whole
from handeye.experiments.evaluation.conditions import reset_options
from handeye.experiments.evaluation.episode_end import EpisodeEnd, record_end
from handeye.experiments.evaluation.navigation_episode import record_of
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord
from handeye.experiments.records.sensor_noise import SensorNoise
from handeye.policies.policy import Policy
from handeye.policies.rollout import rollout

STATE_TOLD = {"state": "of the simulator"}  # To scripted experts.
TRIED_DECISIONS = 3  # Of a policy that comes from elsewhere, before a run begins.


def run_policy_episode(job: EpisodeJob) -> EpisodeRecord:
    """Run the job's episode and record how it went.

    Raises:
        PolicyFailure: code of a policy from elsewhere raised, or gave no action.
    """
    source = policy_source(job.policy, job.device)
    env = _environment(job.suite, job.split, source.action_mode, job.noise)
    return run_in(env, source.build(env), job)


def policy_episode(job: EpisodeJob) -> EpisodeRecord | PolicyFailure:
    """Return `run_policy_episode`'s record, or what is wrong with the policy's code."""
    try:
        return run_policy_episode(job)
    except PolicyFailure as failure:
        return failure


def try_policy(job: EpisodeJob) -> None:
    """Let the job's policy decide a few times, so that a mistake shows before a run begins.

    Raises:
        PolicyFailure: code of a policy from elsewhere raised, or gave no action.
    """
    source = policy_source(job.policy, job.device)
    env = _environment(job.suite, job.split, source.action_mode, job.noise)
    policy = source.build(env)
    observation, _ = env.reset(seed=job.seed, options={"task": job.task})
    policy.reset(observation["instruction"], _seed_of(job))
    for _ in range(TRIED_DECISIONS):
        action = policy.act(observation)
        if action.terminate:
            return
        observation, _, terminated, truncated, _ = env.step(action.values)
        if terminated or truncated:
            return


def run_in(env: InstructedEnv, policy: Policy, job: EpisodeJob) -> EpisodeRecord:
    """Run the job's episode in an environment of its suite and record how it went."""
    started = time.perf_counter()
    visited: list[tuple[float, float]] = []  # by a mobile base, after every decision

    def note(*_: object) -> None:
        """Keep where a mobile base is, as (x, y) in metres."""
        if isinstance(env, RoomsEnv):
            visited.append(env.state.here.xy)

    options = reset_options(job)
    results, chain = carry_out(
        env,
        lambda world: rollout(
            world, policy, seed=job.seed, options=options, on_step=note, policy_seed=_seed_of(job)
        ),
    )
    end = EpisodeEnd(
        whole([result.info for result in results], chain),
        policy.policy_id,
        sum(result.steps for result in results),
        wall_s=time.perf_counter() - started,
        navigation=record_of(env, visited) if isinstance(env, RoomsEnv) else None,
        chain=chain,
        told=STATE_TOLD if policy_source(job.policy, job.device).reads_state else {},
    )
    return record_end(job, env, end)


def _seed_of(job: EpisodeJob) -> int:
    """Return what the job's policy samples with.

    Baselines of ours are given the scene's seed, so that they act alike whatever the run's key;
    policies are not, since whoever has it can draw the scene again.
    """
    return job.seed if policy_source(job.policy, job.device).loaded is None else job.policy_seed


@cache  # One for all tasks: a physics client with its meshes takes 30 MB.
def _environment(
    suite: str, split: str, action_mode: str | None, noise: SensorNoise
) -> InstructedEnv:
    return make_suite_env(
        suite, split=split, action_mode=action_mode, render_mode="rgb_array", **noise.options()
    )
