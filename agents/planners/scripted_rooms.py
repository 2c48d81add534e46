"""Patterns for plain instructions in apartments: what `ScriptedPlanner` does there.

NOT a language model. A plan is a generator: it yields calls, is sent their results and ends with
what is to be claimed and answered. What has not been seen yet is explored for first.
"""

import re
from collections.abc import Callable, Generator

from handeye.agents.core.planner import Done
from handeye.agents.core.tools import ToolResult

Asked = tuple[str, dict[str, str]]  # a tool and its arguments
Plan = Generator[Asked, ToolResult, Done]
Part = Generator[Asked, ToolResult, ToolResult]

ABSENT = ("explored", "unknown_words")  # Causes that show that there is no such thing.
JOINT = re.compile(r"(?:,|;)? (?:and then|after that|next|then|and) (?:to )?|, (?:next |then )?")
BACK = "(?:come|drive|go|return)(?: back)?"
GO = "(?:go|drive|move)"
TELL = "(?:tell me|say|inform me|say it)"
P, A, T = "(?P<places>.+?)", "(?P<a>.+?)", "(?P<things>.+?)"
BY_THE_WAY = "(?:, (?:go to|pass by|visit) (?P<detour>.+?)(?: in this order)?)?"


def plan_of(instruction: str) -> Plan | None:
    """The plan of an instruction; None if it fits no pattern."""
    words = " ".join(instruction.lower().replace("?", " ").split()).strip(" .!")
    for pattern, make in PATTERNS:
        found = re.fullmatch(pattern, words)
        if found:
            return make({name: said or "" for name, said in found.groupdict().items()})
    return None


def places_in(words: str) -> list[str]:
    """Places of a list in words, as tools take them."""
    parts = (part.strip(" ,;") for part in JOINT.split(words))
    return [part.removeprefix("the ") for part in parts if part]


def _seeing(tool: str, words: str, argument: str, **more: str) -> Part:
    """A call that needs something seen: at its failure an exploration, then the call again."""
    result = yield tool, {argument: words, **more}
    if result.ok or result.cause != "not_seen":
        return result
    sought = yield "explore", {"words": more.get(argument, words)}
    if not sought.ok:
        return sought
    return (yield tool, {argument: words, **more})


def _to(places: list[str]) -> Generator[Asked, ToolResult, Done | None]:
    """From place to place; what is to be claimed if one is not there."""
    for place in places:
        result = yield from _seeing("go_to", place, "target")
        if not result.ok:
            return _given_up(result)
    return None


def _given_up(result: ToolResult) -> Done:
    return Done("cannot" if result.cause in ABSENT else "failure", result.reason)


def _visit(said: dict[str, str], *, back: bool = False) -> Plan:
    wrong = yield from _to(places_in(said["places"]) + places_in(said.get("last", "")))
    if wrong:
        return wrong
    if not back:
        return Done("success")
    return (yield from _report(said, ""))


def _report(said: dict[str, str], answer: str) -> Plan:
    """By the places on the way back to the start, then the answer."""
    wrong = yield from _to(places_in(said.get("detour", "")))
    if wrong:
        return wrong
    result = yield "go_back", {}
    return Done("success", answer) if result.ok else Done("failure", result.reason)


def _round_trip(said: dict[str, str]) -> Plan:
    return _visit(said, back=True)


def _patrol(said: dict[str, str]) -> Plan:
    result = yield "explore", {}
    if not result.ok:
        return _given_up(result)
    rooms = result.data["rooms"]
    if said.get("count"):
        return (yield from _report(said, str(len(rooms))))
    return (yield from _visit({"places": ", ".join(rooms)}, back=True))


def _counted(said: dict[str, str]) -> Generator[Asked, ToolResult, tuple[int, Done | None]]:
    """Count in the room that is asked about; the number, or why there is none."""
    room = said["a"].removeprefix("the ")
    wrong = yield from _to([room])
    if wrong:
        return 0, wrong
    result = yield "count", {"words": said["things"], "where": room}
    return (result.data["count"], None) if result.ok else (0, _given_up(result))


def _how_many(said: dict[str, str]) -> Plan:
    number, wrong = yield from _counted(said)
    if wrong:
        return wrong
    return (yield from _report(said, str(number)))


