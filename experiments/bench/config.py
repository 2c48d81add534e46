"""Flags of `handeye bench`; light to import."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class BenchConfig:
    """Measure this machine.

    Attributes:
        result: also write all figures to this JSON file, such as results/bench.json.
        effort: multiplies the number of repetitions; below 1 for a quick look.
        only: groups to measure (simulation, episodes, workers, robot, rooms, agent, memory,
            learning); all if empty.
    """

    result: Path | None = None
    effort: float = 1.0
    only: tuple[str, ...] = ()
