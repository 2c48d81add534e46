"""Run folders as `handeye evaluate` leaves them, made without running anything."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.schemas import EVALUATION_FORMAT
from handeye.experiments.records.statistics import Rate, macro_mean

FIRST = 1_000_000


def record(task: str, seed: int, success: bool, **changes: Any) -> EpisodeRecord:
    fields: dict[str, Any] = {
        "suite": "tabletop-core", "split": "seen", "condition": "true", "policy_id": "nano",
        "suite_version": 2, "renderer_fingerprint": "abc", **changes,
    }  # fmt: skip
    return EpisodeRecord(
        f"{task}/{seed}/{fields['condition']}", task=task, seed=seed, success=success, **fields
    )


def records(outcomes: Mapping[str, Sequence[bool]], **changes: Any) -> list[EpisodeRecord]:
    return [
        record(task, FIRST + number, won, **changes)
        for task, row in outcomes.items()
        for number, won in enumerate(row)
    ]


def lines(kept: Sequence[EpisodeRecord]) -> str:
    return "".join(json.dumps(one.to_dict()) + "\n" for one in kept)


def info_of(kept: Sequence[EpisodeRecord], policy: str) -> dict[str, Any]:
    judged = [one for one in kept if one.condition == "true" and not one.worker_lost]
    outcomes: dict[str, list[bool]] = {}
    for one in judged:
        outcomes.setdefault(one.task, []).append(one.success)
    rate = Rate.of([one.success for one in judged]).to_dict()
    return {
        "format": EVALUATION_FORMAT, "policy": policy, "suite": kept[0].suite,
        "split": kept[0].split, "seed": FIRST, "commit": "c", "success": rate,
        "goal_reached": rate, "macro_mean": macro_mean(outcomes).to_dict(),
        "per_task": {task: Rate.of(row).to_dict() for task, row in outcomes.items()},
        "renderer_fingerprint": kept[0].renderer_fingerprint, "success_rule": "strict",
    }  # fmt: skip


def write_run(folder: Path, kept: Sequence[EpisodeRecord], policy: str = "") -> Path:
    folder.mkdir(parents=True)
    (folder / "episodes.jsonl").write_text(lines(kept))
    (folder / "eval_info.json").write_text(json.dumps(info_of(kept, policy or folder.name)))
    return folder
