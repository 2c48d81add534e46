"""What the results of earlier calls say of the scene: things in view, and what the hand holds.

Planners know no more than this: it is read from the same words that a language model reads.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from handeye.agents.core.planner import Step

SEEN = re.compile(r"(#\d+) (.+?) at x=(-?\d+\.\d+) y=(-?\d+\.\d+) m")
EMPTY_HAND = ("let go", "lost on the way", "hand is empty", "holds nothing")
EMPTYING = ("place_in", "place_on", "place_beside", "place_where", "look")
EVERYTHING = "object"  # the words that `detect` takes for all that is in view


class NotedObject(NamedTuple):
    """One thing seen.

    Attributes:
        handle: by which later calls can name it.
        name: what it is called, such as "small red block".
        x_m: where it was.
        y_m: where it was.
    """

    handle: str
    name: str
    x_m: float
    y_m: float


class SceneNotes(NamedTuple):
    """The scene as far as it was told.

    Attributes:
        things: of the latest look at everything; what has been moved since is where it was.
        held: what the hand holds, "" if nothing.
    """

    things: tuple[NotedObject, ...] = ()
    held: str = ""

    def called(self, words: str) -> list[NotedObject]:
        """The things that words or a handle fit: all of the words stand in their names."""
        if words.startswith("#"):
            return [thing for thing in self.things if thing.handle == words]
        wanted = set(words.lower().split()) - {"the", "a"}
        return [thing for thing in self.things if wanted <= set(thing.name.split())]

    def name_of(self, words: str) -> str:
        """The whole name of the one thing that words or a handle fit; other words as they are."""
        found = self.called(words)
        return found[0].name if len(found) == 1 else words


def scene_notes(history: Sequence[Step]) -> SceneNotes:
    """What a history says of the scene."""
    noted = SceneNotes()
    for call, result in history:
        if call.name == "detect" and call.arguments.get("words") == EVERYTHING and result.ok:
            noted = noted._replace(things=things_in(result.reason))
        elif call.name == "pick" and result.ok:
            noted = noted._replace(held=noted.name_of(str(call.arguments["target"])))
        elif call.name in EMPTYING and _emptied(result.reason):
            noted = noted._replace(held="")
    return noted


def things_in(reason: str) -> tuple[NotedObject, ...]:
    """The things that the words of `detect` list."""
    return tuple(NotedObject(h, name, float(x), float(y)) for h, name, x, y in SEEN.findall(reason))


def _emptied(reason: str) -> bool:
    return any(words in reason.lower() for words in EMPTY_HAND)
