"""The table of docs/rooms_long.md: `python -m handeye.experiments.rooms_long_page` writes it."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from handeye.envs.long_rooms import KINDS, sample_long_goal
from handeye.envs.long_rooms.goals import VAGUENESSES
from handeye.experiments.run_folder import write_text_atomic
from handeye.experiments.tables import insert, markdown

BEGIN = "<!-- written by `python -m handeye.experiments.rooms_long_page` -->"
END = "<!-- end of what is written by the command -->"


@dataclass(frozen=True)
class RoomsLongPageConfig:
    """What to write.

    Attributes:
        page: the Markdown file with the markers.
    """

    page: Path = Path("docs/rooms_long.md")


def run(config: RoomsLongPageConfig) -> int:
    """Write the table into the page."""
    text = config.page.read_text()
    write_text_atomic(config.page, insert(text, render(), BEGIN, END))
    return 0


def render() -> str:
    """Every kind of instruction: what is to be done, its lengths, and words of each vagueness."""
    rows = []
    for number, (name, kind) in enumerate(KINDS.items()):
        length = next(iter(kind.sizes))
        rng = np.random.default_rng(number)
        said = [
            sample_long_goal(rng, kind=name, length=length, vagueness=v).said.words.strip()
            for v in VAGUENESSES
        ]
        words = "<br>".join(f"“{words}”" for words in said)
        rows.append((f"`{name}`", kind.summary, ", ".join(kind.sizes), words))
    return markdown(("kind", "what is to be done", "lengths", " / ".join(VAGUENESSES)), rows)


if __name__ == "__main__":
    sys.exit(run(tyro.cli(RoomsLongPageConfig, use_underscores=True)))
