"""`handeye train-eyes`: teach `handeye-eyes` names, relations and words from labels.

The folder of a run is that of `trainer.py`. A batch is a function of the seed and the step, so that
continuing gives what an uninterrupted run gives.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from handeye.experiments.data.eyes_dataset import EyesTrainingSet, fitted_eyes_config, vocabulary
from handeye.experiments.records.checkpoints import save_policy, take_weights
from handeye.experiments.training.cards import eyes_card
from handeye.experiments.training.config import TrainEyesConfig
from handeye.experiments.training.data_parallel import Team
from handeye.experiments.training.eyes_loss import WEIGHTS, score_eyes
from handeye.experiments.training.learner import Learner, Schedule, usual_optimizers
from handeye.experiments.training.trainer import fit, run_training
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
    return run_training(train, config, SETTINGS, config.workers)


def train(team: Team, config: TrainEyesConfig) -> int:
    """Do one process's part of a run."""
    torch.manual_seed(config.seed)
    return fit(team, config, EyesRecipe(team, config))


class EyesRecipe:
    """Eyes that learn from frames of tables and rooms."""

    def __init__(self, team: Team, config: TrainEyesConfig) -> None:
        self._team, self._config = team, config
        self.data = EyesTrainingSet.load(config.tables, config.homes)
        sizes = eyes_nano()
        words = vocabulary(sizes.max_words).words
        model = Eyes(fitted_eyes_config(sizes, len(words)))
        if config.start is not None:
            take_weights(model, config.start)
        self._processor = EyesProcessor(words, sizes.max_words)
        self.learner = Learner(
            model,
            Schedule(config.learning_rate, config.warmup_steps, config.steps),
            usual_optimizers(model, config.learning_rate, config.weight_decay),
            clip_norm=config.clip_norm,
            average_decay=config.average_decay,
            precision="float32",
            score=score_eyes,
            weights=WEIGHTS,
        )

    def batches(self, step: int) -> list[Any]:
        """Draw this process's batch of one update: a function of seed, step and rank."""
        rng = np.random.default_rng([self._config.seed, step, self._team.rank])
        size = self._config.batch_size // self._team.size
        return [self.data.draw(rng, self._processor, size, step)]

    def evaluate(self, step: int) -> None:
        """Nothing: `handeye evaluate-eyes` measures checkpoints."""

    def write(self, folder: Path, summary: dict[str, Any]) -> None:
        """Write the eyes with their averaged weights."""
        card = eyes_card(self._config, self.data, self.learner, summary)
        with self.learner.averaged() as model:
            save_policy(folder, model, self._processor, card)
