"""Flags of `handeye safety`; light to import."""

from dataclasses import dataclass
from pathlib import Path

from handeye.experiments.records.default_folder import DEFAULT_FOLDER
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED


@dataclass(frozen=True)
class SafetyConfig:
    """A run of the safety suite.

    Attributes:
        output_dir: folder of the run.
        seed: of the first scene.
        scenes: for each pair of channel and attack, and for each task.
        llm: a language model to be attacked beside the rigged planner.
        workers: processes.
        result: also write the figures to this JSON file.
        resume: continue in output_dir.
        overwrite: start over in output_dir.
    """

    output_dir: Path = DEFAULT_FOLDER
    seed: int = FIRST_EVALUATION_SEED
    scenes: int = 3
    llm: str = ""
    workers: int = 1
    result: Path | None = None
    resume: bool = False
    overwrite: bool = False

    @property
    def job(self) -> str:
        """What its default folder is named after."""
        return self.llm or "rigged"
