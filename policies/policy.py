"""The protocol of every policy: it is told an instruction, then turns observations into actions."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from handeye.policies.tokens.action_tokenizer import ACTION_BOUNDS, DISCRETE_ACTIONS, DISCRETE_MODE

Claim = Literal["success", "failure", "cannot"]
"""Belief at the end: it is done, it was tried in vain, or it should not be tried."""


class Action(NamedTuple):
    """One decision: the values for `env.step`, and whether the policy says it is done."""

    values: NDArray[Any]  # (7,) or (2,) float32, or () int64 of `base_discrete`
    terminate: bool = False
    trace: Mapping[str, Any] = {}  # what the policy saw: grounding, tokens; may be empty
    answer: str = ""  # what it says when it is done, where the instruction asks something
    claim: Claim = "success"  # what it believes then


class Policy(Protocol):
    """Observation -> action, one instruction at a time."""

    policy_id: str
    action_mode: str | None  # None: whatever the environment uses
    can_terminate: bool  # It ends its episodes itself; who cannot is judged when it stands still.

    def reset(self, instruction: str, seed: int) -> None:
        """Start an episode: the task in words, and the seed of any sampling."""

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Decide from the observation (keys of the observation contract)."""


class RandomPolicy:
    """Uniformly random actions of one mode: the floor every policy is compared with."""

    policy_id = "random"
    can_terminate = False

    def __init__(self, action_mode: str = "ee_pose") -> None:
        known = [*ACTION_BOUNDS, DISCRETE_MODE]
        if action_mode not in known:
            raise ValueError(f"unknown action mode {action_mode!r}; known: {', '.join(known)}")
        self.action_mode: str | None = action_mode
        self._bounds = ACTION_BOUNDS.get(action_mode)
        self._rng: np.random.Generator | None = None

    def reset(self, instruction: str, seed: int) -> None:
        """Reads nothing of the instruction."""
        self._rng = np.random.default_rng(seed)

    def act(self, observation: Mapping[str, Any]) -> Action:
        """A uniform sample of the mode's actions."""
        if self._rng is None:
            raise RuntimeError("call reset(instruction, seed) before act()")
        if self._bounds is None:
            return Action(np.array(self._rng.integers(DISCRETE_ACTIONS)))
        return Action(self._rng.uniform(*self._bounds).astype(np.float32))
