"""Actors that must succeed, and actors that must not: does the judge of a suite tell them apart?

oracle          does what is asked                                   must succeed
half            the oracle, who claims success half-way              must fail
another         the oracle of another goal of the scene              must fail
more            does what is asked, then pursues another goal too    must fail where that shows
failure         does what is asked and claims failure                must fail
idle            claims success at once                               must fail
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from handeye.envs.core.base_env import Expert, InstructedEnv
from handeye.envs.core.episode_info import contradictions
from handeye.envs.core.oracle_action import OracleAction
from handeye.envs.suites import make_suite_env
from handeye.experiments.evaluation.run_policy_episode import run_in
from handeye.experiments.records.episode import EpisodeJob, EpisodeRecord
from handeye.policies.policy import Action, Claim

PROBES: dict[str, str] = {
    "oracle": "does what is asked",
    "half": "claims success half-way",
    "another": "carries out another of the scene's goals",
    "more": "does what is asked, then carries out another goal too",
    "failure": "does what is asked and claims failure",
    "idle": "claims success at once",
}
MOST_DECISIONS = 400  # Of a further goal that cannot be reached any more.


@dataclass(frozen=True)
class ProbeJob(EpisodeJob):
    """An episode for one of `PROBES`.

    Attributes:
        probe: its name.
    """

    probe: str = field(default="oracle", kw_only=True)


def run_probe(job: ProbeJob) -> EpisodeRecord:
    """Run the job's episode with its probe; nothing is drawn."""
    env = _environment(job.suite, job.split)
    return run_in(env, ProbePolicy(env, job.probe), job)


class ProbePolicy:
    """One of `PROBES`, made of the scripted oracles of an environment."""

    can_terminate = True

    def __init__(self, env: InstructedEnv, probe: str) -> None:
        self._env, self._probe = env, probe
        self.policy_id = f"probe: {probe}"
        self.action_mode: str | None = env.action_mode

    def reset(self, instruction: str, seed: int) -> None:
        """Choose what to pursue in the scene that has just been set up."""
        env = self._env
        others = contradictions(env) or [g for g in range(len(env.goals)) if g != env.goal_index]
        other = int(np.random.default_rng([seed, *env.task.name.encode()]).choice(others or [0]))
        goals = {"another": [other], "more": [env.goal_index, other], "idle": []}
        self._plan = goals.get(self._probe, [env.goal_index])
        self._left = self._half(seed) if self._probe == "half" else MOST_DECISIONS
        self._expert: Expert | None = None

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Return the oracle's action for the present goal, or the end."""
        while self._plan and self._left > 0:
            if self._expert is None:
                self._expert = self._env.expert(self._plan[0])
            decided = self._expert()
            if not decided.done:
                self._left -= 1
                return Action(decided.values)
            self._plan, self._expert = self._plan[1:], None
            if not self._plan:
                return self._end(decided)
        return self._end(None)

    def _end(self, decided: OracleAction | None) -> Action:
        claim: Claim = decided.claim if decided is not None else "success"
        answer = decided.answer if decided is not None else ""
        if self._probe == "failure":
            claim = "failure"
        return Action(np.zeros(0), True, {}, answer, claim)

    def _half(self, seed: int) -> int:
        """Half of the oracle's decisions, counted in a copy of the episode."""
        twin = self._env.fork()
        expert, count = twin.expert(twin.goal_index), 0
        while not expert().done and count < MOST_DECISIONS:
            _, _, terminated, truncated, _ = twin.step(expert().values)
            count += 1
            if terminated or truncated:
                break
        twin.close()
        return count // 2


@cache
def _environment(suite: str, split: str) -> InstructedEnv:
    return make_suite_env(suite, split=split, cameras=())
