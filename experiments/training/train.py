"""`handeye train`: behaviour cloning from recorded episodes, frames drawn on the fly.

The folder of a run is that of `trainer.py`, and `dagger/` holds the episodes that the policy drove,
if asked for.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from handeye.base.names import look_up
from handeye.envs.core.episode_file import episode_format, list_episodes
from handeye.experiments.data.exchanges import folders_of
from handeye.experiments.data.family_dataset import FamilyTrainingSet
from handeye.experiments.data.history_dataset import HistoryTrainingSet
from handeye.experiments.data.mixture import check_learnable
from handeye.experiments.data.rooms_dataset import RoomTrainingSet
from handeye.experiments.data.tabletop_dataset import TabletopTrainingSet
from handeye.experiments.data.training_set import PolicyRequest, TrainingSet
from handeye.experiments.records.checkpoints import save_policy
from handeye.experiments.records.seeds import FIRST_SELECTION_SEED, check_selection_seeds
from handeye.experiments.training.adapters import add_adapters, without_adapters
from handeye.experiments.training.cards import policy_card
from handeye.experiments.training.config import SETTINGS, DaggerFlags, TrainConfig
from handeye.experiments.training.dagger import drive_round, round_seeds
from handeye.experiments.training.data_parallel import Team, team_size
from handeye.experiments.training.learner import Learner, Schedule, usual_optimizers
from handeye.experiments.training.stages import StagedTraining, read_stages
from handeye.experiments.training.trainer import fit, run_training
from handeye.experiments.training.validation import success_by_task
from handeye.perception.families.registry import FAMILIES, family_class
from handeye.policies.devices import AUTO, CPU, CUDA, find_device
from handeye.policies.trained import can_move, runner_of

# A new kind of policy is a dataset that builds it, and a line here.
TRAINING_SETS: tuple[type[TrainingSet], ...] = (
    TabletopTrainingSet,
    RoomTrainingSet,
    HistoryTrainingSet,
)


def run(config: TrainConfig) -> int:
    """Train; exit code 0 when all steps are done, 130 when interrupted."""
    kinds = training_sets_for(config.family)
    look_up("preset", config.preset, {name: 0 for kind in kinds for name in kind.presets})
    find_device(config.device)
    if config.family:
        check_learnable(config.parts, family_class(config.family))
    elif config.mixture or config.stages or config.lora:
        flag = "--mixture" if config.mixture else "--stages" if config.stages else "--lora"
        raise ValueError(f"{flag} is for a family; name one by --family, see `handeye list`")
    read_stages(config.stages)
    if config.lora < 0:
        raise ValueError(f"--lora {config.lora}: adapters have a rank of at least 1, or 0 for none")
    if min(config.workers, config.accumulate, config.steps) < 1:
        raise ValueError("--workers, --accumulate and --steps must be at least 1")
    if config.blind and config.start is not None:
        raise ValueError(
            "--blind starts from nothing: trained weights have read; leave --start out"
        )
    if config.batch_size < 1:
        raise ValueError(f"--batch_size {config.batch_size}: at least one decision an update")
    processes = team_size(config.workers)
    if config.batch_size % (processes * config.accumulate):
        raise ValueError(
            f"--batch_size {config.batch_size} is not a multiple of {processes} processes "
            f"(--workers, or those of torchrun) times --accumulate {config.accumulate}"
        )
    rounds = rounds_until(config.dagger, config.steps - 1)
    if rounds:
        round_seeds(rounds - 1, config.dagger.episodes)
    flag = "--evaluate_episodes: seeds"
    check_selection_seeds(FIRST_SELECTION_SEED, config.evaluate_episodes, flag)
    for root in config.roots:
        list_episodes(root)  # What is wrong with it is told before processes start.
    return run_training(train, config, SETTINGS, config.workers)


def train(team: Team, config: TrainConfig) -> int:
    """Do one process's part of a run."""
    torch.manual_seed(config.seed)
    data = load_training_set(config)
    return fit(team, config, PolicyRecipe(team, config, data))


def load_training_set(config: TrainConfig) -> TrainingSet:
    """Read the dataset as the preset's policy learns from it.

    Raises:
        FileNotFoundError: there is no dataset.
        ValueError: it is empty or damaged, of evaluation seeds, or not what the preset is for.
    """
    firsts = [(root, paths[0]) for root in config.roots if (paths := list_episodes(root))]
    kinds = [k for k in training_sets_for(config.family) if config.preset in k.presets]
    fitting = [k for k in kinds if all(episode_format(p) == k.episode_format for _, p in firsts)]
    if not fitting:
        suite = kinds[0].card.suite
        forms = {kind.episode_format for kind in kinds}
        other = next(root for root, path in firsts if episode_format(path) not in forms)
        raise ValueError(
            f"--preset {config.preset} is for the suite {suite}, {other} holds no episodes of it; "
            f"collect with --suite {suite}"
        )
    return fitting[0].load(config.roots, config.augmentation, config.preset)


