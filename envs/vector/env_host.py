"""What a vector environment's worker holds: a few environments and a slice of shared memory.

Array-valued observations are written to memory shared with the parent; only words, rewards and
infos travel as messages. An environment that raises, or observes or rewards with a number that is
not one, loses its episode alone: it is rebuilt here, and the fault is returned by name.
"""

from __future__ import annotations

import contextlib
import mmap
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from handeye.envs.vector.worker import WorkerLost

EnvFactory = Callable[[], "gymnasium.Env[Any, Any]"]
_ALIGNMENT = 64
WHOLE = ""  # the key under which an observation that is no dictionary is kept


class EnvFault(RuntimeError):
    """An environment broke its contract; the message names it and the observation key."""


@dataclass(frozen=True)
class Leaf:
    """One array-valued part of the observation in shared memory, (num_envs, *space.shape)."""

    key: str
    space: spaces.Space[Any]
    offset: int


@dataclass(frozen=True)
class BufferLayout:
    """Where each array-valued observation of every environment lies in the shared memory."""

    fd: int
    size: int
    num_envs: int
    leaves: tuple[Leaf, ...]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Views on the shared memory by key, each (num_envs, *shape)."""
        memory = mmap.mmap(self.fd, self.size)
        return {
            leaf.key: np.ndarray(
                (self.num_envs, *(leaf.space.shape or ())), leaf.space.dtype, memory, leaf.offset
            )
            for leaf in self.leaves
        }


def plan_layout(fd: int, num_envs: int, observation_space: spaces.Space[Any]) -> BufferLayout:
    """Give every array-valued key of the observation space a place, aligned for vector loads."""
    leaves = []
    size = 0
    for key, space in split_observation_space(observation_space).items():
        if not isinstance(
            space, spaces.Box | spaces.Discrete | spaces.MultiBinary | spaces.MultiDiscrete
        ):
            continue
        leaves.append(Leaf(key, space, size))
        count = num_envs * int(np.prod(space.shape or (), dtype=np.int64))
        nbytes = count * np.dtype(space.dtype).itemsize
        size += -(-nbytes // _ALIGNMENT) * _ALIGNMENT
    return BufferLayout(fd, max(size, _ALIGNMENT), num_envs, tuple(leaves))


def split_observation_space(space: spaces.Space[Any]) -> Mapping[str, spaces.Space[Any]]:
    """The observation space by key; one that is no dictionary stands under `WHOLE`."""
    return space.spaces if isinstance(space, spaces.Dict) else {WHOLE: space}


@dataclass(frozen=True)
class EnvDescription:
    """What the parent must know about the environments without building one."""

    observation_space: spaces.Space[Any]
    action_space: spaces.Space[Any]
    metadata: dict[str, Any]
    render_mode: str | None
    spec: Any


@dataclass(frozen=True)
class Reset:
    """Begin a new episode instead of stepping."""

    seed: int | None = None
    options: dict[str, Any] | None = None


@dataclass
class StepOutcome:
    """What one environment did in one call; `words` holds the parts that are not arrays."""

    words: dict[str, Any] = field(default_factory=dict)
    reward: float = 0.0
    terminated: bool = False
    truncated: bool = False
    info: dict[str, Any] = field(default_factory=dict)
    loss: WorkerLost | None = None


class EnvHost:
    """Environments `first`, `first + 1`, ... of a vector environment.

    Args:
        factories: one module-level callable (or functools.partial) per environment.
        first: index of the first one in the whole vector environment.
        same_step: reset a finished episode within the step that ends it.
        layout: the shared memory, if the parent has planned it already.
    """

    def __init__(
        self,
        factories: Sequence[EnvFactory],
        first: int,
        same_step: bool,
        layout: BufferLayout | None,
    ) -> None:
        self.factories = factories
        self.first = first
        self.same_step = same_step
        self.envs = [factory() for factory in factories]
        self.leaves: dict[str, Leaf] = {}
        self.arrays: dict[str, NDArray[Any]] = {}
        if layout is not None:
            self.attach(layout)

    def attach(self, layout: BufferLayout) -> None:
        """Map the shared memory."""
        self.leaves = {leaf.key: leaf for leaf in layout.leaves}
        self.arrays = layout.arrays()

    def describe(self) -> EnvDescription:
        """Spaces and metadata of the first environment; all must agree."""
        env = self.envs[0]
        for i, other in enumerate(self.envs):
            if (other.observation_space, other.action_space) != (
                env.observation_space,
                env.action_space,
            ):
                raise ValueError(
                    f"environment {self.first + i} has other spaces than environment {self.first}: "
                    "a vector environment needs equal ones"
                )
        return EnvDescription(
            env.observation_space, env.action_space, dict(env.metadata), env.render_mode, env.spec
        )

    def step(self, requests: Sequence[Any]) -> list[StepOutcome]:
        """One request per environment: an action, a `Reset`, or None to leave it alone."""
        outcomes = [
            StepOutcome() if request is None else self._attempt(i, request)
            for i, request in enumerate(requests)
        ]
        active = [i for i, request in enumerate(requests) if request is not None]
        self._draw([i for i in active if outcomes[i].loss is None])
        return outcomes

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """`env.<name>(*args, **kwargs)` of each environment, or the attribute's value."""
        results = []
        for env in self.envs:
            value = env.get_wrapper_attr(name)
            results.append(value(*args, **kwargs) if callable(value) else value)
        return results

    def _attempt(self, i: int, request: Any) -> StepOutcome:
        try:
            return self._reset(i, request) if isinstance(request, Reset) else self._step(i, request)
        except EnvFault as fault:
            cause = str(fault)
        except Exception:
            cause = f"environment {self.first + i} raised:\n{traceback.format_exc()}"
        with contextlib.suppress(Exception):  # it is broken; closing it is a courtesy
            self.envs[i].close()
        self.envs[i] = self.factories[i]()
        return StepOutcome(truncated=True, loss=WorkerLost("raised", cause))

    def _reset(self, i: int, request: Reset) -> StepOutcome:
        observation, info = self.envs[i].reset(seed=request.seed, options=request.options)
        return StepOutcome(words=self._share(i, observation), info=info)

    def _step(self, i: int, action: Any) -> StepOutcome:
        observation, reward, terminated, truncated, info = self.envs[i].step(action)
        if not np.isfinite(float(reward)):
            raise EnvFault(f"environment {self.first + i}: the reward is {reward}")
        words = self._share(i, observation)
        if self.same_step and (terminated or truncated):
            if hasattr(self.envs[i].unwrapped, "draw"):
                last = _drawn([self.envs[i]])
                observation = {**{key: batch[0] for key, batch in last.items()}, **observation}
            info = {"final_obs": observation, "final_info": info}
            fresh = self._reset(i, Reset())
            words, info = fresh.words, {**fresh.info, **info}
        return StepOutcome(words, float(reward), bool(terminated), bool(truncated), info)

    def _draw(self, indices: Sequence[int]) -> None:
        """Frames of the environments that leave them to their host, in one call."""
        if not indices or not hasattr(self.envs[0].unwrapped, "draw"):
            return
        for key, batch in _drawn([self.envs[i] for i in indices]).items():
            self.arrays[key][[self.first + i for i in indices]] = batch

    def _share(self, i: int, observation: Any) -> dict[str, Any]:
        """Copy the array-valued parts to the shared memory; the others are returned."""
        parts = observation if isinstance(observation, Mapping) else {WHOLE: observation}
        left_to_host = hasattr(self.envs[i].unwrapped, "draw")
        for key, leaf in self.leaves.items():
            if left_to_host and key not in parts:
                continue
            value = np.asarray(parts[key])
            if value.shape != (leaf.space.shape or ()):
                raise EnvFault(
                    f"environment {self.first + i}: observation {key!r} has shape {value.shape}, "
                    f"its space says {leaf.space.shape}"
                )
            self._check_numbers(i, leaf, value)
            self.arrays[key][self.first + i] = value
        return {key: value for key, value in parts.items() if key not in self.leaves}

    def _check_numbers(self, i: int, leaf: Leaf, value: NDArray[Any]) -> None:
        """Refuse NaN, and infinities outside the space's bounds."""
        if not np.issubdtype(value.dtype, np.inexact) or np.isfinite(value).all():
            return
        unbounded = isinstance(leaf.space, spaces.Box) and leaf.space.contains(
            value.astype(leaf.space.dtype)
        )
        if np.isnan(value).any() or not unbounded:
            raise EnvFault(
                f"environment {self.first + i}: observation {leaf.key!r} holds NaN or an infinity"
            )


def _drawn(envs: Sequence[gymnasium.Env[Any, Any]]) -> dict[str, NDArray[Any]]:
    bare: list[Any] = [env.unwrapped for env in envs]
    frames: dict[str, NDArray[Any]] = bare[0].draw(bare)
    return frames
