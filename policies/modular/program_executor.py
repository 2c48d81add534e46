"""Carry out a program of navigation on a map whose cells have scores for what the program names.

Each step of the program wants a thing or a room; a map channel per want holds how much each cell
looks like it. Steps are pursued in their order: explore until a want is found, go there, look at
it, go on to the next step. What turns out to look different from near is given up.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from handeye.perception.instructions.navigation_program import ROUTE_OPS, ProgramStep
from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.known_rooms import floor_inside
from handeye.perception.mapping.thing_front import FREE_STANDING, place_before
from handeye.policies.modular.route_follower import RouteFollower
from handeye.policies.modular.sign_search import SignSearch
from handeye.policies.navigation.explorer import Explorer, look_at
from handeye.policies.navigation.grid_planner import LEFT, STOP, TURN_RAD

SEEN_SCORE = 0.4  # of a cell that may show what is wanted: worth a look from near
CONFIRMED_SCORE = 0.5  # mean of the cells of a thing looked at from near
DOUBTFUL_SCORE = 0.3  # enough, for both, once all is explored
FAINT_SCORE = 0.15  # enough, for both, in the room where the words say that it is
REJECTED_M = 0.4  # around what turned out to be something else
LEAST_CELLS = 6  # that a thing must show
GAP_CELLS = 3  # cells of one thing may be so far apart
NEAR_M = 0.65  # how near to come to a thing
FRONT_OPS = ("stop", "in front of")  # to stop at a thing with a front is to stop before that
FRONT_M = 0.5  # how far before it
POINT_WITHIN_M = 0.3


class Want(NamedTuple):
    """Description that a map channel stands for; "" is not said."""

    kind: str = ""
    colour: str = ""
    room: str = ""


class ProgramExecutor:
    """The state of one program's execution."""

    def __init__(
        self,
        steps: Sequence[ProgramStep],
        point: tuple[float, float] | None,
        explorer: Explorer,
        wants: Sequence[Want],
        signs: SignSearch | None = None,
    ) -> None:
        self._steps, self._point = list(steps), point
        self._explorer, self._signs = explorer, signs
        self._wants = {want: channel for channel, want in enumerate(wants)}
        rooms = {want.room: channel for want, channel in self._wants.items() if not want.kind}
        self._route = RouteFollower(
            steps, explorer, rooms, lambda step: self.points_of(wanted(step))
        )
        self.answer = ""
        self._begin(0)

    def _begin(self, step: int) -> None:
        """Another step: what was found out about the last one's thing does not matter any more."""
        self._step = step
        self._turned_rad = 0.0
        self._least_score = SEEN_SCORE
        self._face: tuple[float, float] | None = None  # what was walked up to
        self._rejected: list[tuple[float, float]] = []

    @property
    def floor(self) -> FloorMap:
        """The map."""
        return self._explorer.floor

    def next_action(self) -> int:
        """The action now; `STOP` when the program is carried out or there is nothing left to do."""
        while self._step < len(self._steps):
            action = self._pursue(self._steps[self._step])
            if action is not None and action != STOP:
                return action
            if action is None:  # not found yet
                action = self._explorer.explore()
                if action is not None:
                    return action
                if self._least_score > DOUBTFUL_SCORE:
                    self._least_score = DOUBTFUL_SCORE
                    continue
            self._begin(self._step + 1)
        return STOP

    def _pursue(self, step: ProgramStep) -> int | None:
        """Towards what the step wants; `STOP` where it is done, None if that is not found."""
        if step.op == "point":
            return STOP if self._point is None else self._to_point(*self._point)
        if step.op == "start":
            return self._to_point(0.0, 0.0)
        if step.op == "sign" and self._signs is not None:
            return self._signs.next_action(self._least_score <= DOUBTFUL_SCORE)
        if step.op == "between":
            return self._between(step)
        if step.op == "count":
            return self._count(step)
        if step.op in ROUTE_OPS:
            return self._on_route(step)
        return self._to_thing(step) if step.kind else self._to_room(step.room)

    def _on_route(self, step: ProgramStep) -> int | None:
        """Through doors as they are told, to a thing in the room that they lead to."""
        if step.op == "pass":
            return STOP  # it only tells how the way goes
        if not step.kind:
            action = self._route.pursue(self._step)
            if action is None and step.room and step.op != "leave":
                action = self._to_room(step.room)  # however that is reached
                if action == STOP:
                    self._route.come_to_pose()
            return action
        if self._face is None and not self._shows_here(step):
            action = self._route.look_on()
            if action is not None:
                return action
            usual, self._least_score = self._least_score, FAINT_SCORE
            if not self._shows_here(step):
                self._least_score = usual
        return self._to_thing(step)

    def _shows_here(self, step: ProgramStep) -> bool:
        """Return whether what a step wants may be seen in the room that a route has come to."""
        return any(self._is_here(cells) for cells, _ in self._clusters(wanted(step)))

    def _is_here(self, cells: NDArray[np.int64]) -> bool:
        """Return which cells (N, 2) are in the room that a route has come to."""
        x, y = self.floor.points_of(cells).mean(0).tolist()
        return self._route.holds(x, y)

    def _to_point(self, x: float, y: float) -> int:
        action = self._explorer.to_point(x, y, POINT_WITHIN_M)
        return STOP if action is None else action

    def _to_thing(self, step: ProgramStep) -> int | None:
        """To where it may be, then a look at it; what is not confirmed is not sought there again.

        `STOP` where it is confirmed, None if there is nothing (more) to walk up to.
        """
        if self._face is not None:
            turn = look_at(self._explorer.pose, *self._face)
            if turn != STOP:
                return turn
            place, self._face = self._face, None
            if self._confirmed(wanted(step), place):
                return STOP
            self._rejected.append(place)
        points = self.points_of(wanted(step))
        if points is None:
            return None
        action = self._up_to(step, points)
        if action == STOP:
            x, y = points.mean(0).tolist()
            self._face = x, y  # kept: what is seen from now on changes with each turn
            return self._to_thing(step)
        return action

    def _up_to(self, step: ProgramStep, points: NDArray[np.float64]) -> int | None:
        """To a thing; to its front where the words mean that and it can be told."""
        if step.op in FRONT_OPS:
            plan = self._route.plan()
            place = None if plan is None else place_before(plan, points, step.kind, FRONT_M)
            if place is not None:
                action = self._explorer.to_point(*place, POINT_WITHIN_M)
                if action is not None:
                    return action
            if place is None and step.kind not in FREE_STANDING:
                turn = self._route.look_around()  # for the walls, which tell the front
                if turn is not None:
                    return turn
        return self._explorer.to_goal(points, NEAR_M)

    def _confirmed(self, want: Want, place: tuple[float, float]) -> bool:
        """Return whether what was walked up to looks like it on the whole."""
        near = [
            score / len(cells)
            for cells, score in self._clusters(want)
            if np.hypot(*(self.floor.points_of(cells) - place).T).min() <= REJECTED_M
        ]
        return max(near, default=0.0) >= min(CONFIRMED_SCORE, self._least_score + 0.1)

    def _to_room(self, room: str) -> int | None:
        points = floor_inside(self.floor, self._wants[Want(room=room)])
        return None if points is None else self._explorer.to_goal(points, 0.1)

    def _between(self, step: ProgramStep) -> int | None:
        other = self._steps[self._step + 1] if self._step + 1 < len(self._steps) else step
        first, second = self.points_of(wanted(step)), self.points_of(wanted(other))
        if first is None or second is None:
            return None
        gaps = ((first[:, None] - second[None]) ** 2).sum(-1)
        a, b = np.unravel_index(gaps.argmin(), gaps.shape)
        middle = (first[a] + second[b]) / 2
        action = self._to_point(*middle.tolist())
        if action == STOP:
            self._step += 1  # the other thing needs no visit
        return action

    def _count(self, step: ProgramStep) -> int | None:
        """Into the room, a turn around, and how many there are."""
        if step.room and not self._turned_rad:
            action = self._to_room(step.room)
            if action != STOP:
                return action
        if self._turned_rad < math.tau:
            self._turned_rad += TURN_RAD
            return LEFT
        self.answer = str(len(self._clusters(wanted(step))))
        return STOP

    def points_of(self, want: Want) -> NDArray[np.float64] | None:
        """Middles (N, 2) of the cells of the likeliest thing that is wanted; None if none shows."""
        clusters = self._clusters(want)
        if not clusters:
            return None
        on_route = self._steps[self._step].op in ROUTE_OPS
        here = [found for found in clusters if on_route and self._is_here(found[0])]
        return self.floor.points_of(max(here or clusters, key=lambda found: found[1])[0])

    def _clusters(self, want: Want) -> list[tuple[NDArray[np.int64], float]]:
        """Cells (N, 2) and summed score of everything that looks like it."""
        scores = self.floor.scores[..., self._wants[want]]
        seen = scores >= self._least_score
        near = ndimage.binary_dilation(seen, iterations=GAP_CELLS)
        labels, count = ndimage.label(near)
        labels = labels * seen
        found = []
        for label in range(1, count + 1):
            cells = np.argwhere(labels == label)
            if len(cells) >= LEAST_CELLS and not self._is_rejected(cells):
                found.append((cells, float(scores[cells[:, 0], cells[:, 1]].sum())))
        return found

    def _is_rejected(self, cells: NDArray[np.int64]) -> bool:
        middle = self.floor.points_of(cells).mean(0)
        return any(math.dist(middle, place) <= REJECTED_M for place in self._rejected)


def wanted(step: ProgramStep) -> Want:
    """Return the description that a step is about."""
    return Want(step.kind, step.colour, step.room)


def wants_of(steps: Sequence[ProgramStep]) -> list[Want]:
    """Every want of a program, once: a channel each."""
    found = [wanted(step) for step in steps if step.kind]
    found += [Want(room=step.room) for step in steps if step.room and not step.kind]
    found += [Want(room=step.room) for step in steps if step.op == "count" and step.room]
    return list(dict.fromkeys(found))
