"""Count things: say how many there are of a kind, or of a kind and colour, in a room."""

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.apartments.contents import COUNTABLE
from handeye.envs.rooms.scene.ego_camera import seen_shares
from handeye.envs.rooms.scene.language import refer_to_room
from handeye.envs.rooms.scene.scene import BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.scene.viewpoints import SEEN_CLEARLY, places_in_room, viewpoints
from handeye.envs.rooms.tasks.task import RoomTask

PLURALS = {"box": "boxes", "plant": "plants", "chair": "chairs"}
COUNTED = (*COUNTABLE, "chair")
MOST_COUNTED = 5
EAST, NORTH, WEST, SOUTH = (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)


class CountThings(RoomTask):
    """The last answer is the number in digits; where the robot stands does not matter.

    ## Description
    Boxes, plants or chairs of a room, perhaps of one colour only, have to be counted; there are
    none to five.

    ## Instructions
    "how many green boxes are in the study ?".

    ## Success
    The last answer given, by `answer` or with `finish`, is the number in digits.
    """

    name = "count_things"
    least_rooms = 5  # fewer seldom have four different counts
    templates = spell_out(
        "how many {things} are (there|) in {room} ?",
        "(go|drive) to {room} and count the {things}",
        "count the {things} in {room}",
        "(what is|tell me) the number of {things} in {room}",
        "(find out|tell me|say) how many {things} {room} has",
    )
    held_out_templates = (
        "of all the {things} of this apartment, what number would one see in {room} ?",
        "have a look round {room}, and let me know what number of {things} you came across",
    )

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> list[RoomGoal]:
        """One goal for each count of 0 to `MOST_COUNTED` that there is in rooms but the start's.

        So no answer is more frequent in an apartment than another. None is only asked for where
        the apartment has such things elsewhere.
        """
        furniture, rooms = scene.apartment.furniture, scene.apartment.rooms
        here = scene.apartment.room_at(*scene.start.xy)
        alike = {(piece.colour, piece.kind) for piece in furniture if piece.kind in COUNTED}
        looks = sorted(alike | {("", kind) for _, kind in alike})
        by_count: dict[int, RoomGoal] = {}
        for i in rng.permutation(len(looks) * len(rooms)).tolist():
            (colour, kind), room = looks[i // len(rooms)], i % len(rooms)
            names = [
                piece.name
                for piece in furniture
                if (piece.kind, piece.room) == (kind, room) and colour in ("", piece.colour)
            ]
            if room != here and len(names) <= MOST_COUNTED:
                referred = (*names, rooms[room].kind)
                goal = RoomGoal(referred, f"{colour} {kind}".strip(), answer=str(len(names)))
                if len(names) not in by_count:
                    by_count[len(names)] = goal
        return [by_count[count] for count in rng.permutation(sorted(by_count)).tolist()]

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """The right number."""
        return {"answered": walk.answer == goal.answer}

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """To the middle of the room, look all around; then to each thing that is hidden there."""
        *names, kind = goal.referred
        places = places_in_room(scene, scene.room_index(kind))
        if not len(places):
            return (Leg(()),)
        x, y = places[-1].tolist()
        around = [Leg(((x, y),), (x + dx, y + dy)) for dx, dy in (EAST, NORTH, WEST, SOUTH)]
        for name in names:
            cx, cy = scene.things[name].footprint.centre
            towards = float(np.arctan2(cy - y, cx - x))
            if seen_shares(scene, (x, y, towards), name)[0] < SEEN_CLEARLY:
                points = tuple(map(tuple, viewpoints(scene, name).tolist()))
                around.append(Leg(points, (cx, cy)))
        return tuple(around)

    def instruction(
        self, scene: RoomScene, goal: RoomGoal, split: str, rng: np.random.Generator
    ) -> str:
        """What is counted, and where."""
        *colour, kind = goal.relation.split()
        things = " ".join([*colour, PLURALS[kind]])
        room = refer_to_room(goal.referred[-1], rng)
        return self.template(split, rng).format(things=things, room=room).replace("  ", " ")
