"""The README of a checkpoint, written from the run itself."""

from typing import Any

from handeye import __version__
from handeye.envs.rooms.pictures.rendering import HOME_RENDERER_FINGERPRINT
from handeye.envs.tabletop.world.pictures import RENDERER_FINGERPRINT
from handeye.experiments.data.history_dataset import HistoryTrainingSet
from handeye.experiments.data.rooms_dataset import RoomTrainingSet
from handeye.experiments.data.tabletop_dataset import TabletopTrainingSet
from handeye.experiments.records.provenance import command_line, commit_id, machine_name
from handeye.experiments.training.learner import Learner


def model_card(
    config: Any,
    data: TabletopTrainingSet | RoomTrainingSet | HistoryTrainingSet,
    learner: Learner,
    summary: dict[str, Any],
) -> str:
    """Markdown with YAML front matter, as model hubs read it.

    Args:
        config: the run's `TrainConfig`.
        data: what it learned from.
        learner: the model and how it is trained.
        summary: see `TrainingLog.summary`.
    """
    model = learner.model
    rooms = not isinstance(data, TabletopTrainingSet)
    size = sum(p.numel() for p in model.parameters()) / 1e6
    settings = {
        "command": f"`{command_line()}`",
        "preset": config.preset,
        "parameters": f"{size:.2f} M",
        "action mode": model.config.action_mode,
        **({} if rooms else {"decoding": model.config.decoding}),
        "steps": f"{learner.step_number} of {config.steps}",
        "decisions seen": learner.step_number * config.batch_size,
        "minutes": f"{summary['minutes']:.0f}",
        "batch size": config.batch_size,
        "peak learning rate": config.learning_rate,
        "precision": learner.precision,
        "seed": config.seed,
        "episodes": f"{len(data.episodes)} in {config.dataset.root}, {len(data)} decisions",
        "renderer": HOME_RENDERER_FINGERPRINT if rooms else RENDERER_FINGERPRINT,
        "code": f"handeye {__version__}, commit {commit_id()}",
        "machine": machine_name(),
    }
    return CARD.format(
        name=f"handeye-rooms-{config.preset}" if rooms else f"handeye-{config.preset}",
        what=HISTORY if isinstance(data, HistoryTrainingSet) else ROOMS if rooms else TABLETOP,
        suite="rooms" if rooms else "tabletop-core",
        settings=_table(settings),
        metrics=_table({k: f"{v:.3f}" for k, v in sorted(summary["metrics"].items())}),
        success=_success(summary["evaluation"]),
    )


def _table(rows: dict[str, Any]) -> str:
    lines = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines])


def _success(evaluation: dict[str, Any] | None) -> str:
    if evaluation is None:
        return "None was run yet."
    rates = {task: f"{rate:.2f}" for task, rate in evaluation["per_task"].items()}
    return f"At step {evaluation['step']}:\n\n" + _table(
        rates | {"**mean**": f"{evaluation['success_rate']:.3f}"}
    )


TABLETOP = """
Reads one instruction, two camera frames and the arm's joints; answers with one action of eight
tokens. Trained from scratch on simulated episodes of the handeye tabletop: no downloaded weights,
no data about people. It knows this simulated table, its objects and its words, and nothing else;
do not run it on a real arm.
""".strip()
ROOMS = """
Reads one instruction into a program and knows kinds, colours and rooms in the frames of a wheeled
base; a map made from depth and odometry, and shortest ways on it, which are computed and not
learned, carry the program out. Trained from scratch on simulated apartments: no downloaded weights,
no data about people. It knows these simulated apartments and words, and nothing else; do not run
it on a real base.
""".strip()
HISTORY = """
Reads one instruction, the frames of a wheeled base now and some moments ago, and odometry; answers
with action tokens. It keeps no map. Trained from scratch on simulated apartments: no downloaded
weights, no data about people. It knows these simulated apartments and words, and nothing else; do
not run it on a real base.
""".strip()
CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: robotics
---
# {name}

{what}

    handeye evaluate --policy.path <this folder> --suite {suite}

## Training
{settings}

## Last means over training batches
{metrics}

## Success in closed loop while training
{success}
"""
