"""Reads the history of calls: which objects were seen, and what the hand holds.

Everything is read from `ToolResult.data`, which says the same as the words that a language model
reads; planners know no more than this.
"""

from collections.abc import Sequence
from typing import NamedTuple

from handeye.agents.core.planner import Step
from handeye.agents.core.tools import ToolResult

EVERYTHING = "object"  # The words that `detect` takes for all that is in view.


class NotedObject(NamedTuple):
    """One object seen.

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
        """Return the objects that words or a handle fit: their names hold all of the words."""
        if words.startswith("#"):
            return [thing for thing in self.things if thing.handle == words]
        wanted = set(words.lower().split()) - {"the", "a"}
        return [thing for thing in self.things if wanted <= set(thing.name.split())]

    def name_of(self, words: str) -> str:
        """Return the whole name of the one object that words fit; other words as they are."""
        found = self.called(words)
        return found[0].name if len(found) == 1 else words


def scene_notes(history: Sequence[Step]) -> SceneNotes:
    """Return what a history tells of the scene."""
    noted = SceneNotes()
    for call, result in history:
        if result.ok and "objects" in result.data and call.arguments.get("words") == EVERYTHING:
            noted = noted._replace(things=objects_in(result))
        if "taken" in result.data:
            noted = noted._replace(held=noted.name_of(str(result.data["taken"])))
        elif result.data.get("held") == "":
            noted = noted._replace(held="")
    return noted


def objects_in(result: ToolResult) -> tuple[NotedObject, ...]:
    """Return the objects that a result lists with their places."""
    return tuple(
        NotedObject(told["handle"], told["name"], told["x_m"], told["y_m"])
        for told in result.data["objects"]
        if "x_m" in told
    )


def handles_told(history: Sequence[Step]) -> list[str]:
    """Return every handle that results gave, each once, in the order of their first mention."""
    told = (known for step in history for known in step.result.data.get("objects", ()))
    return list(dict.fromkeys(str(known["handle"]) for known in told))
