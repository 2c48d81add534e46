"""What can be done with a thing, by its kind: one question about two things, and one can."""

from typing import NamedTuple

import numpy as np

from handeye.envs.tabletop.world.shapes import CONTAINER_KINDS, GRASPABLE_KINDS
from handeye.experiments.data.vl.balance import Tally, drawn
from handeye.experiments.data.vl.examples import VlExample
from handeye.experiments.data.vl.views import View
from handeye.experiments.data.vl.wording import the, unique_noun

SEATS = ("armchair", "chair", "sofa")
KEEPERS = ("cabinet", "fridge", "shelf", "wardrobe")
HUNG = ("picture", "sign", "window")


class Affordance(NamedTuple):
    """A question about a thing, and for which kinds it is answered yes and no.

    Kinds in neither are not asked about: one may sit on a bed, though it is no seat.
    """

    question: str
    yes: tuple[str, ...]
    no: tuple[str, ...]


AFFORDANCES: tuple[Affordance, ...] = (
    Affordance("can the robot pick up {the}", GRASPABLE_KINDS, ("button", "drawer", "zone")),
    Affordance("can the robot press {the}", ("button",), (*GRASPABLE_KINDS, "zone", "plate")),
    Affordance(
        "can the robot open {the}", ("drawer",), (*GRASPABLE_KINDS, *CONTAINER_KINDS, "zone")
    ),
    Affordance("can a small block lie in {the}", CONTAINER_KINDS, (*GRASPABLE_KINDS, "button")),
    Affordance("can somebody sit on {the}", SEATS, (*HUNG, *KEEPERS, "lamp", "plant", "stove")),
    Affordance("can somebody sleep on {the}", ("bed",), (*HUNG, *KEEPERS, "lamp", "sink")),
    Affordance("can food be kept cold in {the}", ("fridge",), (*HUNG, *SEATS, "bed", "shelf")),
    Affordance("can somebody cook on {the}", ("stove",), (*HUNG, *SEATS, "bed", "sink")),
    Affordance("can somebody see outside through {the}", ("window",), (*SEATS, "picture", "sign")),
    Affordance("can {the} be switched on for light", ("lamp",), (*SEATS, "bed", "plant", "sink")),
    Affordance("is there running water at {the}", ("bathtub", "sink"), (*SEATS, *HUNG, "shelf")),
    Affordance("can things be put away in {the}", ("cabinet", "wardrobe"), (*HUNG, "lamp")),
)


def affordances(view: View, tally: Tally, rng: np.random.Generator) -> list[VlExample]:
    """Return one question about two things in view, one of which affords it and one does not.

    Each question is thus answered by yes as often as by no, and in an episode asked about equally
    often as far as frames allow.
    """
    kinds = {thing.kind for thing in view.facts.things}
    able = [
        number
        for number, one in enumerate(AFFORDANCES)
        if kinds & set(one.yes) and kinds & set(one.no)
    ]
    if not able:
        return []
    chosen = AFFORDANCES[tally.rarest("affordance", able)]
    pair = [_asked(chosen, reply, view, rng) for reply in ("yes", "no")]
    made = [one for one in pair if one is not None]
    return made if len(made) == len(pair) else []


def _asked(
    chosen: Affordance, reply: str, view: View, rng: np.random.Generator
) -> VlExample | None:
    """The question about a thing of which it is answered so; None if words single out none."""
    kinds = chosen.yes if reply == "yes" else chosen.no
    things = [i for i, thing in enumerate(view.facts.things) if thing.kind in kinds]
    for index in drawn(things, rng):
        noun = unique_noun(view, index, rng, bare=True)
        if noun is not None:
            words = chosen.question.format(the=the(noun, rng))
            return view.example("vqa", "affordance", words, reply, [index])
    return None
