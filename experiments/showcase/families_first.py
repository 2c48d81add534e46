"""Every family trained for 30,000 samples, judged and asked: results/families_first.json.

    python -m handeye.experiments.showcase.families_first                 # every row that lacks
    python -m handeye.experiments.showcase.families_first --only llava    # one
    python -m handeye.experiments.showcase.families_first --minutes 60    # begin none after that

The data are collected first. A row is `handeye train`, `evaluate` and `score`, each as a user would
type it and continued where it was interrupted; it is in the file as soon as it is done. Beside the
families stands the same network that knows no word (`blind`), and four of them are trained a second
time from actions alone (`:actions`), without the simulator's masks.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from handeye.base.json_reader import read_json
from handeye.experiments.data.mixture import KINDS_OF, kinds_of
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import (
    JsonLines,
    read_json_lines,
    write_json_atomic,
)
from handeye.experiments.records.schemas import StageLine, read_evaluation
from handeye.experiments.records.significance import mcnemar
from handeye.perception.families.registry import FAMILIES, family_class

BLIND, BLIND_FAMILY = "blind", "llava"
ACTIONS = ":actions"
ALONE = ("clip", "visualbert", "flamingo", "llava")  # are trained from actions alone too
ACTING = 0.7  # share of the samples that are actions
COLLECT = {
    "acting": "collect --suite tabletop-core --episodes 250 --workers 2 --seed 500000",
    "spoken": "collect --data vl --suite tabletop-core --episodes 60 --workers 2 --seed 600000",
    "judged": "collect --data vl --suite tabletop-core --episodes 40 --workers 2 --seed 1000000",
}
TRAIN = (
    "train --preset nano --steps 470 --batch_size 64 --workers 1 --seed 0 --learning_rate 0.002 "
    "--warmup_steps 40 --average_decay 0.98 --evaluate_every 0 --log_every 47"
)
EVALUATE = (
    "evaluate --suite tabletop-core --split seen --episodes 12 --seed 1000000 --workers 1 "
    "--necessity_episodes 0 --films 0 --run_key first"
)
SCORE = "score --examples 400 --scenes 1000"


@dataclass(frozen=True)
class FamiliesFirstConfig:
    """Which rows, and where.

    Attributes:
        only: pattern of rows' names, such as "clip*".
        minutes: begin no row after so many; 0 for no limit.
        output_dir: gets the data and a folder for each row.
        result: the file of all rows.
    """

    only: str = "*"
    minutes: float = 0.0
    output_dir: Path = Path("outputs/families_first")
    result: Path = Path("results/families_first.json")


def run(config: FamiliesFirstConfig) -> int:
    """Run what is not there yet; exit code 0 or that of what failed."""
    started = time.monotonic()
    config.output_dir.mkdir(parents=True, exist_ok=True)
    for name, command in COLLECT.items():
        folder = config.output_dir / name
        if code := once(config, f"collect {name}", [*command.split(), "--output_dir", str(folder)]):
            return code
    for name in row_names():
        spent = (time.monotonic() - started) / 60
        if name in rows_in(config.result) or not fnmatch(name, config.only):
            continue
        if config.minutes and spent > config.minutes:
            print(f"{name} and what follows are left for another time")
            break
        print(f"{name}, after {spent:.0f} min", flush=True)
        for stage, words in commands(config, name).items():
            if code := once(config, f"{name} {stage}", words):
                return code
        rows = {**rows_in(config.result), name: row(config, name)}
        rows = {known: rows[known] for known in row_names() if known in rows}
        write_json_atomic(config.result, {**measured_with(), "rows": compared(config, rows)})
    return 0


def rows_in(result: Path) -> dict[str, Any]:
    """Return the rows that a file holds."""
    found: dict[str, Any] = read_json(result, dict[str, Any])["rows"] if result.exists() else {}
    return found


def row_names() -> Iterator[str]:
    """Yield the rows' names: the blind one, every family, then those with actions alone."""
    yield from (BLIND, *FAMILIES, *(name + ACTIONS for name in ALONE))


def commands(config: FamiliesFirstConfig, name: str) -> dict[str, list[str]]:
    """Return a row's commands by what they do."""
    root, folder = config.output_dir, config.output_dir / name.replace(":", "_")
    family = BLIND_FAMILY if name == BLIND else name.removesuffix(ACTIONS)
    train = [*TRAIN.split(), "--family", family, "--dataset.root", str(root / "acting")]
    train += ["--output_dir", str(folder / "train")]
    if name == BLIND:
        train += ["--blind"]
    elif name.endswith(ACTIONS):
        train += ["--no_grounded"]
    else:
        train += ["--mixture", mixture_of(family), "--vl", str(root / "spoken")]
    path = ["--policy.path", str(folder / "train")]
    found = {
        "train": train,
        "evaluate": [*EVALUATE.split(), *path, "--output_dir", str(folder / "evaluate")],
    }
    if name in FAMILIES:
        told = ["--vl", str(root / "judged"), "--result", str(folder / "scores.json")]
        found["score"] = [*SCORE.split(), *path, *told]
    return found


