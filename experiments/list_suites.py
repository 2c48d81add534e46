"""`handeye list`: the names that the other commands take."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from handeye.envs.tasks import SPLITS, SUITES, TASKS
from handeye.experiments.load_policy import BASELINES, shipped_policies
from handeye.policies.token_policy_config import PRESETS

SPLIT_MEANINGS: Mapping[str, str] = {
    "seen": "the training distribution, unseen seeds",
    "combination": "colour-object pairs never trained, each part trained",
    "phrasing": "held-out templates of the instructions",
    "distractors": "two more confusable objects on the table",
    "appearance": "twice the jitter of light, texture, colour and camera",
}
BASELINE_MEANINGS: Mapping[str, str] = {
    "oracle": "the scripted expert, which reads the simulator's state",
    "random": "uniform actions",
    "blind": "the expert's skill on a goal guessed without reading",
}


@dataclass(frozen=True)
class ListConfig:
    """The names that the other commands take."""


def run(config: ListConfig) -> int:
    """Print suites, tasks, splits, policies and presets."""
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
        "suites (--suite)": [(name, ", ".join(tasks)) for name, tasks in SUITES.items()],
        "tasks (--suite takes one too)": [(name, summary(task)) for name, task in TASKS.items()],
        "splits (--split)": [(name, SPLIT_MEANINGS[name]) for name in SPLITS],
        "policies (--policy.path)": policies,
        "presets (--preset)": [(name, summary(preset)) for name, preset in PRESETS.items()],
    }


def summary(described: object) -> str:
    """First sentence of a docstring, small letters first, no full stop."""
    text = " ".join((inspect.getdoc(described) or "").split("\n\n")[0].split()).rstrip(".")
    return text[:1].lower() + text[1:]
