"""Flags of `handeye score`; light to import."""

from dataclasses import dataclass
from pathlib import Path

from handeye.experiments.evaluation.config import PolicyFlags


@dataclass(frozen=True)
class ScoreConfig:
    """Which family to ask, and about what.

    Attributes:
        policy: a trained family.
        vl: folders that `handeye collect --data vl` made with seeds to choose or to judge by.
        examples: of each measure.
        scenes: whose captions are searched.
        result: also write the figures to this file.
    """

    policy: PolicyFlags
    vl: tuple[Path, ...]
    examples: int = 400
    scenes: int = 1000
    result: Path | None = None
