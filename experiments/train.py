"""`handeye train`: behaviour cloning from recorded episodes, frames drawn on the fly.

    outputs/train/nano/train.json                       what was asked for
    outputs/train/nano/checkpoints/005000/...           see `checkpoints.py`; `last` is the newest
    outputs/train/nano/events.out.tfevents...           TensorBoard
    outputs/train/nano/evaluations.jsonl                success in closed loop, every K steps
    outputs/train/nano/dagger/...                       episodes the policy drove, if asked for

A run is a pure function of its settings: continuing it gives the weights of a run that was never
interrupted, to the bit.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import numpy as np
import torch

from handeye.envs.names import look_up
from handeye.envs.tasks import suite_tasks
from handeye.experiments.checkpoints import (
    TrainingState,
    last_checkpoint,
    load_training_state,
    prune_checkpoints,
    save_checkpoint,
)
from handeye.experiments.closed_loop import success_by_task
from handeye.experiments.data_parallel import Team, run_team
from handeye.experiments.dataset import Augmentation, TrainingSet, fitted_config
from handeye.experiments.learner import Learner, Schedule
from handeye.experiments.model_card import model_card
from handeye.experiments.run_folder import open_run_folder, read_json, write_json_atomic
from handeye.experiments.training_log import TrainingLog
from handeye.perception.text_encoders import InstructionTokenizer
from handeye.policies.policy_loss import LossWeights
from handeye.policies.token_policy import TokenPolicy
from handeye.policies.token_policy_config import PRESETS
from handeye.policies.token_policy_processor import TokenPolicyProcessor
from handeye.policies.token_policy_runner import TokenPolicyRunner

INTERRUPTED = 130
SETTINGS = "train.json"
FREE_ON_RESUME = ("output_dir", "resume", "overwrite", "save_every", "keep", "log_every")


@dataclass(frozen=True)
class DatasetFlags:
    """Which episodes to learn from.

    Attributes:
        root: a folder that `handeye collect` made.
    """

    root: Path


@dataclass(frozen=True)
class TrainConfig:
    """How to train.

    Attributes:
        dataset: the recorded episodes.
        output_dir: folder of the run; an existing one is refused.
        preset: size of the policy, see `handeye list`.
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
    save_every: int = 500
    keep: int = 3
    evaluate_every: int = 2000
    evaluate_episodes: int = 4
    log_every: int = 50
    resume: bool = False
    overwrite: bool = False


def run(config: TrainConfig) -> int:
    """Train; exit code 0 when all steps are done, 130 when interrupted."""
    look_up("preset", config.preset, PRESETS)
    if config.batch_size % (config.workers * config.accumulate):
        raise ValueError(
            f"--batch_size {config.batch_size} is not a multiple of --workers {config.workers} "
            f"times --accumulate {config.accumulate}"
        )
    open_run_folder(config.output_dir, resume=config.resume, overwrite=config.overwrite)
    _remember(config)
    return run_team(train, config, config.workers)


def train(team: Team, config: TrainConfig) -> int:
    """One process's part of a run."""
    torch.manual_seed(config.seed)
    data = TrainingSet.load(config.dataset.root, config.augmentation)
    processor, learner = build(config, data)
    seconds = 0.0
    checkpoint = last_checkpoint(config.output_dir) if config.resume else None
    if checkpoint is not None:
        state = load_training_state(checkpoint)
        learner.restore(state.tensors, int(state.progress["step"]))
        seconds = float(state.progress["seconds"])
    log = TrainingLog(config, learner.step_number, seconds, quiet=not team.leads)
    with log, _stop_on_signal(team) as asked_to_stop:
        stopped = False
        while learner.step_number < config.steps and not stopped:
            batches = draw_batches(config, data, processor, learner.step_number + 1, team)
            metrics, stopped = learner.step(batches, team, bool(asked_to_stop))
            step = learner.step_number
            log.step(step, metrics, learner.schedule.rate(step))
            over = stopped or step == config.steps
            if config.evaluate_every and (step % config.evaluate_every == 0) and not stopped:
                log.evaluation(step, evaluate(config, data, learner, processor, team))
            if team.leads and (over or step % config.save_every == 0):
                save(config, data, learner, processor, log)
            if over:
                team.wait()
    return INTERRUPTED if stopped else 0


