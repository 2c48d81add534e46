"""Why an episode failed, as its last state shows it: what was acted on, and how far the goal is."""

from dataclasses import dataclass
from typing import Any

ENDINGS = {
    "limit": "ran out of steps",
    "terminate": "said that it was done",
    "still": "stood still",
    "success": "ended where the goal held",
}
MOST_NAMED = 3  # Objects that a sentence names; more are counted.


@dataclass(frozen=True)
class FailureRecord:
    """What is kept of a failed episode's end.

    Attributes:
        unmet: names of the goal's conditions that do not hold.
        meant: the objects or places that the words are about, in their order.
        moved: the objects that are not where they were, or are in the hand, those meant among them.
        place: where the robot stands at the end, in apartments; else "".
        distance_m: from the goal: of the robot in apartments, of the object from where it is to be
            on a table, of the hand from what it is to reach; None where that is no single distance.
    """

    unmet: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    place: str = ""
    distance_m: float | None = None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "FailureRecord":
        """Read it back out of an episode's record.

        Raises:
            TypeError: fields are missing or unknown.
        """
        listed = {name: tuple(data[name]) for name in ("unmet", "meant", "moved")}
        return cls(**{**data, **listed})

    def sentence(self, termination: str) -> str:
        """Return the cause in words.

        Args:
            termination: how the episode ended, in the words of records.
        """
        return "; ".join(filter(None, [self._acted(), self._missing(), ENDINGS.get(termination)]))

    def _acted(self) -> str:
        if self.place:
            return f"stands in the {self.place}"
        others = [name for name in self.moved if name not in self.meant]
        right = [name for name in self.moved if name in self.meant]
        if others and right:
            return f"moved the {_listed(right)}, and also the {_listed(others)}"
        if others:
            instead = f" instead of the {self.meant[0]}" if self.meant else ""
            return f"moved the {_listed(others)}{instead}"
        return f"moved the {_listed(right)}" if right else "moved nothing"

    def _missing(self) -> str:
        if self.distance_m is None:
            return f"not so: {', '.join(self.unmet)}" if self.unmet else ""
        if self.place or not self.meant:
            return f"{self.distance_m:.1f} m from the goal"
        what = self.meant[0] if len(self.meant) > 1 else "hand"
        return f"the {what} is {100 * self.distance_m:.0f} cm from the {self.meant[-1]}"


def _listed(names: list[str]) -> str:
    shown = names[:MOST_NAMED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
