"""The embedded language models from random weights, every stage of each in one script.

    python -m handeye.experiments.training.reproduce_planner --model handeye-reader

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
from typing import Literal

import tyro

from handeye.experiments.records.run_folder import JsonLines, read_json_lines
from handeye.experiments.records.schemas import StageLine

LEARNING = "--learning_rate 0.003 --muon_rate 0.03"
CALLS = (
    "--workers 1 --batch_size 3072 --cut 0.5 --read_weight 0.03 --warmup_steps 40 "
    "--evaluate_every 1400 --evaluate_traces 20 --log_every 25 --save_every 50"
)
INTENTS = (
    "--width 160 --vocabulary 2048 --tokenizer_traces 6000 --workers 1 --batch_size 3072 "
    "--read_weight 0.03 --warmup_steps 40 --log_every 25 --save_every 50"
)
# Model -> its stages: name -> what is said, and the stage that it starts from.
STAGES: dict[str, dict[str, tuple[str, str]]] = {
    "handeye-planner": {
        "stage1": (f"--steps 2500 --seed 101 {LEARNING} {CALLS}", ""),
        "stage2": (f"--steps 4200 --seed 3000 {LEARNING} {CALLS}", "stage1"),
        "stage3": (
            f"--steps 2200 --seed 8000 --learning_rate 0.002 --muon_rate 0.02 {CALLS}",
            "stage2",
        ),
        "stage4": (
            f"--steps 5200 --seed 12000 --learning_rate 0.0025 --muon_rate 0.025 {CALLS}",
            "stage3",
        ),
    },
    "handeye-reader": {
        "grammar": (f"--teaches intents --steps 1550 --seed 30000 {LEARNING} {INTENTS}", ""),
        "names": (f"--teaches names --steps 700 --seed 40000 {LEARNING} {INTENTS}", "grammar"),
        "intents": (f"--teaches intents --steps 3300 --seed 50000 {LEARNING} {INTENTS}", "names"),
    },
}


@dataclass(frozen=True)
class ReproducePlannerConfig:
    """What to make, and where.

    Attributes:
        model: which of the two.
        output_dir: gets a folder for each stage, and how long each took.
    """

    model: Literal["handeye-planner", "handeye-reader"] = "handeye-reader"
    output_dir: Path = Path("outputs/reproduce_planner")


def run(config: ReproducePlannerConfig) -> int:
    """Run what is not done yet; exit code 0 or that of the stage that failed."""
    folder = config.output_dir / config.model
    folder.mkdir(parents=True, exist_ok=True)
    times = folder / "stages.jsonl"
    done = {line["stage"] for line in read_json_lines(times, StageLine) if line["code"] == 0}
    for name, command in stages(config.model, folder).items():
        if name in done:
            continue
        started = time.monotonic()
        code = subprocess.run(command, check=False).returncode
        with JsonLines(times) as lines:
            lines.append({"stage": name, "code": code, "wall_s": time.monotonic() - started})
        if code:
            return code
    return 0


def stages(model: str, folder: Path) -> dict[str, list[str]]:
    """The commands of a model by name, in their order."""
    commands = {}
    for name, (said, start) in STAGES[model].items():
        command = [sys.executable, "-m", "handeye.experiments.cli", "train-planner"]
        command += [*said.split(), "--output_dir", str(folder / name), "--resume"]
        if start:
            begun = folder / start / "checkpoints" / "last" / "pretrained_model"
            command += ["--start", str(begun)]
        commands[name] = command
    return commands


if __name__ == "__main__":
    sys.exit(run(tyro.cli(ReproducePlannerConfig, use_underscores=True)))
