"""What docs/tabletop_long.md tells of kinds: `python -m handeye.experiments.long_instructions`.

Families, kinds and an example of each in three vaguenesses go between two markers of the page,
straight from the code; a test fails when they are no longer what the code says.
"""

import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handeye.envs.long_tasks import FAMILIES, KINDS, sample_long_goal
from handeye.envs.long_tasks.goal import LENGTHS, STEPS, VAGUENESSES, Vagueness
from handeye.envs.long_tasks.long_task import LONG_TASKS
from handeye.experiments.list_suites import task_summary
from handeye.experiments.run_folder import write_text_atomic
from handeye.experiments.tables import insert, markdown

BEGIN = "<!-- written by `python -m handeye.experiments.long_instructions` -->"
END = "<!-- end of what is written by the command -->"


@dataclass(frozen=True)
class LongInstructionsConfig:
    """Where the tables go.

    Attributes:
        page: the Markdown file with the markers.
    """

    page: Path = Path("docs/tabletop_long.md")


def run(config: LongInstructionsConfig) -> int:
    """Write the page's tables."""
    text = config.page.read_text()
    write_text_atomic(config.page, insert(text, render(), BEGIN, END))
    return 0


def render() -> str:
    """All that stands between the markers, as Markdown."""
    return f"{family_table()}\n\n{kind_table()}"


def family_table() -> str:
    """The families: when they are solved, and their kinds."""
    rows = [
        (f"`{name}`", task_summary(LONG_TASKS[name]), str(len(kinds)))
        for name, kinds in FAMILIES.items()
    ]
    return markdown(("task", "solved when", "kinds"), rows)


def kind_table() -> str:
    """Every kind with its shortest instruction in each vagueness."""
    rows = [
        (f"`{name}`", kind.summary, *(f"“{example(name, told)}”" for told in VAGUENESSES))
        for name, kind in KINDS.items()
    ]
    return markdown(("kind", "what is asked", *VAGUENESSES), rows)


def example(kind: str, vagueness: Vagueness) -> str:
    """An instruction of a kind, as short as the kind allows."""
    length = next(name for name in LENGTHS if max(STEPS[name]) >= KINDS[kind].least)
    rng = np.random.default_rng(zlib.crc32(kind.encode()))
    sample = sample_long_goal(rng, kinds=(kind,), length=length, vagueness=vagueness)
    return sample.instruction


if __name__ == "__main__":
    import tyro

    sys.exit(run(tyro.cli(LongInstructionsConfig, use_underscores=True)))
