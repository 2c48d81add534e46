"""Walk by the words of a route: which door they mean on the map so far, and the way through it.

The words mean here what they mean to whoever describes a way. Doors are counted from where one
stands and looks, along the walls of the room, without the one just come through; "turn left" says
along which wall to count. Turns without a count and things that are passed only tell how the
shortest way goes: they count as evidence for a door, beside what shows behind it.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handeye.perception.instructions.navigation_program import ProgramStep
from handeye.perception.mapping.plan_from_map import Doorway, EstimatedPlan, floor_plan
from handeye.policies.modular.door_belief import TURNS, From, Told, door_beliefs, fit_of
from handeye.policies.navigation.explorer import Explorer, look_at
from handeye.policies.navigation.grid_planner import LEFT, STOP, TURN_RAD

# Quarter turns from where the robot looks to the walls on a side.
WALLS = {"left": (1,), "right": (3,), "ahead": (0,), "": (1, 3)}
# `ORDINALS`, `AHEAD_M` and `APART_M` are those of who describes routes (`envs.rooms.routes`);
# `tests/test_twins.py` compares them, and its neighbours how doors are counted.
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth")
AHEAD_M = 0.25  # A door counts if it is farther along the way than this.
APART_M = 0.6  # Doors on opposite sides have a clear order if they are this far apart.
SAME_DOOR_M = 0.6  # Doorways nearer to each other than this are one, seen at different times.
INTO_ROOM_M = 0.5  # The robot is in a room when it is this far behind the doorway.
COMMIT_M = 0.8  # Within this distance of a door the choice is final.
ARRIVE_WITHIN_M = 0.15
LEAST_CELLS = 30  # A room's kind is not judged by fewer cells of its floor.
ROOM_CONFIDENT = 0.5  # A room's mean score from which it is taken for the kind that is sought.
ROOM_BEST_GUESS = 0.1  # The same where every door has been looked through and none is better.
ROOM_ENTERED = 0.2  # The same for the room that the robot has just come into.
DOOR_BELIEVED = 0.6  # A door is taken at this probability before others are looked through.
NEAR_ENOUGH_M = 1.0  # Doors nearer than this all count as equally near.
SEEN_FROM_DOOR_M = 3.0  # Floor within this distance of a door tells the kind of room behind it.
BEFORE_DOOR_M = 0.4  # The robot looks through a door from this far in front of it.

Place = tuple[float, float]


class Here(NamedTuple):
    """Origin of the count of doors: a pose on the map and the door just come through."""

    x_m: float
    y_m: float
    yaw_rad: float
    door: Place | None = None


class Gate(NamedTuple):
    """A door to go through, on the map, and the direction of going through."""

    x_m: float
    y_m: float
    yaw_rad: float

    def at(self, ahead_m: float) -> Place:
        """A place so far behind it."""
        return (
            self.x_m + ahead_m * math.cos(self.yaw_rad),
            self.y_m + ahead_m * math.sin(self.yaw_rad),
        )


class RouteFollower:
    """The state of a walk by words.

    Args:
        steps: of the program.
        explorer: moves on the map.
        rooms: the map's channel for each room that the words name.
        points_of: where the thing of a step shows on the map, (N, 2) m, if it does.
    """

    def __init__(
        self,
        steps: Sequence[ProgramStep],
        explorer: Explorer,
        rooms: Mapping[str, int],
        points_of: Callable[[ProgramStep], NDArray[np.float64] | None],
    ) -> None:
        self._steps, self._explorer, self._rooms = list(steps), explorer, rooms
        self._points_of = points_of
        self._last_plan: EstimatedPlan | None = None
        self._planned = 0  # images on the map when it was made
        self._looks_left = 1  # from the middle of the room
        self._come_to(Here(0.0, 0.0, 0.0), (0.0, 0.0))

    def pursue(self, index: int) -> int | None:
        """Act towards what a step without an object means; `STOP` when done, None if not found."""
        step = self._steps[index]
        if step.op in TURNS:
            self._turn = step.op
            return STOP
        plan = self.plan()
        room = 0 if plan is None else plan.room_at(*self._inside)
        if step.op == "stop":
            return self._to_middle(plan, room, step)
        if step.op == "stop at door" and not any(step[1:]):
            return STOP
        after_leave = index > 0 and self._steps[index - 1].op == "leave"
        if plan is not None and step.op == "enter" and step.room and after_leave:
            likeness = self._likeness(plan, room, step.room, self._inside)
            if likeness is not None and likeness >= ROOM_ENTERED:
                return STOP  # "leave the study, enter the hallway" is one doorway
        return self._through(plan, room, index)

    def look_on(self) -> int | None:
        """Look around in the room, from where it was entered and from its middle, then None."""
        while True:
            turn = self.look_around()
            if turn is not None:
                return turn
            plan = self.plan()
            room = 0 if plan is None else plan.room_at(*self._inside)
            if plan is None or not room or not self._looks_left:
                return None
            action = self._explorer.to_point(*plan.middle_of(room), ARRIVE_WITHIN_M)
            if action is not None and action != STOP:
                return action
            self._looks_left, self._turned_rad = self._looks_left - 1, 0.0

    def look_around(self) -> int | None:
        """The next turn of a look around from where the robot is, None after the last."""
        if self._turned_rad >= math.tau - self._explorer.floor.camera.fov_rad:
            return None
        self._turned_rad += TURN_RAD
        return LEFT

    def holds(self, x: float, y: float) -> bool:
        """Return whether a place on the map is in the room that the walk has come to."""
        plan = self.plan()
        room = 0 if plan is None else plan.room_at(*self._inside)
        return plan is not None and room > 0 and plan.is_within(room, x, y)

    def come_to_pose(self) -> None:
        """Go on from where the robot is now, however it came there."""
        pose = self._explorer.pose
        self._come_to(Here(*pose), (pose.x_m, pose.y_m))

    def _come_to(self, here: Here, inside: Place) -> None:
        self._here, self._inside = here, inside
        self._turn = ""
        self._gate: Gate | None = None
        self._turned_rad = 0.0
        self._looks_left = 1
        self._at_end = False  # of the room, where the door could not be told before
        self._peeked: list[Place] = []

    def plan(self) -> EstimatedPlan | None:
        """Rooms and doorways on the map so far."""
        floor = self._explorer.floor
        if self._planned != floor.images:
            angle = None if self._last_plan is None else self._last_plan.angle_rad
            self._last_plan, self._planned = floor_plan(floor, angle), floor.images
        return self._last_plan

    # ------------------------------------------------------------------ doors

    def _through(self, plan: EstimatedPlan | None, room: int, index: int) -> int | None:
        """Go through the door that a step means, or only into it."""
        gate, pose = self._gate, self._explorer.pose
        if gate is None or math.dist(gate[:2], pose[:2]) > COMMIT_M:
            door = None if plan is None else self._door_meant(plan, room, index)
            if plan is None or door is None:
                return self._search(plan, room, index)
            x, y = plan.to_map(*door.middle_m)
            yaw = plan.angle_rad + door.outward(room) * math.pi / 2
            gate = self._gate = Gate(x, y, yaw)
        stays = self._stays(index)
        action = self._explorer.to_point(*gate.at(0.0 if stays else INTO_ROOM_M), ARRIVE_WITHIN_M)
        if action == STOP and not stays:
            self._come_to(Here(*gate, gate[:2]), gate.at(INTO_ROOM_M))
        return action

    def _stays(self, index: int) -> bool:
        """Return whether the walk ends in the door that a step is about."""
        following = self._steps[index + 1 : index + 2]
        return self._steps[index].op == "stop at door" or following == [ProgramStep("stop at door")]

    def _door_meant(self, plan: EstimatedPlan, room: int, index: int) -> Doorway | None:
        """The door that a step means, as far as it can be told by now."""
        step, doors = self._steps[index], plan.doors_of(room)
        others = [door for door in doors if not self._came_through(plan, door)]
        if step.room and step.op != "leave":
            return self._door_to(plan, room, step.room, others or doors, index)
        if not self._has_looked():
            return None
        if step.op == "leave":
            return self._exit(plan, room, index, others)
        u, v = plan.to_plan(self._here.x_m, self._here.y_m)
        counted = counted_doors(others, room, (u, v), self._quarter(plan), step.side)
        number = max(ORDINALS.index(step.ordinal), 1)
        if number <= len(counted):
            return counted[number - 1]
        only = others if len(others) == 1 else ()
        return None if self._looks_left else next(iter(counted[::-1] or only), None)

    def _quarter(self, plan: EstimatedPlan) -> int:
        """Direction along whose walls doors are counted, quarter turns from +u."""
        return (plan.quarter(self._here.yaw_rad) + TURNS.get(self._turn, 0)) % 4

    def _came_through(self, plan: EstimatedPlan, door: Doorway) -> bool:
        came = self._here.door
        return came is not None and math.dist(plan.to_map(*door.middle_m), came) <= SAME_DOOR_M

    def _has_looked(self) -> bool:
        turned = self._turned_rad >= math.tau - self._explorer.floor.camera.fov_rad
        return turned or self._looks_left == 0

    def _exit(
        self, plan: EstimatedPlan, room: int, index: int, exits: Sequence[Doorway]
    ) -> Doorway | None:
        """The way out: to the room that is entered next, or the nearest, once all is seen."""
        following = self._steps[index + 1] if index + 1 < len(self._steps) else None
        if following is not None and following.op == "enter" and following.room:
            door = self._door_to(plan, room, following.room, exits, index)
            if door is not None or not self._has_peeked(plan, room, exits):
                return door
            if self._looks_left and not plan.is_closed(room):
                return None  # it may have another door, to that room
        if not exits:
            exits = () if self._looks_left else plan.doors_of(room)
        here = plan.to_plan(self._here.x_m, self._here.y_m)
        return min(exits, key=lambda door: math.dist(door.middle_m, here), default=None)

    def _door_to(
        self, plan: EstimatedPlan, room: int, kind: str, doors: Sequence[Doorway], index: int
    ) -> Doorway | None:
        """The door that leads to that kind of room, once that is likely enough."""
        if not doors:
            return None
        beliefs = self._beliefs(plan, room, kind, doors, index)
        best = int(np.argmax(beliefs))
        near = plan.to_map(*doors[best].middle_m)
        likeness = self._likeness(plan, doors[best].beyond(room), kind, near) or 0.0
        settled = self._has_looked() and self._has_peeked(plan, room, doors)
        believed = beliefs[best] >= DOOR_BELIEVED and self._has_looked()
        enough = ROOM_BEST_GUESS if settled or believed else ROOM_CONFIDENT
        return doors[best] if likeness >= enough else None

    def _beliefs(
        self, plan: EstimatedPlan, room: int, kind: str, doors: Sequence[Doorway], index: int
    ) -> list[float]:
        """Return each door's probability to be the one to that kind of room that a step means."""
        told = self._told(index)
        places = [plan.to_map(*door.middle_m) for door in doors]
        start = From(*self._here[:3])
        return door_beliefs(
            [
                self._likeness(plan, door.beyond(room), kind, near)
                for door, near in zip(doors, places, strict=True)
            ],
            [fit_of(told, start, near) for near in places],
        )

    def _told(self, index: int) -> list[Told]:
        """Return what the steps right before one tell about the way to its door."""
        before = self._steps[:index]
        told = []
        while before and (before[-1].op in TURNS or before[-1].op == "pass"):
            step = before.pop()
            told.append(Told(step, self._points_of(step) if step.op == "pass" else None))
        return told

    def _likeness(self, plan: EstimatedPlan, room: int, kind: str, near: Place) -> float | None:
        """Mean score of a room's floor about a place for a kind of room; None if little is seen."""
        floor = self._explorer.floor
        cells = plan.cells_of(room) if room else None
        if cells is None or not len(cells):
            return None
        away = floor.points_of(cells) - near
        cells = cells[(away**2).sum(1) <= SEEN_FROM_DOOR_M**2]
        cells = cells[floor.scored[cells[:, 0], cells[:, 1]]]
        if len(cells) < LEAST_CELLS:
            return None
        return float(floor.scores[cells[:, 0], cells[:, 1], self._rooms[kind]].mean())

    # ------------------------------------------------------------------ search

    def _search(self, plan: EstimatedPlan | None, room: int, index: int) -> int | None:
        """Look around; then through the doors if a room is sought, else along the walls."""
        step = self._steps[index]
        if plan is not None and room and self._has_looked():
            action = self._peek(plan, room, index) if step.room else self._walk_on(plan, room)
            if action is not None:
                return action
        action = self.look_on()
        if action is None and not step.room:
            return STOP  # what comes after it may lead on
        return action

    def _walk_on(self, plan: EstimatedPlan, room: int) -> int | None:
        """Go on along the walls where a counted door must be; None at the end of the room."""
        if self._at_end:
            return None
        end = plan.end_of(room, self._quarter(plan))
        action = self._explorer.to_point(*end, ARRIVE_WITHIN_M)
        if action is None or action == STOP:
            self._at_end, self._turned_rad = True, 0.0
            return self.look_around()
        return action

    def _has_peeked(self, plan: EstimatedPlan, room: int, doors: Sequence[Doorway]) -> bool:
        return not any(self._unseen(plan, room, door) for door in doors)

    def _unseen(self, plan: EstimatedPlan, room: int, door: Doorway) -> bool:
        """Return whether the robot has not looked into the room behind a door."""
        if self._came_through(plan, door):
            return False
        x, y = plan.to_map(*door.middle_m)
        return all(math.dist((x, y), place) > SAME_DOOR_M for place in self._peeked)

    def _peek(self, plan: EstimatedPlan, room: int, index: int) -> int | None:
        """Go to a door not yet looked through and look; None if there is none.

        Doors that are likely the way there come first. One that cannot be reached counts as looked
        through, so that each is tried once at most.
        """
        pose, step = self._explorer.pose, self._steps[index]
        here = plan.to_plan(pose.x_m, pose.y_m)
        following = self._steps[index + 1 : index + 2]
        if step.op == "leave" and following and following[0].op == "enter" and following[0].room:
            step = following[0]  # The room behind the door is what is sought.
        while doors := [door for door in plan.doors_of(room) if self._unseen(plan, room, door)]:
            beliefs = self._beliefs(plan, room, step.room, doors, index)
            away = [max(math.dist(door.middle_m, here), NEAR_ENOUGH_M) for door in doors]
            door = doors[int(np.argmin(np.divide(away, beliefs)))]
            yaw = plan.angle_rad + door.outward(room) * math.pi / 2
            gate = Gate(*plan.to_map(*door.middle_m), yaw)
            action = self._explorer.to_point(*gate.at(-BEFORE_DOOR_M), ARRIVE_WITHIN_M)
            if action == STOP:
                action = look_at(pose, *gate.at(1.0))
            if action is not None and action != STOP:
                return action
            self._peeked.append(gate[:2])
        return None

    def _to_middle(self, plan: EstimatedPlan | None, room: int, step: ProgramStep) -> int | None:
        """Go to the middle of the room that the walk has come to."""
        if not self._has_looked():
            return self.look_on()
        if plan is None or not room:
            return None
        if (
            step.room
            and (self._likeness(plan, room, step.room, self._inside) or 0.0) < ROOM_BEST_GUESS
        ):
            return None
        action = self._explorer.to_point(*plan.middle_of(room), ARRIVE_WITHIN_M)
        return STOP if action is None else action


def counted_doors(
    doors: Sequence[Doorway], room: int, here: Place, quarter: int, side: str
) -> list[Doorway]:
    """Doors in the order in which they are come to, by someone who walks along the walls.

    Args:
        doors: of the room, without the one just come through.
        room: its number.
        here: u, v of where the walk begins.
        quarter: of its direction, quarter turns from +u.
        side: "left", "right", "ahead" for the far wall, or "" for left and right together, as far
            as their order is clear.
    """
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
    found = []
    for door in doors:
        along = cos * (door.middle_m[0] - here[0]) + sin * (door.middle_m[1] - here[1])
        if (door.outward(room) - quarter) % 4 in WALLS[side] and along > AHEAD_M:
            found.append((along, door))
    found.sort(key=lambda pair: pair[0])
    if not side:
        for index in range(1, len(found)):
            if found[index][0] - found[index - 1][0] < APART_M:
                return [door for _, door in found[: index - 1]]
    return [door for _, door in found]
