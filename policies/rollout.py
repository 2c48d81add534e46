"""The one loop that steps an environment with a policy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np

from handeye.policies.policy import Action, Policy

StepHook = Callable[[Mapping[str, Any], Action, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Rollout:
    """The end of an episode.

    Attributes:
        steps: actions carried out.
        info: the environment's last info; `info["is_success"]` is the verdict.
    """

    steps: int
    info: dict[str, Any]

    @property
    def ended_by(self) -> str:
        """Return who ended it: "terminate" is the policy, by its token or by an action."""
        return str(self.info["ended_by"])


def rollout(
    env: gymnasium.Env[Any, Any],
    policy: Policy,
    *,
    seed: int,
    options: dict[str, Any] | None = None,
    instruction: str | None = None,
    on_step: StepHook | None = None,
    policy_seed: int | None = None,
) -> Rollout:
    """Run one episode.

    Args:
        env: an environment of this project; its `action_mode` must be the policy's.
        policy: who acts.
        seed: of the episode.
        options: for `env.reset`.
        instruction: words told to the policy instead of the episode's own; the goal stays.
        on_step: called after every step with (observation acted on, action, info).
        policy_seed: of the policy's sampling; by default the episode's, from which whoever has the
            simulator can draw the scene again.

    Raises:
        ValueError: the action modes differ, or the policy's action has a wrong shape or
            is not finite.
    """
    check_action_mode(env, policy)
    options = {**(options or {}), "can_terminate": policy.can_terminate}
    observation, info = env.reset(seed=seed, options=options)
    words = observation["instruction"] if instruction is None else instruction
    policy.reset(words, seed if policy_seed is None else policy_seed)
    steps, terminated, truncated = 0, False, False
    while not (terminated or truncated):
        action = policy.act(observation)
        if action.terminate:
            finish = env.get_wrapper_attr("finish")
            return Rollout(steps, finish(action.answer, action.claim))
        values = np.asarray(action.values, dtype=env.action_space.dtype)
        if values.shape != env.action_space.shape or not np.isfinite(values).all():
            raise ValueError(
                f"{policy.policy_id} gave {values}; an action has the shape "
                f"{env.action_space.shape} and is finite"
            )
        seen = observation
        observation, _, terminated, truncated, info = env.step(values)
        steps += 1
        if on_step is not None:
            on_step(seen, action, info)
    return Rollout(steps, info)


def check_action_mode(env: gymnasium.Env[Any, Any], policy: Policy) -> None:
    """ValueError when the policy's actions mean something else to this environment."""
    mode = env.get_wrapper_attr("action_mode")
    if policy.action_mode is not None and policy.action_mode != mode:
        raise ValueError(
            f"{policy.policy_id} acts in {policy.action_mode!r}, the environment takes {mode!r}; "
            f"make it with action_mode={policy.action_mode!r}"
        )
