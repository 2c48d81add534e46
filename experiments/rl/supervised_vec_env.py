"""Supervised environments as stable-baselines3 wants them.

SB3's SubprocVecEnv waits for ever on a hung worker; here a lost worker ends the episodes it
hosted as truncated ones, and training goes on.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from handeye.envs.vector.env_host import EnvFactory
from handeye.envs.vector.vector_env import SupervisedVectorEnv

Rewards = Callable[[NDArray[Any], NDArray[Any], object], NDArray[np.float64]]


class SupervisedVecEnv(VecEnv):
    """`SupervisedVectorEnv` in SB3's form: same-step autoreset, one info per environment.

    Args:
        factories: one importable callable per environment.
        compute_reward: (achieved_goal, desired_goal, info) -> rewards, for HER, which asks the
            environment; it is answered here, without crossing a process boundary. None where
            nothing asks.
        workers: processes.
        deadline_s: of one step of all environments.

    Attributes:
        lost: episodes that were lost so far.
    """

    def __init__(
        self,
        factories: Sequence[EnvFactory],
        *,
        compute_reward: Rewards | None = None,
        workers: int,
        deadline_s: float = 60.0,
    ) -> None:
        self._inner = SupervisedVectorEnv(
            factories,
            workers=workers,
            deadline_s=deadline_s,
            autoreset_mode=AutoresetMode.SAME_STEP,
        )
        self._compute_reward = compute_reward
        self._actions: NDArray[Any] | None = None
        self.lost = 0
        super().__init__(
            len(factories),
            self._inner.single_observation_space,
            self._inner.single_action_space,
        )

    def reset(self) -> Any:
        """Begin all episodes; seeds given to `seed` are used once."""
        seeds = None if all(seed is None for seed in self._seeds) else list(self._seeds)
        observations, infos = self._inner.reset(seed=seeds)
        self.reset_infos = self._split(infos)
        self._reset_seeds()
        self._reset_options()
        return observations

    def step_async(self, actions: NDArray[Any]) -> None:
        """Keep the actions (N, C) until `step_wait`."""
        self._actions = actions

    def step_wait(self) -> Any:
        """Step; infos say `terminal_observation` and `TimeLimit.truncated` as SB3 expects."""
        observations, rewards, terminated, truncated, batch = self._inner.step(self._actions)
        infos = self._split(batch)
        for i in np.flatnonzero(terminated | truncated):
            fresh = infos[i]
            infos[i] = {
                **fresh.get("final_info", {}),
                "terminal_observation": fresh["final_obs"],
                "TimeLimit.truncated": bool(truncated[i] and not terminated[i]),
            }
            self.lost += bool(infos[i].get("worker_lost", False))
        return observations, rewards.astype(np.float32), terminated | truncated, infos

    def close(self) -> None:
        """End the workers."""
        self._inner.close()

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> Any:
        """Call a method; `compute_reward` is answered in this process."""
        if method_name == "compute_reward" and self._compute_reward is not None:
            return [self._compute_reward(*args, **kwargs)]
        results = self._inner.call(method_name, *args, **kwargs)
        return [results[i] for i in self._get_indices(indices)]

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute of the environments asked for."""
        values = self._inner.get_attr(attr_name)
        return [values[i] for i in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Refused: what an environment is must follow from its factory, or a lost one differs."""
        raise NotImplementedError(f"build the environments with the right {attr_name!r} instead")

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
        """SB3 asks for its Monitor; episodes are counted by VecMonitor instead."""
        return [False for _ in self._get_indices(indices)]

    def _split(self, batch: dict[str, Any]) -> list[dict[str, Any]]:
        return [_of_env(batch, i) for i in range(self._inner.num_envs)]


def _of_env(batch: dict[str, Any], i: int) -> dict[str, Any]:
    """Environment i's info out of gymnasium's batched one, whose masks are `_<key>`."""
    info: dict[str, Any] = {}
    for key, values in batch.items():
        if f"_{key}" in batch and batch[f"_{key}"][i]:
            info[key] = _of_env(values, i) if isinstance(values, dict) else values[i]
    return info
