"""Parses plain tabletop instructions into tool calls by patterns; no language model is asked."""

import re
from typing import NamedTuple

SIDES = {
    "to the left of": "left", "left of": "left", "to the right of": "right", "right of": "right",
    "in front of": "front", "behind": "behind",
}  # fmt: skip
IN, ON = "(?:in|into|inside)", "(?:on|onto|on top of)"
TO = "(?:to|onto|into|towards|over to|all the way to|until it is in)"
PUT = "(?:put|drop|move|lay|place|stack|set|stand)"
TAKE = "(?:pick up|grab|lift|take|bring)"
PUSH = "(?:push|slide|shove|nudge)"
SIDE = f"(?P<side>{'|'.join(SIDES)})"
A, B = "(?P<a>the .+?)", "(?P<b>the .+)"
A1, B0 = "(?P<a>the .+)", "(?P<b>the .+?)"
PULL, SHUT = "(?:open|pull open)", "(?:close|shut|push shut)"
HAND = "(?:the gripper|your gripper|your hand|the arm)"
POLITE = "(?:please |now |go and |could you |fully )?"
FULLY = "(?: fully| completely| all the way)?"
FIRST_TO_IT = "(?:grab|move to|find|go to)"


class Call(NamedTuple):
    """A tool, and for each argument the name of the group that holds its words."""

    tool: str
    arguments: dict[str, str]


PUT_IN = Call("pick", {"target": "a"}), Call("place_in", {"container": "b"})
PUT_ON = Call("pick", {"target": "a"}), Call("place_on", {"base": "b"})
BESIDE = Call("pick", {"target": "a"}), Call("place_beside", {"reference": "b", "side": "side"})
PUSH_TO = (Call("push_to", {"target": "a", "goal": "b"}),)
OPEN = (Call("open_drawer", {"drawer": "a"}),)
CLOSE = (Call("close_drawer", {"drawer": "a"}),)
PRESS = (Call("press", {"button": "a"}),)
PICK = (Call("pick", {"target": "a"}),)
REACH = (Call("reach", {"target": "a"}),)


def _placements(where: str) -> tuple[str, ...]:
    """Ways to say that something is to be put somewhere."""
    return (
        f"{TAKE} {A} and {PUT} it {where} {B}",
        f"{where} {B0} {PUT} {A1}",
        f"{PUT} {A}(?: down)? {where} {B}",
        f"{A} (?:goes|belongs) {where} {B}",
    )


PATTERNS: tuple[tuple[tuple[str, ...], tuple[Call, ...]], ...] = (
    ((f"{POLITE}{PULL} {A}{FULLY}", f"{FIRST_TO_IT} {A} and {PULL} it"), OPEN),
    ((f"{POLITE}{SHUT} {A}{FULLY}", f"{FIRST_TO_IT} {A} and {SHUT} it"), CLOSE),
    ((*_placements(IN), f"{TAKE} {A} to {B} and {PUT} it in"), PUT_IN),
    (_placements(ON), PUT_ON),
    (_placements(SIDE), BESIDE),
    ((f"{PUSH} {A} {TO} {B}", f"{TO} {B0} {PUSH} {A1}"), PUSH_TO),
    (("(?:touch|reach|go to) " + A + " and (?:press|push) it", f"{A}: (?:press|push) it",
      f"push (?:down|in) {A}", f"press (?:down|on|firmly on) {A}",
      f"(?:press|push|hit|tap) {A}(?: down| in)?"), PRESS),
    ((f"(?:grab|grasp|hold|take) {A} and (?:lift|raise) it(?: up)?", f"(?:pick|hold) {A} up",
      f"take {A} (?:off the table|in your hand)", f"{A}: (?:pick it up|lift it)",
      f"(?:pick up|lift up|lift|grasp|grab|take|raise|hold up|fetch) {A}"), PICK),
    ((f"(?:move|bring|guide) {HAND} (?:over to|to|above|over) {A}",
      f"to {A} (?:(?:move|bring) {HAND}|go)", f"(?:go|move) (?:over|close) to {A}",
      f"{POLITE}(?:reach for|reach|move to|go to|point at|hover over|approach) {A}"), REACH),
)  # fmt: skip


def parse(instruction: str) -> list[tuple[str, dict[str, str]]]:
    """The calls that an instruction asks for: tools and arguments; empty if it fits no pattern."""
    words = instruction.lower().strip(" .!")
    for spellings, calls in PATTERNS:
        for spelling in spellings:
            found = re.fullmatch(spelling, words)
            if found:
                return [(call.tool, _filled(call, found.groupdict())) for call in calls]
    return []


def _filled(call: Call, groups: dict[str, str]) -> dict[str, str]:
    words = {**groups, "side": SIDES.get(groups.get("side", ""), "")}
    return {name: words[group].removeprefix("the ") for name, group in call.arguments.items()}
