"""Closed-loop skills of a wheeled base in an apartment: they end by themselves and say how.

All of them act on the map that depth and odometry make and on what was seen; nothing here reads
the simulator's state.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handeye.agents.tools.rooms_context import RoomsContext
from handeye.agents.tools.rooms_memory import KnownObject
from handeye.agents.tools.skills import SkillResult
from handeye.perception.mapping.known_rooms import floor_inside, floor_seen, room_cells
from handeye.policies.navigation.explorer import look_at
from handeye.policies.navigation.grid_planner import LEFT, RIGHT, STOP, TURN_RAD

NEAR_THING_M = 0.65
NEAR_POINT_M = 0.3
INSIDE_M = 0.1
MOST_STEPS = 250  # One way takes at most so many steps.
SURVEY_STEPS = 120  # A look through a room takes at most so many steps, once inside.
LOOK_EVERY = 8  # A room's known floor is looked up anew after so many steps.
DOOR_CELLS = 6  # The frontiers of a room may be so many cells outside of its known floor.


def turn(context: RoomsContext, degrees: float) -> SkillResult:
    """Turn on the spot, left for a positive angle, to the nearest 15 degrees."""
    count = round(math.radians(abs(degrees)) / TURN_RAD)
    for _ in range(count):
        context.act(LEFT if degrees > 0 else RIGHT)
    side = "left" if degrees > 0 else "right"
    return SkillResult(True, f"turned {count * round(math.degrees(TURN_RAD))} degrees {side}")


def turn_around(context: RoomsContext) -> None:
    """See all directions from here."""
    seen_at_once = context.explorer.floor.camera.fov_rad
    for _ in range(math.ceil((math.tau - seen_at_once) / TURN_RAD)):
        context.act(LEFT)


def go_to_thing(context: RoomsContext, thing: KnownObject) -> SkillResult:
    """Drive up to a thing and look at it."""
    if not _drive(context, lambda: context.explorer.to_goal(thing.points_m, NEAR_THING_M)):
        reason = f"there is no way to the {context.memory.name_of(thing)}"
        return SkillResult(False, reason, "unreachable")
    x, y = thing.points_m.mean(0).tolist()
    _drive(context, lambda: look_at(context.explorer.pose, x, y))
    room = context.memory.room_of(thing)
    where = f" in the {room}" if room else ""
    return SkillResult(True, f"at the {context.memory.name_of(thing)}{where}")


def go_into_room(context: RoomsContext, room: str) -> SkillResult:
    """Drive well into a room that has been seen; first to where any floor of it was seen."""
    if _drive(context, _WayIn(context, room).next_action) or context.room == room:
        return SkillResult(True, f"in the {room}")
    return SkillResult(False, f"there is no way into the {room} that is known", "unreachable")


class _WayIn:
    """The way into a room, whose known floor is looked up anew every `LOOK_EVERY` steps."""

    def __init__(self, context: RoomsContext, room: str) -> None:
        self._context, self._room = context, room
        self._inside: NDArray[np.float64] | None = None
        self._seen: NDArray[np.float64] | None = None
        self._steps = 0

    def next_action(self) -> int | None:
        """Return the next action, None where there is no way."""
        explorer, channel = self._context.explorer, self._context.channel(self._room)
        if self._steps % LOOK_EVERY == 0:
            self._inside = floor_inside(explorer.floor, channel)
            self._seen = floor_seen(explorer.floor, channel)
        self._steps += 1
        if self._inside is not None:
            return explorer.to_goal(self._inside, INSIDE_M)
        action = None if self._seen is None else explorer.to_goal(self._seen, INSIDE_M)
        return _explore_room(self._context, self._room) if action in (None, STOP) else action


def go_to_start(context: RoomsContext) -> SkillResult:
    """Drive back to where the robot stood at first."""
    if not _drive(context, lambda: context.explorer.to_point(0.0, 0.0, NEAR_POINT_M)):
        return SkillResult(False, "there is no way back to the start", "unreachable")
    return SkillResult(True, "back at the start")


def explore(context: RoomsContext, found: Callable[[], bool]) -> bool:
    """Go on to what is unknown until something is found; False if all is known and it is not.

    Looking into cracks takes half as long again and shows hardly anything, except where furniture
    leaves nothing else that leads out of the first room.

    Raises:
        CannotDo: the episode is over.
    """
    while not found():
        action = context.explorer.explore(cracks=False)
        if action is None and len(context.known_rooms()) <= 1:
            action = context.explorer.explore(cracks=True)
        if action is None and context.explorer.try_harder():
            continue
        if action is None:
            context.end_exploring()
            return found()
        context.act(action)
    return True


def get_to_know(context: RoomsContext) -> None:
    """With eyes that guess, go through the whole home once before anything is looked for in it.

    Raises:
        CannotDo: the episode is over.
    """
    context.watch()
    if context.perception.guesses and not context.explored:
        explore(context, lambda: False)


def survey(context: RoomsContext, room: str) -> SkillResult:
    """Go into a room, look around, and go where parts of it were not seen."""
    entered = go_into_room(context, room)
    if not entered.ok:
        return entered
    turn_around(context)
    for _ in range(SURVEY_STEPS):
        action = _explore_room(context, room)
        if action is None:
            break
        context.act(action)
    return SkillResult(True, f"looked through the {room}")


def _explore_room(context: RoomsContext, room: str) -> int | None:
    """Towards what is unknown in a room; None if nothing of it is."""
    known = room_cells(context.explorer.floor, context.channel(room))
    if known is None:
        return None
    grown = ndimage.binary_dilation(known, iterations=DOOR_CELLS)
    return context.explorer.explore(np.asarray(grown), cracks=False)


def _drive(context: RoomsContext, next_action: Callable[[], int | None]) -> bool:
    """Act until there is nothing left to do; False where there is no way, or it takes too long.

    Raises:
        CannotDo: the episode is over.
    """
    context.watch()
    for _ in range(MOST_STEPS):
        action = next_action()
        if action is None:
            return False
        if action == STOP:
            return True
        context.act(action)
    return False
