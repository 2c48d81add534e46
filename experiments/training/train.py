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
from functools import partial
from types import FrameType
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from handeye.base.names import look_up
from handeye.envs.core.episode_file import episode_format, list_episodes
from handeye.envs.rooms.episode import ROOM_FORMAT
from handeye.experiments.data.config import DatasetFlags
from handeye.experiments.data.history_dataset import HistoryTrainingSet, score_history
from handeye.experiments.data.rooms_dataset import RoomTrainingSet, fitted_room_config, score_rooms
from handeye.experiments.data.tabletop_dataset import TabletopTrainingSet, fitted_config
from handeye.experiments.records.checkpoints import (
    TrainingState,
    last_checkpoint,
    load_training_state,
    prune_checkpoints,
    save_checkpoint,
    take_weights,
)
from handeye.experiments.records.provenance import commit_id
from handeye.experiments.records.run_folder import open_run_folder
from handeye.experiments.training.config import DaggerFlags, TrainConfig, remember_settings
from handeye.experiments.training.dagger import drive_round
from handeye.experiments.training.data_parallel import Team, run_team
from handeye.experiments.training.learner import Learner, Schedule, Score, score_tokens
from handeye.experiments.training.model_card import model_card
from handeye.experiments.training.training_log import TrainingLog
from handeye.experiments.training.validation import success_by_task
from handeye.perception.encoders.text import InstructionTokenizer
from handeye.perception.instructions.program_reader import program_tokenizer
from handeye.policies.history.config import HISTORY_PRESETS
from handeye.policies.history.model import HistoryPolicy
from handeye.policies.history.processor import HistoryPolicyProcessor
from handeye.policies.modular.model import ROOM_PRESETS, RoomPolicy
from handeye.policies.modular.processor import RoomPolicyProcessor
from handeye.policies.token_policy.config import PRESETS
from handeye.policies.token_policy.model import TokenPolicy
from handeye.policies.token_policy.processor import TokenPolicyProcessor
from handeye.policies.trained import runner_of

__all__ = ["DaggerFlags", "DatasetFlags", "TrainConfig", "run"]

AnyTrainingSet = TabletopTrainingSet | RoomTrainingSet | HistoryTrainingSet
ROOM_ACTION_MODE = "base_discrete"
INTERRUPTED = 130
PIXEL_SAMPLES = 256  # fit where pixels of the front camera lie on the table


def run(config: TrainConfig) -> int:
    """Train; exit code 0 when all steps are done, 130 when interrupted."""
    look_up("preset", config.preset, dict.fromkeys([*PRESETS, *HISTORY_PRESETS]))
    if min(config.workers, config.accumulate, config.steps) < 1:
        raise ValueError("--workers, --accumulate and --steps must be at least 1")
    if config.batch_size % (config.workers * config.accumulate):
        raise ValueError(
            f"--batch_size {config.batch_size} is not a multiple of --workers {config.workers} "
            f"times --accumulate {config.accumulate}"
        )
    with open_run_folder(config.output_dir, resume=config.resume, overwrite=config.overwrite):
        remember_settings(config, config.output_dir)
        commit_id()  # remembered: the card names the code that the run began with
        return run_team(train, config, config.workers)


def train(team: Team, config: TrainConfig) -> int:
    """One process's part of a run."""
    torch.manual_seed(config.seed)
    data = load_training_set(config)
    processor, learner = build(config, data)
    seconds = 0.0
    checkpoint = last_checkpoint(config.output_dir) if config.resume else None
    if checkpoint is not None:
        state = load_training_state(checkpoint)
        learner.restore(state.tensors, int(state.progress["step"]))
        seconds = float(state.progress["seconds"])
    log = TrainingLog(config, learner.step_number, seconds, quiet=not team.leads)
    with log, stop_on_signal(team) as asked_to_stop:
        stopped = False
        rounds = 0
        while learner.step_number < config.steps and not stopped:
            while rounds < rounds_until(config.dagger, learner.step_number):
                drive(config, data, learner, processor, rounds, team)
                rounds += 1
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


def load_training_set(config: TrainConfig) -> AnyTrainingSet:
    """The dataset, of whichever suite it was recorded in, as the preset's policy learns from it.

    Raises:
        FileNotFoundError: there is no dataset.
        ValueError: it is empty or damaged, of evaluation seeds, or not what the preset is for.
    """
    root = config.dataset.root
    paths = list_episodes(root)
    rooms = bool(paths) and episode_format(paths[0]) == ROOM_FORMAT
    if config.preset in HISTORY_PRESETS:
        if not rooms:
            raise ValueError(
                f"--preset {config.preset} is for the suite rooms, {root} holds no episodes of it; "
                "collect with --suite rooms"
            )
        return HistoryTrainingSet.load(root, config.augmentation, HISTORY_PRESETS[config.preset]())
    if rooms:
        return RoomTrainingSet.load(root, config.augmentation)
    return TabletopTrainingSet.load(root, config.augmentation)


def build(config: TrainConfig, data: AnyTrainingSet) -> tuple[Any, Learner]:
    """The processor and the learner of a new run: the same on every process."""
    if isinstance(data, RoomTrainingSet):
        return build_rooms(config, data)
    if isinstance(data, HistoryTrainingSet):
        return build_history(config, data)
    words = InstructionTokenizer.train(data.instructions()).words
    if config.start is not None:
        words = tuple(TokenPolicyProcessor.from_pretrained(config.start).words)
    sizes = PRESETS[config.preset](action_mode=data.action_mode, decoding=config.decoding)
    sizes = fitted_config(sizes, len(words))
    processor = TokenPolicyProcessor(
        words, sizes.max_words, sizes.front_px, sizes.wrist_px, len(sizes.proprio_scales)
    )
    model = TokenPolicy(sizes)
    if config.start is not None:
        take_weights(model, config.start)
    else:
        truth = data.draw(np.random.default_rng(config.seed), processor, PIXEL_SAMPLES).targets
        seen = (truth.front_visible > 0) & (truth.referred_given > 0)
        model.fit_pixels(truth.front_xy[seen], truth.referred_xyz[seen])
    return processor, learner_of(config, model, partial(score_tokens, weights=config.loss))


