"""Where a run goes that is given no `--output_dir`."""

import os
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

DEFAULT_FOLDER = Path("outputs/<command>/<date>/<time>_<job>")


def with_folder(config: Any, command: str, now: datetime) -> Any:
    """Return a command's settings with the folder named, if they leave it to the default.

    Args:
        config: a dataclass; its `output_dir` and `job` are read where it has them.
        command: its name.
        now: the time that the folder is named after.

    Raises:
        ValueError: the default cannot be meant, since a run is to be resumed or started over, or
            is one of several processes.
    """
    if getattr(config, "output_dir", None) != DEFAULT_FOLDER:
        return config
    if "TORCHELASTIC_RUN_ID" in os.environ:
        raise ValueError("under torchrun give --output_dir: all processes write to one folder")
    for flag in ("resume", "overwrite"):
        if getattr(config, flag, False):
            raise ValueError(f"--{flag} needs --output_dir: the folder of the run that it is about")
    job = re.sub(r"[^\w.-]+", "-", config.job).strip("-.") or command
    folder = Path("outputs", command, f"{now:%Y-%m-%d}", f"{now:%H-%M-%S}_{job[:80]}")
    return replace(config, output_dir=folder)
