"""The one loop that trains: batches, updates, measurements, checkpoints, and stopping in time.

    outputs/train/<name>/train*.json                    what was asked for
    outputs/train/<name>/checkpoints/005000/...         see `checkpoints.py`; `last` is the newest
    outputs/train/<name>/events.out.tfevents...         TensorBoard
    outputs/train/<name>/evaluations.jsonl              what was measured on the way

A run is a pure function of its settings: unless its recipe says otherwise, continuing it gives the
weights of a run that was never interrupted, to the bit, if steps and workers are as before.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from handeye.experiments.records.checkpoints import (
    TrainingState,
    last_checkpoint,
    load_training_state,
    prune_checkpoints,
    save_checkpoint,
)
from handeye.experiments.records.provenance import commit_id
from handeye.experiments.records.run_folder import open_run_folder
from handeye.experiments.training.config import remember_settings
from handeye.experiments.training.data_parallel import Team, leads_run, run_team
from handeye.experiments.training.learner import Learner
from handeye.experiments.training.training_log import RunSettings, TrainingLog

INTERRUPTED = 130


class TrainerSettings(RunSettings, Protocol):
    """Settings of a run that the loop needs."""

    @property
    def save_every(self) -> int:
        """Steps between checkpoints."""

    @property
    def keep(self) -> int:
        """Newest checkpoints to keep."""

    @property
    def resume(self) -> bool:
        """Continue the run in `output_dir`."""


class Recipe(Protocol):
    """Source of a training's batches, its measurements and its files."""

    @property
    def learner(self) -> Learner:
        """The model and its optimizers, the same on every process."""

    def batches(self, step: int) -> list[Any]:
        """Draw this process's batches of one update; several accumulate. Steps come in order."""

    def evaluate(self, step: int) -> dict[str, float] | None:
        """Measure shares by name after an update; None where it is not time to."""

    def write(self, folder: Path, summary: dict[str, Any]) -> None:
        """Write what was learned, and a card with `TrainingLog.summary`, into a new folder."""


def run_training(
    train: Callable[[Team, Any], int], config: Any, settings: str, workers: int
) -> int:
    """Run `train(team, config)` in the folder of its run, by `workers` processes.

    Args:
        train: importable by name; see `run_team`.
        config: the command's dataclass.
        settings: name of the file in which the run remembers it.
        workers: processes.

    Raises:
        ValueError: the folder holds a run with other settings.
    """
    if not leads_run():  # the first of torchrun's processes holds the folder and speaks
        return run_team(train, config, workers)
    with open_run_folder(config.output_dir, resume=config.resume, overwrite=config.overwrite):
        remember_settings(config, config.output_dir, settings)
        commit_id()  # Remembered: the card names the code that the run began with.
        return run_team(train, config, workers)


def fit(team: Team, config: TrainerSettings, recipe: Recipe) -> int:
    """Do one process's part of a run.

    Returns:
        Exit code 0 when all steps are done, 130 when interrupted.

    Raises:
        ValueError: the gradient is not finite, or the checkpoint to continue from is damaged.
    """
    learner = recipe.learner
    seconds = _restore(learner, config) if config.resume else 0.0
    log = TrainingLog(config, learner.step_number, seconds, quiet=not team.leads)
    with log, stop_on_signal(team) as asked_to_stop:
        stopped = False
        while learner.step_number < config.steps and not stopped:
            batches = recipe.batches(learner.step_number + 1)
            metrics, stopped = learner.step(batches, team, bool(asked_to_stop))
            step = learner.step_number
            log.step(step, metrics, learner.rate)
            rates = None if stopped else recipe.evaluate(step)
            if rates is not None:
                log.evaluation(step, rates)
            over = stopped or step == config.steps
            if team.leads and (over or step % config.save_every == 0):
                _save(config, recipe, log)
            if over:
                team.wait()
    return INTERRUPTED if stopped else 0


def _restore(learner: Learner, config: TrainerSettings) -> float:
    """Continue from the newest checkpoint, if there is one; the seconds trained until then."""
    checkpoint = last_checkpoint(config.output_dir)
    if checkpoint is None:
        return 0.0
    state = load_training_state(checkpoint)
    learner.restore(state.tensors, int(state.progress["step"]))
    return float(state.progress["seconds"])


def _save(config: TrainerSettings, recipe: Recipe, log: TrainingLog) -> None:
    """Write a checkpoint and drop old ones."""
    learner = recipe.learner
    state = TrainingState(learner.state(), {"step": learner.step_number, "seconds": log.seconds()})
    write = partial(recipe.write, summary=log.summary())
    save_checkpoint(config.output_dir, learner.step_number, write, state)
    prune_checkpoints(config.output_dir, config.keep)


class Flag(list[int]):
    """Empty until a signal comes."""


@contextmanager
def stop_on_signal(team: Team) -> Iterator[Flag]:
    """Yield a flag that Ctrl-C or SIGTERM raises; a second one interrupts at once."""
    asked = Flag()

    def note(number: int, frame: FrameType | None) -> None:
        """Raise the flag."""
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
