"""The shipped `handeye-planner` from random weights, every stage of it in one script.

    python -m handeye.experiments.training.reproduce_planner --output_dir outputs/planner

Each stage is one command as a user would type it, takes at most 150 minutes on one idle core, and
continues what an earlier attempt left; a stage that is done is not run again. The weights of the
last stage done for the planner to be shipped lie in `weights/planner`, so that the next one
can begin from them.
"""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import tyro

from handeye.experiments.records.run_folder import JsonLines, read_json_lines
from handeye.experiments.records.schemas import StageLine

SETTINGS = (
    "--workers 1 --batch_size 3072 --cut 0.5 --read_weight 0.03 --warmup_steps 40 "
    "--evaluate_every 1400 --evaluate_traces 20 --log_every 25 --save_every 50"
)
# Name -> what is said beside `SETTINGS`, and the stage that it starts from.
STAGES: dict[str, tuple[str, str]] = {
    "stage1": ("--steps 2500 --seed 101 --learning_rate 0.003 --muon_rate 0.03", ""),
    "stage2": ("--steps 4200 --seed 3000 --learning_rate 0.003 --muon_rate 0.03", "stage1"),
    "stage3": ("--steps 2200 --seed 8000 --learning_rate 0.002 --muon_rate 0.02", "stage2"),
    "stage4": ("--steps 5200 --seed 12000 --learning_rate 0.0025 --muon_rate 0.025", "stage3"),
}


@dataclass(frozen=True)
class ReproducePlannerConfig:
    """Place to work in.

    Attributes:
        output_dir: gets a folder for each stage, and how long each took.
    """

    output_dir: Path = Path("outputs/reproduce_planner")


def run(config: ReproducePlannerConfig) -> int:
    """Run what is not done yet; exit code 0 or that of the stage that failed."""
    config.output_dir.mkdir(parents=True, exist_ok=True)
    times = config.output_dir / "stages.jsonl"
    done = {line["stage"] for line in read_json_lines(times, StageLine) if line["code"] == 0}
    for name, command in stages(config.output_dir).items():
        if name in done:
            continue
        started = time.monotonic()
        code = subprocess.run(command, check=False).returncode
        with JsonLines(times) as lines:
            lines.append({"stage": name, "code": code, "wall_s": time.monotonic() - started})
        if code:
            return code
    return 0


def stages(folder: Path) -> dict[str, list[str]]:
    """The commands by name, in their order."""
    commands = {}
    for name, (said, start) in STAGES.items():
        command = [sys.executable, "-m", "handeye.experiments.cli", "train-planner"]
        command += [*f"{said} {SETTINGS}".split(), "--output_dir", str(folder / name), "--resume"]
        if start:
            begun = folder / start / "checkpoints" / "last" / "pretrained_model"
            command += ["--start", str(begun)]
        commands[name] = command
    return commands


if __name__ == "__main__":
    sys.exit(run(tyro.cli(ReproducePlannerConfig, use_underscores=True)))
