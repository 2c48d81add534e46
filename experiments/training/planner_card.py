"""The README of a `handeye-planner` checkpoint, written from the run itself."""

from typing import Any

from handeye import __version__
from handeye.experiments.records.provenance import command_line, commit_id, machine_name
from handeye.experiments.training.learner import Learner


def planner_card(config: Any, learner: Learner, summary: dict[str, Any]) -> str:
    """Markdown with YAML front matter, as model hubs read it.

    Args:
        config: the run's `TrainPlannerConfig`.
        learner: the model and how it is trained.
        summary: see `TrainingLog.summary`.
    """
    size = sum(p.numel() for p in learner.model.parameters()) / 1e6
    settings = {
        "command": f"`{command_line()}`",
        "parameters": f"{size:.2f} M",
        "started from": str(config.start or "random weights"),
        "steps": f"{learner.step_number} of {config.steps}",
        "tokens an update": config.workers * config.batch_size,
        "minutes": f"{summary['minutes']:.0f}",
        "peak learning rate": f"{config.learning_rate} (AdamW), {config.muon_rate} (Muon)",
        "seed": config.seed,
        "code": f"handeye {__version__}, commit {commit_id()}",
        "machine": machine_name(),
    }
    evaluation = summary["evaluation"] or {"step": 0, "per_task": {}}
    shares = {split: f"{share:.3f}" for split, share in evaluation["per_task"].items()}
    return CARD.format(
        settings=_table(settings),
        step=evaluation["step"],
        shares=_table(shares or {"": "none yet"}),
    )


def _table(rows: dict[str, Any]) -> str:
    lines = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines])


CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
---
# handeye-planner

A small causal language model of the Llama architecture that calls the tools of handeye's tabletop,
one after the other, from an instruction and what the tools told. Trained from scratch on traces of
a scripted expert on tables of paper, with failures and recoveries: no downloaded weights, no data
about people. It knows these tools, things and words, and nothing else: it does not chat.

    handeye agent "put the red block in the blue bowl" --llm handeye-planner

## Training
{settings}

## Calls written exactly as the expert's, on held-out traces, at step {step}
{shares}
"""
