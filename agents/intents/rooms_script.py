"""Carries out an intent in an apartment: explores for what is named, drives, counts, answers.

What is named and turns out not to be there ends it; the answers are given at the end.
"""

import re
from collections.abc import Sequence

from handeye.agents.core.planner import Done
from handeye.agents.core.tools import ToolResult
from handeye.agents.intents.intent import IT, Group, Intent, Step
from handeye.agents.intents.script import Calls, Ended, call, cannot, failed, listed

ROOM = "room"
ROOM_OF = "room of "
ABSENT = ("explored", "unknown_words")  # Causes that show that there is no such thing.
TRIES = 3
SMALL_TALK = {"the", "a", "an", "one", "user", "says", "please", "i", "mean", "is", "it"}


class RoomsScript:
    """One intent, carried out once."""

    def __init__(self, intent: Intent) -> None:
        self._intent = intent
        self._answers: list[str] = []
        self._it = ""

    def run(self) -> Calls[Done]:
        """Carry it out; return what to claim."""
        try:
            yield from self._steps(self._intent)
        except Ended as end:
            return end.done
        return Done("success", "; ".join(self._answers))

    def _steps(self, intent: Intent) -> Calls[None]:
        for step in intent:
            yield from self._step(step)

    def _step(self, step: Step) -> Calls[None]:
        verb, _, rest = step.form.partition(" ")
        if verb == "if":
            holds = yield from self._holds(rest.split(" B")[0], step)
            for block in step.blocks[:1] if holds else step.blocks[1:]:
                yield from self._steps(block)
        elif verb == "repeat":
            for _ in range(step.number):
                yield from self._steps(step.blocks[0])
        elif step.form == "at once B":
            yield from self._steps(step.blocks[0])
        elif verb == "tell":
            self._answers.append((yield from self._told(rest, step)))
        elif verb == "ask":
            yield from self._ask(step.groups[0][0].noun)
        elif verb == "go":
            yield from self._go(rest, step)
        else:
            raise cannot("this robot drives and has no arm")

    # ---------------------------------------------------------------- driving

    def _go(self, rest: str, step: Step) -> Calls[None]:
        if rest == "back":
            result = yield call("go_back")
            if not result.ok:
                raise failed(result)
        elif rest == "to most G of G":
            yield from self._to(Group((yield from self._most(step))))
        elif rest == "to first of G with G":
            places, (what, *_) = step.groups
            for place in places:
                if (yield from self._count(f"{what.noun} in {place.noun}")):
                    yield from self._to(place)
                    return
            raise cannot(f"none of them has a {what.noun}")
        else:
            for group in step.groups[0]:
                yield from self._to(group)

    def _to(self, group: Group) -> Calls[ToolResult | None]:
        """Drive to a place, or to all of several."""
        noun = group.noun
        if noun == IT and self._it:
            noun = self._it
        if noun == ROOM:
            explored = yield call("explore")
            for room in explored.data.get("rooms", ()):
                yield from self._to(Group(str(room)))
            return None
        if group.quantity == "all":
            yield from self._to_each(noun)
            return None
        if noun.startswith(ROOM_OF):
            result = yield from self._seeing("go_to", noun.removeprefix(ROOM_OF), "target")
        else:
            result = yield from self._seeing("go_to", noun, "target")
        if result.cause == "ambiguous":
            yield from self._ask(noun)
            result = yield from self._seeing("go_to", self._it, "target")
        if not result.ok:
            raise self._given_up(result)
        self._it = noun
        return result

    def _to_each(self, noun: str) -> Calls[None]:
        room = _room_in(noun)
        if room:
            yield from self._to(Group(room))
        else:
            yield call("explore")
        found = yield call("detect", words=_spoken(noun))
        if not found.ok:
            raise self._given_up(found)
        for handle in found.data["handles"]:
            result = yield call("go_to", target=handle)
            if not result.ok:
                raise failed(result)

    def _seeing(
        self, tool: str, words: str, argument: str, sought: str = "", **more: str
    ) -> Calls[ToolResult]:
        """A call that needs something seen: at its failure an exploration, then the call again."""
        asked = call(tool, **{argument: _spoken(words)}, **more)
        result = yield asked
        if result.ok or result.cause != "not_seen":
            return result
        found = yield call("explore", words=_spoken(sought or words))
        if not found.ok:
            return found
        return (yield asked)

    @staticmethod
    def _given_up(result: ToolResult) -> Ended:
        return cannot(result.reason) if result.cause in ABSENT else failed(result)

    def _ask(self, noun: str) -> Calls[None]:
        """Ask the user which of several is meant."""
        told = yield call("ask_user", question=f"Which {noun} do you mean?")
        words = re.findall(r"[a-z]+", str(told.data.get("user", "")).lower())
        chosen = [word for word in words if word not in SMALL_TALK]
        if not told.ok or not chosen:
            raise cannot(f"which {noun} is meant is not clear")
        named = " ".join(word for word in chosen if word not in noun.split())
        self._it = f"{named} {noun}".strip()

    # ---------------------------------------------------------------- finding out

    def _count(self, noun: str) -> Calls[int]:
        room = _room_in(noun)
        if noun == ROOM:
            explored = yield call("explore")
            return len(explored.data.get("rooms", ()))
        if not room:
            yield call("explore")
            result = yield call("count", words=_spoken(noun))
        else:
            head = noun[: -len(f" in {room}")]
            result = yield from self._seeing("count", head, "words", sought=room, where=room)
        if not result.ok:
            raise self._given_up(result)
        return int(result.data["count"])

    def _sum(self, groups: Sequence[Group]) -> Calls[int]:
        number = 0
        for group in groups:
            number += yield from self._count(group.noun)
        return number

    def _most(self, step: Step) -> Calls[str]:
        """The one of several rooms that has the most of something."""
        (what, *_), places = step.groups
        best, most = "", -1
        for place in places:
            number = yield from self._count(f"{what.noun} in {place.noun}")
            if number > most:
                best, most = place.noun, number
        return best

    def _holds(self, form: str, step: Step) -> Calls[bool]:
        counts = list[int]()
        for several in step.groups:
            number = yield from self._sum(several)
            counts.append(number)
        if form == "there is G":
            return counts[0] > 0
        if form == "more than N G":
            return counts[0] > step.number
        if form == "more G than G":
            return counts[0] > counts[1]
        if form == "as many G as G":
            return counts[0] == counts[1]
        raise cannot(f"that cannot be found out in an apartment: {form}")

    def _told(self, form: str, step: Step) -> Calls[str]:
        groups = step.groups
        if form.startswith("whether "):
            return "yes" if (yield from self._holds(form.removeprefix("whether "), step)) else "no"
        if form == "count G":
            return str((yield from self._sum(groups[0])))
        if form == "excess G over G":
            first = yield from self._sum(groups[0])
            return str(first - (yield from self._sum(groups[1])))
        if form == "more G or G":
            first = yield from self._sum(groups[0])
            second = yield from self._sum(groups[1])
            return groups[0 if first > second else 1][0].noun
        if form == "most G of G":
            return (yield from self._most(step))
        if form == "which of G has G":
            for place in groups[0]:
                if (yield from self._count(f"{groups[1][0].noun} in {place.noun}")):
                    return place.noun
            raise cannot(f"none of them has a {groups[1][0].noun}")
        if form == "where G":
            found = yield call("explore", words=_spoken(groups[0][0].noun))
            if not found.ok:
                raise self._given_up(found)
            rooms = [str(thing["room"]) for thing in found.data["objects"] if thing["room"]]
            return listed(sorted(set(rooms))) if rooms else "in no room that is known"
        if form in ("colour G", "kind G"):
            result = yield from self._to(groups[0][0])
            name = str(result.data["at"]["name"]) if result and "at" in result.data else ""
            return name.split()[0] if form == "colour G" else name.split()[-1]
        raise cannot(f"that cannot be found out in an apartment: {form}")


def _room_in(noun: str) -> str:
    """The room that a noun ends with: "box in kitchen"."""
    _, within, room = noun.rpartition(" in ")
    return room if within else ""


def _spoken(noun: str) -> str:
    """A noun as the tools take it: "box in the kitchen"."""
    return noun.replace(" in ", " in the ")
