"""`handeye train-palm-e`: train the planner whose sentences hold frames, and measure it.

Scenes of the tabletop's core tasks become sentences (`palm_e_examples`), their frames object tokens
once and for all; then the connector and the decoder are trained. Measured on scenes it has not
seen: whether the next step is written exactly, and the same without the frame.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import Tensor

from handeye.agents.planners.frame_tokens import FrameTokenizer
from handeye.agents.planners.palm_e import PIECES, SPECIALS, PalmE, PalmESize
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.data.training_set import Scored
from handeye.experiments.records.checkpoints import MODEL_FOLDER, last_checkpoint
from handeye.experiments.records.progress import tracked
from handeye.experiments.records.run_folder import write_json_atomic, write_text_atomic
from handeye.experiments.records.seeds import (
    FIRST_SELECTION_SEED,
    check_selection_seeds,
    check_training_seeds,
)
from handeye.experiments.traces.palm_e_examples import PalmEExample, examples_of
from handeye.experiments.training.cards import palm_e_card
from handeye.experiments.training.config import TrainPalmEConfig
from handeye.experiments.training.data_parallel import Team
from handeye.experiments.training.learner import Learner
from handeye.experiments.training.muon import Muon
from handeye.experiments.training.trainer import fit, run_training
from handeye.policies.checkpoint_content import CARD

SETTINGS = "train_palm_e.json"
WARM_UP = 100  # steps
WEIGHT_DECAY, LARGEST_GRADIENT = 0.05, 1.0


@dataclass(frozen=True)
class Sentences:
    """Examples with their frames as object tokens.

    Attributes:
        frames: (N, TOKENS, width) float32.
        prompts: the words before each step.
        steps: the words to be written.
        about: see `PalmEExample`.
    """

    frames: Tensor
    prompts: list[str]
    steps: list[str]
    about: list[str]


def run(config: TrainPalmEConfig) -> int:
    """Make sentences, train, measure, save; exit code 0, or 130 when interrupted."""
    if min(config.scenes, config.held_out, config.batch_size, config.steps) < 1:
        raise ValueError("--scenes, --held_out, --batch_size and --steps must be positive")
    seeds_of(config)
    return run_training(train, config, SETTINGS, 1)


def seeds_of(config: TrainPalmEConfig) -> tuple[range, range]:
    """Return the seeds of the scenes to learn from and of those to measure on."""
    return (
        check_training_seeds(0, config.scenes, "--scenes: seeds"),
        check_selection_seeds(FIRST_SELECTION_SEED, config.held_out, "--held_out: seeds"),
    )


def train(team: Team, config: TrainPalmEConfig) -> int:
    """Do the whole of a run, in one process."""
    console = Console()
    eyes = FrameTokenizer.load()
    learning, measuring = seeds_of(config)
    data = make_sentences(eyes, learning, "scenes to learn from")
    new = make_sentences(eyes, measuring, "scenes to measure on")
    console.print(f"{len(data.steps)} sentences to learn from, {len(new.steps)} to measure on")
    torch.manual_seed(config.seed)
    recipe = PalmERecipe(config, data, PalmE(PalmESize(vocabulary(data), eyes.width)))
    code = fit(team, config, recipe)
    if code == 0:
        measured = measure(recipe.learner.model.eval(), new)
        write_json_atomic(config.output_dir / "measured.json", measured)
        checkpoint = last_checkpoint(config.output_dir)
        assert checkpoint is not None
        card = recipe.card(measured_table(measured))
        write_text_atomic(checkpoint / MODEL_FOLDER / CARD, card)
        console.print_json(data=measured)
    return code


@dataclass(frozen=True)
class OneCycle:
    """Up from a 25th of the peak by half a cosine and down to almost nothing by another.

    The rates are those of `torch.optim.lr_scheduler.OneCycleLR`, which cannot begin in the middle
    of a run.
    """

    peak: float
    warmup_steps: float
    steps: int

    def scaled(self, peak: float, step: int) -> float:
        """Return the rate of step 1, 2, ... for an optimizer whose highest rate is `peak`."""
        low, top, last, done = peak / 25.0, self.warmup_steps - 1, self.steps - 1, step - 1
        if done <= top:
            return _eased(low, peak, done / top)
        return _eased(peak, low / 1e4, (done - top) / (last - top))


def _eased(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)


class PalmERecipe:
    """A planner that learns from sentences which hold frames."""

    def __init__(self, config: TrainPalmEConfig, data: Sentences, model: PalmE) -> None:
        self._config, self._data = config, data
        self._rng, self._drawn = np.random.default_rng(config.seed), 0
        self._minutes = 0.0
        warming_up = WARM_UP / (WARM_UP + config.steps)
        self.learner = Learner(
            model,
            OneCycle(config.learning_rate, warming_up * config.steps, config.steps),
            optimizers_of(model, config),
            clip_norm=LARGEST_GRADIENT,
            average_decay=0.0,
            precision="float32",
            score=lambda model, batch: Scored({"words": model.loss(*batch)}, {}),
            weights={"words": 1.0},
        )

    def batches(self, step: int) -> list[tuple[Tensor, list[str], list[str]]]:
        """Draw one batch; the order goes on where an earlier session left it."""
        while self._drawn < step:
            rows = self._rng.integers(len(self._data.steps), size=self._config.batch_size)
            self._drawn += 1
        prompts, steps = self._data.prompts, self._data.steps
        frames = self._data.frames[torch.from_numpy(rows)]
        return [(frames, [prompts[row] for row in rows], [steps[row] for row in rows])]

    def evaluate(self, step: int) -> None:
        """Nothing: it is measured once, when it is done."""

    def card(self, measured: str) -> str:
        """The card, with a table of what was measured or a word about that."""
        return palm_e_card(self._config, self.learner, self._minutes, measured)

    def write(self, folder: Path, summary: dict[str, Any]) -> None:
        """Write the model as it is now."""
        self._minutes = summary["minutes"]
        model: PalmE = self.learner.model
        model.save(folder, self.card(f"Stopped at step {self.learner.step_number}."))


def optimizers_of(model: PalmE, config: TrainPalmEConfig) -> list[torch.optim.Optimizer]:
    """Return AdamW for embeddings, connector and norms, and Muon for the decoder's matrices."""
    matrices = [weight for weight in model.decoder.model.layers.parameters() if weight.ndim == 2]
    inner = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if id(weight) not in inner]
    return [
        torch.optim.AdamW(others, config.learning_rate, weight_decay=WEIGHT_DECAY),
        Muon(matrices, config.muon_rate, weight_decay=WEIGHT_DECAY),
    ]


