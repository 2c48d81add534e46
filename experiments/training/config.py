"""Settings of `handeye train`, as flags and as the file that a run remembers."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from handeye.experiments.data.config import Augmentation, DatasetFlags
from handeye.experiments.data.mixture import Mixture, read_mixture
from handeye.experiments.records import settings as settings_of_run
from handeye.experiments.records.default_folder import DEFAULT_FOLDER
from handeye.policies.token_policy.loss_weights import LossWeights

SETTINGS = "train.json"
FREE_ON_RESUME = (
    "output_dir", "resume", "overwrite", "save_every", "keep", "log_every", "workers", "device",
)  # fmt: skip


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
    """Settings of a training.

    Attributes:
        dataset: the recorded episodes.
        output_dir: folder of the run; an existing one is refused.
        further: folders of more episodes for the same policy, such as of another suite.
        preset: size of the policy, see `handeye list`.
        family: which published family of models acts, see `handeye list`; "" for handeye's own.
        grounded: let a family learn where things are from the simulator's masks, beside actions.
        mixture: shares of a family's samples, such as act=0.5,vqa=0.2,ground=0.2,caption=0.1; ""
            for actions alone. What is not act is made by `handeye collect --data vl`.
        vl: folders of such examples; by default those of the datasets that hold some.
        stages: of a family with a language model: align (its connector alone, on captions),
            instruct (all but its tower, on the mixture), each for an equal share of the steps,
            such as align,instruct; "" to train everything at once.
        lora: rank of the adapters by which a family's language model learns; 0 to train all of it.
        start: checkpoint folder (pretrained_model) whose weights and words to start from.
        blind: train a probe that knows no word; what it can do needs no instruction.
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
        device: "cpu", "cuda", "cuda:1", "mps", or "auto" for the fastest here.
        precision: "auto" takes bfloat16 where the device multiplies it natively.
        augmentation: how samples depart from the recording.
        loss: weights of the terms.
        dagger: rounds in which the policy drives and the oracle labels.
        save_every: steps between checkpoints.
        keep: newest checkpoints to keep; the best judged one stays besides, without what it needs
            to be continued.
        evaluate_every: steps between evaluations in closed loop; 0 for none.
        evaluate_episodes: per task and evaluation.
        log_every: steps between lines in TensorBoard.
        resume: continue the run in output_dir.
        overwrite: start over in output_dir.
    """

    dataset: DatasetFlags
    output_dir: Path = DEFAULT_FOLDER
    further: tuple[Path, ...] = ()
    preset: str = "nano"
    family: str = ""
    grounded: bool = True
    mixture: str = ""
    vl: tuple[Path, ...] = ()
    stages: str = ""
    lora: int = 0
    start: Path | None = None
    blind: bool = False
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
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    augmentation: Augmentation = field(default_factory=Augmentation)
    loss: LossWeights = field(default_factory=LossWeights)
    dagger: DaggerFlags = field(default_factory=DaggerFlags)
    save_every: int = 500
    keep: int = 1
    evaluate_every: int = 2000
    evaluate_episodes: int = 4
    log_every: int = 50
    resume: bool = False
    overwrite: bool = False

    @property
    def job(self) -> str:
        """Name of its default folder."""
        return self.preset

    @property
    def parts(self) -> Mixture:
        """What the samples are, and their shares."""
        return read_mixture(self.mixture)

    @property
    def roots(self) -> tuple[Path, ...]:
        """Folders of all the recorded episodes."""
        return (self.dataset.root, *self.further)


@dataclass(frozen=True)
class TrainEyesConfig:
    """Settings of a training of eyes.

    Attributes:
        tables: a folder that `handeye collect --suite tabletop-core` made.
        homes: a folder that `handeye collect --suite rooms` made.
        output_dir: folder of the run; an existing one is refused.
        start: checkpoint folder (pretrained_model) whose weights to start from.
        steps: updates.
        seed: of weights and batches.
        batch_size: frames of tables per update, over all workers; of rooms twice as many.
        workers: single-threaded processes that share each batch; one per core.
        learning_rate: peak of the schedule.
        warmup_steps: of the schedule.
        weight_decay: on matrices and filters.
        clip_norm: of the gradient.
        average_decay: of the weights' moving average, which is what is saved.
        save_every: steps between checkpoints.
        keep: newest checkpoints to keep.
        log_every: steps between lines in TensorBoard.
        resume: continue the run in output_dir.
        overwrite: start over in output_dir.
    """

    tables: Path
    homes: Path
    output_dir: Path = DEFAULT_FOLDER
    start: Path | None = None
    steps: int = 8000
    seed: int = 0
    batch_size: int = 8
    workers: int = 1
    learning_rate: float = 2e-3
    warmup_steps: int = 100
    weight_decay: float = 0.02
    clip_norm: float = 5.0
    average_decay: float = 0.998
    save_every: int = 250
    keep: int = 2
    log_every: int = 50
    resume: bool = False
    overwrite: bool = False

    @property
    def job(self) -> str:
        """Name of its default folder."""
        return "eyes"


@dataclass(frozen=True)
class TrainPlannerConfig:
    """Settings of a training.

    Attributes:
        output_dir: folder of the run; an existing one is refused.
        steps: updates.
        start: folder of a trained planner (pretrained_model) whose weights and tokenizer to start
            from; its shape counts, not the one below.
        seed: of weights and traces.
        batch_size: tokens per update and worker, padding included.
        teaches: "calls", one tool after the other as the oracle makes them, or "intents": what an
            instruction means, which code carries out; "names", to take names over from words, which
            is the first part of that.
        cut: share of the traces that end with one of their plans: that is where a planner thinks,
            and what follows mostly repeats it.
        read_weight: of the loss on what is read (instruction and results), beside that on calls:
            to foretell it, a model has to learn to copy and to keep track.
        width: of the model.
        layers: of the model.
        vocabulary: tokens that the tokenizer learns.
        tokenizer_traces: from which it learns them.
        learning_rate: peak of the schedule, for embeddings and norms.
        muon_rate: the same for the matrices between, which `Muon` updates.
        warmup_steps: of the schedule.
        weight_decay: on matrices.
        clip_norm: of the gradient.
        average_decay: of the weights' moving average, which is what is saved.
        workers: single-threaded processes that share each update; each has one more process that
            draws its traces.
        evaluate_every: steps between comparisons with the expert on held-out traces; 0 for none.
        evaluate_traces: of each held-out split.
        save_every: steps between checkpoints.
        keep: newest checkpoints to keep.
        log_every: steps between lines in TensorBoard.
        resume: continue the run in output_dir.
        overwrite: start over in output_dir.
    """

    output_dir: Path = DEFAULT_FOLDER
    steps: int = 5000
    start: Path | None = None
    seed: int = 0
    batch_size: int = 1536
    teaches: Literal["calls", "intents", "names"] = "calls"
    cut: float = 0.0
    read_weight: float = 0.2
    width: int = 128
    layers: int = 6
    vocabulary: int = 1152
    tokenizer_traces: int = 1500
    learning_rate: float = 2e-3
    muon_rate: float = 0.02
    warmup_steps: int = 100
    weight_decay: float = 0.05
    clip_norm: float = 1.0
    average_decay: float = 0.998
    workers: int = 1
    evaluate_every: int = 500
    evaluate_traces: int = 60
    save_every: int = 250
    keep: int = 2
    log_every: int = 25
    resume: bool = False
    overwrite: bool = False

    @property
    def job(self) -> str:
        """Name of its default folder."""
        return "planner"


@dataclass(frozen=True)
class TrainPalmEConfig:
    """One training.

    Attributes:
        output_dir: folder of the run; an existing one is refused.
        scenes: to learn from, seeds from 0 on.
        held_out: scenes to measure on, seeds from 900,000 on.
        steps: of the optimizer.
        batch_size: sentences in each.
        learning_rate: at its highest, for embeddings, connector and norms.
        muon_rate: the same for the decoder's matrices, which `Muon` updates.
        seed: of weights and of the order.
        save_every: steps between checkpoints.
        keep: newest checkpoints to keep.
        log_every: steps between lines in TensorBoard.
        resume: continue the run in output_dir.
        overwrite: start over in output_dir.
    """

    output_dir: Path = DEFAULT_FOLDER
    scenes: int = 3000
    held_out: int = 200
    steps: int = 2000
    batch_size: int = 48
    learning_rate: float = 1.5e-3
    muon_rate: float = 0.012
    seed: int = 0
    save_every: int = 250
    keep: int = 1
    log_every: int = 25
    resume: bool = False
    overwrite: bool = False

    @property
    def job(self) -> str:
        """Name of its default folder."""
        return "palm-e"


@dataclass(frozen=True)
class TrainAffordancesConfig:
    """Scenes to learn from, and the file of the model.

    Attributes:
        suite: whose scenes.
        episodes: scenes to learn from, seeds from --seed on.
        seed: of the first of them; below 900,000.
        held_out: further scenes to measure on, seeds from 900,000 on.
        penalty: of the squared weights.
        result: the JSON file.
    """

    suite: str = "tabletop-core"
    episodes: int = 800
    seed: int = 0
    held_out: int = 200
    penalty: float = 0.1
    result: Path = Path("outputs/affordance.json")


@dataclass(frozen=True)
class ExportPlannerConfig:
    """A model and the file to write.

    Attributes:
        result: the file.
        model: folder of a model; None for the shipped one.
    """

    result: Path
    model: Path | None = None


def remember_settings(config: Any, output_dir: Path, name: str = SETTINGS) -> None:
    """Write the settings of a run of training, or refuse to continue under others.

    More `steps` than before continue a run too: its learning rate follows the longer schedule. Not
    so a run in stages, each of which has its share of the steps.

    Args:
        config: the command's dataclass.
        output_dir: folder of the run.
        name: of the file in it.

    Raises:
        ValueError: the folder holds other settings; it names those that differ.
    """
    settings = {k: v for k, v in asdict(config).items() if k not in FREE_ON_RESUME}
    may_rise = () if settings.get("stages") else ("steps",)
    settings_of_run.remember_settings(output_dir / name, settings, may_rise=may_rise)
