"""The suites of apartments and their tasks by name: `rooms`, and `rooms-long` with its kinds."""

from handeye.base.names import look_up
from handeye.envs.rooms.long.sampling import LONG_SPLITS
from handeye.envs.rooms.long.task import LONG_ROOM_TASKS
from handeye.envs.rooms.tasks import ROOM_SPLITS, ROOM_SUITES, ROOM_TASKS, RoomTask

LONG_ROOM_SUITES: dict[str, tuple[str, ...]] = {"rooms-long": tuple(LONG_ROOM_TASKS)}
ALL_TASKS: dict[str, type[RoomTask]] = {**ROOM_TASKS, **LONG_ROOM_TASKS}
assert len(ALL_TASKS) == len(ROOM_TASKS) + len(LONG_ROOM_TASKS)


def make_task(name: str) -> RoomTask:
    """A task of any suite of apartments.

    Raises:
        UnknownName: there is none of that name.
    """
    return look_up("task", name, ALL_TASKS)()


def suite_tasks(name: str) -> tuple[str, ...]:
    """Names of the tasks of a suite; a task's own name is a suite of one.

    Raises:
        UnknownName: there is none of that name.
    """
    suites = ROOM_SUITES | LONG_ROOM_SUITES | {task: (task,) for task in ALL_TASKS}
    return look_up("suite or task", name, suites)


def suite_splits(name: str) -> tuple[str, ...]:
    """The splits of a suite or task that there is."""
    return ROOM_SPLITS if suite_tasks(name)[0] in ROOM_TASKS else LONG_SPLITS
