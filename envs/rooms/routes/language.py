"""Words for the steps of a route, and their inverse: a small grammar that reads them.

A route is clauses joined by "then" and the like; every clause is one wording of one step. Reading
knows the training wordings and the held-out ones of the `phrasing` split.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.scene.language import (
    ROOM_WORDS,
    THING_WORDS,
    one_of,
    refer_to_room,
    refer_to_thing,
)
from handeye.envs.rooms.scene.scene import RoomScene, RouteStep

USUAL_WORDS, MOST_WORDS = 31, 60  # policies read the first 31
TRIES = 10  # wordings drawn for one of usual length
# `policies.modular.route_follower` repeats these; `tests/test_twins.py` compares them.
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth")
AHEAD_WORDS = ("ahead", "straight ahead", "in front of you")
CONNECTORS = (" then ", ", ", " and then ", ", then ", ", after that ")
HELD_OUT_CONNECTORS = ("; ", ". ")  # no words of their own: the wordings are what is held out

# What a step is called here -> its wordings. {door} is a counted door or "the door to the study".
WORDINGS: dict[str, tuple[str, ...]] = {
    "leave": ("leave {room}", "exit {room}", "go out of {room}", "walk out of {room}"),
    "turn left": ("turn left", "go left", "take a left", "make a left turn"),
    "turn right": ("turn right", "go right", "take a right", "make a right turn"),
    "turn around": ("turn around", "turn back", "turn all the way around", "go back the other way"),
    "go straight": ("go straight", "go straight on", "keep straight on", "head straight on"),
    "pass": ("pass {thing}", "go past {thing}", "walk past {thing}", "drive past {thing}"),
    "enter room": ("enter {room}", "go into {room}", "walk into {room}", "take {door}"),
    "enter door": ("take {door}", "go through {door}", "walk through {door}", "use {door}"),
    "stop thing": ("stop at {thing}", "wait at {thing}", "halt at {thing}", "stop by {thing}"),
    "stop room": (
        "stop in the middle of {room}",
        "wait in the middle of {room}",
        "halt in the middle of {room}",
        "stop in the centre of {room}",
    ),
    "stop door": ("stop at {door}", "wait at {door}", "halt at {door}", "go up to {door} to stop"),
    "stop doorway": (
        "stop in the doorway",
        "wait in the doorway",
        "halt in the doorway",
        "stop right in the doorway",
    ),
}
HELD_OUT_WORDINGS: dict[str, tuple[str, ...]] = {
    "leave": (
        "{room} is what you turn your back on",
        "get yourself clear of all of {room}",
    ),
    "turn left": (
        "swing yourself to the left",
        "a quarter to your left it is",
    ),
    "turn right": (
        "swing yourself to the right",
        "a quarter to your right it is",
    ),
    "turn around": ("face what is at your back",),
    "go straight": ("follow your nose for a while",),
    "pass": (
        "keep on until past {thing}",
        "on past all of {thing}",
    ),
    "enter room": (
        "let {room} be around you",
        "be in {room} within a moment",
    ),
    "enter door": (
        "let {door} take you on",
        "be on the far side of {door}",
    ),
    "stop thing": (
        "you are done close to {thing}",
        "your way ends at {thing}",
    ),
    "stop room": (
        "you are done in the middle of {room}",
        "your way ends in the centre of {room}",
    ),
    "stop door": (
        "you are done close to {door}",
        "your way ends at {door}",
    ),
    "stop doorway": (
        "you are done in the doorway",
        "your way ends in the doorway",
    ),
}
THIS_ROOM = "room"  # "stop in the middle of the room": the one that the walk has come to

_ACTIONS = {
    "enter room": "enter",
    "enter door": "enter",
    "stop thing": "stop",
    "stop room": "stop",
    "stop door": "stop at door",
    "stop doorway": "stop at door",
}  # every other form is the action itself
_SIDE = r"on (?:your|the) (?P<side>left|right)"
_SLOTS = {
    "room": r"the (?P<room>.+)",
    "thing": r"(?P<thing>the .+?)",
    "door": rf"the (?:(?P<ordinal>{'|'.join(ORDINALS[1:])}) )?door"
    rf"(?: {_SIDE}| (?P<ahead>{'|'.join(AHEAD_WORDS)})| to the (?P<room>.+))?",
}
_JOINT = re.compile(r"(?:\s*(?:[,;.]|\b(?:and|then|after that|afterwards|next)\b)\s*)+")


def say_route(
    scene: RoomScene, steps: Sequence[RouteStep], split: str, rng: np.random.Generator
) -> str:
    """An instruction: of a few wordings drawn the first of at most `USUAL_WORDS`, or the shortest.

    The split "phrasing" has only held-out wordings and connectors, all others none of them.

    Raises:
        ValueError: a landmark cannot be told from others, or it takes more than `MOST_WORDS`.
    """
    said: list[str] = []
    while len(said) < TRIES and not (said and len(said[-1].split()) <= USUAL_WORDS):
        said.append(_sentence(scene, steps, split == "phrasing", rng))
    shortest = min(said, key=lambda words: len(words.split()))
    if len(shortest.split()) > MOST_WORDS:
        raise ValueError(f"a route of {len(steps)} steps takes more than {MOST_WORDS} words")
    return shortest


def parse_route(scene: RoomScene, words: str) -> tuple[RouteStep, ...]:
    """The steps that an instruction says; the inverse of `say_route`.

    Raises:
        ValueError: a clause fits no wording, or names a thing or room that the apartment has not,
            or several of.
    """
    clauses = [clause for clause in _JOINT.split(words.lower().strip()) if clause]
    return tuple(_read(scene, " ".join(clause.split())) for clause in clauses)


def find_thing(scene: RoomScene, phrase: str) -> str:
    """Name of the thing that a phrase such as "the red chair in the study" means.

    Raises:
        ValueError: there is none, or there are several.
    """
    noun, _, room = phrase.removeprefix("the ").partition(" in the ")
    colour, _, rest = noun.partition(" ")
    colour, noun = (colour, rest) if colour in COLOURS else ("", noun)
    kind = _singular(noun, THING_WORDS)
    in_room = _room_index(scene, room) if room else -1
    found = [
        thing.name
        for thing in scene.things.values()
        if thing.kind == kind and colour in ("", thing.colour) and in_room in (-1, thing.room)
    ]
    if not found:
        raise ValueError(f"there is no {phrase.removeprefix('the ')!r} in this apartment")
    if len(found) > 1:
        raise ValueError(f"{phrase!r} could be any of {', '.join(found)}; say more about it")
    return found[0]


def _sentence(
    scene: RoomScene, steps: Sequence[RouteStep], held_out: bool, rng: np.random.Generator
) -> str:
    wordings = HELD_OUT_WORDINGS if held_out else WORDINGS
    joints = HELD_OUT_CONNECTORS if held_out else CONNECTORS
    said = ""
    for step in steps:
        wording = one_of(wordings[_form(scene, step)], rng)
        said += (one_of(joints, rng) if said else "") + wording.format(**_slots(scene, step, rng))
    return said


def _form(scene: RoomScene, step: RouteStep) -> str:
    """The key of the step's wordings."""
    if step.action == "enter":
        return "enter room" if step.landmark else "enter door"
    if step.action == "stop":
        return "stop thing" if step.landmark in scene.things else "stop room"
    if step.action == "stop at door":
        return "stop doorway" if step == RouteStep("stop at door") else "stop door"
    return step.action


