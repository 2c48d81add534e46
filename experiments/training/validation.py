"""Success of the policy in training: a few episodes per task, shared by the processes."""

from collections.abc import Sequence

import torch

from handeye.envs.suites import make_suite_env
from handeye.experiments.records.seeds import FIRST_SELECTION_SEED, check_selection_seeds
from handeye.experiments.training.data_parallel import Team
from handeye.policies.policy import Policy
from handeye.policies.rollout import rollout


def success_by_task(
    policy: Policy, tasks: Sequence[str], episodes: int, team: Team, split: str = "seen"
) -> dict[str, float]:
    """Success rate of `policy` over `episodes` episodes of each task, the same on every process."""
    seeds = check_selection_seeds(FIRST_SELECTION_SEED, episodes, "seeds of validation")
    wins = torch.zeros(len(tasks))
    for job in team.share(len(tasks) * episodes):
        task, number = divmod(job, episodes)
        env = make_suite_env(tasks[task], action_mode=policy.action_mode, split=split)
        try:
            result = rollout(env, policy, seed=seeds[number])
            wins[task] += float(result.info["is_success"])
        finally:
            env.close()
    team.sum_(wins)
    return {task: float(won) / episodes for task, won in zip(tasks, wins, strict=True)}
