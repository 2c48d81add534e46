"""DAgger (Ross et al. 2011): the policy drives, the oracle says what it would have done instead."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.core.episode import RecordedEpisode
from handeye.envs.core.episode_file import episode_path
from handeye.envs.suites import load_episode, make_suite_env
from handeye.experiments.data.recorder import EpisodeRecording
from handeye.experiments.records.run_folder import write_bytes_atomic
from handeye.experiments.records.seeds import check_training_seeds
from handeye.experiments.training.data_parallel import Team
from handeye.policies.policy import Action, Policy
from handeye.policies.rollout import rollout

FIRST_SEED = 800_000  # of the rounds; no other recording reaches these by default
GOALS = 3


class Witness:
    """A policy that acts as the one it holds while a recording notes the state before each action.

    Its `reset` must follow the environment's, as `rollout` has it.
    """

    def __init__(self, policy: Policy, env: InstructedEnv) -> None:
        self._policy, self._env = policy, env
        self.policy_id, self.action_mode = policy.policy_id, policy.action_mode
        self.can_terminate = policy.can_terminate
        self.recording: EpisodeRecording

    def reset(self, instruction: str, seed: int) -> None:
        """Start an episode; it is labelled for its own goal and others of the scene."""
        env = self._env
        others = [g for g in range(len(env.goals)) if g != env.goal_index]
        drawn = np.random.default_rng([seed, GOALS]).permutation(others)[: GOALS - 1]
        self.recording = EpisodeRecording(env, [env.goal_index, *drawn.tolist()])
        self._policy.reset(instruction, seed)

    def act(self, observation: Mapping[str, Any]) -> Action:
        """The held policy's action; one that ends the episode is noted as no action."""
        action = self._policy.act(observation)
        self.recording.note()
        if not action.terminate:
            self.recording.actions.append(action.values)
        return action


def drive(policy: Policy, task: str, seed: int) -> RecordedEpisode[Any, Any]:
    """One episode driven by `policy`, each state labelled by the oracle for several goals."""
    env = make_suite_env(task, action_mode=policy.action_mode)
    witness = Witness(policy, env)
    try:
        result = rollout(env, witness, seed=seed)
        if result.ended_by != "terminate":
            witness.recording.note()
        return witness.recording.episode(result.info)
    finally:
        env.close()


def drive_round(
    policy: Policy, tasks: list[str], number: int, episodes: int, root: Path, team: Team
) -> list[Any]:
    """Round `number` of `episodes` episodes, shared by the tasks and by the processes.

    Episodes are kept as files under `root`; those that are there already are read, so an
    interrupted round continues and every process ends with the same list.
    """
    seeds = round_seeds(number, episodes)
    before = [load_episode(path) for path in round_paths(root, number - 1, episodes)]
    turns = fair_turns(tasks, before, episodes)
    paths = round_paths(root, number, episodes)
    for job in team.share(episodes):
        if not paths[job].exists():
            episode = drive(policy, turns[job], seeds[job])
            paths[job].parent.mkdir(parents=True, exist_ok=True)
            write_bytes_atomic(paths[job], episode.to_bytes())
    team.wait()
    return [load_episode(path) for path in paths]


def round_seeds(number: int, episodes: int) -> range:
    """Return the seeds of a round.

    Raises:
        ValueError: they reach beyond those of training.
    """
    flag = f"--dagger.episodes {episodes}, round {number + 1}: seeds"
    return check_training_seeds(FIRST_SEED + number * episodes, episodes, flag)


def round_paths(root: Path, number: int, episodes: int) -> list[Path]:
    """Return where the episodes of a round lie; before the first round there are none."""
    count = episodes if number >= 0 else 0
    return [episode_path(root / f"round_{number:03d}", n) for n in range(count)]


def fair_turns(tasks: list[str], before: list[Any], episodes: int) -> list[str]:
    """The task of each episode: those that failed more in the round before come more often.

    A task's share grows with one more than its failures, so that none is forgotten.
    """
    failures = [sum(e.task == task and not e.success for e in before) for task in tasks]
    weights = np.array(failures) + 1.0
    bounds = np.round(np.cumsum(weights) / weights.sum() * episodes).astype(int)
    turns = np.searchsorted(bounds, np.arange(episodes), side="right")
    # spread every task over the round, so that each process drives all of them
    return [tasks[t] for t in np.random.default_rng(len(before)).permutation(turns)]
