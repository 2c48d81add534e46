from typing import Any

import gymnasium
import numpy as np
import pytest

from handeye.policies.policy import Action, RandomPolicy
from handeye.policies.rollout import rollout


class CountingEnv(gymnasium.Env[dict[str, Any], Any]):
    """Succeeds after `needed` steps, gives up after five."""

    action_mode = "ee_pose"
    action_space = gymnasium.spaces.Box(-1.0, 1.0, (7,), np.float32)

    def __init__(self, needed: int) -> None:
        self.needed = needed

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        self.steps, self.options = 0, options
        return {"instruction": f"seed {seed}"}, {}

    def step(self, action: Any) -> Any:
        self.steps += 1
        done = self.steps == self.needed
        ended_by = "success" if done else "limit" if self.steps == 5 else ""
        return {"instruction": ""}, 0.0, done, self.steps == 5, {"ended_by": ended_by}

    def finish(self, answer: str = "", claim: str = "success") -> dict[str, Any]:
        return {"ended_by": "terminate", "finished": True}


class Scripted:
    """Gives one value; says it is done after `patience` actions."""

    policy_id = "scripted"
    can_terminate = True

    def __init__(self, mode: str | None = None, value: float = 0.5, patience: int = 99) -> None:
        self.action_mode, self.value, self.patience = mode, value, patience

    def reset(self, instruction: str, seed: int) -> None:
        self.told, self.acted = (instruction, seed), 0

    def act(self, observation: Any) -> Action:
        self.acted += 1
        return Action(np.full(7, self.value, np.float32), self.acted > self.patience)


@pytest.mark.parametrize(
    ("needed", "patience", "ending", "steps"),
    [(3, 99, "success", 3), (9, 99, "limit", 5), (9, 2, "terminate", 2)],
)
def test_it_says_how_an_episode_ended(needed: int, patience: int, ending: str, steps: int) -> None:
    result = rollout(CountingEnv(needed), Scripted(patience=patience), seed=0)
    assert (result.ended_by, result.steps) == (ending, steps)
    assert result.info.get("finished", False) == (ending == "terminate")


def test_the_policy_hears_the_instruction_or_the_one_given() -> None:
    policy = Scripted()
    rollout(CountingEnv(1), policy, seed=4)
    assert policy.told == ("seed 4", 4)
    rollout(CountingEnv(1), policy, seed=4, instruction="something else")
    assert policy.told == ("something else", 4)
    rollout(CountingEnv(1), policy, seed=4, policy_seed=99)
    assert policy.told == ("seed 4", 99)


def test_every_step_is_reported() -> None:
    seen = []
    rollout(CountingEnv(3), Scripted(), seed=0, on_step=lambda *step: seen.append(step))
    assert len(seen) == 3
    assert seen[0][0] == {"instruction": "seed 0"}


def test_another_action_mode_is_refused_before_the_first_step() -> None:
    with pytest.raises(ValueError, match="acts in 'ee_delta'"):
        rollout(CountingEnv(1), Scripted(mode="ee_delta"), seed=0)


def test_a_number_that_is_none_stops_the_run() -> None:
    with pytest.raises(ValueError, match="is finite"):
        rollout(CountingEnv(1), Scripted(value=float("nan")), seed=0)


def test_random_actions_repeat_with_their_seed() -> None:
    policy = RandomPolicy("ee_pose")
    with pytest.raises(RuntimeError, match="reset"):
        policy.act({})
    actions = []
    for seed in (1, 1, 2):
        policy.reset("", seed)
        actions.append(policy.act({}).values.tolist())
    assert actions[0] == actions[1] != actions[2]
    with pytest.raises(ValueError, match="unknown action mode"):
        RandomPolicy("ee_speed")


def test_an_action_that_ends_the_episode_in_vain_is_no_limit() -> None:
    class Stopping(CountingEnv):
        def step(self, action: Any) -> Any:
            return {"instruction": ""}, 0.0, True, False, {"ended_by": "terminate"}

    assert rollout(Stopping(9), Scripted(), seed=0).ended_by == "terminate"


@pytest.mark.parametrize("policy", [Scripted(), RandomPolicy("ee_pose")])
def test_the_environment_hears_whether_the_policy_ends_its_episodes(policy: Any) -> None:
    env = CountingEnv(1)
    rollout(env, policy, seed=0, options={"task": "stack"})
    assert env.options == {"task": "stack", "can_terminate": policy.can_terminate}


def test_an_action_of_another_shape_stops_the_run() -> None:
    env = CountingEnv(1)
    env.action_space = gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)
    with pytest.raises(ValueError, match=r"has the shape \(2,\)"):
        rollout(env, Scripted(), seed=0)


@pytest.mark.parametrize("mode", ["base_discrete", "base_velocity"])
def test_random_moves_a_base_too(mode: str) -> None:
    policy = RandomPolicy(mode)
    policy.reset("", 0)
    values = np.array([policy.act({}).values for _ in range(50)])
    assert values.shape == ((50,) if mode == "base_discrete" else (50, 2))
    assert len(np.unique(values)) > 3
