"""The traits of tools, declared on the tools: gates, planners and judges read them there.

Language models are not told of it. A function without traits is one that may do anything: the gate
lets it through only where acting is allowed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


@dataclass(frozen=True)
class ToolTraits:
    """The properties of a tool; an instance is also the decorator that gives them to a function.

    Attributes:
        moves: the part of the robot that does the tool's work, "" if none does.
        harmless: whether it begins nothing, so that it is allowed whatever was said or read.
        hand: how the hand must be before it, "" if that does not matter.
        names: arguments that name objects or rooms.
        acts_on: arguments whose objects must exist; None stands for `names` of a tool that moves.
        moved: the argument that names the object which is moved.
        reveals: whether objects may come into view by it.
        in_plans: how plans write it: as a "step" with its arguments, or by its name alone as an
            "inquiry", on whose answer the further plan depends; "" if plans leave it out.
        spoken_of: words, one of which the user must have said before the tool is used on what text
            in the scene may have suggested; without words it is free.
        achieves: what is so after it, with {held} and its arguments to be filled in; "" if nothing
            of it can be seen.
        relation: the relation by which `check` confirms it, "" if `check` knows none.
    """

    moves: Literal["", "arm", "base"] = ""
    harmless: bool = False
    hand: Literal["", "empty", "full"] = ""
    names: tuple[str, ...] = ()
    acts_on: tuple[str, ...] | None = None
    moved: str = ""
    reveals: bool = False
    in_plans: Literal["", "step", "inquiry"] = ""
    spoken_of: tuple[str, ...] = ()
    achieves: str = ""
    relation: Literal["", "held", "in", "on"] = ""

    def __call__(self, function: FunctionT) -> FunctionT:
        """Give these traits to a function and return it."""
        function.__dict__["traits"] = self
        return function

    @property
    def acted_on(self) -> tuple[str, ...]:
        """Arguments whose objects must exist for a call to make sense."""
        if self.acts_on is not None:
            return self.acts_on
        return self.names if self.moves else ()


def traits_of(function: Callable[..., Any]) -> ToolTraits:
    """Return the traits that a function was given, or the cautious ones of an undeclared tool."""
    found = getattr(function, "traits", None)
    return found if isinstance(found, ToolTraits) else ToolTraits()
