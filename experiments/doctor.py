"""`handeye doctor`: what works on this machine, and the remedy for what does not.

Every check runs in a process of its own where a broken library could take the interpreter with it
(PyBullet ends the process on a bad display, a foreign torchvision breaks imports half-way).
"""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table

from handeye.experiments.config import DoctorConfig
from handeye.experiments.records.run_folder import write_json_atomic

Verdict = Literal["ok", "warning", "broken"]
PROBE_TIMEOUT_S = 120
MIN_FREE_GB = 3.0


@dataclass(frozen=True)
class Finding:
    """The outcome of one check: what was found and, unless it is ok, what to do."""

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def run(config: DoctorConfig) -> int:
    """Print every finding; exit code 1 when something that handeye needs is broken."""
    findings = [check() for check in CHECKS]
    show(findings, Console())
    if config.result is not None:
        write_json_atomic(config.result, [vars(finding) for finding in findings])
    return 1 if any(finding.verdict == "broken" for finding in findings) else 0


def show(findings: list[Finding], console: Console) -> None:
    """Findings as a table, then the remedies."""
    colours = {"ok": "green", "warning": "yellow", "broken": "red"}
    table = Table(box=None, pad_edge=False)
    for title in ("", "check", "found"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        colour = colours[finding.verdict]
        table.add_row(f"[{colour}]{finding.verdict}[/]", finding.name, finding.found)
    console.print(table)
    for finding in findings:
        if finding.remedy:
            console.print(f"[bold]{finding.name}[/]: {finding.remedy}", highlight=False)


def probe(program: str, *, timeout_s: float = PROBE_TIMEOUT_S) -> tuple[bool, str]:
    """Run Python code in a fresh process: (it ended well, last line of what it said)."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        return False, f"no answer within {timeout_s:g} s"
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    last = said[-1] if said else ""
    if done.returncode < 0:
        last = f"killed by signal {-done.returncode}"
    return done.returncode == 0, last or f"exit code {done.returncode}"


def probed(name: str, program: str, remedy: str, otherwise: Verdict = "broken") -> Finding:
    """The finding of a program that prints what it found, or fails."""
    fine, said = probe(program)
    return Finding(name, "ok", said) if fine else Finding(name, otherwise, said, remedy)


def check_python() -> Finding:
    """CPython 3.11 has PyBullet wheels; later ones build it from source."""
    version = platform.python_version()
    if sys.version_info >= (3, 12):
        remedy = (
            "PyBullet has wheels up to CPython 3.11 only; on this one pip builds it, which needs "
            "a C++ compiler. Easiest: make PYTHON=python3.11."
        )
        return Finding("python", "warning", version, remedy)
    return Finding("python", "ok", version)


def check_torch() -> Finding:
    """Torch multiplies, and how many threads it would use."""
    program = (
        "import torch; x = torch.ones(64, 64); assert float((x @ x)[0, 0]) == 64;"
        "print(torch.__version__, 'with', torch.get_num_threads(), 'threads')"
    )
    remedy = "Install the locked version: make install (torch stands first in requirements.lock)."
    return probed("torch", program, remedy)


def check_transformers() -> Finding:
    """Transformers' base class imports: the first thing that a bad torchvision breaks."""
    program = (
        "from transformers import PreTrainedModel; import transformers;"
        "print(transformers.__version__)"
    )
    remedy = "Install the locked version: make install. If torchvision is reported too, remove it."
    return probed("transformers", program, remedy)


def check_torchvision() -> Finding:
    """Handeye does not need torchvision, and one built for another torch breaks transformers."""
    try:
        version = importlib.metadata.version("torchvision")
    except importlib.metadata.PackageNotFoundError:
        return Finding("torchvision", "ok", "absent, as it should be")
    fine, said = probe("import torchvision; print(torchvision.__version__)")
    if fine:
        return Finding("torchvision", "ok", f"{version} (not needed)")
    remedy = f"{sys.executable} -m pip uninstall torchvision: it does not match this torch."
    return Finding("torchvision", "broken", f"{version}: {said}", remedy)


def check_pybullet() -> Finding:
    """A physics client falls a ball for a moment."""
    program = (
        "import pybullet as p; c = p.connect(p.DIRECT); p.setGravity(0, 0, -9.81, c);"
        "b = p.createMultiBody(1, p.createCollisionShape(p.GEOM_SPHERE, radius=.1,"
        "physicsClientId=c), basePosition=[0, 0, 1], physicsClientId=c);"
        "[p.stepSimulation(c) for _ in range(24)];"
        "z = p.getBasePositionAndOrientation(b, c)[0][2]; assert .9 < z < 1, z;"
        "print('api', p.getAPIVersion(c))"
    )
    remedy = "Install the locked version: make install; on Python above 3.11 see above."
    return probed("pybullet", program, remedy)


def check_rasterizer() -> Finding:
    """The shipped tabletop renders a frame that is not of one colour."""
    program = (
        "import time; from handeye.envs.tabletop.env import TabletopEnv;"
        "e = TabletopEnv('reach', render_mode='rgb_array'); e.reset(seed=0);"
        "f = e.render(); assert f.std() > 1, 'a blank frame'; t = time.perf_counter();"
        "[e.render() for _ in range(20)];"
        "print(f'{f.shape[1]}x{f.shape[0]} frame in',"
        "f'{(time.perf_counter() - t) * 50:.1f} ms')"
    )
    remedy = (
        "The rasterizer compiles with numba at first use: check that numba imports and that its "
        "cache (NUMBA_CACHE_DIR) can be written to."
    )
    return probed("rasterizer", program, remedy)


def check_video() -> Finding:
    """PyAV has an H.264 encoder."""
    program = (
        "import av; av.CodecContext.create('libx264', 'w'); print(f'PyAV {av.__version__}, h264')"
    )
    remedy = "Videos need PyAV with x264: make install brings one."
    return probed("video", program, remedy, "warning")


def check_gpu() -> Finding:
    """A CUDA device is welcome, never needed."""
    program = (
        "import torch; n = torch.cuda.device_count();"
        "print(torch.cuda.get_device_name(0) if n else 'none: everything runs on the CPU')"
    )
    return probed("gpu", program, "Everything runs on the CPU; see torch above.", "warning")


def check_machine() -> Finding:
    """Cores and memory."""
    cores = len(os.sched_getaffinity(0))
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    found = f"{cores} cores, {memory_gb:.0f} GB memory"
    if memory_gb < 4:
        return Finding("machine", "warning", found, "Use --workers 1: a worker takes about 1 GB.")
    return Finding("machine", "ok", found)


def check_disk() -> Finding:
    """Room for a data set and checkpoints where the command stands."""
    free_gb = shutil.disk_usage(".").free / 1e9
    found = f"{free_gb:.0f} GB free here"
    if free_gb < MIN_FREE_GB:
        return Finding("disk", "warning", found, "Free some space or choose another --output_dir.")
    return Finding("disk", "ok", found)


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_torch,
    check_transformers,
    check_torchvision,
    check_pybullet,
    check_rasterizer,
    check_video,
    check_gpu,
    check_machine,
    check_disk,
)
