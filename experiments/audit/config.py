"""Flags of `handeye audit`; light to import."""

from dataclasses import dataclass, field
from pathlib import Path

from handeye.experiments.evaluation.config import PolicyFlags
from handeye.experiments.records.default_folder import DEFAULT_FOLDER
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED


@dataclass(frozen=True)
class TrainingDataFlags:
    """What a policy was trained on.

    Attributes:
        root: folder of a dataset that `handeye collect` made.
    """

    root: Path | None = None


@dataclass(frozen=True)
class AuditConfig:
    """Whether figures can be believed: of a suite, of a policy on it, of a run, of training data.

    Attributes:
        policy: whose score is audited; "" for the suite alone.
        run: folder of an evaluation that is finished: what its records show, nothing is run.
        certificate: prove that a dataset contains nothing of what the split tests.
        dataset: of the certificate.
        suite: a suite or a single task, see `handeye list`.
        split: of the episodes.
        episodes: of each task, in each row of a test.
        seed: of the first episode; 1000000 or more.
        workers: processes; 0 runs everything in this one.
        output_dir: gets audit.json and audit.html; an existing one is refused.
        result: also write audit.json to this file.
        overwrite: start over in output_dir.
    """

    policy: PolicyFlags = field(default_factory=PolicyFlags)
    run: Path | None = None
    certificate: bool = False
    dataset: TrainingDataFlags = field(default_factory=TrainingDataFlags)
    suite: str = "tabletop-core"
    split: str = "seen"
    episodes: int = 20
    seed: int = FIRST_EVALUATION_SEED
    workers: int = 2
    output_dir: Path = DEFAULT_FOLDER
    result: Path | None = None
    overwrite: bool = False

    @property
    def job(self) -> str:
        """What its default folder is named after."""
        return f"{self.policy.path or self.suite}_{self.split}"
