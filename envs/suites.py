"""Every suite by name: which environment it runs in, its tasks, splits and action modes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.base.names import look_up
from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.core.episode_file import episode_format
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.episode import ROOM_FORMAT, RoomEpisode
from handeye.envs.rooms.long.sampling import LONG_SPLITS
from handeye.envs.rooms.long.task import LONG_ROOM_TASKS
from handeye.envs.rooms.registry import LONG_ROOM_SUITES
from handeye.envs.rooms.scene.mobile_base import BASE_MODES
from handeye.envs.rooms.tasks import ROOM_SPLITS, ROOM_SUITES, ROOM_TASKS
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.registry import TABLETOP_SUITES, TABLETOP_TASKS
from handeye.envs.tabletop.tasks import SPLITS
from handeye.envs.tabletop.world.arm import ACTION_MODES


@dataclass(frozen=True)
class World:
    """What the suites of one environment share.

    Attributes:
        env: makes the environment of a suite or task; the first argument is its name.
        suites: name -> tasks.
        tasks: name -> class.
        splits: which distributions there are.
        action_modes: the first is the default.
    """

    env: Callable[..., InstructedEnv]
    suites: dict[str, tuple[str, ...]]
    tasks: dict[str, type[Any]]
    splits: tuple[str, ...]
    action_modes: tuple[str, ...]


TABLETOP = World(TabletopEnv, TABLETOP_SUITES, TABLETOP_TASKS, SPLITS, ("ee_pose", "ee_delta"))
ROOMS = World(RoomsEnv, ROOM_SUITES, ROOM_TASKS, ROOM_SPLITS, tuple(BASE_MODES))
ROOMS_LONG = World(RoomsEnv, LONG_ROOM_SUITES, LONG_ROOM_TASKS, LONG_SPLITS, tuple(BASE_MODES))
WORLDS = (TABLETOP, ROOMS, ROOMS_LONG)
assert set(TABLETOP.action_modes) == set(ACTION_MODES)


def world_of(suite: str) -> World:
    """The world of a suite or task.

    Raises:
        UnknownName: there is none of that name.
    """
    known = {name: world for world in WORLDS for name in (*world.suites, *world.tasks)}
    return look_up("suite or task", suite, known)


def tasks_of(suite: str) -> tuple[str, ...]:
    """Names of the tasks of a suite; a task's own name is a suite of one.

    Raises:
        UnknownName: there is none of that name.
    """
    return world_of(suite).suites.get(suite, (suite,))


def check_split(suite: str, split: str) -> None:
    """UnknownName, a ValueError, if the suite has no such split."""
    look_up("split", split, dict.fromkeys(world_of(suite).splits))


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
    if episode_format(path) == ROOM_FORMAT:
        return RoomEpisode.load(path)
    return Episode.load(path)
