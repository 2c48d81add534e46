"""Episodes of adversaries: what is to be played, playing it, and files of what was played."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.suites import make_suite_env, world_of
from handeye.experiments.actors.load_policy import PolicySource
from handeye.experiments.records.provenance import code_fingerprint
from handeye.policies.rollout import rollout


class Trial(NamedTuple):
    """One episode to play."""

    suite: str
    task: str
    adversary: str
    seed: int
    split: str = "seen"


@dataclass(frozen=True)
class Played:
    """How an episode went.

    Attributes:
        suite, task, adversary, seed, split: as of `Trial`.
        version: of the suite; 0 for a task by itself.
        success: strict.
        goal_reached: at some step.
        chance: of the scene, without the words.
        side_effects: what spoilt it.
        claim: at the end.
        ended_by: see the environment.
        state_hash: over all states.
        fingerprint: of the code.
    """

    suite: str
    version: int
    task: str
    adversary: str
    seed: int
    split: str
    success: bool
    goal_reached: bool
    chance: float
    side_effects: tuple[str, ...]
    claim: str
    ended_by: str
    state_hash: str
    fingerprint: str

    @property
    def trial(self) -> Trial:
        """Return what was to be played."""
        return Trial(self.suite, self.task, self.adversary, self.seed, self.split)


def play(trial: Trial) -> Played:
    """Play one episode; the same for the same trial."""
    env = _environment(trial.suite, trial.split)
    policy = PolicySource(trial.adversary).build(env)
    info = rollout(env, policy, seed=trial.seed, options={"task": trial.task}).info
    return Played(
        **trial._asdict(),
        version=_version(trial.suite),
        success=bool(info["is_success"]),
        goal_reached=bool(info["goal_reached"]),
        chance=float(info["chance"]),
        side_effects=tuple(info["side_effects"]),
        claim=info["claim"],
        ended_by=info["ended_by"],
        state_hash=info["state_hash"],
        fingerprint=code_fingerprint(),
    )


@cache
def _environment(suite: str, split: str) -> InstructedEnv:
    return make_suite_env(suite, split=split, cameras=())


def _version(suite: str) -> int:
    known = world_of(suite).registry.suites.get(suite)
    return known.version if known is not None else 0
