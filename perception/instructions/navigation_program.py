"""Programs of navigation: what an instruction asks for, as a few steps with words of small lists.

"pass the red chair on your left, then stop at the sofa" is ("pass", "chair", "red", side "left"),
("stop", "sofa"). "" always means that the words do not say. A place told in metres is the step
"point", the name on a sign the step "sign"; both keep what was said beside the steps.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

NUMBER = "[number]"  # stands for every number in the words that a reader sees
MOST_STEPS = 8  # of a program, the closing "end" included
DIRECTIONS = ("ahead", "behind", "left", "right")  # in which a number of metres counts

END = "end"
ROUTE_OPS = (
    *("leave", "turn left", "turn right", "turn around", "go straight", "pass", "enter"),
    *("stop", "stop at door"),
)
PLACE_OPS = ("thing", "room", "next to", "in front of", "sign")  # one may "start" back from them
OPS = (END, "point", *PLACE_OPS, "between", "and", "start", "count", *ROUTE_OPS)
FIELDS = ("kind", "colour", "room", "ordinal", "side")  # of a step, its op aside

_THING, _DOOR = ("kind", "colour", "room"), ("room", "ordinal", "side")
# The fields that a step of an op may have; none where it is not listed.
FIELDS_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("thing", "next to", "in front of", "between", "and", "count"), _THING),
    **dict.fromkeys(("room", "leave"), ("room",)),
    **dict.fromkeys(("enter", "stop at door"), _DOOR),
    "stop": _THING,
    "pass": (*_THING, "side"),
}
# The field without which a step of an op says nothing.
NEEDS: dict[str, str] = {
    **dict.fromkeys(("thing", "next to", "in front of", "between", "and", "count", "pass"), "kind"),
    **dict.fromkeys(("room", "leave"), "room"),
}
FIRST_OPS = tuple(op for op in OPS if op not in (END, "and", "start"))
# What may come after a step: a route goes on until it stops, two things are between, then it ends.
FOLLOWERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("point", "and", "start", "count", "stop", "stop at door", END), (END,)),
    **dict.fromkeys(PLACE_OPS, ("start", END)),
    "between": ("and",),
    **dict.fromkeys(ROUTE_OPS[:-2], ROUTE_OPS),
}


class ProgramStep(NamedTuple):
    """One step; every field is a word of the vocabulary's list, "" where nothing is said.

    Attributes:
        op: what to do: go to a "thing", a "room" or a "point", stand "next to", "in front of" or
            "between" things (its second thing is a step "and"), go back to the "start", "count",
            find a "sign", or an action of a route ("turn left", "pass", "stop at door", ...).
        kind: of the thing.
        colour: of the thing.
        room: where the thing is; or the room to enter, leave or stop in.
        ordinal: which door, such as "second".
        side: on which a door or thing is: "left", "right" or "ahead".
    """

    op: str
    kind: str = ""
    colour: str = ""
    room: str = ""
    ordinal: str = ""
    side: str = ""


class NavigationProgram(NamedTuple):
    """The steps that were read out of an instruction.

    Attributes:
        steps: in the order of doing them, without the closing "end".
        point_m: (ahead, left) of the start pose, m, where a step is "point".
        sign: the word on the sign in lower case, where a step is "sign"; else "".
    """

    steps: tuple[ProgramStep, ...]
    point_m: tuple[float, float] | None = None
    sign: str = ""


class SpokenProgram(NamedTuple):
    """The truth about an instruction's words, as a reader is trained on it.

    Attributes:
        words: in lower case, numbers as `NUMBER`.
        steps: the true steps.
        directions: one of `DIRECTIONS` for each number; empty unless a step is "point".
        sign_at: which of the words is the sign's; -1 unless a step is "sign".
    """

    words: tuple[str, ...]
    steps: tuple[ProgramStep, ...]
    directions: tuple[str, ...] = ()
    sign_at: int = -1


@dataclass(frozen=True)
class ProgramVocabulary:
    """The words that each field of a step may hold; the first means that nothing is said.

    Raises:
        ValueError: a list does not begin with "" ("end" for the ops), or has a word twice.
    """

    kinds: tuple[str, ...]
    colours: tuple[str, ...]
    rooms: tuple[str, ...]
    ordinals: tuple[str, ...]
    sides: tuple[str, ...] = ("", "left", "right", "ahead")
    ops: tuple[str, ...] = OPS

    def __post_init__(self) -> None:
        for field, listed in zip(ProgramStep._fields, self.lists, strict=True):
            first = END if field == "op" else ""
            if listed[:1] != (first,) or len(set(listed)) < len(listed):
                raise ValueError(
                    f"the words for {field!r} begin with {first!r} and each stands there once; "
                    f"got {listed}"
                )

    @property
    def lists(self) -> tuple[tuple[str, ...], ...]:
        """The lists in the order of the fields of `ProgramStep`."""
        return self.ops, self.kinds, self.colours, self.rooms, self.ordinals, self.sides

    def indices(self, step: ProgramStep) -> list[int]:
        """Each field of a step as its place in its list.

        Raises:
            ValueError: a field holds a word that is not in its list.
        """
        for field, word, listed in zip(step._fields, step, self.lists, strict=True):
            if word not in listed:
                raise ValueError(f"{word!r} is no {field} of this vocabulary: {listed}")
        return [listed.index(word) for word, listed in zip(step, self.lists, strict=True)]


def split_numbers(words: Sequence[str]) -> tuple[list[str], list[float]]:
    """The words with `NUMBER` in place of each number such as "3.2", and the numbers in order."""
    values = [float(word) for word in words if _is_number(word)]
    return [NUMBER if _is_number(word) else word for word in words], values


def instruction_words(instruction: str) -> tuple[list[str], list[float]]:
    """Lower-case words of an instruction without punctuation, numbers as `split_numbers`."""
    plain = unicodedata.normalize("NFKC", instruction).lower()
    return split_numbers(re.findall(r"[0-9]+(?:\.[0-9]+)?(?!\w)|[^\W_]+", plain))


def point_of(directions: Sequence[str], values_m: Sequence[float]) -> tuple[float, float]:
    """(ahead, left) in m of numbers, each with the direction it counts in."""
    ahead = left = 0.0
    for direction, value_m in zip(directions, values_m, strict=True):
        if direction in ("ahead", "behind"):
            ahead += value_m if direction == "ahead" else -value_m
        else:
            left += value_m if direction == "left" else -value_m
    return ahead, left


def _is_number(word: str) -> bool:
    return re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", word) is not None
