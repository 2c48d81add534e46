"""Many environments over a few supervised workers, as one `gymnasium.vector.VectorEnv`.

What differs from gymnasium's AsyncVectorEnv: each call has one deadline, so nothing blocks for
ever; a worker that dies or hangs, or an environment that raises or observes NaN, ends only the
episodes it hosted and is replaced; observations lie in anonymous shared memory that vanishes with
its last user; and results do not depend on the number of workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from numpy.typing import NDArray

from handeye.envs.core.action_values import REAL_KINDS
from handeye.envs.vector.env_host import (
    WHOLE,
    EnvFactory,
    Reset,
    StepOutcome,
    split_observation_space,
)
from handeye.envs.vector.host_pool import HostPool

MAX_LOSSES_IN_A_ROW = 3
Seeds = int | Sequence[int | None] | None
Batch = tuple[Any, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]


class SupervisedVectorEnv(VectorEnv[Any, Any, NDArray[Any]]):
    """N environments over W supervised worker processes.

    A lost episode is reported once: `truncated[i]` is True, `info["worker_lost"][i]` is True and
    `info["worker_lost_reason"][i]` says why; its reward is 0, its observation the last good one.
    The replacement begins with seed + num_envs * losses, which stays near the caller's seeds.
    Three losses in a row without a good step between them raise `WorkerLost` instead.

    Args:
        factories: one importable callable per environment, e.g.
            `functools.partial(gymnasium.make, "handeye/Reach-v1")`. Environment i depends on
            `factories[i]` and its seed alone.
        workers: processes; environments are dealt to them in contiguous blocks.
        deadline_s: time a whole `step` or `reset` may take, apart from starting workers.
        autoreset_mode: as in gymnasium; declared in `metadata["autoreset_mode"]`.
    """

    def __init__(
        self,
        factories: Sequence[EnvFactory],
        *,
        workers: int,
        deadline_s: float = 60.0,
        autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP,
    ) -> None:
        if not factories or workers < 1 or deadline_s <= 0:
            raise ValueError("a vector environment needs >= 1 environment, worker and a deadline")
        self.autoreset_mode = autoreset_mode
        same_step = autoreset_mode == AutoresetMode.SAME_STEP
        self._pool = HostPool(factories, workers, deadline_s, same_step)
        described = self._pool.description
        self.num_envs = len(factories)
        self.metadata = {**described.metadata, "autoreset_mode": autoreset_mode}
        self.render_mode = described.render_mode
        self.spec = described.spec
        self.single_observation_space = described.observation_space
        self.single_action_space = described.action_space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._seeds: list[int | None] = [None] * self.num_envs
        self._losses = [0] * self.num_envs
        self._losses_in_a_row = [0] * self.num_envs
        self._pending: list[Reset | None] = [None] * self.num_envs
        self._words: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]

    def reset(
        self, *, seed: Seeds = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin new episodes in all environments, or in those of `options["reset_mask"]`.

        Environment i gets `seed + i` (or `seed[i]`). An environment that cannot be reset raises
        `WorkerLost` with its traceback.
        """
        seeds = self._spread(seed)
        options = dict(options or {})
        mask = np.asarray(options.pop("reset_mask", np.ones(self.num_envs, dtype=np.bool_)))
        requests: list[Reset | None] = [None] * self.num_envs
        for i in np.flatnonzero(mask).tolist():
            self._seeds[i] = self._seeds[i] if seeds[i] is None else seeds[i]
            self._losses[i] = 0
            self._pool.forgive(i)
            requests[i] = Reset(seeds[i], options or None)
        infos: dict[str, Any] = {}
        for i, outcome in self._reset(requests).items():
            infos = self._add_info(infos, outcome.info, i)
        return self._observations(), infos

    def step(self, actions: Any) -> Batch:
        """Step every environment; the class says how lost episodes are reported."""
        outcomes = self._pool.exchange(self._requests(actions))
        for i, outcome in enumerate(outcomes):
            self._settle(i, outcome)
        if self.autoreset_mode == AutoresetMode.SAME_STEP:
            self._replace_in_same_step(outcomes)
        infos: dict[str, Any] = {}
        for i, outcome in enumerate(outcomes):
            infos = self._add_info(infos, outcome.info, i)
        rewards = np.array([outcome.reward for outcome in outcomes], dtype=np.float64)
        terminated = np.array([outcome.terminated for outcome in outcomes], dtype=np.bool_)
        truncated = np.array([outcome.truncated for outcome in outcomes], dtype=np.bool_)
        return self._observations(), rewards, terminated, truncated, infos

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """`name` of every environment, called if it is callable; raises `WorkerLost`."""
        return tuple(self._pool.call(name, *args, **kwargs))

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """Attribute `name` of every environment."""
        return self.call(name)

    def render(self) -> tuple[Any, ...]:
        """One frame of every environment, by its own render mode."""
        return self.call("render")

    def close_extras(self, **kwargs: Any) -> None:
        """End the workers and give the shared memory back."""
        self._pool.close()

    def _spread(self, seed: Seeds) -> list[int | None]:
        if seed is None:
            return [None] * self.num_envs
        seeds: list[int | None]
        if isinstance(seed, int | np.integer):
            seeds = [int(seed) + i for i in range(self.num_envs)]
        else:
            seeds = [None if each is None else int(each) for each in seed]
        if len(seeds) != self.num_envs:
            raise ValueError(f"{len(seeds)} seeds for {self.num_envs} environments")
        return seeds

    def _requests(self, actions: Any) -> list[Any]:
        batch = list(iterate(self.action_space, actions))
        if len(batch) != self.num_envs:
            raise ValueError(f"{len(batch)} actions for {self.num_envs} environments")
        for i, action in enumerate(batch):
            real = np.asarray(action).dtype.kind in REAL_KINDS
            if not real:
                raise ValueError(f"the action for environment {i} is no real number: {action!r}")
            if isinstance(self.single_action_space, spaces.Box) and not np.isfinite(action).all():
                raise ValueError(f"the action for environment {i} is not finite: {action}")
        return [reset or action for reset, action in zip(self._pending, batch, strict=True)]

    def _settle(self, i: int, outcome: StepOutcome) -> None:
        """Note what environment i did and what it must do at the next step."""
        stepped, self._pending[i] = self._pending[i] is None, None
        if outcome.loss is None:
            self._losses_in_a_row[i] = 0 if stepped else self._losses_in_a_row[i]
            self._words[i] = outcome.words
            ended = outcome.terminated or outcome.truncated
            if ended and self.autoreset_mode == AutoresetMode.NEXT_STEP:
                self._pending[i] = Reset()
            return
        self._losses[i] += 1
        self._losses_in_a_row[i] += 1
        if self._losses_in_a_row[i] >= MAX_LOSSES_IN_A_ROW:
            raise outcome.loss
        outcome.info = {"worker_lost": True, "worker_lost_reason": str(outcome.loss)}
        if self.autoreset_mode != AutoresetMode.DISABLED:
            seed = self._seeds[i]
            shift = self.num_envs * self._losses[i]
            self._pending[i] = Reset(None if seed is None else seed + shift)

    def _replace_in_same_step(self, outcomes: Sequence[StepOutcome]) -> None:
        lost = [i for i, outcome in enumerate(outcomes) if outcome.loss is not None]
        last = [self._single_observation(i) for i in lost]
        requests = [self._pending[i] for i in range(self.num_envs)]
        fresh = self._reset(requests) if lost else {}
        for i, observation in zip(lost, last, strict=True):
            loss = outcomes[i].info
            final = {"final_obs": observation, "final_info": dict(loss)}
            outcomes[i].info = {**fresh[i].info, **loss, **final}

    def _reset(self, requests: Sequence[Reset | None]) -> dict[int, StepOutcome]:
        """Reset where there is a request; a worker lost meanwhile is tried again."""
        done: dict[int, StepOutcome] = {}
        wanted = {i for i, request in enumerate(requests) if request is not None}
        for attempt in range(MAX_LOSSES_IN_A_ROW):
            left = wanted - set(done)
            if not left:
                break
            asked = [request if i in left else None for i, request in enumerate(requests)]
            for i, outcome in enumerate(self._pool.exchange(asked)):
                if i not in left:
                    continue
                if outcome.loss is None:
                    done[i] = outcome
                    self._pending[i] = None
                    self._words[i] = outcome.words
                elif outcome.loss.reason == "raised" or attempt == MAX_LOSSES_IN_A_ROW - 1:
                    raise outcome.loss
        return done

    def _single_observation(self, i: int) -> Any:
        parts = {key: array[i].copy() for key, array in self._pool.arrays.items()}
        parts |= self._words[i]
        return parts.get(WHOLE, parts)

    def _observations(self) -> Any:
        """Copies of the shared arrays, and the words of every environment, by key."""
        batch: dict[str, Any] = {}
        for key, space in split_observation_space(self.single_observation_space).items():
            if key in self._pool.arrays:
                batch[key] = self._pool.arrays[key].copy()
            else:
                empty: Any = create_empty_array(space, self.num_envs)
                batch[key] = concatenate(space, [words[key] for words in self._words], empty)
        return batch.get(WHOLE, batch)
