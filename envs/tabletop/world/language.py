"""Instructions: referring expressions that are unambiguous in the scene, put into phrasings.

A description is offered only if exactly one object on the table fits it, so the words always decide
the goal. Spatial words are seen from the `front` camera (see `predicates.py`).
"""

from dataclasses import dataclass

import numpy as np

from handeye.envs.tabletop.world.predicates import DIRECTIONS
from handeye.envs.tabletop.world.scene import Scene, SceneObject

KIND_WORDS: dict[str, tuple[str, ...]] = {
    "block": ("block", "cube"),
    "cylinder": ("cylinder", "drum"),
    "star": ("star",),
    "hexagon": ("hexagon",),
    "triangle": ("triangle", "wedge"),
    "bowl": ("bowl",),
    "plate": ("plate", "dish"),
    "cup": ("cup", "mug"),
    "button": ("button",),
    "drawer": ("drawer",),
    "zone": ("zone", "square", "area"),
}
SIZE_WORDS: dict[str, tuple[str, ...]] = {"small": ("small", "little"), "large": ("large", "big")}
RELATION_WORDS: dict[str, tuple[str, ...]] = {
    "left": ("to the left of", "left of"),
    "right": ("to the right of", "right of"),
    "front": ("in front of",),
    "behind": ("behind",),
    "open": ("open", "pull open"),
    "close": ("close", "shut", "push shut"),
}
RELATION_MARGIN_M = 0.05


@dataclass(frozen=True)
class Description:
    """Which properties single an object out: any of size, colour, kind, and one relation."""

    size: str = ""
    colour: str = ""
    kind: str = ""
    relation: str = ""
    reference: int = -1

    def fits(self, scene: Scene, index: int) -> bool:
        """Return whether `scene.objects[index]` has all the properties."""
        thing = scene.objects[index]
        named = (self.size, self.colour, self.kind)
        own = (thing.size, thing.colour, thing.kind)
        if any(word and word != value for word, value in zip(named, own, strict=True)):
            return False
        return not self.relation or related(scene, index, self.reference, self.relation)


def related(scene: Scene, index: int, reference: int, direction: str) -> bool:
    """Return whether an object stands clearly on that side of another, by their places at reset."""
    a, b = scene.objects[index].position_m, scene.objects[reference].position_m
    gap = np.array([a[0] - b[0], a[1] - b[1]])
    along = float(gap @ DIRECTIONS[direction])
    across = float(np.abs(gap - along * DIRECTIONS[direction]).max())
    return index != reference and along > RELATION_MARGIN_M and along > across


def descriptions(scene: Scene, index: int) -> list[Description]:
    """Every description that fits `scene.objects[index]` and nothing else on the table."""
    thing = scene.objects[index]
    plain = [
        Description(colour=thing.colour, kind=thing.kind),
        Description(kind=thing.kind),
        Description(colour=thing.colour),
    ]
    if thing.size:
        plain += [
            Description(size=thing.size, colour=thing.colour, kind=thing.kind),
            Description(size=thing.size, kind=thing.kind),
        ]
    found = [d for d in plain if _unique(scene, d)]
    for reference in range(len(scene.objects)):
        other = scene.objects[reference]
        if reference == index or not _unique(scene, Description("", other.colour, other.kind)):
            continue
        for direction in DIRECTIONS:
            d = Description("", thing.colour, thing.kind, direction, reference)
            if d.fits(scene, index) and _unique(scene, d):
                found.append(d)
    return found


def _unique(scene: Scene, description: Description) -> bool:
    return sum(description.fits(scene, i) for i in range(len(scene.objects))) == 1


def refer(scene: Scene, index: int, rng: np.random.Generator) -> str:
    """A noun phrase that singles out `scene.objects[index]`, such as "the small red block".

    Raises:
        ValueError: nothing tells the object from its twins.
    """
    found = descriptions(scene, index)
    if not found:
        raise ValueError(f"{scene.objects[index].name!r} cannot be told from the other objects")
    weights = np.array([_weight(d) for d in found])
    chosen = found[int(rng.choice(len(found), p=weights / weights.sum()))]
    return "the " + _words(scene, chosen, scene.objects[index], rng)


def _weight(d: Description) -> float:
    if d.relation:
        return 0.15
    return 6.0 if d.colour and d.kind and not d.size else 1.0


def _words(scene: Scene, d: Description, thing: SceneObject, rng: np.random.Generator) -> str:
    noun = _pick(KIND_WORDS[d.kind], rng) if d.kind else _pick(("object", "thing"), rng)
    adjectives = [_pick(SIZE_WORDS[d.size], rng)] if d.size else []
    words = " ".join([*adjectives, *([d.colour] if d.colour else []), noun])
    if not d.relation:
        return words
    other = scene.objects[d.reference]
    side = _pick(RELATION_WORDS[d.relation], rng)
    return f"{words} {side} the {other.colour} {_pick(KIND_WORDS[other.kind], rng)}"


def _pick(words: tuple[str, ...], rng: np.random.Generator) -> str:
    return words[int(rng.integers(len(words)))]


def phrase(
    template: str,
    scene: Scene,
    referred: tuple[int, ...],
    relation: str,
    rng: np.random.Generator,
    described_as: list[str] | None = None,
) -> str:
    """Fill a template's {a}, {b} (referring expressions) and {side} (a relation in words).

    Args:
        template: with those slots.
        scene: where.
        referred: what a and b are.
        relation: what side is.
        rng: chooses among words.
        described_as: gets the referring expressions.
    """
    slots = {name: refer(scene, i, rng) for name, i in zip("ab", referred, strict=False)}
    if described_as is not None:
        described_as += slots.values()
    if relation in RELATION_WORDS:
        slots["side"] = _pick(RELATION_WORDS[relation], rng)
    return template.format(**slots)
