"""The tasks and suites of the tabletop by name: single skills, and long instructions."""

from handeye.base.names import look_up
from handeye.envs.tabletop.long.task import LONG_SUITES, LONG_TASKS
from handeye.envs.tabletop.tasks import SUITES, TASKS, Task

TABLETOP_TASKS: dict[str, type[Task]] = {**TASKS, **LONG_TASKS}
TABLETOP_SUITES: dict[str, tuple[str, ...]] = SUITES | LONG_SUITES


def make_task(name: str) -> Task:
    """A task by its name.

    Raises:
        UnknownName: there is none of that name.
    """
    return look_up("task", name, TABLETOP_TASKS)()


def suite_tasks(name: str) -> tuple[str, ...]:
    """Names of the tasks of a suite; a task's own name is a suite of one.

    Raises:
        UnknownName: there is none of that name.
    """
    known = TABLETOP_SUITES | {task: (task,) for task in TABLETOP_TASKS}
    return look_up("suite or task", name, known)
