"""The workers of a vector environment: who hosts what, and what to do when one is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.envs.vector.env_host import (
    BufferLayout,
    EnvDescription,
    EnvFactory,
    EnvHost,
    StepOutcome,
    plan_layout,
)
from handeye.envs.vector.worker import Worker, WorkerLost


class HostPool:
    """W workers hosting contiguous blocks of N environments over one shared memory.

    Args:
        factories: one importable callable per environment.
        workers: processes (at most one per environment).
        deadline_s: time one exchange with all workers may take, apart from starting them.
        same_step: hosts reset a finished episode within the step that ends it.
    """

    def __init__(
        self, factories: Sequence[EnvFactory], workers: int, deadline_s: float, same_step: bool
    ) -> None:
        self.num_envs = len(factories)
        self._factories = list(factories)
        self._deadline_s = deadline_s
        self._same_step = same_step
        blocks = np.array_split(np.arange(self.num_envs), min(workers, self.num_envs))
        self._blocks = [slice(int(block[0]), int(block[-1]) + 1) for block in blocks]
        # Episodes lost outside a step; the next exchange reports them.
        self._unreported: list[WorkerLost | None] = [None] * self.num_envs
        self._layout: BufferLayout | None = None
        self._workers: list[Worker] = []
        self._fd = os.memfd_create("handeye-observations")
        try:
            self._workers = [self._start(block) for block in self._blocks]
            self.description = self._agreed_description()
            self._layout = plan_layout(self._fd, self.num_envs, self.description.observation_space)
            os.ftruncate(self._fd, self._layout.size)
            self.arrays: dict[str, NDArray[Any]] = self._layout.arrays()
            self._all(lambda block: ("attach", self._layout))
        except BaseException:
            self.close()
            raise

    def exchange(self, requests: Sequence[Any]) -> list[StepOutcome]:
        """Give every environment its request and collect what they did.

        A request is an action, a `Reset` or None. Environments of a lost worker, and those lost
        since the last exchange, come back with `loss` set; their worker is already replaced and
        they must be reset before they are stepped.
        """
        lost_before = self._unreported
        self._unreported = [None] * self.num_envs
        requests = [
            None if loss else request for loss, request in zip(lost_before, requests, strict=True)
        ]
        outcomes = [StepOutcome(truncated=loss is not None, loss=loss) for loss in lost_before]
        for block, answer in self._each(lambda block: ("step", requests[block])):
            for i in range(block.start, block.stop):
                if isinstance(answer, WorkerLost):
                    if requests[i] is None:
                        self._unreported[i] = answer
                    else:
                        outcomes[i] = StepOutcome(truncated=True, loss=answer)
                elif requests[i] is not None:
                    outcomes[i] = answer[i - block.start]
        return outcomes

    def forgive(self, i: int) -> None:
        """Environment i begins anew anyway: do not report its last loss."""
        self._unreported[i] = None

    def call(self, name: str, *args: Any, **kwargs: Any) -> list[Any]:
        """`name` of every environment, called if callable; raises `WorkerLost`."""
        return [
            value
            for values in self._all(lambda _: ("call", name, args, kwargs))
            for value in values
        ]

    def close(self) -> None:
        """Kill the workers and give the shared memory back."""
        for worker in self._workers:
            worker.kill()
        self._workers = []
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1

    def _start(self, block: slice) -> Worker:
        return Worker(
            EnvHost,
            self._factories[block],
            block.start,
            self._same_step,
            self._layout,
            pass_fds=(self._fd,),
        )

    def _agreed_description(self) -> EnvDescription:
        first, *others = self._all(lambda _: ("describe",))
        for block, other in zip(self._blocks[1:], others, strict=True):
            if (other.observation_space, other.action_space) != (
                first.observation_space,
                first.action_space,
            ):
                raise ValueError(f"environment {block.start} has other spaces than environment 0")
        described: EnvDescription = first
        return described

    def _all(self, message: Callable[[slice], tuple[Any, ...]]) -> list[Any]:
        """Every worker's answer; a loss is raised after the others have answered."""
        answers = []
        first_loss: WorkerLost | None = None
        for block, answer in self._each(message):
            answers.append(answer)
            if isinstance(answer, WorkerLost):
                first_loss = first_loss or answer
                self._unreported[block] = [answer] * (block.stop - block.start)
        if first_loss is not None:
            raise first_loss
        return answers

    def _each(
        self, message: Callable[[slice], tuple[Any, ...]]
    ) -> Iterator[tuple[slice, Any | WorkerLost]]:
        """Send to all, then wait for all; a lost worker is replaced and its loss yielded."""
        losses: dict[int, WorkerLost] = {}
        for w, block in enumerate(self._blocks):
            try:
                self._workers[w].begin(*message(block), deadline_s=self._deadline_s)
            except WorkerLost as loss:
                losses[w] = loss
        for w, block in enumerate(self._blocks):
            answer: Any = losses.get(w)
            if answer is None:
                try:
                    answer = self._workers[w].finish()
                except WorkerLost as loss:
                    answer = loss
            if isinstance(answer, WorkerLost):
                self._workers[w] = self._start(block)
            yield block, answer
