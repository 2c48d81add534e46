"""Follow sign: go to the door whose sign has the right name; only reading tells them apart."""

from collections import Counter
from dataclasses import replace

import numpy as np

from handeye.envs.base.phrases import spell_out
from handeye.envs.rooms.apartments.splits import split_of
from handeye.envs.rooms.scene.scene import BaseTrajectory, Leg, RoomGoal, RoomScene
from handeye.envs.rooms.tasks.object_goal import leg_to_view, near_and_in_view
from handeye.envs.rooms.tasks.task import RoomTask

PLATE_HEIGHT_M = 1.3  # of its middle: readable for the robot's camera from near by
NAMES = {  # at least as many as the doors of the largest apartment have signs
    "train": "ADA ANNA BEN BRUNO CARLA CLEO DORA EMIL ERIK FELIX FRIDA GUSTAV HANNA HUGO IDA IVAN "
    "JONAS JULIA KARL KLARA LEO LINA MAX MIA NINA NOAH OLGA OSKAR",
    "unseen": "ALMA ARNE BELA BERTA CARL CORA DAVID DINA ELLA ELIAS FINN FLORA GRETA HEIDI HENRY "
    "INGA JAKOB JANA KAI KIRA LARS LUISA MARA MORITZ NORA OTTO PAULA RALF",
}


class FollowSign(RoomTask):
    """The robot has stopped within `STOP_WITHIN_M` of the sign and sees it.

    ## Description
    Signs beside doors carry names of people. The sign with the name that the words say has to
    be found and read; training and unseen apartments share no name.

    ## Instructions
    "go to the door with the sign that says SMITH".

    ## Success
    The robot stops within `STOP_WITHIN_M` of the sign, which is in its view.
    """

    name = "follow_sign"
    templates = spell_out(
        "(go|drive|move|head) to the door with the sign that says {WORD}",
        "(find|look for) the (sign|name plate) that says {WORD}",
        "(stop|wait) at {word}'s (sign|door)",
        "(go|drive) to {word}'s door",
        "go to the door (of|marked) {WORD} and stop there",
    )
    held_out_templates = (
        "a sign around here says {WORD} ; you are done when that one is right before you",
        "somebody whose name is {word} lives behind one of these doors, so be there",
    )

    def prepare(self, scene: RoomScene, rng: np.random.Generator) -> RoomScene:
        """Every sign gets a name of its own and hangs lower.

        Names are those of the apartment's split, so that training never sees the others.
        """
        apartment = scene.apartment
        names = NAMES[split_of(apartment.rooms, apartment.doors)].split()
        drawn = iter(rng.permutation(names).tolist())
        pieces = tuple(
            replace(piece, text=next(drawn), centre_m=(*piece.centre_m[:2], PLATE_HEIGHT_M))
            if piece.kind == "sign"
            else piece
            for piece in apartment.wall_pieces
        )
        return replace(scene, apartment=replace(apartment, wall_pieces=pieces))

    def goals(self, scene: RoomScene, rng: np.random.Generator) -> list[RoomGoal]:
        """All signs whose text no other sign has."""
        texts = Counter(piece.text for piece in scene.apartment.wall_pieces)
        pieces = scene.apartment.wall_pieces
        signs = [p.name for p in pieces if p.kind == "sign" and texts[p.text] == 1]
        return [RoomGoal((name,)) for name in rng.permutation(signs).tolist()]

    def conditions(self, scene: RoomScene, goal: RoomGoal, walk: BaseTrajectory) -> dict[str, bool]:
        """Near and in view."""
        return near_and_in_view(scene, goal.referred[0], walk)

    def legs(self, scene: RoomScene, goal: RoomGoal) -> tuple[Leg, ...]:
        """To the nearest place from which it is seen, then look at it."""
        return (leg_to_view(scene, goal.referred[0]),)

    def instruction(
        self, scene: RoomScene, goal: RoomGoal, split: str, rng: np.random.Generator
    ) -> str:
        """The name on the sign."""
        text = scene.things[goal.referred[0]].text
        return self.template(split, rng).format(WORD=text, word=text.capitalize())
