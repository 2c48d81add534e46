"""What a script knows of a table: objects by name and handle, what is in or on what, states.

Names are matched word by word ("red thing" is every loose object that is red); what takes more than
that, such as "block left of bowl", the tools are asked for.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from handeye.agents.core.scene_notes import EVERYTHING, NotedObject, objects_in
from handeye.agents.core.tools import ToolResult
from handeye.agents.intents.intent import IT, Group
from handeye.agents.intents.script import Calls, call, cannot, listed

VESSELS = ("bowl", "plate", "cup")
FIXED = ("button", "drawer", "zone")
ANYTHING = ("thing", "object")
ROLES: dict[str, tuple[str, ...]] = {  # what can play a part -> its kinds; "loose" is all others
    "button": ("button",), "drawer": ("drawer",), "zone": ("zone",),
    "container": (*VESSELS, "drawer"),
}  # fmt: skip
SEEN = re.compile(r"(?P<name>.+?)(?: \((?P<state>[^)]*)\))?(?: (?P<how>in|on) the (?P<base>.+))?$")
# Words by which a noun is more than a name.
RELATING = re.compile(
    r"\b(of|left|right|front|behind|leftmost|rightmost|nearest|farthest|largest|smallest)\b"
)
WITHIN = re.compile(r"(.+?) (in|on) (.+)$")
COLOURED_LIKE = " coloured like "
SMALL_TALK = {"the", "a", "an", "one", "thing", "please", "i", "mean", "that", "is", "it"}
OPEN, CLOSED = "open", "closed"
SAME_PLACE_M = 0.03  # What stands as near to where something stood is that.
TRAY_M = 0.25  # What is farther from a drawer is not in its tray.


class Seat(NamedTuple):
    """Where an object is: "in" or "on" what, by name."""

    how: str
    base: str


@dataclass
class TableView:
    """The table as far as it was told.

    Attributes:
        objects: of the last look at everything, without those that were moved since.
        names: of what was in view at the last look.
        seats: name -> what it is in or on, drawers left out.
        stowed: name -> the drawer that it is in, as far as that was found out.
        states: name -> "open", "closed", ... of drawers.
        it: names of what the last step was about.
        meant: noun -> the name that the user meant by it.
        places: name -> x and y of where it was last, m.
    """

    objects: list[NotedObject] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    seats: dict[str, Seat] = field(default_factory=dict)
    stowed: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    it: list[str] = field(default_factory=list)
    meant: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    _stale: bool = True

    def look(self) -> Calls[None]:
        """See what is in or on what, and the drawers' states."""
        told = yield call("describe")
        pieces = [SEEN.match(piece) for piece in told.reason.split("; ")] if told.ok else []
        found = [piece for piece in pieces if piece and not piece["name"].startswith("handle")]
        self.names = {p["name"] for p in found}
        self.seats = {p["name"]: _seat(p["how"], p["base"]) for p in found if p["how"]}
        self.states = {p["name"]: p["state"] for p in found if p["state"]}

    def list_objects(self) -> Calls[None]:
        """Give everything in view a handle, if something has moved since that was done."""
        if self._stale:
            self.objects = yield from self._detected(EVERYTHING)
            self._stale = False

    @staticmethod
    def _detected(words: str) -> Calls[list[NotedObject]]:
        """What words fit, drawers' handles left out."""
        told = yield call("detect", words=words)
        seen = objects_in(told) if told.ok else ()
        return [thing for thing in seen if not thing.name.startswith("handle")]

    def moved(self) -> None:
        """Something is elsewhere now."""
        self._stale = True

    def seat(self, name: str) -> Seat | None:
        """Return what an object is in or on."""
        if name in self.stowed:
            return Seat("in", self.stowed[name])
        return self.seats.get(name)

    def above(self, name: str) -> list[str]:
        """Return the names of what stands on an object."""
        return [other for other, seat in self.seats.items() if seat == Seat("on", name)]

    # ------------------------------------------------------------------ nouns

    def again(self, name: str) -> Calls[NotedObject | None]:
        """The object of a name, as it is now.

        Eyes may call it otherwise at another look: then it is what stands where it stood, or what
        has its colour and kind.
        """
        yield from self.list_objects()
        alike = [thing for thing in self.objects if thing.name == name]
        if not alike and name in self.places:
            alike = [t for t in self.objects if _near(t, self.places[name])]
        if not alike:
            looks = name.split()[-2:]
            alike = [t for t in self.objects if t.name.split()[-2:] == looks]
        if len(alike) != 1:
            return alike[0] if alike else None
        self.places[name] = alike[0].x_m, alike[0].y_m
        return alike[0]

    def group(self, group: Group, role: str) -> Calls[list[NotedObject]]:
        """The objects that a group means.

        Args:
            group: from an intent.
            role: of `ROLES`, "loose" or "" for anything.

        Raises:
            Ended: there are none of them, or fewer than so many; or which is meant is unknown.
        """
        found = yield from self.fitting(group.noun, role)
        for noun in group.but:
            left_out = yield from self.fitting(noun, role)
            found = [thing for thing in found if thing not in left_out]
        return (yield from self._so_many(group, found))

    def one(self, group: Group, role: str) -> Calls[NotedObject]:
        """The single object that a group means.

        Raises:
            Ended: there is none, or which is meant is unknown.
        """
        found = yield from self.group(group, role)
        if len(found) > 1:
            return (yield from self._asked(group.noun, found))
        return found[0]

    def fitting(self, noun: str, role: str) -> Calls[list[NotedObject]]:
        """Everything in view that a noun fits, of what can play the part if there is any."""
        yield from self.list_objects()
        if noun == IT:
            return [thing for name in self.it for thing in self.objects if thing.name == name]
        if noun in self.meant:
            return [thing for thing in self.objects if thing.name == self.meant[noun]]
        head, like, other = noun.partition(COLOURED_LIKE)
        if like:
            model = yield from self.one(Group(other), "")
            return (yield from self.fitting(f"{colour_of(model.name)} {head}", role))
        within = WITHIN.match(noun)
        if within:
            return (yield from self._within(within[1], within[2], within[3], role))
        found = [] if RELATING.search(noun) else [t for t in self.objects if fits(noun, t.name)]
        if not found:
            found = yield from self._detected(noun)
        for thing in found:
            self.places.setdefault(thing.name, (thing.x_m, thing.y_m))
        able = [thing for thing in found if can_be(thing.name, role)]
        return able if able or generic(noun) else found

    def _within(self, head: str, how: str, noun: str, role: str) -> Calls[list[NotedObject]]:
        """What is in or on something."""
        base = yield from self.one(Group(noun), "container" if how == "in" else "")
        if base.name.endswith("drawer"):
            return (yield from self._stowed(head, base, role))
        found = [t for t in self.objects if fits(head, t.name)]
        return [t for t in found if (seat := self.seat(t.name)) and seat.base == base.name]

    def _stowed(self, head: str, drawer: NotedObject, role: str) -> Calls[list[NotedObject]]:
        """What is in a drawer, which is opened for it."""
        if self.states.get(drawer.name) == CLOSED:
            before = list(self.objects)
            yield from self.slide(drawer, OPEN)
            yield from self.list_objects()
            for thing in self.objects:
                known = any(_near(thing, (old.x_m, old.y_m)) for old in before)
                if not known and can_be(thing.name, "loose"):
                    self.stowed[thing.name] = drawer.name
        elif drawer.name not in self.stowed.values():
            for thing in self.objects:
                near = math.dist((thing.x_m, thing.y_m), (drawer.x_m, drawer.y_m)) < TRAY_M
                loose = can_be(thing.name, "loose") and self.seat(thing.name) is None
                if near and loose and (yield from self.is_stowed(thing.name, drawer.name)):
                    self.stowed[thing.name] = drawer.name
        yield from self.list_objects()
        inside = [t for t in self.objects if self.stowed.get(t.name) == drawer.name]
        found = [t for t in inside if fits(head, t.name)]
        if not found and len(inside) == 1:
            return inside  # half hidden as it is, eyes may call it otherwise
        if not found and not generic(head):
            found = [t for t in self.objects if fits(head, t.name) and can_be(t.name, role)]
        return found

    def is_stowed(self, name: str, drawer: str) -> Calls[bool]:
        """Look whether something is in an open drawer."""
        told = yield call("check", item=name, relation="in", base=drawer)
        return told.ok

    def slide(self, drawer: NotedObject, way: str) -> Calls[ToolResult]:
        """Open or close a drawer, unless it is so already; looks afterwards."""
        tool = "open_drawer" if way == OPEN else "close_drawer"
        if self.states.get(drawer.name) == way:
            return ToolResult(True, f"the {drawer.name} is {way} already")
        result = yield call(tool, drawer=drawer.handle)
        self.moved()
        yield from self.look()
        return result

    def _so_many(self, group: Group, found: list[NotedObject]) -> Calls[list[NotedObject]]:
        quantity = group.quantity
        if not found:
            raise cannot(f"there is no {group.noun} in view")
        if quantity.isdecimal():
            number = int(quantity)
            if number > len(found):
                raise cannot(f"there are {len(found)} of {group.noun}, not {number}")
            return found[:number]
        if quantity == "odd":
            return [odd_one(found)]
        if quantity == "any":
            return found[:1]
        if quantity == "" and len(found) > 1 and group.noun != IT:
            return [(yield from self._asked(group.noun, found))]
        return found

    def _asked(self, noun: str, found: list[NotedObject]) -> Calls[NotedObject]:
        """Ask the user which of several is meant, and remember it."""
        names = listed([f"the {thing.name}" for thing in found], "or")
        told = yield call("ask_user", question=f"Which {noun}: {names}?")
        answer = str(told.data.get("user", "")).lower()
        words = set(re.findall(r"[a-z]+", answer)) - SMALL_TALK
        chosen = [thing for thing in found if words and words <= set(thing.name.split())]
        if len(chosen) != 1:
            raise cannot(f"which {noun} is meant is not clear: there are {names}")
        self.meant[noun] = chosen[0].name
        return chosen[0]