def _slots(scene: RoomScene, step: RouteStep, rng: np.random.Generator) -> dict[str, str]:
    """What goes into a wording: the landmark, and the side or the door's number."""
    side = f" on {one_of(('your', 'the'), rng)} {step.side}" if step.side else ""
    if step.landmark in scene.things:
        return {"thing": refer_to_thing(scene, step.landmark, rng) + side}
    if step.landmark:
        room = refer_to_room(step.landmark, rng)
        return {"room": room, "door": f"the door to {room}"}
    if step.side == "ahead":
        side = f" {one_of(AHEAD_WORDS, rng)}"
    number = f"{ORDINALS[step.ordinal]} " if step.ordinal else ""
    return {"room": f"the {THIS_ROOM}", "door": f"the {number}door{side}"}


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(form, wording as a pattern), those with a door before those with any thing."""
    both = [
        (form, wording)
        for table in (WORDINGS, HELD_OUT_WORDINGS)
        for form, wordings in table.items()
        for wording in wordings
    ]
    both.sort(key=lambda pair: "{thing}" in pair[1])
    aside = {"pass": f"(?: {_SIDE})?"}
    return tuple((form, re.compile(w.format(**_SLOTS) + aside.get(form, ""))) for form, w in both)


def _read(scene: RoomScene, clause: str) -> RouteStep:
    """The step that one clause says."""
    for form, pattern in _patterns():
        match = pattern.fullmatch(clause)
        if match is not None:
            return _step(scene, form, match.groupdict())
    starts = ", ".join(repr(wordings[0]) for wordings in WORDINGS.values())
    raise ValueError(f"cannot read {clause!r} as a step of a route; steps are such as {starts}")


def _step(scene: RoomScene, form: str, said: Mapping[str, str | None]) -> RouteStep:
    thing, room = said.get("thing"), said.get("room")
    landmark = find_thing(scene, thing) if thing else ""
    if room and not (form == "stop room" and room == THIS_ROOM):
        landmark = scene.apartment.rooms[_room_index(scene, room)].kind
    side = said.get("side") or ("ahead" if said.get("ahead") else "")
    return RouteStep(
        _ACTIONS.get(form, form), landmark, ORDINALS.index(said.get("ordinal") or ""), side
    )


def _room_index(scene: RoomScene, noun: str) -> int:
    return scene.room_index(_singular(noun, ROOM_WORDS))


def _singular(noun: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """The kind that a noun stands for; the noun itself if none lists it."""
    return next((kind for kind, nouns in words.items() if noun in nouns), noun)