def training_sets_for(family: str) -> tuple[type[TrainingSet], ...]:
    """Return the datasets that can build a policy.

    Raises:
        UnknownName: there is no such family.
    """
    if not family:
        return TRAINING_SETS
    look_up("family", family, FAMILIES)
    return (FamilyTrainingSet,)


class PolicyRecipe:
    """A policy that learns from recorded episodes, and from its own where asked for.

    Args:
        team: the processes that share a batch.
        config: the run's settings.
        data: what it learns from.
    """

    def __init__(self, team: Team, config: TrainConfig, data: TrainingSet) -> None:
        self._team, self._config, self._data = team, config, data
        self._rounds = 0  # driven so far
        stages = read_stages(config.stages)
        own = [stage.mixture for stage in stages if stage.mixture is not None]
        request = PolicyRequest(
            config.preset, config.start, config.decoding, config.loss, config.blind,
            config.family, config.grounded, [config.parts, *own],
            config.vl or tuple(folders_of(config.roots)),
        )  # fmt: skip
        model, self.processor, score, weights = data.build(request, config.seed)
        if config.lora:
            add_adapters(model, config.lora)
        parts = config.parts
        self._staged = StagedTraining(model, stages, config.steps, parts) if stages else None
        device = team.device(device_for(model, config.device))
        model = model.to(device)
        self.learner = Learner(
            model,
            Schedule(config.learning_rate, config.warmup_steps, config.steps),
            usual_optimizers(model, config.learning_rate, config.weight_decay),
            clip_norm=config.clip_norm,
            average_decay=config.average_decay,
            precision=resolved_precision(config.precision, device),
            score=score,
            weights=weights,
            device=device,
        )

    def batches(self, step: int) -> list[Any]:
        """Draw this process's batches of one update: a function of seed, step and rank."""
        config, team = self._config, self._team
        while self._rounds < rounds_until(config.dagger, step - 1):
            self._drive()
        if self._staged is not None and isinstance(self._data, FamilyTrainingSet):
            self._data.mix(self._staged.enter(step))
        size = config.batch_size // (config.accumulate * team.size)
        return [
            self._data.draw(
                np.random.default_rng([config.seed, step, part, team.rank]), self.processor, size
            )
            for part in range(config.accumulate)
        ]

    def _drive(self) -> None:
        """One DAgger round with the averaged weights; its episodes join the training set."""
        flags, root = self._config.dagger, self._config.output_dir / "dagger"
        with self.learner.averaged() as model:
            runner = runner_of(model, self.processor)
            driven = drive_round(
                runner, self._data.tasks, self._rounds, flags.episodes, root, self._team
            )
        self._data.add_driven(driven, flags.share)
        self._rounds += 1

    def evaluate(self, step: int) -> dict[str, float] | None:
        """Success per task in closed loop, with the averaged weights, every so many steps."""
        every = self._config.evaluate_every
        if not every or step % every:
            return None
        with self.learner.averaged() as model:
            runner = runner_of(model, self.processor)
            episodes = self._config.evaluate_episodes
            return success_by_task(runner, self._data.tasks, episodes, self._team)

    def write(self, folder: Path, summary: dict[str, Any]) -> None:
        """Write the policy with its averaged weights."""
        card = policy_card(self._config, self._data, self.learner, summary)
        with self.learner.averaged() as model:
            save_policy(folder, without_adapters(model), self.processor, card)


def device_for(model: Any, wanted: str) -> str:
    """Return the device on which a model is trained: of policies that act on the CPU alone that.

    Raises:
        ValueError: another one is wanted for such a policy.
    """
    if wanted == CPU or can_move(model):
        return wanted
    if wanted != AUTO:
        raise ValueError(
            f"a {type(model).__name__} acts on the CPU alone, also while it is trained; leave "
            "--device out"
        )
    return CPU


def resolved_precision(wanted: str, device: torch.device) -> str:
    """Return what "auto" means here: bfloat16 where the device multiplies it natively."""
    if wanted != "auto":
        return wanted
    native = {
        CPU: torch.cpu._is_avx512_bf16_supported,
        CUDA: torch.cuda.is_bf16_supported,
    }.get(device.type, lambda: False)
    return "bfloat16" if native() else "float32"


def rounds_until(dagger: DaggerFlags, step: int) -> int:
    """Return how many DAgger rounds belong before update `step` + 1."""
    if not dagger.every or step < max(1, dagger.start):
        return 0
    return 1 + (step - max(1, dagger.start)) // dagger.every