def _near(thing: NotedObject, place: tuple[float, float]) -> bool:
    return math.dist((thing.x_m, thing.y_m), place) < SAME_PLACE_M


def _seat(how: str, base: str) -> Seat:
    """Painted zones are told as what things are in; they are on it."""
    return Seat("on" if base.split()[-1] == "zone" else how, base)


def fits(noun: str, name: str) -> bool:
    """Return whether a noun of plain words fits a name."""
    words, own = set(noun.split()), set(name.split())
    if "container" in words:
        return name.split()[-1] in VESSELS and words - {"container"} <= own
    return words - set(ANYTHING) <= own


def generic(noun: str) -> bool:
    """Return whether a noun names no kind."""
    return any(word in ANYTHING for word in noun.split())


def can_be(name: str, role: str) -> bool:
    """Return whether what is called so can play a part."""
    kind = name.split()[-1]
    if role == "loose":
        return kind not in (*VESSELS, *FIXED)
    return not role or kind in ROLES[role]


def colour_of(name: str) -> str:
    """The colour in a name: the word before the kind."""
    return ["", *name.split()][-2]


def odd_one(found: Sequence[NotedObject]) -> NotedObject:
    """The one that differs from all others in size, colour or kind, while those are alike.

    Raises:
        Ended: none stands out.
    """
    for place in (-3, -2, -1):  # of the word in a name: its size, its colour, its kind
        values = [["", "", *thing.name.split()][place] for thing in found]
        alone = [value for value in values if values.count(value) == 1]
        if len(alone) == 1 and len(set(values)) == 2:
            return found[values.index(alone[0])]
    raise cannot(f"none of {listed([thing.name for thing in found])} is the odd one out")
