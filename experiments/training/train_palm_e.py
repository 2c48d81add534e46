"""`handeye train-palm-e`: train the planner whose sentences hold frames, and measure it.

Scenes of the tabletop's core tasks become sentences (`palm_e_examples`), their frames object tokens
once and for all; then the connector and the decoder are trained. Measured on scenes it has not
seen: whether the next step is written exactly, and the same without the frame.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor

from handeye.agents.planners.frame_tokens import FrameTokenizer
from handeye.agents.planners.palm_e import PIECES, SPECIALS, PalmE, PalmESize
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.records.provenance import command_line, commit_id, machine_name
from handeye.experiments.records.run_folder import JsonLines, open_run_folder, write_json_atomic
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED
from handeye.experiments.traces.palm_e_examples import PalmEExample, examples_of
from handeye.experiments.training.config import TrainPalmEConfig
from handeye.experiments.training.muon import Muon

LOG_EVERY, WARM_UP = 25, 100
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
    """Make sentences, train, measure, save; exit code 0."""
    if config.scenes < 1 or config.held_out < 1 or config.batch_size < 1:
        raise ValueError("--scenes, --held_out and --batch_size must be positive")
    with open_run_folder(config.output_dir, overwrite=config.overwrite) as folder:
        console, began = Console(), time.perf_counter()
        eyes = FrameTokenizer.load()
        data = make_sentences(eyes, range(config.scenes), "scenes to learn from")
        held_out = range(FIRST_EVALUATION_SEED - config.held_out, FIRST_EVALUATION_SEED)
        new = make_sentences(eyes, held_out, "scenes to measure on")
        console.print(f"{len(data.steps)} sentences to learn from, {len(new.steps)} to measure on")
        torch.manual_seed(config.seed)
        model = PalmE(PalmESize(vocabulary(data), eyes.width))
        with JsonLines(folder / "log.jsonl") as log:
            for number, loss in enumerate(train(model, data, config), 1):
                if number % LOG_EVERY == 0 or number == config.steps:
                    minutes = (time.perf_counter() - began) / 60
                    log.append({"step": number, "loss": loss, "minutes": round(minutes, 2)})
                    console.print(f"step {number}: loss {loss:.4f} ({minutes:.1f} min)")
                    write_model(model, folder, config, minutes, f"Stopped at step {number}.")
        minutes = (time.perf_counter() - began) / 60
        measured = measure(model.eval(), new)
        write_json_atomic(folder / "measured.json", measured)
        write_model(model, folder, config, minutes, measured_table(measured))
        console.print_json(data=measured)
        return 0


def make_sentences(eyes: FrameTokenizer, seeds: range, what: str) -> Sentences:
    """The sentences of scenes; each scene is also given the instruction of the one before it."""
    env = TabletopEnv(action_mode="ee_pose", cameras=())
    found: list[PalmEExample] = []
    frames: list[Tensor] = []
    foreign = ""
    for seed in track(seeds, description=what):
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


def train(model: PalmE, data: Sentences, config: TrainPalmEConfig) -> Iterator[float]:
    """Optimize step by step; the loss of each, nats a word.

    Raises:
        ValueError: it diverged.
    """
    rng = np.random.default_rng(config.seed)
    matrices = [weight for weight in model.decoder.model.layers.parameters() if weight.ndim == 2]
    inner = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if id(weight) not in inner]
    optimizers: list[tuple[torch.optim.Optimizer, float]] = [
        (torch.optim.AdamW(others, weight_decay=WEIGHT_DECAY), config.learning_rate),
        (Muon(matrices, config.muon_rate, weight_decay=WEIGHT_DECAY), config.muon_rate),
    ]
    warming_up = WARM_UP / (WARM_UP + config.steps)
    rates = [
        torch.optim.lr_scheduler.OneCycleLR(
            optimizer, highest, config.steps, pct_start=warming_up, cycle_momentum=False
        )
        for optimizer, highest in optimizers
    ]
    model.train()
    for _ in range(config.steps):
        rows = rng.integers(len(data.steps), size=config.batch_size)
        loss = model.loss(
            data.frames[torch.from_numpy(rows)],
            [data.prompts[row] for row in rows],
            [data.steps[row] for row in rows],
        )
        model.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
        if not torch.isfinite(norm):
            raise ValueError(
                "the gradient is not finite; lower --learning_rate and --muon_rate, the model of "
                "the last line in the log is kept"
            )
        for (optimizer, _), rate in zip(optimizers, rates, strict=True):
            optimizer.step()
            rate.step()
        yield float(loss.detach())


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
    """What was measured, for the card."""
    columns = list(measured["frames"])
    rows = [["", *columns], ["---"] * (1 + len(columns))]
    rows += [
        [name, *(f"{told[column]:g}" for column in columns)] for name, told in measured.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write_model(
    model: PalmE, folder: Path, config: TrainPalmEConfig, minutes: float, measured: str
) -> None:
    """Save the model as it is now, with its card."""
    size = sum(weight.numel() for weight in model.parameters()) / 1e6
    model.save(
        folder / "model",
        CARD.format(
            size=size,
            command=command_line(),
            commit=commit_id(),
            machine=machine_name(),
            scenes=config.scenes,
            steps=config.steps,
            batch_size=config.batch_size,
            minutes=minutes,
            measured=measured,
        ),
    )


CARD = """---
license: apache-2.0
pipeline_tag: robotics
---
# handeye-palm-e

Writes the next tool call from a frame and words (PaLM-E, arXiv:2303.03378): object tokens of the
frozen trunk of handeye-nano, a connector and a small causal decoder. It knows the instructions of
tabletop-core and nothing else.

| | |
|---|---|
| command | `{command}` |
| parameters | {size:.2f} M |
| data | sentences of {scenes} scenes of tabletop-core, split seen |
| steps | {steps} of {batch_size} sentences |
| minutes | {minutes:.0f} |
| commit | {commit} |
| machine | {machine} |

Share of steps written exactly on scenes it has not seen; `blind`: without the frame.

{measured}
"""
