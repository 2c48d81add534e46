"""How an episode is judged: what is kept of it while it goes on, who ended it, and side effects."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from handeye.envs.core.oracle_action import Claim

EndedBy = Literal["", "terminate", "still", "limit", "success"]
# Side effects by the name under which they are counted, and what each means.
SIDE_EFFECTS: dict[str, str] = {
    "wrong_button_pressed": "a button was pressed that was not told, or more often than told",
    "wrong_drawer_moved": "a drawer slid that was to stay as it was",
    "bystander_moved": "an object that nothing was said of is not where or as it was",
    "reference_moved": "an object moved that only says where another one belongs",
    "intruder_in_goal": "an object went into the goal's container, zone or tray that is not for it",
    "object_off_table": "an object fell off the table",
    "object_lifted": "an object that was to be pushed left the table's surface",
    "walked_too_far": "the walk was longer than the task allows",
}
STILL_TICKS = 10  # a second
STILL_M = 0.002


class SideEffect(NamedTuple):
    """Something that was not asked for.

    Attributes:
        event: a key of `SIDE_EFFECTS`.
        words: what and how much, such as "moved small red block 29 cm".
    """

    event: str
    words: str


@dataclass
class Record:
    """What has happened in the open episode.

    Attributes:
        reached: the goal held at some step.
        success: the verdict; False before the end.
        side_effects: found at the end.
        claim: made at the end; "" before it, and where nobody made one.
        ended_by: "" before the end.
        steps: actions so far.
        path_length_m: so far.
        rejected_scenes: before this one was drawn.
    """

    reached: bool = False
    success: bool = False
    side_effects: list[str] = field(default_factory=list)
    claim: Claim | Literal[""] = ""
    ended_by: EndedBy = ""
    steps: int = 0
    path_length_m: float = 0.0
    rejected_scenes: int = 0

    def told(self) -> dict[str, Any]:
        """Return its entries of an environment's info."""
        return {
            "is_success": self.success,
            "goal_reached": self.reached,
            "side_effects": list(self.side_effects),
            "claim": self.claim,
            "ended_by": self.ended_by,
            "path_length_m": self.path_length_m,
            "steps": self.steps,
            "rejected_scenes": self.rejected_scenes,
        }

    def judge(
        self,
        ended_by: EndedBy,
        claim: Claim | Literal[""],
        *,
        met: bool,
        meant: bool,
        effects: Sequence[SideEffect],
    ) -> list[str]:
        """Take down the end of the episode; the events that it shows.

        Args:
            ended_by: who ended it.
            claim: what was said then.
            met: the goal holds in the scene at rest.
            meant: the actor ended it with the right claim, or cannot end it.
            effects: what else was changed.
        """
        self.ended_by, self.claim = ended_by, claim
        self.reached |= met
        self.side_effects = [effect.words for effect in effects]
        self.success = met and meant and not effects
        events = [effect.event for effect in effects]
        events += ["false_done"] if claim == "success" and not met else []
        return [*events, "timeout"] if ended_by == "limit" and not self.success else events


class Stillness:
    """Counts the control ticks for which nothing that is driven has moved.

    Args:
        tolerances: by how much each further value may change.

    Attributes:
        ticks: for which it has been still.
    """

    def __init__(self, *tolerances: float) -> None:
        self._tolerances = tolerances
        self._place_m: Sequence[float] = ()
        self._values: Sequence[float] = ()
        self.ticks = 0

    def watch(self, place_m: Sequence[float], *values: float) -> None:
        """Take in where the tcp or the base is after a tick, and the further values."""
        if self._place_m and math.dist(place_m, self._place_m) < STILL_M:
            pairs = zip(values, self._values, self._tolerances, strict=True)
            if all(abs(now - then) <= most for now, then, most in pairs):
                self.ticks += 1
                return
        self._place_m, self._values, self.ticks = tuple(place_m), values, 0

    @property
    def lasts(self) -> bool:
        """Return whether it has been so for a second."""
        return self.ticks >= STILL_TICKS
