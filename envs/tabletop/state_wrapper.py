"""Goal-conditioned state observations: privileged, without frames, for reinforcement learning.

A policy trained on them is a reference (how well can the arm do when it is told where things
are?), never an answer to the question whether a policy can see and read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from handeye.base.names import look_up
from handeye.envs.core.base_env import UNSEEDED
from handeye.envs.robots.kinematics import tcp_target
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world import predicates

Reward = Literal["sparse", "dense"]
GRIPPER = 6
ABOVE_REACHED_M = np.array([0.0, 0.0, predicates.REACH_ABOVE_M])
ABOVE_LIFTED_M = np.array([0.0, 0.0, predicates.LIFTED_M + 0.02])


@dataclass(frozen=True)
class GoalForm:
    """How a task reads as "bring a point to a point".

    Attributes:
        controls: entries of the `ee_delta` action that the policy sets; the others stay 0.
        radius_m: how near counts; a little less than the task's own condition asks.
        moves_object: the point is the object's, otherwise the tcp.
        max_steps: actions an episode may take in training.
    """

    controls: tuple[int, ...]
    radius_m: float
    moves_object: bool
    max_steps: int


GOAL_FORMS: dict[str, GoalForm] = {
    "reach": GoalForm((0, 1, 2), 0.025, moves_object=False, max_steps=50),
    "pick_up": GoalForm((0, 1, 2, 5, GRIPPER), 0.03, moves_object=True, max_steps=80),
}


GoalObservation = dict[str, NDArray[np.float64]]
Controls = NDArray[np.float32]


class GoalView:
    """Reads the goal-conditioned observation off one environment.

    Observation, float64, world frame:
        observation: (13,) in decimetres, which suits networks: tcp position (3), its displacement
            in the last step (3), gripper width, the named object's top relative to the tcp (3);
            then the object's yaw (cos 4yaw, sin 4yaw) and whether it is held.
        achieved_goal: (3,) m, the tcp (reach) or the object's base (pick_up).
        desired_goal: (3,) m, where that point should be.

    Args:
        env: a `TabletopEnv` of one task in `GOAL_FORMS`, with `ee_delta` actions.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        base = env.unwrapped
        if not isinstance(base, TabletopEnv) or base.action_mode != "ee_delta":
            raise ValueError(
                "state observations need a handeye environment with action_mode='ee_delta'"
            )
        task = base.task_names[0] if len(base.task_names) == 1 else "several tasks"
        self.base = base
        self.form = look_up("task with a state form", task, GOAL_FORMS)
        point = spaces.Box(-np.inf, np.inf, (3,), np.float64)
        self.spaces: dict[str, spaces.Space[Any]] = {
            "observation": spaces.Box(-np.inf, np.inf, (13,), np.float64),
            "achieved_goal": point,
            "desired_goal": point,
        }

    @property
    def task(self) -> str:
        """Name of the environment's task."""
        return self.base.task_names[0]

    def begin(self) -> None:
        """Note where an episode starts; call it after every reset."""
        self._start_m = predicates.position(self.base.scene, self.base.state, self._item)
        self._tcp_m = self._last_tcp_m = self._tcp()
        self._tick = self.base.state.tick

    def observe(self) -> GoalObservation:
        """The observation now; see the class."""
        scene, state = self.base.scene, self.base.state
        if state.tick != self._tick:
            self._last_tcp_m, self._tcp_m, self._tick = self._tcp_m, self._tcp(), state.tick
        tcp = self._tcp_m
        top = predicates.top(scene, state, self._item)
        bottom = predicates.position(scene, state, self._item)
        x, y, z, w = state.body_poses[scene.body(self._item), 3:]
        yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
        held = float(state.held_body == scene.body(self._item))
        width_m = float(state.joint_positions[7:9].sum())
        last = np.array([np.cos(4 * yaw), np.sin(4 * yaw), held])
        lengths_m = [tcp, tcp - self._last_tcp_m, np.array([width_m]), top - tcp]
        moves = self.form.moves_object
        return {
            "observation": np.concatenate([10 * np.concatenate(lengths_m), last]),
            "achieved_goal": bottom if moves else tcp,
            "desired_goal": self._start_m + ABOVE_LIFTED_M if moves else top + ABOVE_REACHED_M,
        }

    @property
    def _item(self) -> int:
        return self.base.goal.referred[0]

    def _tcp(self) -> NDArray[np.float64]:
        return np.array(tcp_target(self.base.state.joint_positions)[:3])


