"""An apartment on paper: what the tools of the rooms would say, without geometry.

What has not been explored is not known, as in the simulator; driving always gets there. The texts
are those of `agents/tools/rooms.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tools import CannotDo, ToolResult
from handeye.agents.tools.rooms import ALL_EXPLORED, not_yet_seen
from handeye.agents.tools.rooms_context import nothing_seen
from handeye.agents.tools.tool_context import Listed, only
from handeye.envs.core.simulated_user import Unclear, reply
from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.envs.rooms.long.naming import PLURALS
from handeye.envs.rooms.long.symbolic_home import HomeThing, SymbolicHome

SINGULAR = {plural: kind for kind, plurals in PLURALS.items() for plural in plurals}
NUMBERED_SHARE = 0.4  # of the numbers of handles, those that are a thing's in the end


@dataclass
class SymbolicApartment:
    """One episode in a home.

    Attributes:
        home: where it is.
        rng: decides in which order rooms come into view.
        unclear: what the words leave open, which the user knows.
        room: where the robot is.
        seen: rooms that are known, in no order.
        told: things by the numbers of their handles, of which some are left out: a map that grows
            from sight takes some things for two at first.
    """

    home: SymbolicHome
    rng: np.random.Generator
    unclear: Unclear | None = None
    room: str = ""
    seen: set[str] = field(default_factory=set)
    told: dict[int, HomeThing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin where the robot starts."""
        self.room = self.home.start_room
        self._see(self.room)

    def call(self, call: ToolCall) -> ToolResult:
        """What the tool would say."""
        words = {name: str(value) for name, value in call.arguments.items()}
        told: ToolResult = getattr(self, f"_{call.name}")(**words)
        return told

    def _go_to(self, target: str) -> ToolResult:
        if target in ROOM_KINDS:
            if target not in self.seen:
                return not_yet_seen(target)
            self.room = target
            return ToolResult(True, f"in the {target}")
        found = self.fitting(target)
        if not found:
            return ToolResult.failed(nothing_seen(target), "not_seen")
        try:
            thing = only(target, found, self._listed, nothing_seen(target))
        except CannotDo as several:
            return ToolResult(False, str(several), data=several.data)
        self.room = thing.room
        words = f"at the {thing.colour} {thing.kind} in the {thing.room}"
        return ToolResult(True, words, data={"at": self._listed([thing]).objects[0]})

    def _explore(self, words: str = "") -> ToolResult:
        hidden = [room for room in self.home.rooms if room not in self.seen]
        for k in self.rng.permutation(len(hidden)):
            if words and self._known(words).words:
                break
            self._see(hidden[k])
        found = self._known(words) if words else Listed("", [])
        if found.words:
            return ToolResult(True, f"found {found.words}", data={"objects": found.objects})
        rooms = [room for room in ROOM_KINDS if room in self.seen]
        seen = f"Rooms seen: {', '.join(rooms)}"
        if words:
            reason = f"{ALL_EXPLORED}; nothing fits {words!r}. {seen}"
            return ToolResult.failed(reason, "explored", rooms=rooms)
        return ToolResult(True, f"{ALL_EXPLORED}. {seen}", data={"rooms": rooms})

    def _count(self, words: str, where: str = "") -> ToolResult:
        if where and where not in self.seen:
            return not_yet_seen(where)
        self.room = where or self.room
        number = len(self.fitting(f"{words} in the {where}" if where else words))
        scope = f"in the {where}" if where else "seen so far"
        data = {"count": number}
        return ToolResult(True, f"{number} {scope} fit {words!r}", data=data)

    def _detect(self, words: str) -> ToolResult:
        found = self.fitting(words)
        if not found:
            return ToolResult.failed(nothing_seen(words), "not_seen")
        told = self._listed(found)
        return ToolResult(True, told.words, data={"objects": told.objects})

    def _go_back(self) -> ToolResult:
        self.room = self.home.start_room
        return ToolResult(True, f"back at the start, in the {self.room}")

    def _ask_user(self, question: str) -> ToolResult:
        answer = reply(question, self.unclear)
        return ToolResult(True, f"the user says: {answer}", data={"user": answer})

    def fitting(self, words: str) -> list[HomeThing]:
        """Known things that words such as "red chair in the kitchen" or a handle mean."""
        if words.startswith("#"):
            return [self.told[int(words[1:])]]
        head, _, room = words.partition(" in the ")
        *colour, kind = head.split()
        kind = SINGULAR.get(kind, kind)
        found = self.home.fitting(kind, colour[0] if colour else "", room)
        return [thing for thing in found if thing.room in self.seen]

    def handle(self, thing: HomeThing) -> str:
        """The number by which tools name a thing."""
        return f"#{next(number for number, known in self.told.items() if known is thing)}"

    def _see(self, room: str) -> None:
        self.seen.add(room)
        number = max(self.told, default=0)
        for thing in self.home.things:
            if thing.room == room:
                number += int(self.rng.geometric(NUMBERED_SHARE))
                self.told[number] = thing

    def _known(self, words: str) -> Listed:
        if words in ROOM_KINDS:
            return Listed(f"the {words}" if words in self.seen else "", [])
        return self._listed(self.fitting(words))

    def _listed(self, things: Sequence[HomeThing]) -> Listed:
        objects = [
            {"handle": self.handle(t), "name": f"{t.colour} {t.kind}", "room": t.room}
            for t in things
        ]
        told = (f"{each['handle']} {each['name']} in the {each['room']}" for each in objects)
        return Listed("; ".join(told), objects)
