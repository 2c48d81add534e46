"""The shipped policy from nothing: collect, train, train on more, evaluate.

    python -m handeye.experiments.training.reproduce --output_dir outputs/reproduce

About eight hours on two cores, no stage longer than 150 minutes. Every command runs as a user would
type it and resumes what an earlier attempt left; the outcome says how long each took and how often
the policy then succeeded.
"""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import (
    JsonLines,
    read_json_lines,
    write_json_atomic,
)
from handeye.experiments.records.schemas import EvaluationInfo, StageLine, read_evaluation

# Name -> command; `{0}` is the folder of the whole. The first training sees each core task on a
# table of its own, the later ones see tables too that offer every task's goals, away from home; the
# last one hears what to do in thousands of other ways.
STAGES = {
    "collect": "collect --suite tabletop-core --episodes 1000 --workers 2 --seed 0 "
    "--output_dir {0}/data",
    "train": "train --preset nano --steps 11500 --seed 0 --batch_size 64 --workers 2 "
    "--evaluate_every 3000 --dagger.start 4500 --dagger.every 1000 --dagger.episodes 240 "
    "--dagger.share 0.35 --dataset.root {0}/data --output_dir {0}/train",
    "collect_core": "collect --suite tabletop-core --episodes 110 --workers 2 --seed 100000 "
    "--output_dir {0}/core",
    "collect_mixed": "collect --suite tabletop-mixed --episodes 200 --workers 2 --seed 200000 "
    "--output_dir {0}/mixed",
    "train_mixed": "train --preset nano --steps 4800 --seed 1 --batch_size 64 --workers 1 "
    "--learning_rate 0.0005 --average_decay 0.998 --dagger.start 300 --dagger.every 900 "
    "--dagger.episodes 240 --dagger.share 0.45 --start {0}/train/checkpoints/last/pretrained_model "
    "--dataset.root {0}/core --further {0}/mixed --output_dir {0}/train_mixed",
    "collect_more": "collect --suite tabletop-core --episodes 250 --workers 2 --seed 300000 "
    "--output_dir {0}/more",
    "train_more": "train --preset nano --steps 4600 --seed 2 --batch_size 64 --workers 1 "
    "--learning_rate 0.0006 --average_decay 0.998 --dagger.start 200 --dagger.every 900 "
    "--dagger.episodes 240 --dagger.share 0.45 "
    "--start {0}/train_mixed/checkpoints/last/pretrained_model "
    "--dataset.root {0}/core --further {0}/more {0}/mixed --output_dir {0}/train_more",
    "train_words": "train --preset nano --steps 4200 --seed 3 --batch_size 64 --workers 1 "
    "--learning_rate 0.0006 --average_decay 0.998 --dagger.start 400 --dagger.every 1000 "
    "--dagger.episodes 240 --dagger.share 0.45 --augmentation.other_words 0.6 "
    "--start {0}/train_more/checkpoints/last/pretrained_model "
    "--dataset.root {0}/core --further {0}/more {0}/mixed --output_dir {0}/train_words",
    "evaluate": "evaluate --suite tabletop-core --split seen --episodes 50 --seed 1000000 "
    "--workers 2 --policy.path {0}/train_words --output_dir {0}/eval",
}


@dataclass(frozen=True)
class ReproduceConfig:
    """Places to work in.

    Attributes:
        output_dir: gets a folder for each stage.
        result: JSON file of the outcome.
    """

    output_dir: Path = Path("outputs/reproduce")
    result: Path = Path("results/reproduction.json")


def run(config: ReproduceConfig) -> int:
    """Run what is not done yet, write the outcome; exit code 0 or that of what failed."""
    config.output_dir.mkdir(parents=True, exist_ok=True)
    times = config.output_dir / "stages.jsonl"
    for name, command in stages(config.output_dir).items():
        if any(
            line["stage"] == name and line["code"] == 0
            for line in read_json_lines(times, StageLine)
        ):
            continue
        started = time.monotonic()
        code = subprocess.run(command, check=False).returncode
        with JsonLines(times) as lines:
            lines.append({"stage": name, "code": code, "wall_s": time.monotonic() - started})
        if code:
            return code
    info = read_evaluation(config.output_dir / "eval" / "eval_info.json")
    write_json_atomic(config.result, outcome(config.output_dir, info))
    return 0


def stages(folder: Path) -> dict[str, list[str]]:
    """The commands by name, in their order."""
    start = [sys.executable, "-m", "handeye.experiments.cli"]
    return {
        name: [*start, *(word.format(folder) for word in command.split()), "--resume"]
        for name, command in STAGES.items()
    }


def outcome(folder: Path, info: EvaluationInfo) -> dict[str, Any]:
    """Wall time per command (all attempts together) and what the evaluation found."""
    attempts = list(read_json_lines(folder / "stages.jsonl", StageLine))
    wall_s = {
        name: round(sum(line["wall_s"] for line in attempts if line["stage"] == name))
        for name in stages(folder)
    }
    macro = info["macro_mean"]["mean"]
    spent = ", ".join(f"{name} {seconds / 60:.0f} min" for name, seconds in wall_s.items())
    return {
        "summary": f"From nothing to a macro success of {macro:.1%} on seen: {spent}.",
        "commands": list(STAGES.values()),
        "wall_s": wall_s,
        "attempts": len(attempts),
        "evaluation": info,
        **measured_with(),
    }


if __name__ == "__main__":
    sys.exit(run(tyro.cli(ReproduceConfig, use_underscores=True)))
