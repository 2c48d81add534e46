"""`handeye train-eyes`: teach `handeye-eyes` names, relations and words from the simulator's truth.

    outputs/train/eyes/train_eyes.json             what was asked for
    outputs/train/eyes/checkpoints/001000/...      see `checkpoints.py`; `last` is the newest
    outputs/train/eyes/events.out.tfevents...      TensorBoard

A batch is a function of the seed and the step, so that continuing gives what an uninterrupted run
gives.
"""

from typing import Any

import numpy as np
import torch

from handeye.experiments.data.eyes_dataset import EyesTrainingSet, fitted_eyes_config, vocabulary
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
from handeye.experiments.training.config import TrainEyesConfig, remember_settings
from handeye.experiments.training.data_parallel import Team, run_team
from handeye.experiments.training.eyes_loss import score_eyes
from handeye.experiments.training.learner import Learner, Schedule
from handeye.experiments.training.train import INTERRUPTED, stop_on_signal
from handeye.experiments.training.training_log import TrainingLog
from handeye.perception.eyes.config import eyes_nano
from handeye.perception.eyes.eyes import Eyes
from handeye.perception.eyes.processor import EyesProcessor

SETTINGS = "train_eyes.json"


def run(config: TrainEyesConfig) -> int:
    """Train; exit code 0 when all steps are done, 130 when interrupted."""
    if min(config.workers, config.steps, config.batch_size) < 1:
        raise ValueError("--workers, --steps and --batch_size must be at least 1")
    if config.batch_size % config.workers:
        raise ValueError(
            f"--batch_size {config.batch_size} is not a multiple of --workers {config.workers}"
        )
    with open_run_folder(config.output_dir, resume=config.resume, overwrite=config.overwrite):
        remember_settings(config, config.output_dir, SETTINGS)
        commit_id()  # remembered: the card names the code that the run began with
        return run_team(train, config, config.workers)


def train(team: Team, config: TrainEyesConfig) -> int:
    """One process's part of a run."""
    torch.manual_seed(config.seed)
    data = EyesTrainingSet.load(config.tables, config.homes)
    processor, learner = build(config)
    seconds = 0.0
    checkpoint = last_checkpoint(config.output_dir) if config.resume else None
    if checkpoint is not None:
        state = load_training_state(checkpoint)
        learner.restore(state.tensors, int(state.progress["step"]))
        seconds = float(state.progress["seconds"])
    log = TrainingLog(config, learner.step_number, seconds, quiet=not team.leads)
    with log, stop_on_signal(team) as asked_to_stop:
        stopped = False
        while learner.step_number < config.steps and not stopped:
            step = learner.step_number + 1
            rng = np.random.default_rng([config.seed, step, team.rank])
            batch = data.draw(rng, processor, config.batch_size // team.size, step)
            metrics, stopped = learner.step([batch], team, bool(asked_to_stop))
            log.step(step, metrics, learner.schedule.rate(step))
            over = stopped or step == config.steps
            if team.leads and (over or step % config.save_every == 0):
                save(config, data, learner, processor, log)
            if over:
                team.wait()
    return INTERRUPTED if stopped else 0


def build(config: TrainEyesConfig) -> tuple[EyesProcessor, Learner]:
    """The processor and the learner of a new run: the same on every process."""
    sizes = eyes_nano()
    words = vocabulary(sizes.max_words).words
    sizes = fitted_eyes_config(sizes, len(words))
    model = Eyes(sizes)
    if config.start is not None:
        take_weights(model, config.start)
    learner = Learner(
        model,
        Schedule(config.learning_rate, config.warmup_steps, config.steps),
        weight_decay=config.weight_decay,
        clip_norm=config.clip_norm,
        average_decay=config.average_decay,
        precision="float32",
        score=score_eyes,
    )
    return EyesProcessor(words, sizes.max_words), learner


def save(
    config: TrainEyesConfig,
    data: EyesTrainingSet,
    learner: Learner,
    processor: EyesProcessor,
    log: TrainingLog,
) -> None:
    """Write a checkpoint and drop old ones."""
    state = TrainingState(learner.state(), {"step": learner.step_number, "seconds": log.seconds()})
    card = eyes_card(config, data, learner, log.summary())
    with learner.averaged() as model:
        save_checkpoint(config.output_dir, learner.step_number, model, processor, card, state)
    prune_checkpoints(config.output_dir, config.keep)


def eyes_card(
    config: TrainEyesConfig, data: EyesTrainingSet, learner: Learner, summary: dict[str, Any]
) -> str:
    """The checkpoint's README."""
    parameters = sum(p.numel() for p in learner.model.parameters())
    facts = {
        "parameters": f"{parameters:,}",
        "updates": f"{learner.step_number} of {config.steps}",
        "frames per update": f"{config.batch_size} of tables, or twice as many of rooms",
        "minutes": f"{summary['minutes']:.0f}",
        "episodes to draw from": f"{len(data.tables)} of tables, {len(data.homes)} of rooms",
        "code": commit_id(),
        **{name: f"{value:.3f}" for name, value in summary["metrics"].items()},
    }
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    return f"""---
license: apache-2.0
library_name: handeye
tags: [robotics, visual-grounding, visual-question-answering]
---
# handeye-eyes

Names what a frame of handeye's tabletop or apartments shows, finds what words mean, answers
questions and checks statements. Trained from scratch on the simulator's truth, frames drawn on the
fly; one colour of each kind was never shown or named.

It knows the kinds, colours and words of this project alone, and the cameras of its environments; on
photographs it means nothing. Without depth it sees worse.

| | |
|---|---|
{rows}
"""
