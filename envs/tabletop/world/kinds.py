"""Further kinds of objects for scenes and tasks of one's own."""

from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.language import KIND_WORDS
from handeye.envs.tabletop.world.shapes import Prism


def add_prism_kind(
    kind: str, *, corners: int, small: Prism, large: Prism, words: tuple[str, ...] = ()
) -> None:
    """Add a graspable kind: a right prism over a regular polygon.

    No shipped suite has it; a task of one's own names it, as in
    `palette.graspables(3, ("block", kind))`.
    Worker processes know it where the module of that task adds it.

    Args:
        kind: one lower-case word.
        corners: of the polygon, 3 or more; the prism's radius is the one of its corners.
        small: size of the small one.
        large: size of the large one.
        words: nouns for it; by default its name.

    Raises:
        ValueError: there is another kind of that name already, or the polygon is none.
    """
    if not (kind.isalpha() and kind.islower()):
        raise ValueError(f"a kind is one lower-case word, got {kind!r}")
    sizes, known = {"small": small, "large": large}, (*shapes.KINDS, *shapes.PRISMS)
    if kind in known and (shapes.PRISMS.get(kind), shapes.CORNERS.get(kind)) != (sizes, corners):
        raise ValueError(f"there is a kind {kind!r} already; give yours another name")
    if corners < 3:
        raise ValueError(f"a polygon has 3 or more corners, got {corners}")
    shapes.PRISMS[kind], shapes.CORNERS[kind] = sizes, corners
    KIND_WORDS[kind] = words or (kind,)
