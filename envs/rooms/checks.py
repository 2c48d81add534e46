"""Refuse scenes of rooms that make no sense; every error names the thing or room at fault."""

from collections.abc import Iterator

from handeye.base.names import unknown_name_message
from handeye.envs.rooms.scene.geodesic import CLEARANCE_M
from handeye.envs.rooms.scene.mobile_base import RADIUS_M
from handeye.envs.rooms.scene.scene import Leg, RoomGoal, RoomScene
from handeye.envs.rooms.scene.viewpoints import places_in_room
from handeye.envs.rooms.tasks.task import RoomTask, shortest_path_m


def check_scene(scene: RoomScene, task: RoomTask, goal: RoomGoal) -> None:
    """Refuse a scene in which the robot cannot start or cannot do what is asked.

    Raises:
        ValueError: the start is in a wall, in furniture or outside; the goal names what is not
            there; the goal cannot be reached.
    """
    check_start(scene)
    check_names(scene, goal)
    _check_ways(scene, goal, task.legs(scene, goal))


def check_start(scene: RoomScene) -> None:
    """Refuse a start where the robot does not fit.

    Raises:
        ValueError: it is not finite, outside all rooms, or in what is named.
    """
    x, y = scene.start.xy
    if not abs(x) + abs(y) + abs(scene.start.yaw_rad) < float("inf"):
        raise ValueError(f"the start {scene.start} is not finite; give metres and radians")
    if scene.apartment.room_at(x, y) < 0:
        raise ValueError(f"the start ({x:.2f}, {y:.2f}) lies in no room of the apartment")
    if not scene.free.is_free(x, y):
        raise ValueError(
            f"the robot, {RADIUS_M} m in radius, does not fit at the start ({x:.2f}, {y:.2f}): "
            f"{_obstacle(scene, x, y)} is there"
        )


def check_names(scene: RoomScene, goal: RoomGoal) -> None:
    """Refuse a goal that names a thing or a room that the apartment does not have.

    Raises:
        ValueError: which name, and those that are nearest to it.
    """
    known = {*scene.things, *(room.kind for room in scene.apartment.rooms)}
    for name in (*goal.referred, *(step.landmark for step in goal.steps if step.landmark)):
        if name not in known:
            raise ValueError(unknown_name_message("landmark", name, known))


def _check_ways(scene: RoomScene, goal: RoomGoal, legs: tuple[Leg, ...]) -> None:
    for x, y in (point for leg in legs for point in leg.points_m):
        if not scene.free.is_free(x, y):
            what = _obstacle(scene, x, y)
            raise ValueError(f"the robot does not fit at ({x:.2f}, {y:.2f}): {what} is there")
    if shortest_path_m(scene, legs) < float("inf"):
        return
    if not scene.on_main_floor(*scene.start.xy):
        x, y = scene.start.xy
        raise ValueError(f"the start ({x:.2f}, {y:.2f}) is closed off from most of the apartment")
    for kind in _rooms_of(scene, goal):
        if not len(places_in_room(scene, scene.room_index(kind))):
            raise ValueError(
                f"there is no way from the start to the {kind}: no door leads there, or furniture "
                "closes it off"
            )
    goals = " and ".join(map(repr, goal.referred)) or f"the point {goal.place_m}"
    raise ValueError(f"{goals} cannot be reached: furniture leaves no free place there")


def _rooms_of(scene: RoomScene, goal: RoomGoal) -> Iterator[str]:
    """Kinds of the rooms that the goal is about."""
    rooms = scene.apartment.rooms
    for name in goal.referred:
        yield rooms[scene.things[name].room].kind if name in scene.things else name
    if goal.place_m is not None and (room := scene.apartment.room_at(*goal.place_m)) >= 0:
        yield rooms[room].kind


def _obstacle(scene: RoomScene, x: float, y: float) -> str:
    """What the robot would touch at a point, in words."""
    pieces = [scene.things[piece.name] for piece in scene.apartment.furniture]
    near_m = scene.free.radius_m + CLEARANCE_M
    touched = [thing for thing in pieces if thing.footprint.grown(near_m).contains(x, y)]
    if touched:
        return repr(min(touched, key=lambda thing: thing.distance_m(x, y)).name)
    room = scene.apartment.room_at(x, y)
    return f"a wall of the {scene.apartment.rooms[room].kind}" if room >= 0 else "the outside"
