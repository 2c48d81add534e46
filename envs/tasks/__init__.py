"""The tasks of single skills by name and the suite made of them."""

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

__all__ = [
    "SPLITS",
    "SUITES",
    "TASKS",
    "Goal",
    "Subgoal",
    "Task",
    "pursuable",
]
