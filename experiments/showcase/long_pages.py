"""What docs/tabletop_long.md and docs/rooms_long.md tell of kinds of instructions.

`python -m handeye.experiments.showcase.long_pages` writes it between two markers
of each page, straight from the code; a test fails when it is no longer what the code says.
"""

import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from handeye.envs.rooms import long as rooms
from handeye.envs.tabletop.long import FAMILIES, KINDS, sample_long_goal
from handeye.envs.tabletop.long.goal import LENGTHS, STEPS, VAGUENESSES, Vagueness
from handeye.envs.tabletop.long.task import LONG_TASKS
from handeye.experiments.records.markdown import insert, markdown
from handeye.experiments.records.run_folder import write_text_atomic
from handeye.experiments.showcase.catalogue import task_summary

BEGIN = "<!-- written by `python -m handeye.experiments.showcase.long_pages` -->"
END = "<!-- end of what is written by the command -->"


@dataclass(frozen=True)
class LongPagesConfig:
    """Where to write.

    Attributes:
        docs: the folder of both pages.
    """

    docs: Path = Path("docs")


def run(config: LongPagesConfig) -> int:
    """Write the tables into the pages."""
    for name, render in PAGES.items():
        page = config.docs / name
        write_text_atomic(page, insert(page.read_text(), render(), BEGIN, END))
    return 0


def tabletop_tables() -> str:
    """Families and when they are solved; every kind with an instruction of each vagueness."""
    families = [
        (f"`{name}`", task_summary(LONG_TASKS[name]), str(len(kinds)))
        for name, kinds in FAMILIES.items()
    ]
    kinds = [
        (f"`{name}`", kind.summary, *(f"“{example(name, told)}”" for told in VAGUENESSES))
        for name, kind in KINDS.items()
    ]
    first = markdown(("task", "solved when", "kinds"), families)
    return f"{first}\n\n{markdown(('kind', 'what is asked', *VAGUENESSES), kinds)}"


def example(kind: str, vagueness: Vagueness) -> str:
    """An instruction of a kind of the tabletop, as short as the kind allows."""
    length = next(name for name in LENGTHS if max(STEPS[name]) >= KINDS[kind].least)
    rng = np.random.default_rng(zlib.crc32(kind.encode()))
    sample = sample_long_goal(rng, kinds=(kind,), length=length, vagueness=vagueness)
    return sample.instruction


def rooms_table() -> str:
    """Every kind in apartments: what is to be done, its lengths, and words of each vagueness."""
    rows = []
    for number, (name, kind) in enumerate(rooms.KINDS.items()):
        length = next(iter(kind.sizes))
        rng = np.random.default_rng(number)
        said = [
            rooms.sample_long_goal(rng, kind=name, length=length, vagueness=v).said.words.strip()
            for v in VAGUENESSES
        ]
        words = "<br>".join(f"“{words}”" for words in said)
        rows.append((f"`{name}`", kind.summary, ", ".join(kind.sizes), words))
    return markdown(("kind", "what is to be done", "lengths", " / ".join(VAGUENESSES)), rows)


PAGES: dict[str, Callable[[], str]] = {
    "tabletop_long.md": tabletop_tables,
    "rooms_long.md": rooms_table,
}

if __name__ == "__main__":
    sys.exit(run(tyro.cli(LongPagesConfig, use_underscores=True)))
