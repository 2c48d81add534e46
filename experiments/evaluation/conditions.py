"""How the words of an episode stand to its goal, and how long the oracle takes for that goal.

Scenes, goals and words are read from environments without cameras, one a process and split.
"""

from functools import cache
from typing import Any

import numpy as np

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.core.episode_info import contradictions
from handeye.envs.suites import make_suite_env
from handeye.experiments.oracles.baselines import OraclePolicy
from handeye.experiments.records.episode import EpisodeJob
from handeye.policies.rollout import rollout

PARAPHRASES = 8  # Tries of the grammar to say the same otherwise.
OTHER_GOAL = 0xC0  # Purpose of the generator that chooses a contradictory goal.


def reset_options(job: EpisodeJob) -> dict[str, Any]:
    """Return what `env.reset` is told so that words and goal are as the job's condition says."""
    options: dict[str, Any] = {"task": job.task}
    if job.condition == "blank":
        options["instruction"] = ""
    elif job.condition == "shuffled":
        assert job.donor is not None
        options["instruction"] = _peek(job, *job.donor).instruction
    elif job.condition == "contradictory":
        options["goal"] = _other_goal(job)
    elif job.condition == "paraphrased":
        options["instruction"] = _other_words(job)
    return options


def oracle_steps(job: EpisodeJob, action_mode: str) -> int:
    """Return the number of the oracle's decisions on the job's own goal, without rendering."""
    env = _blindfolded(job.suite, job.split, action_mode)
    return rollout(env, OraclePolicy(env), seed=job.seed, options={"task": job.task}).steps


def _other_goal(job: EpisodeJob) -> int:
    """Another goal of the job's scene, on another object if there is one."""
    env = _peek(job, job.task, job.seed)
    others = contradictions(env) or [i for i in range(len(env.goals)) if i != env.goal_index]
    if not others:
        raise ValueError(f"the scene of {job.episode_id} has one goal only: nothing contradicts it")
    return int(np.random.default_rng([job.seed, OTHER_GOAL, *job.task.encode()]).choice(others))


def _other_words(job: EpisodeJob) -> str:
    """The job's goal in other words, if its task has some."""
    env = _peek(job, job.task, job.seed)
    ways = (env.words_for(env.goal_index, variant) for variant in range(1, PARAPHRASES))
    return next((words for words in ways if words != env.instruction), env.instruction)


def _peek(job: EpisodeJob, task: str, seed: int) -> InstructedEnv:
    """An env reset to an episode of the job's suite, to read words and goals."""
    env = _blindfolded(job.suite, job.split, None)
    env.reset(seed=seed, options={"task": task})
    return env


@cache
def _blindfolded(suite: str, split: str, action_mode: str | None) -> InstructedEnv:
    return make_suite_env(suite, split=split, action_mode=action_mode, cameras=())
