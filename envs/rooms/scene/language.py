"""Words for things and rooms of an apartment: phrases that fit exactly one thing.

A description is offered only if one thing of the whole apartment fits it, so the words decide.
"""

from typing import NamedTuple

import numpy as np

from handeye.envs.rooms.scene.scene import RoomScene

THING_WORDS: dict[str, tuple[str, ...]] = {
    "sofa": ("sofa", "couch"),
    "fridge": ("fridge", "refrigerator"),
    "plant": ("plant", "potted plant"),
    "wardrobe": ("wardrobe", "closet"),
    "shelf": ("shelf", "bookshelf"),
    "stove": ("stove", "cooker"),
    "picture": ("picture", "painting"),
}
ROOM_WORDS: dict[str, tuple[str, ...]] = {
    "hallway": ("hallway", "corridor"),
    "living room": ("living room", "lounge"),
    "storage room": ("storage room",),
}


class ThingDescription(NamedTuple):
    """Which properties single a thing out: its kind, and any of its colour and room."""

    kind: str
    colour: str = ""
    room: int = -1


def thing_descriptions(scene: RoomScene, name: str) -> list[ThingDescription]:
    """Every description that fits the thing and nothing else in the apartment."""
    thing = scene.things[name]
    offered = [
        ThingDescription(thing.kind, thing.colour),
        ThingDescription(thing.kind),
        ThingDescription(thing.kind, room=thing.room),
        ThingDescription(thing.kind, thing.colour, thing.room),
    ]
    return [d for d in offered if scene.alike[d] == 1]


def nameable(scene: RoomScene, name: str) -> bool:
    """Return whether words can tell the thing from all others."""
    return bool(thing_descriptions(scene, name))


def refer_to_thing(scene: RoomScene, name: str, rng: np.random.Generator) -> str:
    """A noun phrase such as "the red chair" or "the chair in the kitchen".

    Raises:
        ValueError: nothing tells the thing from its twins.
    """
    found = thing_descriptions(scene, name)
    if not found:
        raise ValueError(f"{name!r} cannot be told from the other things")
    weights = np.array([_weight(d) for d in found])
    chosen = found[int(rng.choice(len(found), p=weights / weights.sum()))]
    noun = one_of(THING_WORDS.get(chosen.kind, (chosen.kind,)), rng)
    words = f"the {chosen.colour} {noun}" if chosen.colour else f"the {noun}"
    if chosen.room < 0:
        return words
    return f"{words} in {refer_to_room(scene.apartment.rooms[chosen.room].kind, rng)}"


def refer(scene: RoomScene, name: str, rng: np.random.Generator) -> str:
    """A noun phrase for a thing by its name, or for a room by its kind."""
    return refer_to_thing(scene, name, rng) if name in scene.things else refer_to_room(name, rng)


def refer_to_room(kind: str, rng: np.random.Generator) -> str:
    """A noun phrase such as "the kitchen"."""
    return f"the {one_of(ROOM_WORDS.get(kind, (kind,)), rng)}"


def one_of(words: tuple[str, ...], rng: np.random.Generator) -> str:
    """One of the words."""
    return words[int(rng.integers(len(words)))]


def _weight(d: ThingDescription) -> float:
    return 4.0 if d.colour and d.room < 0 else 1.0
