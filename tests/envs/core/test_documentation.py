"""Every environment and every task says the same things under the same headings."""

import inspect

import pytest

from handeye.envs.core.documentation import SECTIONS, headed, own_sections, sections
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.suites import WORLDS
from handeye.envs.tabletop.env import TabletopEnv

TASKS = {name: task for world in WORLDS for name, task in world.tasks.items()}


@pytest.mark.parametrize("env", [TabletopEnv, RoomsEnv])
def test_environments_say_everything_themselves(env: type) -> None:
    assert tuple(own_sections(env)) == SECTIONS
    assert all(own_sections(env).values())


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_the_sections(name: str) -> None:
    assert tuple(sections(TASKS[name])) == SECTIONS
    assert {"Description", "Instructions", "Success"} <= set(own_sections(TASKS[name]))
    assert all(text and "Args:" not in text for text in sections(TASKS[name]).values())
    first = (inspect.getdoc(TASKS[name]) or "").split("\n\n")[0]
    assert first.endswith(".")


def test_sections_are_read_from_a_docstring_and_its_bases() -> None:
    class Base:
        """A base.

        ## Actions
        All of them.

        Attributes:
            none: at all.
        """

    class Own(Base):
        __doc__ = headed("Own.", Description="It is.", Episode_end="Never.")

    assert sections(Own) == {
        "Description": "It is.",
        "Actions": "All of them.",
        "Episode end": "Never.",
    }
    assert own_sections(int) == {}
