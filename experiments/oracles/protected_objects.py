"""Reads what a limits file protects: each entry names one kind of object, or the run is refused.

A guard that does not understand whom it guards must not begin, so nothing is guessed here: unlike
`read_noun`, which reads questions, this reader refuses words that it does not know and words for
where an object stands, which may be true of another one after the next motion.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from handeye.envs.base.colours import COLOURS
from handeye.envs.tabletop.world.language import KIND_WORDS, SIZE_WORDS
from handeye.envs.tabletop.world.scene import SceneObject

ARTICLES = ("the", "a", "an", "any", "every", "all")
ANYTHING = ("object", "thing", "objects", "things")


class ProtectedObject(NamedTuple):
    """What is protected; "" leaves a property open."""

    kind: str = ""
    colour: str = ""
    size: str = ""

    def fits(self, thing: SceneObject) -> bool:
        """Return whether an object of the scene is protected by this."""
        pairs = ((self.kind, thing.kind), (self.colour, thing.colour), (self.size, thing.size))
        return all(wanted in ("", has) for wanted, has in pairs)


def _spellings(table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {word: name for name, words in table.items() for word in words}


KINDS = _spellings(KIND_WORDS)
KINDS |= {f"{word}{ending}": kind for word, kind in KINDS.items() for ending in ("s", "es")}
SIZES = _spellings(SIZE_WORDS)


@lru_cache(maxsize=256)
def read_protected(entry: str) -> ProtectedObject:
    """Return what an entry protects, such as "red button", "the small cup" or "every drawer".

    Raises:
        ValueError: it is not one object by its kind, colour and size; the message says which word.
    """
    words = [word for word in re.findall(r"\S+", entry.lower()) if word not in ARTICLES]
    kinds = [KINDS.get(word, "") for word in words if word in KINDS or word in ANYTHING]
    colours = [word for word in words if word in COLOURS]
    sizes = [SIZES[word] for word in words if word in SIZES]
    every = {*KINDS, *ANYTHING, *COLOURS, *SIZES}
    unknown = [word for word in words if word not in every]
    if unknown or len(kinds) != 1 or len(colours) > 1 or len(sizes) > 1:
        wrong = f"{unknown[0]!r} is not understood" if unknown else "it is not exactly one object"
        raise ValueError(
            f"{entry!r} cannot be protected: {wrong}; write a size, a colour and a kind, such as "
            f"'small red button', one object an entry (kinds: {', '.join(KIND_WORDS)})"
        )
    return ProtectedObject(kinds[0], *colours or [""], *sizes or [""])
