"""Goals on the table and the steps of a scripted solution, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What an instruction asks for.

    Attributes:
        referred: object indices in the order of the words.
        relation: between them, or what to do with a drawer.
        task: the core task whose goal it is, where a table has goals of several.
    """

    referred: tuple[int, ...]
    relation: str = ""
    task: str = ""


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
