"""`handeye list`: the names that the other commands take."""

from importlib.metadata import entry_points
from pathlib import Path

from rich.console import Console
from rich.table import Table

from handeye.base.json_reader import read_json
from handeye.experiments.config import ListConfig

Rows = list[tuple[str, str]]
CATALOGUE = Path(__file__).parent / "catalogue.json"  # written by showcase/catalogue.py
GROUPS = ("handeye.suites", "handeye.tasks", "handeye.policies")


def run(config: ListConfig) -> int:
    """Print suites, tasks, splits, policies, planner styles and presets."""
    console = Console()
    sections: dict[str, Rows] = {**read_json(CATALOGUE, dict[str, Rows]), **installed()}
    for title, rows in sections.items():
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for name, meaning in rows:
            table.add_row(f"  {name}", meaning)
        console.print(f"[underline]{title}[/]")
        console.print(table)
    return 0


def installed() -> dict[str, Rows]:
    """Return what other packages bring as entry points: section -> (name, where it is)."""
    found = {group: sorted(entry_points(group=group), key=lambda one: one.name) for group in GROUPS}
    return {
        f"{group.removeprefix('handeye.')} of other packages": [
            (one.name, one.value) for one in there
        ]
        for group, there in found.items()
        if there
    }
