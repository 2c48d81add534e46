"""What is kept of a chain of instructions: how far it went, and how each of them ended."""

from dataclasses import dataclass
from typing import Any

from handeye.experiments.records.failure import ENDINGS


@dataclass(frozen=True)
class SubtaskRecord:
    """One instruction of a chain that was begun.

    Attributes:
        task: the core task whose instruction it is.
        instruction: its words.
        success: the verdict.
        goal_reached: the goal held at some step.
        side_effects: what else was changed.
        events: what went wrong.
        ended_by: who ended it.
        steps: actions.
    """

    task: str
    instruction: str
    success: bool
    goal_reached: bool
    side_effects: tuple[str, ...]
    events: tuple[str, ...]
    ended_by: str
    steps: int

    @property
    def cause(self) -> str:
        """Return why it failed, in a word or two by which failures are counted; "" if it did not.

        A side effect is a cause of its own only where the goal was reached.
        """
        if self.success:
            return ""
        if self.side_effects and self.goal_reached:
            return "side effect"
        return ENDINGS.get(self.ended_by, self.ended_by)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "SubtaskRecord":
        """Read it back out of an episode's record, whose fields have been checked."""
        listed = {name: tuple(data[name]) for name in ("side_effects", "events")}
        return cls(**{**data, **listed})


@dataclass(frozen=True)
class ChainRecord:
    """How a chain went.

    Attributes:
        tasks: core tasks of all its instructions.
        subtasks: those that were begun; the last one failed, or is the chain's last.
    """

    tasks: tuple[str, ...]
    subtasks: tuple[SubtaskRecord, ...]

    @property
    def done(self) -> int:
        """Return how many instructions were carried out."""
        return sum(subtask.success for subtask in self.subtasks)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ChainRecord":
        """Read it back out of an episode's record, whose fields have been checked."""
        subtasks = tuple(SubtaskRecord.from_dict(one) for one in data["subtasks"])
        return cls(tuple(data["tasks"]), subtasks)
