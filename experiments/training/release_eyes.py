"""Put trained eyes into the repository, their scores calibrated.

    python -m handeye.experiments.training.release_eyes --run outputs/train/eyes

writes `perception/checkpoints/handeye-eyes`. The temperatures that match and answer scores are
divided by are fitted on frames of their own seeds (Guo et al. 2017, arXiv:1706.04599). With
`--evaluation results/eyes.json` the card also gives what was measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
import tyro
from scipy import optimize
from torch import Tensor

from handeye.agents.sight.eyes_perception import EYES, SHIPPED, EyesPerception
from handeye.base.json_reader import read_json
from handeye.experiments.evaluation.eyes_eval_frames import EvaluationFrame, room_views, table_views
from handeye.experiments.labels.scene_questions import ANSWERS, Question, draw_question
from handeye.experiments.records.checkpoints import save_policy
from handeye.experiments.records.schemas import EyesEvaluation
from handeye.experiments.records.seeds import FIRST_SELECTION_SEED, check_selection_seeds
from handeye.perception.eyes.eyes import FrameObjects

QUESTIONS = 16  # about a frame
SAME_IOU = 0.5
COLDEST, HOTTEST = 0.3, 5.0
MEASURED = "## Measured"


@dataclass(frozen=True)
class ShipEyesConfig:
    """Eyes to ship.

    Attributes:
        run: folder of a training, or of eyes shipped before (to renew their card).
        name: under which `--tools` will find them.
        frames: of tables, and half as many of rooms, to fit the temperatures on.
        evaluation: what `handeye evaluate-eyes` wrote about these eyes.
    """

    run: Path
    name: str = EYES
    frames: int = 120
    evaluation: Path | None = None


def run(config: ShipEyesConfig) -> int:
    """Write the shipped folder; exit code 0."""
    last = config.run / "checkpoints" / "last" / "pretrained_model"
    source = last if last.is_dir() else config.run
    card = (source / "README.md").read_text().split(MEASURED)[0].rstrip() + "\n"
    eyes = EyesPerception.load(str(source))
    if config.frames:
        fit_temperatures(eyes, config.frames)
    if config.evaluation is not None:
        card += measured(read_json(config.evaluation, EyesEvaluation))
    folder = SHIPPED / config.name
    save_policy(folder, eyes.model, eyes.processor, card)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder}: {size / 1e6:.1f} MB")
    return 0


def fit_temperatures(eyes: EyesPerception, frames: int) -> None:
    """Set the model's temperatures so that scores are as right as can be."""
    seeds = check_selection_seeds(FIRST_SELECTION_SEED, frames, "--frames: seeds")
    views = chain(
        table_views("seen", frames, seeds.start), room_views("seen", frames // 2, seeds.start)
    )
    match, meant, answers, truths = [], [], [], []
    for view in views:
        sight = eyes.look(view.observation, view.camera)
        asked = list(_questions(view))
        words = eyes.processor.ids([question.words for question in asked])
        with torch.no_grad():
            readings = eyes.model.reader(sight.things, words[None])
        match.append(readings.match.flatten())
        meant.append(torch.stack([_meant(sight, view, question) for question in asked]).flatten())
        answers.append(readings.answers[0])
        truths += [ANSWERS.index(question.answer) for question in asked]
    eyes.model.config.match_temperature = fitted(
        lambda heat: F.binary_cross_entropy_with_logits(torch.cat(match) / heat, torch.cat(meant))
    )
    eyes.model.config.answer_temperature = fitted(
        lambda heat: F.cross_entropy(torch.cat(answers) / heat, torch.tensor(truths))
    )


def fitted(loss: Any) -> float:
    """The temperature of the least loss."""
    best = optimize.minimize_scalar(
        lambda heat: float(loss(heat)), bounds=(COLDEST, HOTTEST), method="bounded"
    )
    return float(best.x)


def _questions(view: EvaluationFrame) -> Iterator[Question]:
    for _ in range(QUESTIONS):
        question = draw_question(view.facts, view.words, view.rng)
        if question is not None:
            yield question


def _meant(sight: FrameObjects, view: EvaluationFrame, question: Question) -> Tensor:
    """1 for each of the seen things (N,) that is one of those meant."""
    truth = torch.from_numpy(view.facts.masks[np.flatnonzero(question.match)])
    found = torch.zeros(len(sight.masks))
    for index, mask in enumerate(sight.masks):
        common = (truth & mask).flatten(1).sum(1)
        either = (truth | mask).flatten(1).sum(1)
        found[index] = float((common > SAME_IOU * either).any())
    return found


def measured(record: EyesEvaluation) -> str:
    """The card's section about an evaluation."""
    rows = [
        f"| {frames} | {name} | {rate['rate']:.1%} "
        f"({rate['wilson95'][0]:.1%} to {rate['wilson95'][1]:.1%}) | {rate['n']} |"
        for frames, figures in record["figures"].items()
        for name, rate in figures["eyes"]["rates"].items()
    ]
    table = "\n".join(rows)
    return f"""
{MEASURED}
By `{record["command"]}`, seeds from {record["first_seed"]}, code {record["commit"]}, with 95 %
intervals (Wilson).

| frames | figure | right | n |
|---|---|---|---|
{table}
"""


if __name__ == "__main__":
    raise SystemExit(run(tyro.cli(ShipEyesConfig, description=__doc__)))
