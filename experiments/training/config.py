"""Settings of `handeye train`, as flags and as the file that a run remembers."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from handeye.experiments.data.tabletop_dataset import Augmentation
from handeye.experiments.records import settings as settings_of_run
from handeye.policies.token_policy.loss import LossWeights

SETTINGS = "train.json"
FREE_ON_RESUME = (
    "output_dir", "resume", "overwrite", "save_every", "keep", "log_every", "workers",
)  # fmt: skip


@dataclass(frozen=True)
class DatasetFlags:
    """Which episodes to learn from.

    Attributes:
        root: a folder that `handeye collect` made.
    """

    root: Path


@dataclass(frozen=True)
class DaggerFlags:
    """Rounds in which the policy drives and the oracle labels.

    Attributes:
        every: steps between rounds; 0 for none.
        start: step of the first round.
        episodes: per round, over all tasks.
        share: of the samples that come from such episodes, once there are some.
    """

    every: int = 0
    start: int = 0
    episodes: int = 160
    share: float = 0.25


@dataclass(frozen=True)
class TrainConfig:
    """How to train.

    Attributes:
        dataset: the recorded episodes.
        output_dir: folder of the run; an existing one is refused.
        preset: size of the policy, see `handeye list`.
        start: checkpoint folder (pretrained_model) whose weights and words to start from.
        decoding: "parallel" (one pass) or "autoregressive" (KV cache).
        steps: updates.
        seed: of weights, batches and augmentation.
        batch_size: decisions per update, over all workers.
        accumulate: passes that make up one update.
        workers: single-threaded processes that share each batch; one per core.
        learning_rate: peak of the schedule.
        warmup_steps: of the schedule.
        weight_decay: on matrices and filters.
        clip_norm: of the gradient.
        average_decay: of the weights' moving average, which is what is saved.
        precision: "auto" takes bfloat16 where the processor multiplies it natively.
        augmentation: how samples depart from the recording.
        loss: weights of the terms.
        dagger: rounds in which the policy drives and the oracle labels.
        save_every: steps between checkpoints.
        keep: newest checkpoints to keep.
        evaluate_every: steps between evaluations in closed loop; 0 for none.
        evaluate_episodes: per task and evaluation.
        log_every: steps between lines in TensorBoard.
        resume: continue the run in output_dir.
        overwrite: start over in output_dir.
    """

    dataset: DatasetFlags
    output_dir: Path
    preset: str = "nano"
    start: Path | None = None
    decoding: Literal["parallel", "autoregressive"] = "parallel"
    steps: int = 20_000
    seed: int = 0
    batch_size: int = 64
    accumulate: int = 1
    workers: int = 2
    learning_rate: float = 1e-3
    warmup_steps: int = 200
    weight_decay: float = 0.05
    clip_norm: float = 1.0
    average_decay: float = 0.999
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    augmentation: Augmentation = field(default_factory=Augmentation)
    loss: LossWeights = field(default_factory=LossWeights)
    dagger: DaggerFlags = field(default_factory=DaggerFlags)
    save_every: int = 500
    keep: int = 3
    evaluate_every: int = 2000
    evaluate_episodes: int = 4
    log_every: int = 50
    resume: bool = False
    overwrite: bool = False


def remember_settings(config: Any, output_dir: Path, name: str = SETTINGS) -> None:
    """Write the settings of a run of training, or refuse to continue under others.

    More `steps` than before continue a run too: its learning rate follows the longer schedule.

    Args:
        config: the command's dataclass.
        output_dir: folder of the run.
        name: of the file in it.

    Raises:
        ValueError: the folder holds other settings; it names those that differ.
    """
    settings = {k: v for k, v in asdict(config).items() if k not in FREE_ON_RESUME}
    settings_of_run.remember_settings(output_dir / name, settings, may_rise=("steps",))
