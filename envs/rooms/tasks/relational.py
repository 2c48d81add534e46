"""Relational: stop between two things, next to one, or in front of it."""

from itertools import chain, combinations, zip_longest

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.scene.language import nameable, one_of, refer_to_thing
from handeye.envs.rooms.scene.relations import FRONTED, GAP_M, gap_between, standing_places, stands
from handeye.envs.rooms.scene.scene import BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.tasks.task import RoomTask

WORDS = {
    "between": ("between {a} and {b}", "in the middle between {a} and {b}"),
    "next to": ("next to {a}", "beside {a}", "right by {a}"),
    "in front of": ("in front of {a}", "right in front of {a}"),
}


class Relational(RoomTask):
    """The robot has stopped where the words say, in the room of what they name.

    ## Description
    A place is told by one or two things of the apartment: between them, next to one, or in
    front of one.

    ## Instructions
    "stop between the sofa and the lamp", "park in front of the fridge".

    ## Success
    The robot stops in the room of those things, where the relation holds.
    """

    name = "relational"
    templates = spell_out(
        "(stop|park|halt|wait) {where}",
        "(go|drive) and (stand|stop) {where}",
        "(go|drive|move|head) to the (place|spot) {where}",
        "your (place|goal) is {where}",
        "find a place {where} and (stop there|stay)",
    )
    held_out_templates = (
        "where you should be when you are done is {where}",
        "you are done as soon as you stand still {where}",
    )

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> list[RoomGoal]:
        """The three relations in turn, of things that words single out."""
        things = [t for t in scene.things.values() if t.kind != "sign" and nameable(scene, t.name)]
        near = [(a, b) for a, b in combinations(things, 2) if a.room == b.room]
        gaps_m = [gap_between(a.footprint, b.footprint).length_m for a, b in near]
        offered: dict[str, list[tuple[str, ...]]] = {
            "between": [
                (a.name, b.name)
                for (a, b), gap_m in zip(near, gaps_m, strict=True)
                if GAP_M[0] <= gap_m <= GAP_M[1]
            ],
            "next to": [(t.name,) for t in things],
            "in front of": [(t.name,) for t in things if t.kind in FRONTED],
        }
        shuffled = [
            [RoomGoal(names[i], relation) for i in rng.permutation(len(names)).tolist()]
            for relation, names in offered.items()
        ]
        return [goal for goal in chain(*zip_longest(*shuffled)) if goal is not None]

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """In the room of the things, and where the relation says."""
        here, room = walk.here.xy, scene.things[goal.referred[0]].room
        return {
            "in the room": scene.apartment.room_at(*here) == room,
            goal.relation: stands(scene, goal.relation, goal.referred, *here),
        }

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """To the nearest place there; then look at the first thing."""
        places = standing_places(scene, goal.relation, goal.referred)
        face = scene.things[goal.referred[0]].footprint.centre
        return (Leg(tuple(map(tuple, places.tolist())), face),)

    def instruction(
        self, scene: RoomScene, goal: RoomGoal, split: str, rng: np.random.Generator
    ) -> str:
        """The relation in one of its words, and what it is about."""
        named = [refer_to_thing(scene, name, rng) for name in goal.referred]
        where = one_of(WORDS[goal.relation], rng).format(**dict(zip("ab", named, strict=False)))
        return self.template(split, rng).format(where=where)
