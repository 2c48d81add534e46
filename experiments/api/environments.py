"""Environments by name, and which names there are."""

from typing import Any

import gymnasium

from handeye.base.names import look_up
from handeye.envs import register_environments
from handeye.envs.suites import WORLDS, load_extensions, make_suite_env, register_task

PREFIX = "handeye/"


def make(id_or_task: str | type[Any], **options: Any) -> gymnasium.Env[Any, Any]:
    """Make an environment.

    Args:
        id_or_task: an id such as "handeye/PutIn-v1", a task such as "put_in" or a suite such as
            "tabletop-core", of which each reset draws a task, see `list_suites`; or a task of your
            own, a class.
        options: arguments of the environment: `split`, `action_mode`, `cameras`, `image_size_px`,
            `depth`, `segmentation`, `render_mode` and others.

    Raises:
        UnknownName: there is nothing of that name; a `ValueError` that tells near ones.
        ValueError: the class is no task, or its name is taken.
    """
    id_or_task = suite_name(id_or_task)
    if id_or_task.startswith(PREFIX):
        register_environments()
        ids = {name: name for name in gymnasium.registry if name.startswith(PREFIX)}
        return gymnasium.make(look_up("environment", id_or_task, ids), **options)
    return make_suite_env(id_or_task, **options)


def list_suites() -> dict[str, tuple[str, ...]]:
    """Return every suite's name and its tasks; a task's own name is a suite of one, too.

    Raises:
        ExtensionError: two packages claim one name, or a package cannot be used.
    """
    load_extensions()
    return {name: tuple(tasks) for world in WORLDS for name, tasks in world.suites.items()}


def suite_name(suite: str | type[Any]) -> str:
    """Return the name of a suite or task; a class is registered as a task of this process.

    Raises:
        ValueError: the class is no task, or its name is taken.
    """
    if isinstance(suite, str):
        return suite
    register_task(suite)
    return str(suite.name)
