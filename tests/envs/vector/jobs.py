"""What worker processes are given to do, in a module whose import costs next to nothing."""

import os
import pathlib
import signal
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """One job: what to do, with which number, and where to count attempts."""

    kind: str
    number: int = 0
    folder: str = ""


class Target:
    """An object with well and badly behaved methods."""

    def __init__(self, offset: int = 0) -> None:
        if offset < 0:
            raise ValueError("offset below zero")
        self.offset = offset

    def add(self, number: int) -> int:
        return self.offset + number

    def settings(self) -> tuple[str, object, int]:
        return os.environ["OMP_NUM_THREADS"], signal.getsignal(signal.SIGINT), os.getpgrp()

    def die(self, code: int) -> None:
        os._exit(code)

    def kill_self(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def stop(self) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def hang(self) -> None:
        time.sleep(1000)

    def fail(self) -> None:
        raise KeyError("no such block")

    def exit(self) -> None:
        sys.exit(3)

    def unpicklable(self) -> object:
        return lambda: None

    def large(self, count: int) -> bytes:
        return b"x" * count


def work(job: Job) -> tuple[str, int]:
    """What the pool runs: misbehaves as the job says."""
    if job.folder:
        attempts = pathlib.Path(job.folder) / str(job.number)
        with attempts.open("a") as file:
            file.write("x")
        if attempts.stat().st_size > 1:
            return "second try", job.number
    if job.kind != "add":
        getattr(Target(), job.kind)(*([7] if job.kind == "die" else []))
    return "first try", job.number**2


def touch(path: str) -> None:
    """Initializer: leaves a file per process."""
    pathlib.Path(path, str(os.getpid())).touch()
