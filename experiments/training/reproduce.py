"""The shipped policy from nothing: collect, train, evaluate, each as the README says.

    python -m handeye.experiments.training.reproduce --output_dir outputs/reproduce

About two hours on two cores. Every command runs as a user would type it and resumes what an earlier
attempt left; the outcome says how long each took and how often the policy then succeeded.
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

COLLECT = "collect --suite tabletop-core --episodes 1000 --workers 2 --seed 0"
TRAIN = (
    "train --preset nano --steps 11500 --seed 0 --batch_size 64 --workers 2 --evaluate_every 3000 "
    "--dagger.start 4500 --dagger.every 1000 --dagger.episodes 240 --dagger.share 0.35"
)
EVALUATE = "evaluate --suite tabletop-core --split seen --episodes 50 --seed 1000000 --workers 2"


@dataclass(frozen=True)
class ReproduceConfig:
    """Places to work in.

    Attributes:
        output_dir: gets the folders data, train and eval.
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
    data, run, judged = str(folder / "data"), str(folder / "train"), str(folder / "eval")
    return {
        "collect": _handeye(COLLECT, "--output_dir", data),
        "train": _handeye(TRAIN, "--dataset.root", data, "--output_dir", run),
        "evaluate": _handeye(EVALUATE, "--policy.path", run, "--output_dir", judged),
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
        "commands": [COLLECT, TRAIN, EVALUATE],
        "wall_s": wall_s,
        "attempts": len(attempts),
        "evaluation": info,
        **measured_with(),
    }


def _handeye(command: str, *places: str) -> list[str]:
    return [sys.executable, "-m", "handeye.experiments.cli", *command.split(), *places, "--resume"]


if __name__ == "__main__":
    sys.exit(run(tyro.cli(ReproduceConfig, use_underscores=True)))