def build(config: TrainConfig, data: TrainingSet) -> tuple[TokenPolicyProcessor, Learner]:
    """The processor and the learner of a new run: the same on every process."""
    words = InstructionTokenizer.train(data.instructions()).words
    sizes = PRESETS[config.preset](action_mode=data.action_mode, decoding=config.decoding)
    policy_config = fitted_config(sizes, len(words))
    processor = TokenPolicyProcessor(
        words,
        policy_config.max_words,
        policy_config.front_px,
        policy_config.wrist_px,
        policy_config.proprio_size,
    )
    learner = Learner(
        TokenPolicy(policy_config),
        Schedule(config.learning_rate, config.warmup_steps, config.steps),
        weight_decay=config.weight_decay,
        clip_norm=config.clip_norm,
        average_decay=config.average_decay,
        precision=resolved_precision(config.precision),
        weights=config.loss,
    )
    return processor, learner


def resolved_precision(wanted: str) -> str:
    """What "auto" means here: bfloat16 where the processor multiplies it natively."""
    if wanted != "auto":
        return wanted
    return "bfloat16" if torch.cpu._is_avx512_bf16_supported() else "float32"


def draw_batches(
    config: TrainConfig, data: TrainingSet, processor: TokenPolicyProcessor, step: int, team: Team
) -> list[Any]:
    """This process's batches of one update: a function of the seed, the step and the rank."""
    size = config.batch_size // (config.accumulate * team.size)
    return [
        data.draw(np.random.default_rng([config.seed, step, part, team.rank]), processor, size)
        for part in range(config.accumulate)
    ]


def evaluate(
    config: TrainConfig,
    data: TrainingSet,
    learner: Learner,
    processor: TokenPolicyProcessor,
    team: Team,
) -> dict[str, float]:
    """Success per task in closed loop, with the averaged weights."""
    order = suite_tasks("tabletop-core").index
    tasks = sorted({episode.task for episode in data.episodes}, key=order)
    with learner.averaged() as model:
        return success_by_task(
            TokenPolicyRunner(model, processor), tasks, config.evaluate_episodes, team
        )


def save(
    config: TrainConfig,
    data: TrainingSet,
    learner: Learner,
    processor: TokenPolicyProcessor,
    log: TrainingLog,
) -> None:
    """Write a checkpoint and drop old ones."""
    state = TrainingState(learner.state(), {"step": learner.step_number, "seconds": log.seconds()})
    card = model_card(config, data, learner, log.summary())
    with learner.averaged() as model:
        save_checkpoint(config.output_dir, learner.step_number, model, processor, card, state)
    prune_checkpoints(config.output_dir, config.keep)


def _remember(config: TrainConfig) -> None:
    """Write the settings, or refuse to continue under others."""
    settings = _plain({k: v for k, v in asdict(config).items() if k not in FREE_ON_RESUME})
    path = config.output_dir / SETTINGS
    if path.exists():
        before = read_json(path)
        changed = sorted(k for k in settings if settings[k] != before.get(k))
        if changed:
            raise ValueError(
                f"{config.output_dir} was trained with other settings ({', '.join(changed)}). "
                "Use the same, or another --output_dir."
            )
        return
    write_json_atomic(path, settings)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return str(value) if isinstance(value, Path) else value


class _Flag(list[int]):
    """Empty until a signal comes."""


@contextmanager
def _stop_on_signal(team: Team) -> Iterator[_Flag]:
    """A flag that Ctrl-C or SIGTERM raises; a second one interrupts at once."""
    asked = _Flag()

    def note(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        print("stopping after this step; the checkpoint will be saved", flush=True)

    if not team.leads:
        yield asked
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
