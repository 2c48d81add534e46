"""Room goal: go into the named room."""

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.scene.language import refer_to_room
from handeye.envs.rooms.scene.scene import BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.scene.viewpoints import places_in_room
from handeye.envs.rooms.tasks.task import RoomTask


class RoomGoalTask(RoomTask):
    """The robot has stopped in the room, not in its door.

    ## Description
    A room has to be found in an apartment that the robot has not seen before. Signs beside
    doors name the rooms behind them.

    ## Instructions
    "go to the kitchen", "find the study and wait inside".

    ## Success
    The robot stops inside the room, not in a doorway.
    """

    name = "room_goal"
    least_rooms = 5  # every room but the start's is a goal
    templates = spell_out(
        "(go|drive|move|head) (to|into) {a}",
        "enter {a} (and stop there|)",
        "(find|look for) {a} and (stop|wait) inside",
        "(you are|somebody is) waited for in {a}",
        "bring yourself (to|into) {a}",
    )
    held_out_templates = (
        "you are done when all that is around you belongs to {a}",
        "where i want to find you later is nowhere but in {a}",
        "do not stop anywhere until you are well inside {a}",
    )

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> list[RoomGoal]:
        """Every room but the one it starts in."""
        here = scene.apartment.room_at(*scene.start.xy)
        kinds = [room.kind for i, room in enumerate(scene.apartment.rooms) if i != here]
        return [RoomGoal((kind,)) for kind in rng.permutation(kinds).tolist()]

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """Inside."""
        room = scene.room_index(goal.referred[0])
        return {"in the room": bool(scene.inside(room, walk.track[-1:, :2]).all())}

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """Through the nearest door."""
        places = places_in_room(scene, scene.room_index(goal.referred[0]))
        return (Leg(tuple(map(tuple, places.tolist()))),)

    def instruction(
        self, scene: RoomScene, goal: RoomGoal, split: str, rng: np.random.Generator
    ) -> str:
        """The room by its kind, which no other room has."""
        words = self.template(split, rng).format(a=refer_to_room(goal.referred[0], rng))
        return words.strip()
