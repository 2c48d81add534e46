"""What an instruction of the suite `rooms-long` asks for, as plain data."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from handeye.envs.base.synonyms import SYNONYM_SPLIT
from handeye.envs.rooms.long.symbolic_home import START

Length = Literal["short", "medium", "long"]
Vagueness = Literal["specific", "ordinary", "vague"]
LENGTHS: tuple[Length, ...] = get_args(Length)
VAGUENESSES: tuple[Vagueness, ...] = get_args(Vagueness)
CANNOT = "cannot"  # what to claim, or to answer, where something named is not there
Skill = Literal["go_to", "count", "detect", "explore", "go_back", "ask_user"]


def vaguenesses_in(split: str) -> tuple[Vagueness, ...]:
    """Return how vaguely a split words: `synonym` names things, so never by what they are for."""
    return VAGUENESSES[:2] if split == SYNONYM_SPLIT else VAGUENESSES


@dataclass(frozen=True)
class Condition:
    """One thing that must be so at the end.

    Attributes:
        what: "visit": the robot has been at the place; "stop": it stands there at the end;
            "answer": it has answered right.
        place: a thing's name, a room's kind or "start"; "" for an answer.
        after: number of the goal's condition that must have been met before; -1 for none.
    """

    what: Literal["visit", "stop", "answer"]
    place: str = ""
    after: int = -1


@dataclass(frozen=True)
class Subgoal:
    """One step of the true solution: a skill and what it is about.

    Attributes:
        skill: name of the tool that does it.
        place: where to: a thing's name, a room's kind; "" where the skill needs none, or for
            `count` and `detect` the whole apartment.
        what: what `count` and `detect` look for, such as "green box"; what to ask the user.
    """

    skill: Skill
    place: str = ""
    what: str = ""


@dataclass(frozen=True)
class LongGoal:
    """One goal: what its words name, what must be so, and one way to bring it about.

    Attributes:
        kind: of the instruction, a key of `KINDS`.
        length: by the number of subgoals: short 2, medium 3 or 4, long 5 or more.
        vagueness: of its words.
        places: things' names and rooms' kinds in the order of the words. One that is not there (a
            room's kind, or a colour and a kind of thing) makes the goal infeasible.
        what: what is counted or looked for: "box" or "green box".
        number: which of the places, how often, or a bound, as the kind has it.
        answer: what has to be said at the end: digits, yes or no, a room, a colour; `CANNOT` where
            the goal is infeasible; "" where nothing has.
        conditions: the goal is reached when all hold at the end.
        subgoals: the true solution in order; of an infeasible goal, the search that shows it.
        meant: of an infeasible goal, what one would set out to do who does not know that yet.
    """

    kind: str
    length: Length
    vagueness: Vagueness
    places: tuple[str, ...]
    what: str = ""
    number: int = 0
    answer: str = ""
    conditions: tuple[Condition, ...] = ()
    subgoals: tuple[Subgoal, ...] = ()
    meant: tuple[Subgoal, ...] = ()

    @property
    def feasible(self) -> bool:
        """Return whether it can be done."""
        return self.answer != CANNOT

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "LongGoal":
        """The inverse of `dataclasses.asdict`, after a trip through JSON too."""
        parts = {
            "places": tuple(data["places"]),
            "conditions": tuple(Condition(**row) for row in data["conditions"]),
            "subgoals": tuple(Subgoal(**row) for row in data["subgoals"]),
            "meant": tuple(Subgoal(**row) for row in data.get("meant", ())),
        }
        return cls(**{**data, **parts})


def length_of(subgoals: int) -> Length:
    """How long a goal with so many subgoals counts as."""
    return "short" if subgoals <= 2 else "medium" if subgoals <= 4 else "long"


def visits(*places: str, ordered: bool = True, first: int = 0) -> tuple[Condition, ...]:
    """Conditions to have been at places, one after the other unless `ordered` is false.

    Args:
        places: to visit.
        ordered: each not before the one named before it.
        first: number of the first of them among the goal's conditions.
    """
    return tuple(
        Condition("visit", place, first + i - 1 if ordered and i else -1)
        for i, place in enumerate(places)
    )


STOP_AT_START = Condition("stop", START)
ANSWER = Condition("answer")
GO_BACK = Subgoal("go_back")
