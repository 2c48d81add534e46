"""The pages docs/environments/*.md, made of the headed docstrings of environments and tasks.

`python -m handeye.experiments.showcase.environment_pages` writes them; a test fails when a page is
no longer what the docstrings say.
"""

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from handeye.envs import ENVIRONMENTS
from handeye.envs.core.documentation import sections
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M
from handeye.envs.suites import ROOMS, ROOMS_LONG, TABLETOP, World
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.records.run_folder import write_text_atomic
from handeye.experiments.showcase.catalogue import SPLIT_MEANINGS, task_summary

COMMAND = "python -m handeye.experiments.showcase.environment_pages"


class EnvironmentPage(NamedTuple):
    """What a page is about.

    Attributes:
        title: its heading.
        env: the class whose sections it begins with.
        worlds: whose suites and tasks follow.
        more: a sentence that leads on.
    """

    title: str
    env: type
    worlds: Sequence[World]
    more: str


PAGES = {
    "tabletop.md": EnvironmentPage(
        "The table", TabletopEnv, (TABLETOP,),
        "Kinds of long instructions: [tabletop-long](../tabletop_long.md).",
    ),
    "apartments.md": EnvironmentPage(
        "Apartments", RoomsEnv, (ROOMS, ROOMS_LONG),
        "With pictures: [rooms](../rooms.md); kinds of long instructions: "
        "[rooms-long](../rooms_long.md).",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class EnvironmentPagesConfig:
    """Where to write.

    Attributes:
        pages: the folder.
    """

    pages: Path = Path("docs/environments")


def run(config: EnvironmentPagesConfig) -> int:
    """Write the pages; exit code 0."""
    config.pages.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        write_text_atomic(config.pages / name, render(page))
    return 0


def render(page: EnvironmentPage) -> str:
    """Return a page: the environment's sections, its suites and splits, then every task."""
    parts = [f"<!-- written by `{COMMAND}` -->", f"# {page.title}"]
    parts += [inspect.cleandoc(page.env.__doc__ or "").split("\n\n")[0]]
    parts += [f"## {heading}\n\n{text}" for heading, text in sections(page.env).items()]
    splits = {split: None for world in page.worlds for split in world.splits}
    listed = [f"- `{split}`: {SPLIT_MEANINGS[split]}" for split in splits]
    parts += ["## Splits", "\n".join(listed), "## Tasks", page.more]
    for world in page.worlds:
        for suite, tasks in world.suites.items():
            parts.append(f"### Suite `{suite}`")
            for task in tasks:
                parts += task_part(task, world.tasks[task], page.env)
    return "\n\n".join(parts) + "\n"


def task_part(name: str, task: type, env: type) -> Iterator[str]:
    """Yield what is to be told of a task, without what holds for its whole environment."""
    told = sections(task)
    common = [*sections(env).values(), *sections(task.__mro__[1]).values()]
    summary = task_summary(task)
    yield f"#### `{name}`"
    own_id = f"`handeye/{camel_case(name)}-v1`. " if camel_case(name) in ENVIRONMENTS else ""
    yield f"{own_id}Solved when {summary}."
    for heading, text in told.items():
        if text not in common:
            yield f"**{heading}.** {text.replace('`STOP_WITHIN_M`', f'{STOP_WITHIN_M:g} m')}"


def camel_case(name: str) -> str:
    """Return "put_in" and "rooms-long" as they stand in ids: "PutIn", "RoomsLong"."""
    return "".join(part.capitalize() for part in re.split(r"[_-]", name))


if __name__ == "__main__":
    import tyro

    sys.exit(run(tyro.cli(EnvironmentPagesConfig, use_underscores=True)))
