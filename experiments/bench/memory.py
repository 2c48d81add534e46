"""Memory that `handeye demo` takes with all of its processes."""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from handeye.envs.vector.worker_process import descendants
from handeye.experiments.bench.measurement import Measurement

POLL_S = 0.1
LIMIT_MB = 2000.0


def measure_memory() -> list[Measurement]:
    """The demo's peak beyond one import of torch, beside what a laptop should be asked for."""
    torch_mb = peak_mb([sys.executable, "-c", "import torch, time; time.sleep(1)"])
    with tempfile.TemporaryDirectory(prefix="handeye-memory-") as name:
        demo = ["-m", "handeye.experiments.cli", "demo", "--output_dir", f"{name}/demo"]
        demo_mb = peak_mb([sys.executable, *demo, "--episodes", "2"])
    meaning = (
        "highest memory of `handeye demo` over all its processes (shared pages counted once), "
        "less one import of torch; and 2 GB"
    )
    return [
        Measurement.of_costs(
            "demo_peak_memory_mb", demo_mb - torch_mb, LIMIT_MB, "MB", meaning,
            demo_mb=demo_mb, torch_mb=torch_mb,
        )
    ]  # fmt: skip


def peak_mb(command: Sequence[str]) -> float:
    """Highest sum of the proportional set sizes of a command and all it starts (Linux).

    Raises:
        RuntimeError: the command failed.
    """
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak_kb = 0
    while process.poll() is None:
        pids = {process.pid, *descendants(process.pid)}
        peak_kb = max(peak_kb, sum(map(proportional_kb, pids)))
        time.sleep(POLL_S)
    if process.returncode != 0:
        raise RuntimeError(f"exit code {process.returncode} of {list(command)}")
    return peak_kb / 1000


def proportional_kb(pid: int) -> int:
    """Proportional set size of a process in kB; 0 if it has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
