"""What a figure was measured with: the command, the code and the machine."""

import hashlib
import os
import platform
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HALLS = ("agents", "envs", "experiments", "perception", "policies", "src")
SOURCE = (*HALLS, "pyproject.toml", "requirements.lock")  # What can change a figure.


def measured_with() -> dict[str, str]:
    """What stands beside every recorded figure."""
    return {
        "command": command_line(),
        "commit": commit_id(),
        "fingerprint": code_fingerprint(),
        "machine": machine_name(),
    }


@cache
def code_fingerprint() -> str:
    """Return a hash (16 hexadecimal digits) over the source and the checkpoints as they lie here.

    Two figures with one fingerprint were measured with the same code and weights, whatever was
    committed in between to documents, tests and results.
    """
    digest = hashlib.sha256()
    for path in _source_files():
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _source_files() -> list[Path]:
    """Return the tracked files of `SOURCE`, or where there is no git all that an import can use."""
    try:
        listed = _git("ls-files", "-z", *SOURCE).split("\0")
        found = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path for hall in HALLS for path in (ROOT / hall).rglob("*")]
        found = [path for path in found if "__pycache__" not in path.parts]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def command_line() -> str:
    """What was typed, without the folder of the interpreter or script."""
    program, *arguments = sys.argv
    name = Path(program).name
    if name.endswith(".py"):
        # `python -m` gives the path alone: the module's name is what follows the hall.
        parts = Path(program).with_suffix("").parts
        below = parts[parts.index("experiments") :] if "experiments" in parts else parts[-1:]
        name = f"python -m handeye.{'.'.join(below)}"
    return shlex.join([*name.split(), *arguments])


@cache
def commit_id() -> str:
    """Commit of the working tree, "+changes" if files differ from it, "unknown" outside git.

    `results/` does not count: commands write their figures there, one after the other.
    """
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", ".", ":!results")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}+changes" if changed else commit


@cache
def machine_name() -> str:
    """Processor, cores usable and system, in one line."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{len(os.sched_getaffinity(0))} cores of {model}, {platform.system()}"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
