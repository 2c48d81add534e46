"""DAgger (Ross et al. 2011): the policy drives, the oracle says what it would have done instead."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from handeye.envs.env import HandeyeEnv
from handeye.envs.episode import Episode, EpisodeGoal, episode_path
from handeye.envs.oracle import Oracle, Waypoint
from handeye.envs.rendering import RENDERER_FINGERPRINT
from handeye.envs.state import State
from handeye.experiments.data_parallel import Team
from handeye.experiments.provenance import commit_id
from handeye.experiments.run_folder import write_bytes_atomic
from handeye.policies.policy import Action, Policy
from handeye.policies.rollout import rollout

FIRST_SEED = 800_000  # training seeds that `handeye collect` reaches last
GOALS = 3
PARAPHRASES = 4


class Witness:
    """A policy that acts as the one it holds and notes the state before every action."""

    def __init__(self, policy: Policy, env: HandeyeEnv) -> None:
        self._policy, self._env = policy, env
        self.policy_id, self.action_mode = policy.policy_id, policy.action_mode
        self.states: list[State] = []
        self.proprio: list[Any] = []
        self.actions: list[Any] = []

    def reset(self, instruction: str, seed: int) -> None:
        """Start an episode."""
        self._policy.reset(instruction, seed)

    def act(self, observation: Mapping[str, Any]) -> Action:
        """The held policy's action; one that ends the episode is noted as no action."""
        action = self._policy.act(observation)
        self.note(observation)
        if not action.terminate:
            self.actions.append(action.values)
        return action

    def note(self, observation: Mapping[str, Any]) -> None:
        """Keep the state that the environment is in."""
        self.states.append(self._env.state)
        self.proprio.append(observation["proprio"])


def drive(policy: Policy, task: str, seed: int) -> Episode:
    """One episode driven by `policy`, each state labelled by the oracle for several goals."""
    env = HandeyeEnv(task, action_mode=policy.action_mode or "ee_pose")
    witness = Witness(policy, env)
    try:
        result = rollout(env, witness, seed=seed)
        if result.terminated_by != "terminate":
            witness.note(env.observe(render=False))
        return _labelled(env, witness, seed, result.info)
    finally:
        env.close()


def _labelled(env: HandeyeEnv, witness: Witness, seed: int, info: dict[str, Any]) -> Episode:
    rng = np.random.default_rng([seed, GOALS])
    others = [g for g in range(len(env.goals)) if g != env.goal_index]
    chosen = [env.goal_index, *rng.permutation(others)[: GOALS - 1].tolist()]
    rows = [[_label(env, goal, state) for state in witness.states] for goal in chosen]
    return Episode(
        task=env.task.name,
        split=env.split,
        seed=seed,
        action_mode=env.action_mode,
        scene=env.scene,
        goals=tuple(_goal(env, index) for index in chosen),
        body_poses=np.stack([s.body_poses for s in witness.states]).astype(np.float32),
        joint_positions=np.stack([s.joint_positions for s in witness.states]).astype(np.float32),
        proprio=np.stack(witness.proprio).astype(np.float32),
        actions=np.array(witness.actions, np.float32).reshape(-1, 7),
        labels=np.array([[w.values for w in row] for row in rows], np.float32),
        terminate=np.array([[w.done for w in row] for row in rows]),
        subgoals=tuple(w.subgoal for w in rows[0]),
        success=bool(info["is_success"]),
        state_hash=info["state_hash"],
        meta={"commit": commit_id(), "renderer_fingerprint": RENDERER_FINGERPRINT},
    )


def _label(env: HandeyeEnv, index: int, state: State) -> Waypoint:
    goal = env.goals[index]
    done = env.task.done(env.scene, goal, state)
    return Oracle(env.scene, env.task.subgoals(goal)).next_waypoint(state, done)


def _goal(env: HandeyeEnv, index: int) -> EpisodeGoal:
    words = tuple(dict.fromkeys(env.words_for(index, v) for v in range(PARAPHRASES)))
    goal = env.goals[index]
    return EpisodeGoal(index, words, goal.referred, goal.relation)


def drive_round(
    policy: Policy, tasks: list[str], number: int, episodes: int, root: Path, team: Team
) -> list[Episode]:
    """Round `number` of `episodes` episodes, shared by the tasks and by the processes.

    Episodes are kept as files under `root`; those that are there already are read, so an
    interrupted round continues and every process ends with the same list.
    """
    before = [Episode.load(path) for path in round_paths(root, number - 1, episodes)]
    turns = fair_turns(tasks, before, episodes)
    paths = round_paths(root, number, episodes)
    for job in team.share(episodes):
        if not paths[job].exists():
            seed = FIRST_SEED + number * episodes + job
            episode = drive(policy, turns[job], seed)
            paths[job].parent.mkdir(parents=True, exist_ok=True)
            write_bytes_atomic(paths[job], episode.to_bytes())
    team.wait()
    return [Episode.load(path) for path in paths]


def round_paths(root: Path, number: int, episodes: int) -> list[Path]:
    """Where the episodes of a round lie; before the first round there are none."""
    count = episodes if number >= 0 else 0
    return [episode_path(root / f"round_{number:03d}", n) for n in range(count)]


def fair_turns(tasks: list[str], before: list[Episode], episodes: int) -> list[str]:
    """The task of each episode: those that failed more in the round before come more often.

    A task's share grows with one more than its failures, so that none is forgotten.
    """
    failures = [sum(e.task == task and not e.success for e in before) for task in tasks]
    weights = np.array(failures) + 1.0
    bounds = np.round(np.cumsum(weights) / weights.sum() * episodes).astype(int)
    turns = np.searchsorted(bounds, np.arange(episodes), side="right")
    # spread every task over the round, so that each process drives all of them
    return [tasks[t] for t in np.random.default_rng(len(before)).permutation(turns)]
