"""A kind of instruction by name."""

import inspect
from collections.abc import Callable
from typing import NamedTuple

from handeye.envs.tabletop.long.instruction_builder import InstructionBuilder


class Kind(NamedTuple):
    """How instructions of one kind are written.

    Attributes:
        write: casts, lays out and words one; up to `InstructionBuilder.count` steps.
        least: steps that it takes at least.
    """

    write: Callable[[InstructionBuilder], None]
    least: int = 1

    @property
    def name(self) -> str:
        """The registry's key."""
        return self.write.__name__

    @property
    def summary(self) -> str:
        """What is asked, in a line."""
        return (inspect.getdoc(self.write) or "").rstrip(".")
