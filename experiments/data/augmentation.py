"""New training decisions out of recorded ones: other goals, other colours, other words.

All of it stays inside the training distribution: goals and phrasings come from the tasks' own
grammar, and a recoloured scene never holds a held-out pair of kind and colour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from handeye.envs.base.colours import COLOURS
from handeye.envs.tabletop.world.language import KIND_WORDS, RELATION_WORDS, SIZE_WORDS
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.scene import Scene
from handeye.perception.encoders.text import UNKNOWN

RECOLOUR_TRIES = 8
FILLERS = ("please", "now", "just", "kindly", "and", "then", UNKNOWN)

# Words that decide the goal: never dropped.
CONTENT_WORDS = frozenset(
    word
    for words in (
        COLOURS,
        *KIND_WORDS.values(),
        *SIZE_WORDS.values(),
        *(phrase.split() for phrases in RELATION_WORDS.values() for phrase in phrases),
    )
    for word in words
) | {"on", "onto", "top", "in", "into", "open", "close", "shut", "pull", "push", "press"}

FUNCTION_WORDS = frozenset({"the", "of", "to"})  # No synonym stands in for them.


def recolouring(scene: Scene, rng: np.random.Generator) -> dict[str, str]:
    """A permutation of the colours under which the scene holds no held-out pair.

    It keeps every relation between colours, so what was unambiguous stays so. It is the identity
    if no try avoids the held-out pairs.
    """
    names = list(COLOURS)
    for _ in range(RECOLOUR_TRIES):
        renamed = dict(zip(names, rng.permutation(names).tolist(), strict=True))
        if not any((o.kind, renamed[o.colour]) in HELD_OUT for o in scene.objects):
            return renamed
    return {name: name for name in names}


def recolour(scene: Scene, renamed: Mapping[str, str]) -> Scene:
    """The scene with its colours renamed."""
    return Scene(
        tuple(
            replace(o, colour=renamed[o.colour], name=f"{i}_{renamed[o.colour]}_{o.kind}")
            for i, o in enumerate(scene.objects)
        )
    )


def vary_words(
    words: Sequence[str], rng: np.random.Generator, drop: float, insert: float, hide: float
) -> list[str]:
    """Noise on the words of an instruction.

    A word that does not decide the goal is replaced by the unknown word with probability `drop` / 2
    and left out with the same; fillers slip in between any two words with probability `insert`. It
    prepares for phrasings and politeness that training has not seen. A word that decides is
    replaced by the unknown word with probability `hide`: whoever learns what the others still tell
    gets along with synonyms.
    """
    varied: list[str] = []
    for word in words:
        if rng.random() < insert:
            varied.append(FILLERS[int(rng.integers(len(FILLERS)))])
        chance = float(rng.random())
        if word in CONTENT_WORDS:
            hidden = chance < hide and word not in FUNCTION_WORDS
            varied.append(UNKNOWN if hidden else word)
        elif chance >= drop / 2:
            varied.append(UNKNOWN if chance < drop else word)
    return varied