def mixture_of(family: str) -> str:
    """Return the actions' share, and equal ones of all else that a family learns from."""
    parts = [part for part in KINDS_OF if kinds_of(part, family_class(family))]
    share = (1 - ACTING) / len(parts)
    return ",".join([f"act={ACTING}", *(f"{part}={share:.3f}" for part in parts)])


def once(config: FamiliesFirstConfig, stage: str, command: list[str]) -> int:
    """Run a command unless it was done; return its exit code, and note how long it took."""
    path = config.output_dir / "stages.jsonl"
    if any(
        line["stage"] == stage and not line["code"] for line in read_json_lines(path, StageLine)
    ):
        return 0
    resumed = ["--resume"] if command[0] != "score" else []
    started = time.monotonic()
    whole = [sys.executable, "-m", "handeye.experiments.cli", *command, *resumed]
    code = subprocess.run(whole, check=False).returncode
    with JsonLines(path) as lines:
        lines.append({"stage": stage, "code": code, "wall_s": time.monotonic() - started})
    return code


def row(config: FamiliesFirstConfig, name: str) -> dict[str, Any]:
    """Return what a row's commands have found."""
    folder = config.output_dir / name.replace(":", "_")
    info = read_evaluation(folder / "evaluate" / "eval_info.json")
    path = config.output_dir / "stages.jsonl"
    lines = [line for line in read_json_lines(path, StageLine) if line["stage"] == f"{name} train"]
    scores = folder / "scores.json"
    return {
        "commands": {stage: " ".join(words) for stage, words in commands(config, name).items()},
        "train_s": round(sum(line["wall_s"] for line in lines)),
        "success": info["success"],
        "goal_reached": info["goal_reached"],
        "per_task": info["per_task"],
        "curve": curve(folder / "train"),
        "scores": read_json(scores, dict[str, Any])["figures"] if scores.exists() else {},
    }


def curve(run_folder: Path) -> list[dict[str, float]]:
    """Return the means that a training told TensorBoard, line by line."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run_folder))
    events.Reload()
    shown = ("loss", "action_within_2cm", "grounding_within_2cm")
    told: dict[int, dict[str, float]] = {}
    for tag in events.Tags()["scalars"]:
        if (name := tag.rpartition("/")[-1]) in shown:
            for one in events.Scalars(tag):
                told.setdefault(one.step, {"step": one.step})[name] = round(float(one.value), 4)
    return [told[step] for step in sorted(told)]


def compared(config: FamiliesFirstConfig, rows: dict[str, Any]) -> dict[str, Any]:
    """Add to each row how it stands beside the blind one, on the same episodes, and its table."""
    blind = outcomes(config, BLIND) if BLIND in rows else {}
    for name, found in rows.items():
        if blind and name != BLIND and "beside_blind" not in found:
            own = outcomes(config, name)
            seeds = sorted(own.keys() & blind.keys())
            test = mcnemar([own[key] for key in seeds], [blind[key] for key in seeds])
            better = sum(own.values()) > sum(blind.values())
            verdict = "better" if better and test.p_value < 0.05 else "no better, see its curve"
            found["beside_blind"] = {"p": test.p_value, "n": len(seeds), "verdict": verdict}
        found["table"] = table(found)
    return rows


def outcomes(config: FamiliesFirstConfig, name: str) -> dict[str, bool]:
    """Return a row's strict successes by episode."""
    path = config.output_dir / name.replace(":", "_") / "evaluate" / "episodes.jsonl"
    records = map(EpisodeRecord.from_dict, read_json_lines(path))
    return {record.episode_id: record.success for record in records}


def table(found: dict[str, Any]) -> dict[str, str]:
    """Return a row's figures as text, for its page."""
    last = found["curve"][-1] if found["curve"] else {}
    told = {
        "success, tabletop-core seen": shown(found["success"]),
        "goal reached": shown(found["goal_reached"]),
        "beside the blind one": found.get("beside_blind", {}).get("verdict", "it is the blind one"),
        "actions within 2 cm at the end": f"{last.get('action_within_2cm', float('nan')):.1%}",
        "training": f"{found['train_s'] / 60:.0f} min",
    }
    for measure, figures in found["scores"].items():
        told |= {
            f"{measure}: {name.replace('_', ' ')}": shown(value)
            for name, value in figures.items()
            if isinstance(value, dict) and "wilson95" in value
        }
    return told


def shown(rate: Any) -> str:
    """Return a rate with its interval as text."""
    if not rate["n"]:
        return "nothing was said"
    low, high = rate["wilson95"]
    return f"{rate['rate']:.1%} ({low:.1%} to {high:.1%}, n = {rate['n']})"


if __name__ == "__main__":
    import tyro

    sys.exit(run(tyro.cli(FamiliesFirstConfig, use_underscores=True)))
