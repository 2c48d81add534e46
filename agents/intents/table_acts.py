"""Acts on a table that are looked at and tried again: bring, push, stack, slide, press.

Each is done when a look has shown it. After a few tries in vain the script ends with the reason.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.scene_notes import NotedObject
from handeye.agents.core.success_detector import SIDES as SAID_SIDES
from handeye.agents.core.tools import ToolResult
from handeye.agents.intents.script import GIVE_UP, Calls, call, cannot, failed
from handeye.agents.intents.table_view import CLOSED, OPEN, Seat, TableView

TRIES = 4  # of one act


class Placed(NamedTuple):
    """Something that was put somewhere: "in", "on" or a side."""

    name: str
    how: str
    base: str


class TableActs:
    """What the hand does.

    Args:
        view: what is known of the table, kept up to date.
    """

    def __init__(self, view: TableView) -> None:
        self.view = view
        self._placed: dict[str, Placed] = {}

    def bring(self, name: str, how: str, base: str) -> Calls[None]:
        """Put something somewhere, until it is seen there.

        Raises:
            Ended: it was tried in vain.
        """
        if self.view.seat(name) == Seat(how, base):
            self._placed[name] = Placed(name, how, base)
            return
        result = ToolResult(False, f"the {name} is not in view")
        for _ in range(TRIES):
            under = yield from self.view.again(base)
            if (
                under is not None
                and base.endswith("drawer")
                and self.view.states.get(base) == CLOSED
            ):
                yield from self.slide(under, OPEN)
            picked = yield from self.pick(name)
            if picked.cause == "not_seen":
                raise failed(picked)
            if not picked.ok:
                result = picked
                continue
            under = yield from self.view.again(base)
            if under is None:
                result = ToolResult.failed(f"the {base} is not in view", "not_seen")
                self.view.moved()
                under = yield from self.view.again(base)
                if under is None:
                    raise failed(result)
            result = yield self._placing(how, under.handle)
            self.view.moved()
            self.view.places.pop(name, None)
            if result.cause in GIVE_UP:
                raise failed(result)
            if result.ok and (yield from self._is_there(name, how, base)):
                self._placed[name] = Placed(name, how, base)
                return
            if result.ok:
                result = ToolResult(False, f"the {name} is not where it was put")
        raise failed(result)

    @staticmethod
    def _placing(how: str, base: str) -> ToolCall:
        if how in SAID_SIDES:
            return call("place_beside", reference=base, side=how)
        return call("place_in", container=base) if how == "in" else call("place_on", base=base)

    def _is_there(self, name: str, how: str, base: str) -> Calls[bool]:
        """Look whether something is where it was put; what is out of sight there is.

        Things in containers and under others are half hidden, and eyes call them otherwise: only
        what is seen elsewhere is not there.
        """
        if how in SAID_SIDES:
            said = f"the {name} is {SAID_SIDES[how]} the {base}"
            return (yield call("verify", statement=said)).ok
        yield from self.view.look()
        if not {name, base} <= self.view.names:
            there = True
        elif base.endswith("drawer"):
            there = yield from self.view.is_stowed(name, base)
        else:
            there = self.view.seat(name) == Seat(how, base)
        if there and base.endswith("drawer"):
            self.view.stowed[name] = base
        return there

    def pick(self, name: str) -> Calls[ToolResult]:
        """Take something in the hand; what stands on it goes aside first.

        Raises:
            Ended: it was tried in vain, or must not be done.
        """
        result = ToolResult.failed(f"the {name} is not in view", "not_seen")
        for _ in range(TRIES):
            for above in self.view.above(name):
                yield from self._aside(above)
            thing = yield from self.view.again(name)
            if thing is None:
                self.view.moved()
                yield from self.view.look()
                thing = yield from self.view.again(name)
            if thing is None:
                return result
            result = yield call("pick", target=thing.handle)
            if result.cause in GIVE_UP:
                raise failed(result)
            self.view.moved()
            self.view.stowed.pop(name, None)
            if result.ok:
                return result
            yield from self.view.look()
        return result

    def _aside(self, name: str, away_from: str = "") -> Calls[None]:
        """Put something anywhere on the bare table."""
        seat = self.view.seat(name)
        away = away_from or (seat.base if seat else "")
        picked = yield from self.pick(name)
        if not picked.ok:
            raise failed(picked)
        where = f'away_from("{away}")' if away else "1"
        result = yield call("place_where", where=where)
        self.view.moved()
        if not result.ok:
            raise failed(result)
        yield from self.view.look()

    def clear(self, name: str, base: str) -> Calls[None]:
        """Take something away from what it is on, until it is seen elsewhere."""
        for _ in range(TRIES):
            yield from self._aside(name, base)
            seat = self.view.seat(name)
            if seat is None or seat.base != base:
                return
        raise failed(ToolResult(False, f"the {name} is still on the {base}"))

    def stack(self, things: Sequence[NotedObject]) -> Calls[None]:
        """One upon the other, the first at the bottom."""
        if len(things) < 2:
            raise cannot("a tower takes two things or more")
        for lower, upper in itertools.pairwise(things):
            yield from self.bring(upper.name, "on", lower.name)

    def row(self, things: Sequence[NotedObject]) -> Calls[None]:
        """Side by side from left to right; the middle one stays."""
        middle = len(things) // 2
        for k in range(middle - 1, -1, -1):
            yield from self.bring(things[k].name, "left", things[k + 1].name)
        for k in range(middle + 1, len(things)):
            yield from self.bring(things[k].name, "right", things[k - 1].name)

    def swap(self, a: NotedObject, b: NotedObject) -> Calls[None]:
        """Each of two objects to where the other one is."""
        seats = self.view.seat(a.name), self.view.seat(b.name)
        if seats[0] is None or seats[1] is None:
            raise cannot("what is to change places does not both stand in or on something")
        yield from self._aside(a.name)
        yield from self.bring(b.name, seats[0].how, seats[0].base)
        yield from self.bring(a.name, seats[1].how, seats[1].base)

    def look_again(self) -> Calls[None]:
        """What was put somewhere is to be there still; once more if it is not."""
        if len(self._placed) < 2:
            return
        yield from self.view.look()
        for name, how, base in list(self._placed.values()):
            if how in SAID_SIDES or base.endswith("drawer") or not {name, base} <= self.view.names:
                continue
            if self.view.seat(name) != Seat(how, base) and not self.view.above(name):
                yield from self.bring(name, how, base)

    def push(self, name: str, zone: str) -> Calls[None]:
        """Push something over the table until it is seen on a zone."""
        if self.view.seat(name) == Seat("on", zone):
            return
        result = ToolResult.failed(f"the {name} is not in view", "not_seen")
        for _ in range(TRIES):
            thing, goal = (yield from self.view.again(name)), (yield from self.view.again(zone))
            if thing is None or goal is None:
                raise failed(result)
            result = yield call("push_to", target=thing.handle, goal=goal.handle)
            self.view.moved()
            if result.cause in GIVE_UP:
                raise failed(result)
            if (yield from self._is_there(name, "on", zone)):
                return
        raise failed(ToolResult(False, f"the {name} is not on the {zone}: {result.reason}"))

    def slide(self, drawer: NotedObject, way: str) -> Calls[None]:
        """Open or close a drawer until it is seen to be so."""
        result = ToolResult(True, "")
        for _ in range(TRIES):
            now = yield from self.view.again(drawer.name)
            result = yield from self.view.slide(now or drawer, way)
            if result.cause in GIVE_UP:
                raise failed(result)
            if self.view.states.get(drawer.name) == way:
                return
        raise failed(ToolResult(False, result.reason or f"the {drawer.name} is not {way}"))

    def press(self, button: NotedObject, times: int) -> Calls[None]:
        """Press a button so often."""
        for _ in range(times):
            result = yield call("press", button=button.handle)
            if not result.ok and result.cause not in GIVE_UP:
                result = yield call("press", button=button.handle)
            if not result.ok:
                raise failed(result)
