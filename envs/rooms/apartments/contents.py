"""What usually stands in which kind of room, and how a kind of furniture stands there."""

from typing import NamedTuple

COUNTABLE = ("box", "plant")  # "how many green boxes are in the study?"
# `perception.mapping.thing_front` repeats these; `tests/test_twins.py` compares them.
FREE_STANDING = ("box", "chair", "lamp", "plant", "table")  # all others have a wall at their back
SMALL = ("box", "chair", "lamp", "plant")  # what still goes into a crowded room
SEATED_AT = ("desk", "table")  # what chairs face


class Contents(NamedTuple):
    """What a kind of room usually has, large pieces first, and what else may stand there."""

    usual: tuple[str, ...]
    more: tuple[str, ...]
    fullness: float = 1.0  # its pieces per square metre, relative to other rooms


CONTENTS: dict[str, Contents] = {
    "hallway": Contents(("cabinet",), ("shelf", "chair", "lamp", "plant", "box"), 0.5),
    "living room": Contents(
        ("sofa", "table", "armchair", "shelf", "lamp"),
        ("sofa", "armchair", "cabinet", "chair", "plant", "lamp", "box"),
    ),
    "kitchen": Contents(
        ("fridge", "stove", "sink", "table", "chair", "chair"),
        ("cabinet", "chair", "shelf", "plant", "box", "lamp"),
    ),
    "bedroom": Contents(
        ("bed", "wardrobe", "lamp"),
        ("cabinet", "desk", "chair", "armchair", "shelf", "lamp", "plant", "box"),
    ),
    "bathroom": Contents(("bathtub", "toilet", "sink"), ("cabinet", "shelf", "plant", "box")),
    "study": Contents(
        ("desk", "shelf", "chair"),
        ("shelf", "armchair", "cabinet", "chair", "lamp", "plant", "box"),
    ),
    "dining room": Contents(
        ("table", "cabinet", "chair", "chair", "chair"),
        ("chair", "cabinet", "shelf", "lamp", "plant", "box"),
    ),
    "storage room": Contents(
        ("shelf", "shelf", "box", "box"), ("wardrobe", "cabinet", "fridge", "shelf", "box", "lamp")
    ),
    "playroom": Contents(
        ("table", "shelf", "chair", "box", "box"),
        ("armchair", "sofa", "chair", "lamp", "plant", "box"),
    ),
}
