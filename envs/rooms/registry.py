"""The tasks and suites of apartments by name: `rooms`, and `rooms-long` with its kinds."""

from handeye.envs.core.registry import Registry
from handeye.envs.rooms.long.task import LONG_ROOM_TASKS, ROOMS_LONG
from handeye.envs.rooms.tasks import ROOM_TASKS, ROOMS_CORE, RoomTask

ROOMS: Registry[RoomTask] = Registry(
    RoomTask, {**ROOM_TASKS, **LONG_ROOM_TASKS}, (ROOMS_CORE, ROOMS_LONG)
)
