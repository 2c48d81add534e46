"""Supervised worker processes: the one primitive behind vector environments and parallel jobs.

A `Worker` is a fresh interpreter (never a fork of a process that holds threads or simulators)
that owns one target object and answers method calls over a socket. Every call has a deadline;
a worker that dies, hangs or raises becomes a `WorkerLost` naming the cause, never a silent wait.

Life cycle: workers ignore Ctrl-C (the parent decides what to stop), run in their own process
group (a kill takes their children along), and are killed by the kernel when the parent dies,
so that even `kill -9` of the parent leaves no orphan. Numerical libraries get one thread each.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from typing import Any, Generic, Literal, TypeVar

from handeye.envs.vector.worker_process import Channel, start_process

Job = TypeVar("Job")
Result = TypeVar("Result")
LossReason = Literal["died", "deadline", "raised"]

START_DEADLINE_S = 600.0  # imports on a crowded machine take minutes


class WorkerLost(RuntimeError):
    """A worker died, missed its deadline or raised.

    Attributes:
        reason: "died" (the process ended), "deadline" (no answer in time), "raised".
        detail: exit code, deadline in seconds, or the traceback inside the worker.
    """

    def __init__(self, reason: LossReason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason: LossReason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"worker lost ({self.reason}): {self.detail}"

    @property
    def cause(self) -> str:
        """In one line; of an exception what it says, without its traceback."""
        last = self.detail.strip().splitlines()[-1] if self.detail.strip() else ""
        return last if self.reason == "raised" else f"the worker was lost ({last})"


class Worker:
    """One supervised process holding `factory(*args)` and answering calls on its methods.

    `factory`, its arguments and every call's arguments are pickled; functions travel by
    reference, so they must live in an importable module. Use `call` for one answer at a time,
    or `begin` on several workers and then `finish` on each to let them run side by side.

    Args:
        factory: module-level callable that builds the target inside the worker.
        args: its arguments.
        pass_fds: file descriptors the worker inherits under the same numbers.
        start_deadline_s: time allowed for imports and for `factory`, apart from calls.
    """

    def __init__(
        self,
        factory: Callable[..., object],
        *args: object,
        pass_fds: Sequence[int] = (),
        start_deadline_s: float = START_DEADLINE_S,
    ) -> None:
        _check_importable(factory)
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = start_process(theirs.fileno(), pass_fds)
        self._channel = Channel(ours)
        self._start_deadline_s = self._deadline_s = start_deadline_s
        self._starting = True
        self.due_s = time.monotonic() + start_deadline_s
        self._send((factory, args))

    @property
    def pid(self) -> int:
        """Process id (also the id of its process group)."""
        return self._process.pid

    def fileno(self) -> int:
        """Socket descriptor, readable when `advance` has something to read."""
        return self._channel.endpoint.fileno()

    def call(self, method: str, *args: object, deadline_s: float) -> Any:
        """Return `target.method(*args)` or raise `WorkerLost`; a lost worker stays lost."""
        self.begin(method, *args, deadline_s=deadline_s)
        return self.finish()

    def begin(self, method: str, *args: object, deadline_s: float) -> None:
        """Send a call without waiting. The deadline counts from when the target exists."""
        self._deadline_s = deadline_s
        if not self._starting:
            self.due_s = time.monotonic() + deadline_s
        self._send((method, args))

    def finish(self) -> Any:
        """Wait for the answer to `begin`, at most until `due_s`; raise `WorkerLost`."""
        while True:
            answered, result = self.advance()
            if answered:
                return result

    def advance(self) -> tuple[bool, Any]:
        """Read one message: (True, result) for an answer, (False, None) for "has started"."""
        try:
            message = self._channel.receive(self.due_s)
        except TimeoutError:
            raise self._lost("deadline", self._overdue()) from None
        except (EOFError, OSError):
            raise self._lost("died", self._exit_cause()) from None
        kind, value = message
        if kind == "raised":
            raise self._lost("raised", value)
        if kind == "started":
            self._starting = False
            self.due_s = time.monotonic() + self._deadline_s
            return False, None
        return True, value

    def kill(self) -> None:
        """End the process group at once and reap it."""
        if self._process.returncode is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                self._process.kill()
            self._process.wait()
        self._channel.endpoint.close()

    def close(self, grace_s: float = 1.0) -> None:
        """Let an idle worker leave by itself, then make sure."""
        self._channel.endpoint.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace_s)
        self.kill()

    def _send(self, message: object) -> None:
        try:
            self._channel.send(message, self.due_s)
        except TimeoutError:
            raise self._lost("deadline", self._overdue()) from None
        except OSError:
            raise self._lost("died", self._exit_cause()) from None
        except BaseException:  # not picklable, or Ctrl-C half-way: the stream is unusable
            self.kill()
            raise

    def _overdue(self) -> str:
        if self._starting:
            return f"did not start within {self._start_deadline_s:g} s"
        return f"did not answer within {self._deadline_s:g} s"

    def _exit_cause(self) -> str:
        try:
            code = self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            return "closed its connection"
        if code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def _lost(self, reason: LossReason, detail: str) -> WorkerLost:
        self.kill()
        return WorkerLost(reason, detail)


def _check_importable(function: Callable[..., object]) -> None:
    inner = getattr(function, "func", function)  # functools.partial
    name = getattr(inner, "__qualname__", "")
    if getattr(inner, "__module__", None) == "__main__" or "<" in name:
        raise TypeError(
            f"workers import their functions, and {name or inner!r} cannot be imported: "
            "move it to the top level of a module"
        )


class _JobRunner(Generic[Job, Result]):
    def __init__(
        self, function: Callable[[Job], Result], initializer: Callable[[], object] | None
    ) -> None:
        self.function = function
        if initializer is not None:
            initializer()

    def run(self, job: Job) -> Result:
        """Run one job."""
        return self.function(job)


def run_jobs(
    function: Callable[[Job], Result],
    jobs: Sequence[Job],
    *,
    workers: int,
    deadline_s: float,
    initializer: Callable[[], object] | None = None,
) -> Generator[tuple[Job, Result | WorkerLost], None, None]:
    """Run `function(job)` for every job and yield (job, result) in the order of `jobs`.

    Job order makes files written from the results the same whatever the number of workers,
    provided each job carries its own seed. A lost job (worker died, hung or raised) is run
    once more on a fresh worker; the second loss is yielded as its `WorkerLost`. Closing the
    iterator, or Ctrl-C while waiting in it, kills the workers.

    Args:
        function: module-level callable (it is imported by the workers).
        jobs: small picklable values.
        workers: processes; 0 runs the jobs in this process, without deadlines.
        deadline_s: time one job may take, apart from the worker's start.
        initializer: called once in every fresh worker.
    """
    if workers < 0 or deadline_s <= 0:
        raise ValueError(f"workers must be >= 0 and deadline_s > 0, got {workers}, {deadline_s}")
    _check_importable(function)
    if workers == 0:
        return _run_inline(function, jobs, initializer)
    return _JobPool(function, jobs, workers, deadline_s, initializer).results()


def _run_inline(
    function: Callable[[Job], Result],
    jobs: Sequence[Job],
    initializer: Callable[[], object] | None,
) -> Generator[tuple[Job, Result | WorkerLost], None, None]:
    runner = _JobRunner(function, initializer)
    for job in jobs:
        for last_try in (False, True):
            try:
                result: Result | WorkerLost = runner.run(job)
                break
            except Exception:
                result = WorkerLost("raised", traceback.format_exc())
                if last_try:
                    break
        yield job, result


class _JobPool(Generic[Job, Result]):
    """The state of one `run_jobs`: who works on what, what waits, what is done."""

    def __init__(
        self,
        function: Callable[[Job], Result],
        jobs: Sequence[Job],
        workers: int,
        deadline_s: float,
        initializer: Callable[[], object] | None,
    ) -> None:
        self.function = function
        self.initializer = initializer
        self.jobs = jobs
        self.deadline_s = deadline_s
        self.waiting = list(range(len(jobs)))[::-1]
        self.retried: set[int] = set()
        self.done: dict[int, Result | WorkerLost] = {}
        self.busy: dict[Worker, int] = {}
        self.idle: list[Worker] = []
        self.free_places = min(workers, len(jobs))

    def results(self) -> Generator[tuple[Job, Result | WorkerLost], None, None]:
        """Yield (job, result) in job order; always leaves without living workers."""
        try:
            for index, job in enumerate(self.jobs):
                self._dispatch()
                while index not in self.done:
                    self._wait()
                    self._dispatch()
                yield job, self.done.pop(index)
        finally:
            for worker in [*self.busy, *self.idle]:
                worker.kill()

    def _dispatch(self) -> None:
        while self.waiting and (self.idle or self.free_places):
            if not self.idle:
                self.idle.append(Worker(_JobRunner, self.function, self.initializer))
                self.free_places -= 1
            worker = self.idle.pop()
            self.busy[worker] = index = self.waiting.pop()
            try:
                worker.begin("run", self.jobs[index], deadline_s=self.deadline_s)
            except WorkerLost as loss:
                self._lose(worker, loss)

    def _wait(self) -> None:
        timeout_s = min(worker.due_s for worker in self.busy) - time.monotonic()
        readable, _, _ = select.select(list(self.busy), [], [], max(timeout_s, 0.0))
        now_s = time.monotonic()
        for worker in list(self.busy):
            if worker not in readable and worker.due_s > now_s:
                continue
            try:
                answered, result = worker.advance()
            except WorkerLost as loss:
                self._lose(worker, loss)
                continue
            if answered:
                self.done[self.busy.pop(worker)] = result
                self.idle.append(worker)

    def _lose(self, worker: Worker, loss: WorkerLost) -> None:
        index = self.busy.pop(worker)
        self.free_places += 1
        if index in self.retried:
            self.done[index] = loss
        else:
            self.retried.add(index)
            self.waiting.append(index)
