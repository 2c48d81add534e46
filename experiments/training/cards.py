"""The READMEs of checkpoints, written from the runs themselves: Markdown, as model hubs read it.

Every card has YAML front matter, says what was learned and what it does not know, and ends in what
was measured while it was trained.
"""

from collections.abc import Mapping
from typing import Any

from handeye import __version__
from handeye.experiments.data.training_set import TrainingSet
from handeye.experiments.records.provenance import command_line, commit_id, machine_name
from handeye.experiments.training.learner import Learner

BLIND = "A probe that knows no word: it shows what can be done without any. But for the words:\n\n"


def policy_card(
    config: Any, data: TrainingSet, learner: Learner, summary: Mapping[str, Any]
) -> str:
    """Return the card of a policy.

    Args:
        config: the run's `TrainConfig`.
        data: what it learned from.
        learner: the model and how it is trained.
        summary: see `TrainingLog.summary`.
    """
    sizes = learner.model.config
    folders = ", ".join(map(str, config.roots))
    settings = {
        "command": f"`{command_line()}`",
        "preset": config.preset,
        "parameters": _millions(learner.model),
        "action mode": sizes.action_mode,
        **({"decoding": sizes.decoding} if hasattr(sizes, "decoding") else {}),
        "steps": f"{learner.step_number} of {config.steps}",
        "decisions seen": learner.step_number * config.batch_size,
        "minutes": f"{summary['minutes']:.0f}",
        "batch size": config.batch_size,
        "peak learning rate": config.learning_rate,
        "precision": learner.precision,
        "seed": config.seed,
        "episodes": f"{len(data.episodes)} in {folders}, {len(data)} decisions",
        "renderer": data.card.renderer,
        **_origin(),
    }
    return POLICY.format(
        name=f"{data.card.name}-{config.preset}{'-blind' if config.blind else ''}",
        description=f"{BLIND if config.blind else ''}{data.card.description}",
        suite=data.card.suite,
        settings=table(settings),
        metrics=table({k: f"{v:.3f}" for k, v in sorted(summary["metrics"].items())}),
        success=_success(summary["evaluation"]),
    )


def eyes_card(config: Any, data: Any, learner: Learner, summary: Mapping[str, Any]) -> str:
    """Return the card of eyes; `data` is their `EyesTrainingSet`."""
    facts = {
        "parameters": f"{sum(p.numel() for p in learner.model.parameters()):,}",
        "updates": f"{learner.step_number} of {config.steps}",
        "frames per update": f"{config.batch_size} of tables, or twice as many of rooms",
        "minutes": f"{summary['minutes']:.0f}",
        "episodes to draw from": f"{len(data.tables)} of tables, {len(data.homes)} of rooms",
        "code": commit_id(),
        **{name: f"{value:.3f}" for name, value in summary["metrics"].items()},
    }
    return EYES.format(facts=table(facts))


def planner_card(config: Any, learner: Learner, summary: Mapping[str, Any]) -> str:
    """Return the card of a `handeye-planner`, or of a `handeye-reader`."""
    settings = {
        "command": f"`{command_line()}`",
        "parameters": _millions(learner.model),
        "started from": str(config.start or "random weights"),
        "steps": f"{learner.step_number} of {config.steps}",
        "tokens an update": config.workers * config.batch_size,
        "minutes": f"{summary['minutes']:.0f}",
        "peak learning rate": f"{config.learning_rate} (AdamW), {config.muon_rate} (Muon)",
        "seed": config.seed,
        **_origin(),
    }
    evaluation = summary["evaluation"] or {"step": 0, "per_task": {}}
    shares = {split: f"{share:.3f}" for split, share in evaluation["per_task"].items()}
    card = PLANNER if config.teaches == "calls" else READER
    return card.format(
        settings=table(settings),
        step=evaluation["step"],
        shares=table(shares or {"": "none yet"}),
    )


def palm_e_card(config: Any, learner: Learner, minutes: float, measured: str) -> str:
    """Return the card of a `handeye-palm-e`; `measured` is a table, or says that there is none."""
    settings = {
        "command": f"`{command_line()}`",
        "parameters": _millions(learner.model),
        "data": f"sentences of {config.scenes} scenes of tabletop-core, split seen",
        "steps": f"{learner.step_number} of {config.steps}, {config.batch_size} sentences each",
        "minutes": f"{minutes:.0f}",
        **_origin(),
    }
    return PALM_E.format(settings=table(settings), measured=measured)


def table(rows: Mapping[str, Any]) -> str:
    """Return names and values as a Markdown table without a head."""
    lines = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join(["| | |", "|---|---|", *lines])


def _millions(model: Any) -> str:
    return f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M"


def _origin() -> dict[str, str]:
    return {"code": f"handeye {__version__}, commit {commit_id()}", "machine": machine_name()}


def _success(evaluation: Mapping[str, Any] | None) -> str:
    if evaluation is None:
        return "None was run yet."
    rates = {task: f"{rate:.2f}" for task, rate in evaluation["per_task"].items()}
    return f"At step {evaluation['step']}:\n\n" + table(
        rates | {"**mean**": f"{evaluation['success_rate']:.3f}"}
    )


POLICY = """---
license: apache-2.0
library_name: transformers
pipeline_tag: robotics
---
# {name}

{description}

    handeye evaluate --policy.path <this folder> --suite {suite}

## Training
{settings}

## Last means over training batches
{metrics}

## Success in closed loop while training
{success}
"""
EYES = """---
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

{facts}
"""
PLANNER = """---
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
READER = """---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
---
# handeye-reader

A small causal language model of the Llama architecture that says what an instruction to a robot
means, in handeye's language of intents, and nothing else: code carries it out (docs/intents.md).
Trained from scratch on instructions that patterns make, worded and typed in many ways: nothing was
downloaded, no person recorded. It knows the things of handeye's tables and apartments; it does not
chat.

    handeye agent "put the red block in the blue bowl" --agent intent --llm handeye-reader

## Training
{settings}

## Intents written exactly as meant, of held-out instructions, at step {step}
{shares}
"""
PALM_E = """---
license: apache-2.0
pipeline_tag: robotics
---
# handeye-palm-e

Writes the next tool call from a frame and words (PaLM-E, arXiv:2303.03378): object tokens of the
frozen trunk of handeye-nano, a connector and a small causal decoder. It knows the instructions of
tabletop-core and nothing else.

{settings}

Share of steps written exactly on scenes it has not seen; `blind`: without the frame.

{measured}
"""
