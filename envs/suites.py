"""Every suite by name: which environment it runs in, its tasks, splits and action modes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.base.names import look_up
from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.core.episode_file import episode_format
from handeye.envs.core.extensions import SUITES, TASKS, check_loaded, offers
from handeye.envs.core.registry import Registry, Suite
from handeye.envs.rooms import registry as rooms_registry
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.episode import RoomEpisode
from handeye.envs.rooms.long.task import LongRoomTask
from handeye.envs.rooms.scene.mobile_base import BASE_MODES
from handeye.envs.rooms.tasks import RoomTask
from handeye.envs.tabletop import registry
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.tasks import Task
from handeye.envs.tabletop.world.arm import ACTION_MODES


@dataclass(frozen=True)
class World:
    """What the suites of one environment share.

    Attributes:
        env: makes the environment of a suite or task; the first argument is its name.
        registry: of tasks and suites; two worlds of one environment share it.
        base: what the tasks of this world are subclasses of.
        action_modes: the first is the default.
        besides: subclasses of `base` that belong to another world.
    """

    env: Callable[..., InstructedEnv]
    registry: Registry[Any]
    base: type[Any]
    action_modes: tuple[str, ...]
    besides: tuple[type[Any], ...] = ()

    def owns(self, task: type[Any]) -> bool:
        """Return whether a class is a task of this world."""
        return issubclass(task, self.base) and not issubclass(task, self.besides)

    @property
    def tasks(self) -> dict[str, type[Any]]:
        """Name -> class."""
        return {name: task for name, task in self.registry.tasks.items() if self.owns(task)}

    @property
    def suites(self) -> dict[str, tuple[str, ...]]:
        """Name -> names of its tasks."""
        tasks = self.tasks
        return {s.name: s.tasks for s in self.registry.suites.values() if s.tasks[0] in tasks}

    @property
    def splits(self) -> tuple[str, ...]:
        """Distributions of scenes and words."""
        named = (self.registry.splits_of(suite) for suite in self.suites)
        return tuple(dict.fromkeys(split for splits in named for split in splits))


TABLETOP = World(TabletopEnv, registry.TABLETOP, Task, ("ee_pose", "ee_delta"))
ROOMS = World(RoomsEnv, rooms_registry.ROOMS, RoomTask, tuple(BASE_MODES), (LongRoomTask,))
ROOMS_LONG = World(RoomsEnv, rooms_registry.ROOMS, LongRoomTask, tuple(BASE_MODES))
WORLDS = (TABLETOP, ROOMS, ROOMS_LONG)
assert set(TABLETOP.action_modes) == set(ACTION_MODES)


def world_of(suite: str) -> World:
    """Return the world of a suite or task; other packages' are looked at too.

    Raises:
        UnknownName: there is none of that name.
        ExtensionError: two packages claim the name, or the one that offers it cannot be used.
    """
    for world in WORLDS:
        if world.registry.knows(suite):
            first = world.registry.tasks[world.registry.tasks_of(suite)[0]]
            return next(each for each in WORLDS if each.owns(first))
    check_loaded(suite)
    known = {name: world for world in WORLDS for name in (*world.suites, *world.tasks)}
    return look_up("suite or task", suite, known)


def tasks_of(suite: str, split: str = "seen") -> tuple[str, ...]:
    """Return the names of a suite's tasks in a split; a task's own name is a suite of one.

    Raises:
        UnknownName: there is none of that name.
        ExtensionError: two packages claim the name, or the one that offers it cannot be used.
    """
    return world_of(suite).registry.tasks_of(suite, split)


def suite_version(suite: str) -> int:
    """Return the version of a suite; 0 of a task's own name.

    Raises:
        UnknownName: there is none of that name.
        ExtensionError: two packages claim the name, or the one that offers it cannot be used.
    """
    found = world_of(suite).registry.suites.get(suite)
    return found.version if found is not None else 0


def worded_tasks(suite: str, split: str = "seen") -> tuple[str, ...]:
    """Return the tasks of a split that a mean over tasks is about: those that test the words.

    Where no task does, all of them.

    Raises:
        UnknownName: there is no suite of that name.
        ExtensionError: two packages claim the name, or the one that offers it cannot be used.
    """
    tasks, classes = tasks_of(suite, split), world_of(suite).registry.tasks
    return tuple(task for task in tasks if classes[task].tests_words) or tasks


def register_task(task: type[Any]) -> None:
    """Add a task of one's own to this process: it can be named wherever a suite or task can.

    Worker processes import what a package offers (entry points `handeye.tasks`) and know nothing of
    what was registered by hand, so this is for `workers=0`, notebooks and tests.

    Args:
        task: a subclass of `handeye.envs.tabletop.tasks.Task` or `handeye.envs.rooms.tasks
            .RoomTask` with a `name` of its own.

    Raises:
        ValueError: it is neither, or has no name, or another task has that name.
    """
    _registry_for(task).add_task(task)


def register_suite(suite: Suite) -> None:
    """Add a suite of one's own to this process, as `register_task` does.

    Args:
        suite: its name, version and the names of its tasks, all of one environment.

    Raises:
        UnknownName: one of its tasks does not exist.
        ValueError: it has no tasks, or another suite or task has its name.
    """
    if not suite.tasks:
        raise ValueError(f"the suite {suite.name!r} has no tasks; name one or more")
    world_of(suite.tasks[0]).registry.add_suite(suite)


def load_extensions() -> None:
    """Load every task and suite that other packages offer, so that they can be listed.

    Raises:
        ExtensionError: two packages claim one name, or a package cannot be used.
    """
    for name in (*offers(TASKS), *offers(SUITES)):
        world_of(name)


def _registry_for(task: Any) -> Registry[Any]:
    for world in WORLDS:
        if isinstance(task, type) and world.registry.accepts(task):
            return world.registry
    raise ValueError(
        f"{task!r} is no task; derive a class from handeye.envs.tabletop.tasks.Task or from "
        "handeye.envs.rooms.tasks.RoomTask"
    )


def check_split(suite: str, split: str) -> None:
    """Raise UnknownName, a ValueError, if the suite has no such split."""
    look_up(f"split of {suite}", split, dict.fromkeys(world_of(suite).registry.splits_of(suite)))


def action_mode_of(suite: str, wanted: str | None) -> str:
    """The action mode wanted for a suite, or its usual one.

    Raises:
        UnknownName: the suite has no such mode.
    """
    modes = world_of(suite).action_modes
    return look_up("action mode", wanted or modes[0], {mode: mode for mode in modes})


def make_suite_env(suite: str, *, action_mode: str | None = None, **options: Any) -> InstructedEnv:
    """The environment of a suite or task, by default in the suite's usual action mode.

    Args:
        suite: a suite or a task.
        action_mode: one of the suite's.
        options: further arguments of `TabletopEnv` or `RoomsEnv`.
    """
    mode = action_mode_of(suite, action_mode)
    return world_of(suite).env(suite, action_mode=mode, **options)


def load_episode(path: Path) -> Episode | RoomEpisode:
    """A recorded episode of any suite.

    Raises:
        ValueError: the file is no whole episode.
    """
    if episode_format(path) == RoomEpisode.form:
        return RoomEpisode.load(path)
    return Episode.load(path)
