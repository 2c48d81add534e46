"""Point goal policies draw from what their model says, and stop where no point is named."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from handeye.policies.navigation.grid_planner import FORWARD, STOP
from handeye.policies.rl.point_goal_policy import PointGoalPolicy
from handeye.policies.rl.policy import RLCard

CARD = RLCard("ppo", "point_goal", "base_discrete", (), 0, 100)
OBSERVATION = {
    "depth_ego": np.zeros((8, 8), np.float32),
    "proprio": np.array([0, 0, 1, 0, 0, 0], np.float32),
}
WORDS = "the goal is 1.0 metres ahead and 2.0 metres to the right"


class FixedNetwork:
    """Gives the same chances whatever it is shown."""

    def __init__(self, chances: list[float]) -> None:
        self.chances = torch.tensor([chances])

    def obs_to_tensor(self, features: Any) -> tuple[torch.Tensor, bool]:
        return torch.from_numpy(features)[None], False

    def get_distribution(self, inputs: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(distribution=SimpleNamespace(probs=self.chances))


def policy(chances: list[float]) -> PointGoalPolicy:
    return PointGoalPolicy(SimpleNamespace(policy=FixedNetwork(chances)), CARD)  # type: ignore[arg-type]


def test_the_seed_decides_what_is_drawn() -> None:
    drawn = []
    for seed in (1, 1, 2):
        acting = policy([0.0, 0.4, 0.3, 0.3])
        acting.reset(WORDS, seed)
        actions = [acting.act(OBSERVATION) for _ in range(20)]
        assert not any(action.terminate for action in actions)
        drawn.append([int(action.values) for action in actions])
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0]) <= {1, 2, 3}
    assert (acting.policy_id, acting.action_mode) == ("ppo-point_goal", "base_discrete")


def test_it_stops_where_the_point_is_and_nowhere_else() -> None:
    acting = policy([0.999, 0.001, 0.0, 0.0])
    acting.reset(WORDS, 0)
    far = acting.act(OBSERVATION)
    assert (int(far.values), far.terminate) == (FORWARD, False)
    near = {**OBSERVATION, "proprio": np.array([1.5, -1.5, 1, 0, 0, 0], np.float32)}
    action = acting.act(near)
    assert (int(action.values), action.terminate) == (STOP, True)


def test_words_that_name_no_point_are_answered_with_a_stop() -> None:
    acting = policy([0.0, 1.0, 0.0, 0.0])
    acting.reset("", 0)
    assert acting.act(OBSERVATION).terminate