class GoalStateEnv(gymnasium.Wrapper[GoalObservation, Controls, dict[str, Any], Controls]):
    """A task in gymnasium's goal-conditioned form (HER, arXiv:1707.01495), for training.

    Observation: see `GoalView`. Action: float32 (C,) in [-1, 1], the `GoalForm.controls` of
    `ee_delta`.

    Args:
        env: a `TabletopEnv` of one task in `GOAL_FORMS`, with `ee_delta` actions.
        reward: "sparse": 0 at the goal, else -1 (what HER relabels); "dense": minus the distance
            in decimetres.
        train: a seed begins a series of training seeds, one for each reset; else it is the scene's.
    """

    def __init__(
        self, env: gymnasium.Env[Any, Any], *, reward: Reward = "sparse", train: bool = False
    ) -> None:
        super().__init__(env)
        self._view = GoalView(env)
        self.form = self._view.form
        self.reward, self.train = reward, train
        self._seeds = np.random.default_rng(0)
        self.action_space = spaces.Box(-1.0, 1.0, (len(self.form.controls),), np.float32)
        self.observation_space: spaces.Space[Any] = spaces.Dict(self._view.spaces)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[GoalObservation, dict[str, Any]]:
        """Start an episode as the inner environment does."""
        if seed is not None:
            self._seeds = np.random.default_rng(seed)
        if self.train:
            seed = int(self._seeds.integers(UNSEEDED))
        _, info = self.env.reset(seed=seed, options=options)
        self._view.begin()
        return self._view.observe(), info

    def step(self, action: Controls) -> tuple[GoalObservation, float, bool, bool, dict[str, Any]]:
        """Set the form's controls, leave the others."""
        full = expand_controls(action, self.form.controls)
        _, _, terminated, truncated, info = self.env.step(full)
        seen = self._view.observe()
        reward = self.compute_reward(seen["achieved_goal"], seen["desired_goal"], info)
        return seen, float(reward), terminated, truncated, info

    def compute_reward(
        self,
        achieved_goal: NDArray[np.float64],
        desired_goal: NDArray[np.float64],
        info: object,
    ) -> NDArray[np.float64]:
        """(..., 3) points -> (...) rewards; `info` is not read."""
        distance_m = np.linalg.norm(achieved_goal - desired_goal, axis=-1)
        if self.reward == "dense":
            return np.asarray(-10.0 * distance_m)
        return np.asarray(-(distance_m > self.form.radius_m).astype(np.float64))


def expand_controls(action: Controls, controls: Sequence[int]) -> Controls:
    """(C,) controls -> (7,) `ee_delta` action; a gripper that is not controlled stays open."""
    full = np.zeros(7, np.float32)
    full[GRIPPER] = 1.0
    full[list(controls)] = action
    return full


def make_goal_env(task: str, *, reward: Reward = "sparse", train: bool = False) -> GoalStateEnv:
    """The state form of a task, without cameras.

    Raises:
        ValueError: the task has no state form; the message gives those that have.
    """
    form = look_up("task with a state form", task, GOAL_FORMS)
    env = TabletopEnv(
        task, action_mode="ee_delta", cameras=(), max_steps=form.max_steps, end_at_success=True
    )
    return GoalStateEnv(env, reward=reward, train=train)
