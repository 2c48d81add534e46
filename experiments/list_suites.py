"""`handeye list`: the names that the other commands take."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from handeye.envs.rooms.scene.scene import STOP_WITHIN_M
from handeye.envs.suites import WORLDS
from handeye.experiments.actors.load_policy import BASELINES, shipped_policies
from handeye.experiments.actors.planner_registry import STYLES
from handeye.policies.history.config import HISTORY_PRESETS
from handeye.policies.token_policy.config import PRESETS

SPLIT_MEANINGS: Mapping[str, str] = {
    "seen": "the training distribution, unseen seeds",
    "unseen": "apartments and coloured furniture never trained",
    "combination": "colour-object pairs never trained, each part trained",
    "phrasing": "held-out templates of the instructions",
    "distractors": "two more confusable objects on the table",
    "appearance": "twice the jitter of light, texture, colour and camera",
}
BASELINE_MEANINGS: Mapping[str, str] = {
    "oracle": "the scripted expert, which reads the simulator's state",
    "frontier": "rooms alone: classical exploration on a map, detector from truth",
    "random": "uniform actions",
    "blind": "the expert's skill on a goal guessed without reading",
}


@dataclass(frozen=True)
class ListConfig:
    """The names that the other commands take."""


def run(config: ListConfig) -> int:
    """Print suites, tasks, splits, policies, planner styles and presets."""
    console = Console()
    for title, rows in sections().items():
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, meaning in rows:
            table.add_row(f"  {name}", meaning)
        console.print(f"[underline]{title}[/]")
        console.print(table)
    return 0


def sections() -> dict[str, Sequence[tuple[str, str]]]:
    """Section -> (name, what it is) rows, read from the registries."""
    policies = [(name, BASELINE_MEANINGS[name]) for name in BASELINES]
    policies += [(name, "shipped checkpoint") for name in shipped_policies()]
    return {
        "suites (--suite)": [
            (name, ", ".join(tasks)) for world in WORLDS for name, tasks in world.suites.items()
        ],
        "tasks (--suite takes one too)": [
            (name, task_summary(task)) for world in WORLDS for name, task in world.tasks.items()
        ],
        **{
            f"splits of {', '.join(world.suites)} (--split)": [
                (name, SPLIT_MEANINGS[name]) for name in world.splits
            ]
            for world in WORLDS
        },
        "policies (--policy.path)": policies,
        "planner styles (--agent)": [(name, style.summary) for name, style in STYLES.items()],
        "presets (--preset)": [
            (name, summary(preset)) for name, preset in (PRESETS | HISTORY_PRESETS).items()
        ],
    }


def task_summary(task: type) -> str:
    """When a task is solved, with the numbers that its docstring names."""
    return summary(task).replace("`STOP_WITHIN_M`", f"{STOP_WITHIN_M:g} m")


def summary(described: object) -> str:
    """First sentence of a docstring, small letters first, no full stop."""
    text = " ".join((inspect.getdoc(described) or "").split("\n\n")[0].split()).rstrip(".")
    return text[:1].lower() + text[1:]