def build_rooms(config: TrainConfig, data: RoomTrainingSet) -> tuple[RoomPolicyProcessor, Learner]:
    """The same for the suite `rooms`.

    Raises:
        ValueError: settings or data that this policy has no use for.
    """
    if config.decoding != "parallel" or data.action_mode != ROOM_ACTION_MODE:
        raise ValueError(
            f"the policy of rooms acts in {ROOM_ACTION_MODE!r} and decodes no action tokens; "
            f"collect with --action_mode {ROOM_ACTION_MODE} and leave --decoding as it is"
        )
    words = program_tokenizer(data.words()).words
    if config.start is not None:
        words = tuple(RoomPolicyProcessor.from_pretrained(config.start).words)
    sizes = fitted_room_config(ROOM_PRESETS[config.preset](), len(words))
    model = RoomPolicy(sizes)
    if config.start is not None:
        take_weights(model, config.start)
    processor = RoomPolicyProcessor(words, sizes.max_words, sizes.px)
    return processor, learner_of(config, model, score_rooms)


def build_history(
    config: TrainConfig, data: HistoryTrainingSet
) -> tuple[HistoryPolicyProcessor, Learner]:
    """The same for the policy of `rooms` that acts by tokens, in either action mode.

    Raises:
        ValueError: a setting that this policy has no use for.
    """
    if config.decoding != "parallel":
        raise ValueError(f"--preset {config.preset} decodes in one pass; leave --decoding as it is")
    words = program_tokenizer(data.words()).words
    if config.start is not None:
        words = tuple(HistoryPolicyProcessor.from_pretrained(config.start).words)
    sizes = data.sizes
    sizes.vocabulary = len(words)
    model = HistoryPolicy(sizes)
    if config.start is not None:
        take_weights(model, config.start)
    processor = HistoryPolicyProcessor(words, sizes.max_words, sizes.px)
    return processor, learner_of(config, model, score_history)


def learner_of(config: TrainConfig, model: PreTrainedModel, score: Score) -> Learner:
    """A learner with the run's settings."""
    return Learner(
        model,
        Schedule(config.learning_rate, config.warmup_steps, config.steps),
        weight_decay=config.weight_decay,
        clip_norm=config.clip_norm,
        average_decay=config.average_decay,
        precision=resolved_precision(config.precision),
        score=score,
    )


def resolved_precision(wanted: str) -> str:
    """What "auto" means here: bfloat16 where the processor multiplies it natively."""
    if wanted != "auto":
        return wanted
    return "bfloat16" if torch.cpu._is_avx512_bf16_supported() else "float32"


def draw_batches(
    config: TrainConfig, data: AnyTrainingSet, processor: Any, step: int, team: Team
) -> list[Any]:
    """This process's batches of one update: a function of the seed, the step and the rank."""
    size = config.batch_size // (config.accumulate * team.size)
    return [
        data.draw(np.random.default_rng([config.seed, step, part, team.rank]), processor, size)
        for part in range(config.accumulate)
    ]


def evaluate(
    config: TrainConfig,
    data: AnyTrainingSet,
    learner: Learner,
    processor: Any,
    team: Team,
) -> dict[str, float]:
    """Success per task in closed loop, with the averaged weights."""
    with learner.averaged() as model:
        runner = runner_of(model, processor)
        return success_by_task(runner, data.tasks, config.evaluate_episodes, team)


def rounds_until(dagger: DaggerFlags, step: int) -> int:
    """How many DAgger rounds belong before update `step` + 1."""
    if not dagger.every or step < max(1, dagger.start):
        return 0
    return 1 + (step - max(1, dagger.start)) // dagger.every


def drive(
    config: TrainConfig,
    data: AnyTrainingSet,
    learner: Learner,
    processor: Any,
    number: int,
    team: Team,
) -> None:
    """One DAgger round with the averaged weights; its episodes join the training set."""
    root = config.output_dir / "dagger"
    with learner.averaged() as model:
        runner = runner_of(model, processor)
        episodes = drive_round(runner, data.tasks, number, config.dagger.episodes, root, team)
    data.add_driven(episodes, config.dagger.share)


def save(
    config: TrainConfig,
    data: AnyTrainingSet,
    learner: Learner,
    processor: Any,
    log: TrainingLog,
) -> None:
    """Write a checkpoint and drop old ones."""
    state = TrainingState(learner.state(), {"step": learner.step_number, "seconds": log.seconds()})
    card = model_card(config, data, learner, log.summary())
    with learner.averaged() as model:
        save_checkpoint(config.output_dir, learner.step_number, model, processor, card, state)
    prune_checkpoints(config.output_dir, config.keep)


class Flag(list[int]):
    """Empty until a signal comes."""


@contextmanager
def stop_on_signal(team: Team) -> Iterator[Flag]:
    """A flag that Ctrl-C or SIGTERM raises; a second one interrupts at once."""
    asked = Flag()

    def note(number: int, frame: FrameType | None) -> None:
        """Ask the loop to stop; a second signal interrupts at once."""
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
