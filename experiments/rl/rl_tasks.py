"""Tasks of `handeye train-rl`: how each is observed, rewarded and judged."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

import gymnasium

from handeye.base.names import look_up
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.state_wrapper import GOAL_FORMS, GoalView, Reward, make_goal_env
from handeye.experiments.records.statistics import Rate
from handeye.experiments.rl.point_goal_env import make_point_goal_env
from handeye.experiments.rl.supervised_vec_env import Rewards
from handeye.policies.policy import Policy
from handeye.policies.rl.point_goal_policy import PointGoalPolicy
from handeye.policies.rl.policy import Algorithm, RLCard, RLPolicy
from handeye.policies.rollout import rollout

REWARDS: Mapping[Algorithm, Reward] = {"sac": "sparse", "ppo": "dense"}


class RLTask(Protocol):
    """One task as reinforcement learning takes it.

    Attributes:
        task: its name.
        action_mode: of its environment.
        controls: entries of the action that the model sets, see `RLCard`.
        steps: environment steps by default, for each algorithm that can learn it.
        check_every: steps between looks at the policy that is in training.
        network: name of SB3's policy class.
        ppo: further arguments of PPO.
    """

    task: str
    action_mode: str
    controls: tuple[int, ...]
    steps: Mapping[Algorithm, int]
    check_every: int
    network: str
    ppo: Mapping[str, Any]

    def factory(self, algorithm: Algorithm) -> Callable[[], gymnasium.Env[Any, Any]]:
        """Makes a training environment; it can be sent to a worker."""

    def relabelling(self, algorithm: Algorithm) -> Rewards | None:
        """Rewards of other goals, for HER; None where there are none."""

    def judge(self, model: Any, card: RLCard, seeds: range) -> Rate:
        """Success (final) of one episode per seed, by the loop that judges every policy."""


class StateLesson:
    """A tabletop task in its state form."""

    action_mode = "ee_delta"
    steps: Mapping[Algorithm, int] = {"sac": 60_000, "ppo": 600_000}
    check_every = 2_000
    network = "MultiInputPolicy"
    ppo: Mapping[str, Any] = {
        "n_steps": 64,
        "batch_size": 128,
        "n_epochs": 10,
        "gamma": 0.95,
        "learning_rate": 1e-3,
        "policy_kwargs": {"net_arch": [64, 64]},
    }

    def __init__(self, task: str) -> None:
        self.task, self._form = task, GOAL_FORMS[task]
        self.controls = self._form.controls

    def factory(self, algorithm: Algorithm) -> Callable[[], gymnasium.Env[Any, Any]]:
        """See `make_goal_env`."""
        return partial(make_goal_env, self.task, reward=REWARDS[algorithm], train=True)

    def relabelling(self, algorithm: Algorithm) -> Rewards | None:
        """The distance to the other goal."""
        return make_goal_env(self.task, reward=REWARDS[algorithm]).compute_reward

    def judge(self, model: Any, card: RLCard, seeds: range) -> Rate:
        """On the state, with the training's number of steps."""
        env = TabletopEnv(
            self.task,
            action_mode=self.action_mode,
            cameras=(),
            max_steps=self._form.max_steps,
        )
        return _judged(env, RLPolicy(model, card, GoalView(env)), seeds)


class PointGoalLesson:
    """Point goal in apartments: depth, odometry and the words, as every policy gets them."""

    task, action_mode = "point_goal", "base_discrete"
    controls: tuple[int, ...] = ()
    steps: Mapping[Algorithm, int] = {"ppo": 2_000_000}
    check_every = 100_000
    network = "MlpPolicy"
    ppo: Mapping[str, Any] = {
        "n_steps": 64,
        "batch_size": 256,
        "n_epochs": 8,
        "gamma": 0.99,
        "gae_lambda": 0.95,
        "learning_rate": 5e-4,
        "ent_coef": 0.005,
        "policy_kwargs": {"net_arch": [128, 128]},
    }

    def factory(self, algorithm: Algorithm) -> Callable[[], gymnasium.Env[Any, Any]]:
        """See `PointGoalEnv`."""
        return make_point_goal_env

    def relabelling(self, algorithm: Algorithm) -> Rewards | None:
        """None: no hindsight here."""
        return None

    def judge(self, model: Any, card: RLCard, seeds: range) -> Rate:
        """In apartments with floor plans that training never sees."""
        return _judged(RoomsEnv(self.task, split="unseen"), PointGoalPolicy(model, card), seeds)


def lesson_of(task: str) -> RLTask:
    """The lesson of a task.

    Raises:
        UnknownName: reinforcement has no form of it here; the message gives those that it has.
    """
    lessons: dict[str, Callable[[], RLTask]] = {
        name: partial(StateLesson, name) for name in GOAL_FORMS
    }
    lessons[PointGoalLesson.task] = PointGoalLesson
    return look_up("task with a form for reinforcement", task, lessons)()


def _judged(env: gymnasium.Env[Any, Any], policy: Policy, seeds: range) -> Rate:
    try:
        verdicts = [bool(rollout(env, policy, seed=seed).info["is_success"]) for seed in seeds]
    finally:
        env.close()
    return Rate.of(verdicts)