def _whether(said: dict[str, str]) -> Plan:
    number, wrong = yield from _counted(said)
    if wrong:
        return wrong
    return (yield from _report(said, "yes" if number else "no"))


def _stay_or_go(said: dict[str, str]) -> Plan:
    number, wrong = yield from _counted(said)
    if wrong:
        return wrong
    if number:
        return Done("success")
    return (yield from _visit({"places": said["else"]}))


def _where(said: dict[str, str]) -> Plan:
    result = yield "explore", {"words": said["a"].removeprefix("the ")}
    if not result.ok:
        return _given_up(result)
    rooms = [found["room"] for found in result.data["objects"] if found["room"]]
    return (yield from _report(said, rooms[-1] if rooms else ""))


def _colour(said: dict[str, str]) -> Plan:
    result = yield from _seeing("go_to", said["a"].removeprefix("the "), "target")
    if not result.ok:
        return _given_up(result)
    return (yield from _report(said, result.data["at"]["name"].split()[0]))


def _in_all(said: dict[str, str]) -> Plan:
    yield "explore", {}
    result = yield "count", {"words": said["things"]}
    if not result.ok:
        return _given_up(result)
    return (yield from _report(said, str(result.data["count"])))


PATTERNS: tuple[tuple[str, Callable[[dict[str, str]], Plan]], ...] = (
    (f"(?:go into|visit|look into) every room and {BACK} to the start", _patrol),
    ("(?:drive|go) through all rooms, then return (?:here|to the start)", _patrol),
    (f"(?P<count>how many rooms) does this apartment have .*{BACK}.*", _patrol),
    (f"(?P<count>count the rooms) .*{BACK}.*", _patrol),
    (f"how many {T} are there in the whole apartment {BACK} and {TELL}", _in_all),
    (f"count all(?: the)? {T} of this apartment, then return and {TELL}", _in_all),
    (f"count the {T} in {A}{BY_THE_WAY}, {BACK} and {TELL} the number", _how_many),
    (f"(?:go and see|find out) how many {T} (?P<a>the .+?) has{BY_THE_WAY}, then return and {TELL}",
     _how_many),
    (f"go and see whether there is an? {T} in {A}{BY_THE_WAY}, {BACK} and {TELL}", _whether),
    (f"(?:look|check) if {A} has an? {T}{BY_THE_WAY}, then return and {TELL}", _whether),
    (f"if {A} has an? {T} stop there, otherwise {GO} to (?P<else>.+)", _stay_or_go),
    (f"(?:look|go) into {A} and stay if there is an? {T}, (?:if not|otherwise) go to (?P<else>.+)",
     _stay_or_go),
    (f"find {A}{BY_THE_WAY}, {BACK} and {TELL} which room it is in", _where),
    (f"(?:find out|look) where {A} is{BY_THE_WAY}, then {BACK} and tell me the room", _where),
    (f"(?:go and see|find out) what colour {A} has{BY_THE_WAY}, {BACK} and {TELL}", _colour),
    (f"look at {A}{BY_THE_WAY}, return and {TELL} its colour", _colour),
    (f"(?:visit|go to) {P} in any order and {BACK} to the start", _round_trip),
    (f"{BACK} here after you have been at {P}, the order does not matter", _round_trip),
    (f"in whatever order you like, (?:visit|see) {P}, then return to the start", _round_trip),
    (f"{GO} to {P}, then {BACK} to the start", _round_trip),
    (f"visit {P} and {BACK} to where you started", _round_trip),
    (f"{BACK} here after (?:going|driving) to {P}", _round_trip),
    (f"before you {GO} to (?P<last>.+?), (?:visit|go to) {P}", _visit),
    (f"{GO} to (?P<last>.+?), but (?:first|before that) to {P}", _visit),
    (f"(?:stop|end) at (?P<last>.+?) after (?:visiting|a visit to) {P}", _visit),
    (f"(?:first|now) go to {P}, finally to (?P<last>.+?) and stop there", _visit),
    (f"visit {P} and (?:stay|stop) there", _visit),
    (f"{GO} (?:to|into) {P}", _visit),
)  # fmt: skip
