"""`handeye compare`: two or more policies or agents on the same episodes; which is better.

    read or plan -> run what is missing -> contrasts, or pair after pair -> compare.json, .html

Whatever was run lies below `runs/` in the folder and can be compared again with others.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from handeye.base.names import UnknownName
from handeye.envs.suites import worded_tasks
from handeye.experiments.comparison.config import CompareConfig
from handeye.experiments.comparison.contrast import Contrast, contrasts
from handeye.experiments.comparison.page import differences, print_comparison, render_page
from handeye.experiments.comparison.run_missing import Planned, sides_of
from handeye.experiments.comparison.sequential import Duel, duel
from handeye.experiments.comparison.side import Side, with_own_names
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import (
    open_run_folder,
    write_json_atomic,
    write_text_atomic,
)
from handeye.experiments.records.settings import remember_settings
from handeye.experiments.records.statistics import Rate

FORMAT = "handeye-comparison-1"
FREE_ON_RESUME = {"workers", "deadline_s", "films", "resume", "overwrite", "output_dir"}


def run(config: CompareConfig) -> int:
    """Compare, print tables and verdicts; exit code 0."""
    if not 0 < config.alpha < 1:
        raise ValueError(f"--alpha {config.alpha} is a chance: give more than 0 and less than 1")
    sides = sides_of(config)
    read = with_own_names([side for side in sides if isinstance(side, Side)])
    if len(read) == len(sides) and not config.sequential:
        _contrasts(read, config)  # Whatever cannot be compared shows before a folder is made.
    with open_run_folder(
        config.output_dir, resume=config.resume, overwrite=config.overwrite
    ) as folder:
        settings = {k: v for k, v in asdict(config).items() if k not in FREE_ON_RESUME}
        remember_settings(folder / "config.json", settings)
        if config.sequential:
            played = duel(sides, config.alpha)
            _write(folder, [played.a, played.b], [], played, config)
        else:
            shown, found = _compared(sides, config)
            _write(folder, shown, found, None, config)
    return 0


def counted_tasks(side: Side) -> Callable[[Sequence[str]], Sequence[str]]:
    """Return what picks the tasks of a macro mean: those that test words, of suites known here."""
    try:
        worded = worded_tasks(side.facts["suite"], side.facts.get("split", "seen"))
    except UnknownName:
        return lambda tasks: tasks
    return lambda tasks: [task for task in tasks if task in worded] or tasks


def _contrasts(sides: Sequence[Side], config: CompareConfig) -> list[Contrast]:
    return contrasts(sides, unpaired=config.unpaired, counted=counted_tasks(sides[0]))


def _compared(
    sides: Sequence[Side | Planned], config: CompareConfig
) -> tuple[list[Side], list[Contrast]]:
    """Return the sides, run where they had not been, some differences filmed, and their pairs."""
    records: dict[int, list[EpisodeRecord]] = {}
    done: list[Side] = []
    for number, side in enumerate(sides):
        if isinstance(side, Planned):
            side, records[number] = side.run()
        done.append(side)
    done = with_own_names(done)
    found = _contrasts(done, config)
    differing = {episode for episode, _, _ in differences(found, None)}
    chosen = sorted(differing)[: config.films]
    filmed = [
        planned.film(side, records[number], chosen) if isinstance(planned, Planned) else side
        for number, (planned, side) in enumerate(zip(sides, done, strict=True))
    ]
    return filmed, found


def _write(
    folder: Path,
    sides: Sequence[Side],
    found: Sequence[Contrast],
    played: Duel | None,
    config: CompareConfig,
) -> None:
    """Write the page, then the figures, and print them."""
    counted = counted_tasks(sides[0])(list(sides[0].outcomes))
    page = folder / "compare.html"
    write_text_atomic(page, render_page(sides, counted, found, played, config.alpha))
    write_json_atomic(folder / "compare.json", _figures(sides, found, played, config.alpha))
    print_comparison(found, played, config.alpha, page, Console())


def _figures(
    sides: Sequence[Side], found: Sequence[Contrast], played: Duel | None, alpha: float
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        **measured_with(),
        "alpha": alpha,
        "sides": [
            {
                "name": side.name,
                "where": side.where,
                "facts": dict(side.facts),
                "per_task": {task: Rate.of(row).to_dict() for task, row in side.outcomes.items()},
                "lost": len(side.lost),
            }
            for side in sides
        ],
        "contrasts": [one.to_dict(alpha) for one in found],
        "sequential": played.to_dict() if played else None,
    }
