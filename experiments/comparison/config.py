"""Flags of `handeye compare`; light to import."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from handeye.experiments.records.default_folder import DEFAULT_FOLDER


@dataclass(frozen=True)
class CompareConfig:
    """What to compare.

    Attributes:
        sides: two or more: run folders of `handeye evaluate`, eval_info.json files (LeRobot's too),
            files of episodes (.jsonl, .jsonl.gz); or who is to be run on the same seeds: what
            --policy.path takes, or agent:<planner style>.
        output_dir: folder of compare.html, compare.json and of what is run; an existing one is
            refused.
        suite: of what is run; by default that of the runs given, else tabletop-core.
        split: of what is run; by default that of the runs given, else seen.
        episodes: per task of what is run; by default those of the runs given, else 25.
        seed: of the first episode that is run; by default that of the runs given, else 1000000.
        sequential: of two sides, run pair after pair and stop as soon as one is known to be better,
            or --episodes are reached.
        unpaired: compare runs of different seeds, which takes many more episodes.
        by_order: pair episodes of files without seeds by their order; for LeRobot's files that
            were made with the same --seed.
        alpha: chance of a difference that is none, over all comparisons together.
        films: episodes that differ to film, of policies that are run here.
        workers: processes; 0 runs everything in this one.
        deadline_s: real seconds after which an episode counts as hung.
        resume: continue in output_dir.
        overwrite: start over in output_dir.
    """

    sides: Annotated[tuple[str, ...], tyro.conf.Positional]
    output_dir: Path = DEFAULT_FOLDER
    suite: str | None = None
    split: str | None = None
    episodes: int | None = None
    seed: int | None = None
    sequential: bool = False
    unpaired: bool = False
    by_order: bool = False
    alpha: float = 0.05
    films: int = 2
    workers: int = 2
    deadline_s: float = 300.0
    resume: bool = False
    overwrite: bool = False

    @property
    def job(self) -> str:
        """What its default folder is named after."""
        return "_".join(re.split(r"[/:]", side.rstrip("/"))[-1] for side in self.sides)
