"""Several single-threaded processes that share every batch: two cores without a second's waste.

One thread per process is quicker on a CPU than one process with several threads, since drawing,
Python and small layers then run in parallel too; and a single thread adds in one fixed order, so
that a run is the same to the bit each time.

`sum_gradients` stands instead of torch's `DistributedDataParallel`, which saves nothing on two
cores: a pass of the nano policy over four decisions takes 115 ms of CPU time, with `sum_gradients`
131 ms, with DDP 131 to 144 ms (it must look for unused weights). DDP also wants every pass to go
through one `forward`, while scores here call parts of a model, and it could not carry along who
asks to stop.
"""

import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from handeye.policies.devices import CUDA, find_device

MENDABLE = "error.txt"  # of a rank other than the first
BEGUN = "begun-"  # and its rank: the file by which it says that it is ready to join
RUN_ID, WORLD, LOCAL_RANK = "TORCHELASTIC_RUN_ID", "WORLD_SIZE", "LOCAL_RANK"  # set by torchrun
PATIENCE = timedelta(hours=1)  # a rank may evaluate while the others wait


@dataclass(frozen=True)
class Team:
    """This process among those that share a batch; rank 0 is the one that was started."""

    rank: int
    size: int

    def device(self, name: str) -> torch.device:
        """Return the device of this process: of several GPUs each takes the one of its number.

        Raises:
            ValueError: there is no such device.
        """
        found = find_device(name)
        if found.type != CUDA or found.index is not None or self.size == 1:
            return found
        return find_device(f"{CUDA}:{int(os.environ.get(LOCAL_RANK, self.rank))}")

    @property
    def leads(self) -> bool:
        """This process writes files and talks to the user."""
        return self.rank == 0

    def share(self, total: int) -> range:
        """Return which of `total` jobs are this process's."""
        return range(self.rank, total, self.size)

    def sum_(self, values: Tensor) -> Tensor:
        """Add up a tensor over all processes, in place.

        Raises:
            RuntimeError: another process has died.
        """
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def sum_gradients(self, parameters: Sequence[Tensor], flags: Tensor) -> Tensor:
        """Add up gradients over all processes, in place, and `flags`, which are returned.

        A weight that no process has used keeps none; one that only some have used gets their sum.
        """
        if self.size == 1:
            return flags
        used = flags.new_tensor([float(p.grad is not None) for p in parameters])
        parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        flat = torch.cat([part.reshape(-1) for part in parts] + [used, flags])
        dist.all_reduce(flat)
        start = 0
        counts = flat[-len(flags) - len(used) : -len(flags)]
        for parameter, part, count in zip(parameters, parts, counts.tolist(), strict=True):
            added = flat[start : start + part.numel()].view_as(part)
            parameter.grad = part.copy_(added) if count else None
            start += part.numel()
        return flat[-len(flags) :]

    def wait(self) -> None:
        """Return when every process has come here."""
        self.sum_(torch.zeros(1))


def team_size(workers: int) -> int:
    """Return how many processes share a batch: those of torchrun, or else `workers`."""
    return int(os.environ[WORLD]) if under_torchrun() else workers


def under_torchrun() -> bool:
    """Return whether this process is one of those that torchrun has started."""
    return RUN_ID in os.environ


def leads_run() -> bool:
    """Return whether this process is the one that writes files and talks to the user."""
    return not under_torchrun() or os.environ["RANK"] == "0"


def run_team(work: Callable[[Team, Any], int], argument: Any, size: int) -> int:
    """Run `work(team, argument)` in `size` processes; returns rank 0's exit code.

    Under torchrun this process is one of those that are there, and joins them. `work` must be
    importable by name. Rank 0 is this process; if it fails or is killed, the others end at their
    next exchange.
    """
    if size < 1:
        raise ValueError(f"--workers must be at least 1, got {size}")
    torch.set_num_threads(1)
    if under_torchrun():
        return _as_one_of_torchrun(work, argument)
    if size == 1:
        return work(Team(0, 1), argument)
    with tempfile.TemporaryDirectory(prefix="handeye-team-") as folder:
        meeting = os.path.join(folder, "meeting")
        context = multiprocessing.get_context("spawn")
        others = [
            context.Process(target=_other_rank, args=(work, argument, rank, size, meeting))
            for rank in range(1, size)
        ]
        for process in others:
            process.start()
        try:
            _wait_until_begun(others, Path(folder))
            with _joined(0, size, meeting):
                code = work(Team(0, size), argument)
        except RuntimeError as error:
            dead = [p for p in others if not p.is_alive() and p.exitcode]
            if not dead:
                raise
            raise _failure_of(dead[0].name, dead[0].exitcode, Path(folder)) from error
        finally:
            for process in others:
                process.join(timeout=10)
                if process.is_alive():
                    process.kill()
        return code


def _as_one_of_torchrun(work: Callable[[Team, Any], int], argument: Any) -> int:
    rank, size = int(os.environ["RANK"]), int(os.environ[WORLD])
    dist.init_process_group(
        "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo", timeout=PATIENCE
    )
    try:
        return work(Team(rank, size), argument)
    finally:
        dist.destroy_process_group()


def _other_rank(
    work: Callable[[Team, Any], int], argument: Any, rank: int, size: int, meeting: str
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # rank 0 says when to stop
    torch.set_num_threads(1)
    Path(meeting).with_name(f"{BEGUN}{rank}").touch()
    try:
        with _joined(rank, size, meeting):
            work(Team(rank, size), argument)
    except (ValueError, OSError) as error:  # rank 0 meets the same error, or tells of this one
        Path(meeting).with_name(MENDABLE).write_text(str(error))
        sys.exit(1)


def _wait_until_begun(others: Sequence[BaseProcess], folder: Path) -> None:
    """Return when all are ready to join: who waits for one that has died would wait for `PATIENCE`.

    Raises:
        RuntimeError: one has died.
    """
    while len(list(folder.glob(f"{BEGUN}*"))) < len(others):
        if any(process.exitcode for process in others):
            raise RuntimeError("a training process died before it began")
        time.sleep(0.01)


def _failure_of(name: str, code: int | None, folder: Path) -> Exception:
    """Return what a rank died of: a mistake that the user can mend, or something else."""
    told = folder / MENDABLE
    if told.is_file():
        return ValueError(f"{told.read_text()} (said by {name}; continue with --resume)")
    return RuntimeError(
        f"training process {name} ended with exit code {code}; its error stands above; "
        "continue with --resume"
    )


@contextmanager
def _joined(rank: int, size: int, meeting: str) -> Iterator[None]:
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    store = dist.FileStore(meeting, size)  # type: ignore[attr-defined]
    dist.init_process_group("gloo", store=store, rank=rank, world_size=size, timeout=PATIENCE)
    try:
        yield
    finally:
        dist.destroy_process_group()
