"""The tasks of the suite `rooms` by name."""

from handeye.base.names import look_up
from handeye.envs.rooms.tasks.count_things import CountThings
from handeye.envs.rooms.tasks.follow_sign import FollowSign
from handeye.envs.rooms.tasks.go_back import GoBack
from handeye.envs.rooms.tasks.object_goal import ObjectGoal
from handeye.envs.rooms.tasks.point_goal import PointGoal
from handeye.envs.rooms.tasks.relational import Relational
from handeye.envs.rooms.tasks.room_goal import RoomGoalTask
from handeye.envs.rooms.tasks.route_following import RouteFollowing
from handeye.envs.rooms.tasks.task import ROOM_SPLITS, RoomTask

ROOM_TASKS: dict[str, type[RoomTask]] = {
    "point_goal": PointGoal,
    "object_goal": ObjectGoal,
    "room_goal": RoomGoalTask,
    "relational": Relational,
    "go_back": GoBack,
    "count_things": CountThings,
    "follow_sign": FollowSign,
    "route_following": RouteFollowing,
}
ROOM_SUITES: dict[str, tuple[str, ...]] = {"rooms": tuple(ROOM_TASKS)}


def make_room_task(name: str) -> RoomTask:
    """A task by its name.

    Raises:
        UnknownName: there is none of that name.
    """
    return look_up("task", name, ROOM_TASKS)()


def room_suite_tasks(name: str) -> tuple[str, ...]:
    """Names of the tasks of a suite; a task's own name is a suite of one.

    Raises:
        UnknownName: there is none of that name.
    """
    return look_up("suite or task", name, ROOM_SUITES | {task: (task,) for task in ROOM_TASKS})


__all__ = [
    "ROOM_SPLITS",
    "ROOM_SUITES",
    "ROOM_TASKS",
    "RoomTask",
    "make_room_task",
    "room_suite_tasks",
]
