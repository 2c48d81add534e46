"""A policy trained by reinforcement that drives to a point named in the words.

Nothing privileged goes in: see `PointGoalObserver`. Its run folder is that of every RL policy.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from handeye.policies.navigation.grid_planner import STOP
from handeye.policies.policy import Action
from handeye.policies.rl.point_goal_observer import PointGoalObserver

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm

    from handeye.policies.rl.policy import RLCard

STOP_WITHIN_M = 0.95  # of the point; the task asks for a metre


class PointGoalPolicy:
    """A stable-baselines3 model behind the policy protocol.

    Actions are drawn from the model's distribution, seeded by the episode: the likeliest action
    alone can turn to and fro for ever. As in training, a stop that odometry knows to be too far
    from the point is not carried out: another action is drawn.

    Args:
        model: the trained algorithm.
        card: what it was trained on.
    """

    can_terminate = True

    def __init__(self, model: "BaseAlgorithm", card: "RLCard") -> None:
        self.model, self.card = model, card
        self.policy_id = f"{card.algorithm}-{card.task}"
        self.action_mode: str | None = card.action_mode
        self._observer = PointGoalObserver()

    def reset(self, instruction: str, seed: int) -> None:
        """Read the point; words that name none are answered with a stop."""
        self._observer.begin(instruction)
        self._rng = np.random.default_rng(seed)
        self._last: int | None = None

    def act(self, observation: Mapping[str, Any]) -> Action:
        """One action; the trace holds the chances of all."""
        if self._observer.point_m is None:
            return Action(np.asarray(STOP), terminate=True)
        policy: Any = self.model.policy
        inputs, _ = policy.obs_to_tensor(self._observer.observe(observation, self._last))
        chances = policy.get_distribution(inputs).distribution.probs[0].detach().double().numpy()
        if self._observer.left_m > STOP_WITHIN_M:
            chances[STOP] = 0.0
        self._last = int(self._rng.choice(len(chances), p=chances / chances.sum()))
        return Action(np.asarray(self._last), self._last == STOP, {"chances": chances})