def make_sentences(eyes: FrameTokenizer, seeds: range, what: str) -> Sentences:
    """The sentences of scenes; each scene is also given the instruction of the one before it."""
    env = TabletopEnv(action_mode="ee_pose", cameras=())
    found: list[PalmEExample] = []
    frames: list[Tensor] = []
    foreign = ""
    for seed in tracked(seeds, what, len(seeds)):
        here = list(examples_of(env, seed, foreign))
        foreign = env.instruction
        if here:
            frames.append(eyes(np.stack([example.rgb for example in here])))
            found += [example._replace(rgb=np.empty((0, 0, 3), np.uint8)) for example in here]
    env.close()
    _, prompts, steps, about = zip(*found, strict=True)
    return Sentences(torch.cat(frames), list(prompts), list(steps), list(about))


def vocabulary(data: Sentences) -> tuple[str, ...]:
    """Every word of the sentences, sorted, after the special ones."""
    said = {piece for text in (*data.prompts, *data.steps) for piece in PIECES.findall(text)}
    return (*SPECIALS, *sorted(said - set(SPECIALS)))


def measure(model: PalmE, data: Sentences) -> dict[str, dict[str, float]]:
    """Share of steps written exactly, by what they are about; `blind` sees a frame of zeros."""
    told: dict[str, dict[str, float]] = {}
    for name, frames in (("frames", data.frames), ("blind", torch.zeros_like(data.frames))):
        right = [
            model.write(frame, prompt) == step
            for frame, prompt, step in zip(frames, data.prompts, data.steps, strict=True)
        ]
        told[name] = {"n": len(right), "all": _share(right)}
        for about in sorted(set(data.about)):
            chosen = [r for r, a in zip(right, data.about, strict=True) if a == about]
            told[name][about] = _share(chosen)
    return told


def _share(right: Sequence[bool]) -> float:
    return round(sum(right) / len(right), 4)


def measured_table(measured: Mapping[str, Mapping[str, float]]) -> str:
    """Return what was measured as a table for the card."""
    columns = list(measured["frames"])
    rows = [["", *columns], ["---"] * (1 + len(columns))]
    rows += [
        [name, *(f"{told[column]:g}" for column in columns)] for name, told in measured.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
