"""Supervised workers: every way to be lost is named, nothing is left running."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from handeye.envs.vector.worker import Worker, WorkerLost, run_jobs
from handeye.envs.vector.worker_process import descendants
from tests.envs.vector.jobs import Job, Target, touch, work


def children() -> set[int]:
    return descendants(os.getpid())


@pytest.fixture(autouse=True)
def no_process_is_left() -> None:
    before = children()
    yield
    assert not children() - before


@pytest.mark.slow
def test_calls_reach_the_target_with_one_thread_and_without_ctrl_c() -> None:
    worker = Worker(Target, 40)
    assert worker.call("add", 2, deadline_s=30) == 42
    assert worker.call("settings", deadline_s=30) == ("1", signal.SIG_IGN, worker.pid)
    assert len(worker.call("large", 5_000_000, deadline_s=30)) == 5_000_000
    worker.close()
    assert worker.pid not in children()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "args", "reason", "detail"),
    [
        ("die", (7,), "died", "exit code 7"),
        ("kill_self", (), "died", "SIGKILL"),
        ("fail", (), "raised", "KeyError: 'no such block'"),
        ("exit", (), "raised", "SystemExit"),
        ("unpicklable", (), "raised", "pickle"),
        ("missing", (), "raised", "AttributeError"),
    ],
)
def test_a_loss_names_its_cause(
    method: str, args: tuple[int, ...], reason: str, detail: str
) -> None:
    worker = Worker(Target)
    with pytest.raises(WorkerLost) as loss:
        worker.call(method, *args, deadline_s=30)
    assert loss.value.reason == reason
    assert detail in str(loss.value)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["hang", "stop"])
def test_a_silent_worker_misses_its_deadline(method: str) -> None:
    worker = Worker(Target)
    with pytest.raises(WorkerLost, match=r"did not answer within 0\.2 s"):
        worker.call(method, deadline_s=0.2)


@pytest.mark.slow
def test_a_failing_factory_is_reported_by_the_first_call() -> None:
    with pytest.raises(WorkerLost, match="offset below zero"):
        Worker(Target, -1).call("add", 1, deadline_s=30)


def test_functions_that_cannot_be_imported_are_refused() -> None:
    with pytest.raises(TypeError, match="top level of a module"):
        Worker(lambda: None)
    with pytest.raises(TypeError, match="top level of a module"):
        list(run_jobs(lambda job: job, [1], workers=1, deadline_s=1))


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1, 3])
def test_results_come_in_job_order_whatever_the_workers(workers: int) -> None:
    jobs = [Job("add", number) for number in range(20)]
    results = list(run_jobs(work, jobs, workers=workers, deadline_s=30))
    assert results == [(job, ("first try", job.number**2)) for job in jobs]


@pytest.mark.slow
def test_a_lost_job_is_tried_again_then_reported(tmp_path: pathlib.Path) -> None:
    jobs = [
        Job("die", 0, str(tmp_path)),
        Job("hang", 1),
        Job("add", 2),
        Job("fail", 3),
        Job("kill_self", 4),
    ]
    results = [result for _, result in run_jobs(work, jobs, workers=2, deadline_s=1.0)]
    assert results[0] == ("second try", 0)
    assert results[2] == ("first try", 4)
    reasons = [getattr(results[i], "reason", None) for i in (1, 3, 4)]
    assert reasons == ["deadline", "raised", "died"]


def test_inline_jobs_follow_the_same_rules() -> None:
    results = [r for _, r in run_jobs(work, [Job("fail"), Job("add", 3)], workers=0, deadline_s=1)]
    assert isinstance(results[0], WorkerLost)
    assert results[1] == ("first try", 9)


@pytest.mark.slow
def test_the_initializer_runs_once_in_every_worker(tmp_path: pathlib.Path) -> None:
    jobs = [Job("add", number) for number in range(10)]
    initializer = partial(touch, str(tmp_path))
    assert len(list(run_jobs(work, jobs, workers=2, deadline_s=30, initializer=initializer))) == 10
    assert 1 <= len(list(tmp_path.iterdir())) <= 2


@pytest.mark.slow
def test_leaving_early_kills_the_workers() -> None:
    before = children()
    results = run_jobs(work, [Job("add"), Job("hang"), Job("hang")], workers=2, deadline_s=500)
    assert next(iter(results))[1] == ("first try", 0)
    assert children() - before
    results.close()
    assert children() <= before


PARENT = """
import sys
sys.path.insert(0, {folder!r})
from test_worker import Job, work
from handeye.envs.vector.worker import run_jobs
print("ready", flush=True)
jobs = [Job("add"), Job("hang"), Job("hang")]
for job, result in run_jobs(work, jobs, workers=2, deadline_s=500):
    print("one", flush=True)
"""


def _alive(pid: int) -> bool:
    stat = pathlib.Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def _gone(processes: set[int]) -> bool:
    for _ in range(200):
        if not any(map(_alive, processes)):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_parent(how: signal.Signals) -> None:
    program = PARENT.format(folder=str(pathlib.Path(__file__).parent))
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    assert parent.stdout.readline() == "one\n"
    hanging = descendants(parent.pid)
    assert len(hanging) == 2
    parent.send_signal(how)
    parent.wait(20)
    parent.stdout.close()
    assert parent.returncode == -how
    assert _gone(hanging)
