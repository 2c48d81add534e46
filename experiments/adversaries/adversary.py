"""What policies share that read the scene but never the words, and the two that do nothing."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from handeye.envs.core.base_env import Expert, InstructedEnv
from handeye.experiments.data.recorder import ONE_GOAL_MODES
from handeye.policies.policy import Action, Claim


class Adversary:
    """A policy that knows the scene and its goals, and not which of them is meant.

    It ends its episodes itself, at the latest before the last step of the budget.

    Args:
        env: where it acts; it may read all of its state.

    Class attributes:
        seed_word: keeps its dice apart from those of others, and of the scene.
    """

    policy_id: str
    can_terminate: bool = True
    seed_word: ClassVar[int] = 0xADE5

    def __init__(self, env: InstructedEnv) -> None:
        self._env = env
        self.action_mode: str | None = env.action_mode
        self._deeds: Iterator[Action] = iter(())

    def reset(self, instruction: str, seed: int) -> None:
        """Think of what to do in the scene that has just been set up."""
        rng = np.random.default_rng([seed, self.seed_word, *self._env.task.name.encode()])
        self._deeds = self.deeds(rng)

    def deeds(self, rng: np.random.Generator) -> Iterator[Action]:
        """Yield one action after the other; the episode is ended after the last one."""
        raise NotImplementedError

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Return the next action, or the end of the episode."""
        env = self._env
        out_of_steps = env.record.steps >= env.max_steps - 1
        action = None if out_of_steps else next(self._deeds, None)
        return action or self.end()

    def end(self, answer: str = "", claim: Claim = "success") -> Action:
        """Return the action that ends the episode."""
        space = self._env.action_space
        return Action(np.zeros(space.shape or (), space.dtype), True, {}, answer, claim)

    def pursued(self, expert: Expert, patience: int) -> Iterator[Action]:
        """Yield an expert's actions until it is done, or for so many steps at most."""
        for _ in range(patience):
            decided = expert()
            if decided.done:
                return
            yield Action(decided.values)


class Idle(Adversary):
    """Does nothing and says that it is done."""

    policy_id = "idle"

    def deeds(self, rng: np.random.Generator) -> Iterator[Action]:
        """Yield nothing."""
        return iter(())


class Cannot(Idle):
    """Says at once that it cannot be done."""

    policy_id = "cannot"

    def end(self, answer: str = "", claim: Claim = "success") -> Action:
        """Return the claim that it cannot be done, whatever else was thought."""
        return super().end("", "cannot")


def check_pursues(env: InstructedEnv, name: str) -> None:
    """Raise a ValueError where experts are only there for the goal that is meant."""
    if env.action_mode in ONE_GOAL_MODES:
        raise ValueError(
            f"{name} does not act in {env.action_mode}; leave the action mode to the suite"
        )
