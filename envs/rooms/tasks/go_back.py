"""Go back: visit a room or a thing, then return to the start."""

import math

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.scene.language import nameable, refer
from handeye.envs.rooms.scene.scene import STOP_WITHIN_M, BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.scene.viewpoints import places_in_room, viewpoints
from handeye.envs.rooms.tasks.task import RoomTask

PIECES_SHARE = 0.5  # of what is to be visited, furniture; the others are rooms


class GoBack(RoomTask):
    """The robot has been there at some tick, and has stopped near its start.

    ## Description
    A room or a piece of furniture has to be visited before the robot comes back to where it
    started.

    ## Instructions
    "go to the bathroom, then come back to where you started".

    ## Success
    The robot has been in the room, or within `STOP_WITHIN_M` of the piece, and stops within
    `STOP_WITHIN_M` of its start. It comes straight back: who roams on after the visit has not done
    what the words say, see `path_caps`.
    """

    name = "go_back"
    least_rooms = 5  # a tour through all rooms visits one of them last
    least_way_m = 5.0  # there and back: who is near the start is not near what was to be visited
    templates = spell_out(
        "(go|drive|walk) to {a}, then (come back|return) to where you (started|are now)",
        "visit {a} and (return|come back) to your starting point",
        "(go|drive) to {a} and (go|come|drive) back to the start",
        "see {a} and (come|drive) back here",
        "come back here after (visiting|a visit to) {a}",
    )
    held_out_templates = (
        "{a} is where you turn round, and you are done when you stand here again",
        "you are done when you have been to {a} and stand here again",
    )

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> list[RoomGoal]:
        """Every room but the one it starts in, or a piece in it that words single out.

        One goal a room, so that no walk that comes straight back from one place does for several.
        """
        here = scene.apartment.room_at(*scene.start.xy)
        rooms = scene.apartment.rooms
        places = []
        for index in rng.permutation([i for i in range(len(rooms)) if i != here]).tolist():
            pieces = [p.name for p in scene.apartment.furniture if p.room == index]
            named = [name for name in rng.permutation(pieces).tolist() if nameable(scene, name)]
            places.append(named[0] if named and rng.random() < PIECES_SHARE else rooms[index].kind)
        return [RoomGoal((place,)) for place in places]

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """Been there, and back."""
        there = self._been(scene, goal, walk)
        back = math.dist(walk.here.xy, scene.start.xy) <= STOP_WITHIN_M
        return {"visited": bool(there.any()), "back at the start": back}

    def visited_at(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> int | None:
        """The first tick there."""
        there = self._been(scene, goal, walk)
        return int(there.argmax()) if there.any() else None

    def _been(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> NDArray[np.bool_]:
        """At which ticks (T + 1,) the robot was at what is to be visited."""
        (name,) = goal.referred
        been = walk.track[:, :2]
        if name not in scene.things:
            return scene.inside(scene.room_index(name), been)
        thing = scene.things[name]
        return scene.inside(thing.room, been, 0.0) & (thing.distances_m(been) <= STOP_WITHIN_M)

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """There, and back."""
        (name,) = goal.referred
        if name in scene.things:
            places = viewpoints(scene, name)
        else:
            places = places_in_room(scene, scene.room_index(name))
        return Leg(tuple(map(tuple, places.tolist()))), Leg((scene.start.xy,))

    def instruction(
        self, scene: RoomScene, goal: RoomGoal, split: str, rng: np.random.Generator
    ) -> str:
        """What to visit, and that the robot has to come back."""
        return self.template(split, rng).format(a=refer(scene, goal.referred[0], rng))
