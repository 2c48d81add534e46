"""The tasks of the suite `rooms` by name, and the suite."""

from handeye.envs.core.registry import Suite
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
ROOMS_CORE = Suite(
    "rooms",
    2,
    (
        *("point_goal", "object_goal", "room_goal", "relational"),
        *("go_back", "count_things", "follow_sign", "route_following"),
    ),
)

__all__ = ["ROOMS_CORE", "ROOM_SPLITS", "ROOM_TASKS", "RoomTask"]
