"""The state that tools of every world share: a robot, objects by words, lists with handles."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from handeye.agents.core.conversation import Image
from handeye.agents.core.tools import CannotDo, Tool, ToolResult
from handeye.agents.tools.robot import Robot

ThingT = TypeVar("ThingT")
KnownT = TypeVar("KnownT", covariant=True)


class Listed(NamedTuple):
    """Objects in words, and as plain values.

    Attributes:
        words: each with its handle, parted by semicolons.
        objects: each with its "handle" and "name", and what else is known of it.
    """

    words: str
    objects: list[dict[str, Any]]


class ToolContext(Protocol[KnownT]):
    """A world as its tools have it: `TabletopContext` and `RoomsContext` fit."""

    @property
    def robot(self) -> Robot:
        """The only way to act."""

    def one(self, words: str) -> KnownT:
        """Return the one object that words, or a handle such as "#3", mean.

        Raises:
            CannotDo: they fit nothing, or several objects.
        """

    def picture(self) -> Image:
        """Return what the robot sees now."""


def tools_over(
    functions: Iterable[Callable[..., ToolResult]], context: ToolContext[Any]
) -> list[Tool]:
    """Return the tools of functions whose first parameter is the context."""
    return [Tool.of(function, context) for function in functions]


def only(
    words: str, found: Sequence[ThingT], listed: Callable[[Sequence[ThingT]], Listed], unseen: str
) -> ThingT:
    """Return the one object that was found for words.

    Args:
        words: that were asked for.
        found: what fits them.
        listed: numbers objects and puts them into words.
        unseen: what to say where nothing fits.

    Raises:
        CannotDo: nothing was found, or several objects, whose handles the planner is told.
    """
    if not found:
        raise CannotDo(unseen, "not_seen")
    if len(found) > 1:
        told = listed(found)
        reason = f"{words!r} fits {len(found)} things: {told.words}. Name one by its handle"
        raise CannotDo(reason, "ambiguous", objects=told.objects)
    return found[0]
