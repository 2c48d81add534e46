"""Goals on the table and the steps of a scripted solution, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What an instruction asks for: object indices in the order of the words, and a relation."""

    referred: tuple[int, ...]
    relation: str = ""


@dataclass(frozen=True)
class Subgoal:
    """One step of a scripted solution, for the oracle.

    Attributes:
        skill: "reach", "grasp", "place", "push", "press" or "slide".
        item: index of the object acted on.
        target: index of the object acted towards, or -1.
        relation: a direction of `predicates.DIRECTIONS`, "on", "inside", "open" or "close".
    """

    skill: str
    item: int
    target: int = -1
    relation: str = ""

    def __str__(self) -> str:
        """Compact form stored with every recorded step."""
        return f"{self.skill}({self.item},{self.target},{self.relation})"
