"""Writes the names that `handeye list` shows, out of the registries.

    python -m handeye.experiments.showcase.catalogue

It also writes the table of commands into docs/commands.md.

The registries import the simulator and the learning libraries, which takes seconds; the list that
is made of them is one small file.
"""

import inspect
import sys
from collections.abc import Mapping

from handeye.envs.rooms.scene.scene import STOP_WITHIN_M
from handeye.envs.suites import WORLDS
from handeye.experiments.actors.load_policy import BASELINES, shipped_policies
from handeye.experiments.actors.planner_registry import STYLES
from handeye.experiments.adversaries.registry import MEANINGS
from handeye.experiments.commands import GROUPS
from handeye.experiments.list_suites import CATALOGUE, Rows
from handeye.experiments.records.markdown import insert, markdown
from handeye.experiments.records.provenance import ROOT
from handeye.experiments.records.run_folder import write_json_atomic, write_text_atomic
from handeye.perception.families.registry import FAMILIES, family_class
from handeye.policies.families.config import FAMILY_PRESETS
from handeye.policies.history.config import HISTORY_PRESETS
from handeye.policies.token_policy.config import PRESETS

SPLIT_MEANINGS: Mapping[str, str] = {
    "seen": "the training distribution, unseen seeds",
    "unseen": "apartments and coloured furniture never trained",
    "combination": "colour-object pairs never trained, each part trained",
    "phrasing": "constructions three word edits or more from all that training says",
    "synonym": "nouns and verbs never trained, in trained patterns",
    "kind": "long instructions alone: kinds that training never shows",
    "distractors": "two more confusable objects on the table",
    "placement": "places drawn from all that the arm and the camera reach",
    "appearance": "twice the jitter of light, texture, colour and camera",
}
BASELINE_MEANINGS: Mapping[str, str] = {
    "oracle": "the scripted expert, which reads the simulator's state",
    "frontier": "rooms alone: classical exploration on a map, detector from truth",
    "random": "uniform actions",
    "blind": "the expert's skill on a goal guessed without reading",
    **MEANINGS,
}


PAGE = ROOT / "docs" / "commands.md"
BEGIN = "<!-- commands: written by `python -m handeye.experiments.showcase.catalogue` -->"
END = "<!-- end of commands -->"


def run() -> int:
    """Write the file and the table of commands; exit code 0."""
    write_json_atomic(CATALOGUE, sections())
    write_text_atomic(PAGE, insert(PAGE.read_text(), command_table(), BEGIN, END))
    print(CATALOGUE, PAGE, sep="\n")
    return 0


def command_table() -> str:
    """Return every command in its group, with what it does."""
    rows = [
        (group, f"`handeye {name}`", command.summary)
        for group, commands in GROUPS.items()
        for name, command in commands.items()
    ]
    return markdown(("to", "command", "does"), rows)


def sections() -> dict[str, Rows]:
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
            f"splits of {', '.join(suites)} (--split)": [
                (name, SPLIT_MEANINGS[name]) for name in splits
            ]
            for splits, suites in suites_by_splits().items()
        },
        "policies (--policy.path)": policies,
        "planner styles (--agent)": [(name, style.summary) for name, style in STYLES.items()],
        "presets (--preset)": [
            (name, summary(preset)) for name, preset in (PRESETS | HISTORY_PRESETS).items()
        ],
        "families (--family)": [(name, summary(family_class(name))) for name in FAMILIES],
        "presets of families (--preset)": [
            (name, summary(preset)) for name, preset in FAMILY_PRESETS.items()
        ],
    }


def suites_by_splits() -> dict[tuple[str, ...], list[str]]:
    """Return the suites that have the same splits, by those splits."""
    found: dict[tuple[str, ...], list[str]] = {}
    for world in WORLDS:
        for name in world.suites:
            found.setdefault(world.registry.splits_of(name), []).append(name)
    return found


def task_summary(task: type) -> str:
    """When a task is solved, with the numbers that its docstring names."""
    return summary(task).replace("`STOP_WITHIN_M`", f"{STOP_WITHIN_M:g} m")


def summary(described: object) -> str:
    """First sentence of a docstring, small letters first, no full stop."""
    text = " ".join((inspect.getdoc(described) or "").split("\n\n")[0].split()).rstrip(".")
    return text[:1].lower() + text[1:]


if __name__ == "__main__":
    sys.exit(run())
