"""The tasks by name and the suites made of them."""

from handeye.envs.names import look_up
from handeye.envs.tasks.move_drawer import MoveDrawer
from handeye.envs.tasks.pick_up import PickUp
from handeye.envs.tasks.place_beside import PlaceBeside
from handeye.envs.tasks.press_button import PressButton
from handeye.envs.tasks.push_to_zone import PushToZone
from handeye.envs.tasks.put_in import PutIn
from handeye.envs.tasks.reach import Reach
from handeye.envs.tasks.stack import Stack
from handeye.envs.tasks.task import SPLITS, Goal, Subgoal, Task, pursuable

TASKS: dict[str, type[Task]] = {
    "reach": Reach,
    "pick_up": PickUp,
    "put_in": PutIn,
    "stack": Stack,
    "push_to_zone": PushToZone,
    "place_beside": PlaceBeside,
    "press_button": PressButton,
    "move_drawer": MoveDrawer,
}
SUITES: dict[str, tuple[str, ...]] = {"tabletop-core": tuple(TASKS)}


def make_task(name: str) -> Task:
    """A task by its name.

    Raises:
        UnknownName: there is none of that name.
    """
    return look_up("task", name, TASKS)()


def suite_tasks(name: str) -> tuple[str, ...]:
    """Names of the tasks of a suite; a task's own name is a suite of one.

    Raises:
        UnknownName: there is none of that name.
    """
    return look_up("suite or task", name, SUITES | {task: (task,) for task in TASKS})


__all__ = [
    "SPLITS",
    "SUITES",
    "TASKS",
    "Goal",
    "Subgoal",
    "Task",
    "make_task",
    "pursuable",
    "suite_tasks",
]
