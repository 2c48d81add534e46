"""Flags of the commands that record and repeat episodes; light to import."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from handeye.experiments.records.default_folder import DEFAULT_FOLDER


@dataclass(frozen=True)
class Augmentation:
    """How far training samples depart from the recording.

    Attributes:
        jitter: strength of light, texture, colour and camera jitter.
        recolour: probability of permuting the scene's colours.
        drop_words, insert_words, hide_words: per-word noise, see `augmentation.vary_words`.
        other_words: share of the samples worded in wider ways than the suite's, see
            `wordings.paraphrases`.
    """

    jitter: float = 1.0
    recolour: float = 0.7
    drop_words: float = 0.06
    insert_words: float = 0.05
    hide_words: float = 0.08
    other_words: float = 0.0


@dataclass(frozen=True)
class CollectConfig:
    """What to record.

    Attributes:
        output_dir: folder of the dataset; an existing one is refused.
        data: "episodes", or "vl": the same, and captions, questions, boxes and dialogues about
            frames of them.
        suite: a suite or a single task, see `handeye list`.
        split: the distribution of scenes and words; train on "seen".
        episodes: per task.
        seed: of the first episode; all seeds must stay below 900000. Examples ("vl") may be held
            out, all with seeds from 900000 on; those of another split than "seen" have to be.
        workers: processes; 0 runs everything in this one.
        action_mode: on the tabletop "ee_pose" (waypoints) or "ee_delta" (10 Hz), in rooms
            "base_discrete" or "base_velocity"; by default the first.
        noise: strength of the disturbances from which the oracle recovers; 0 for none.
        goals: goals of a scene that each of its states is labelled for.
        frames: of an episode that examples ("vl") are about.
        deadline_s: real seconds after which an episode counts as hung.
        resume: continue in output_dir; more --episodes than before extend the dataset.
        overwrite: start over in output_dir.
    """

    output_dir: Path = DEFAULT_FOLDER
    data: Literal["episodes", "vl"] = "episodes"
    suite: str = "tabletop-core"
    split: str = "seen"
    episodes: int = 2000
    seed: int = 0
    workers: int = 2
    action_mode: str | None = None
    noise: float = 1.0
    goals: int = 4
    frames: int = 4
    deadline_s: float = 120.0
    resume: bool = False
    overwrite: bool = False

    @property
    def job(self) -> str:
        """What its default folder is named after."""
        return f"{self.suite}_{self.split}"


@dataclass(frozen=True)
class DatasetFlags:
    """Which dataset.

    Attributes:
        root: its folder.
    """

    root: Path


@dataclass(frozen=True)
class ReplayConfig:
    """What to replay.

    Attributes:
        dataset: where the episodes are.
        episodes: how many, spread evenly over the dataset; 0 for all.
        workers: processes; 0 runs everything in this one.
        deadline_s: real seconds after which an episode counts as hung.
    """

    dataset: DatasetFlags
    episodes: int = 100
    workers: int = 2
    deadline_s: float = 120.0
