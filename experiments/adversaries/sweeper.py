"""The adversary that tries everything there is to be asked, one thing after the other."""

from collections.abc import Iterator

import numpy as np

from handeye.envs.core.base_env import InstructedEnv
from handeye.experiments.adversaries.adversary import Adversary, check_pursues
from handeye.policies.policy import Action, Claim

SHARE = 2  # of the budget, as a divisor, that one goal may take


class Sweeper(Adversary):
    """The expert's motions over all goals of the scene in random order, then the end.

    It says the answer of one of the goals.
    """

    policy_id = "sweeper"

    def __init__(self, env: InstructedEnv) -> None:
        check_pursues(env, self.policy_id)
        super().__init__(env)
        self._answer = ""

    def deeds(self, rng: np.random.Generator) -> Iterator[Action]:
        """Yield the motions towards one goal after the other."""
        env = self._env
        order = [int(goal) for goal in rng.permutation(len(env.goals))]
        self._answer = next(
            (a for goal in order if (a := getattr(env.goals[goal], "answer", ""))), ""
        )
        for goal in order:
            yield from self.pursued(env.expert(goal), env.max_steps // SHARE)

    def end(self, answer: str = "", claim: Claim = "success") -> Action:
        """Return the end, with an answer in case that one is asked for."""
        return super().end(self._answer, claim)
