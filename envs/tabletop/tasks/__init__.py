"""The tasks of single skills by name, and the suite `tabletop-core` made of them."""

from handeye.envs.core.registry import Suite
from handeye.envs.tabletop.tasks.move_drawer import MoveDrawer
from handeye.envs.tabletop.tasks.pick_up import PickUp
from handeye.envs.tabletop.tasks.place_beside import PlaceBeside
from handeye.envs.tabletop.tasks.press_button import PressButton
from handeye.envs.tabletop.tasks.push_to_zone import PushToZone
from handeye.envs.tabletop.tasks.put_in import PutIn
from handeye.envs.tabletop.tasks.reach import Reach
from handeye.envs.tabletop.tasks.stack import Stack
from handeye.envs.tabletop.tasks.task import SPLITS, Start, Task, pursuable
from handeye.envs.tabletop.world.goal import Goal, Subgoal

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
CORE = Suite(
    "tabletop-core",
    2,
    (
        *("reach", "pick_up", "put_in", "stack"),
        *("push_to_zone", "place_beside", "press_button", "move_drawer"),
    ),
)

__all__ = [
    "CORE",
    "SPLITS",
    "TASKS",
    "Goal",
    "Start",
    "Subgoal",
    "Task",
    "pursuable",
]
