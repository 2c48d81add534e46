"""Carries out an intent on a table: finds what is named, acts, looks at it, tries again.

What an intent leaves open is asked back, what is not there or contradicts itself ends it before
anything moves, and success is claimed only where a look has shown it.
"""

from collections.abc import Sequence

from handeye.agents.core.planner import Done
from handeye.agents.core.scene_notes import NotedObject
from handeye.agents.intents.intent import IT, SIDES, Group, Intent, Step
from handeye.agents.intents.script import Calls, Ended, call, cannot, failed
from handeye.agents.intents.table_acts import TableActs
from handeye.agents.intents.table_view import (
    CLOSED,
    COLOURED_LIKE,
    OPEN,
    VESSELS,
    WITHIN,
    TableView,
    colour_of,
    generic,
)

PLURAL = {"box": "boxes"}


class TableScript:
    """One intent, carried out once.

    Args:
        intent: what is meant.
        view: what is known of the table already; it goes on knowing it.
    """

    def __init__(self, intent: Intent, view: TableView | None = None) -> None:
        self._intent, self.view = intent, view or TableView()
        self._acts = TableActs(self.view)
        self._answers: list[str] = []

    def run(self) -> Calls[Done]:
        """Carry it out; return what to claim."""
        try:
            yield from self.view.look()
            yield from self._foresee(self._intent)
            yield from self._steps(self._intent)
            yield from self._acts.look_again()
        except Ended as end:
            return end.done
        return Done("success", "; ".join(self._answers))

    # ---------------------------------------------------------------- control

    def _steps(self, intent: Intent) -> Calls[None]:
        for step in intent:
            yield from self._step(step)

    def _step(self, step: Step) -> Calls[None]:
        form, groups = step.form, step.groups
        verb, _, rest = form.partition(" ")
        if verb == "if":
            holds = yield from self._holds(rest.split(" B")[0], step)
            for block in step.blocks[:1] if holds else step.blocks[1:]:
                yield from self._steps(block)
        elif verb == "repeat":
            for _ in range(step.number):
                yield from self._steps(step.blocks[0])
        elif verb == "at":
            yield from self._steps(step.blocks[0])
        elif verb == "tell":
            self._answers.append((yield from self._told(rest, step)))
        elif verb == "put":
            yield from self._put(rest, groups)
        elif verb == "press":
            yield from self._press(rest, step)
        elif verb == "swap":
            one = yield from self.view.one(groups[0][0], "loose")
            other = yield from self.view.one(groups[1][0], "loose")
            yield from self._acts.swap(one, other)
        elif verb in ("stack", "row"):
            things = yield from self._all(groups[0], "loose")
            yield from (self._acts.stack if verb == "stack" else self._acts.row)(things)
        elif verb == "ask":
            self.view.it = [(yield from self.view.one(groups[0][0], "")).name]
        elif verb == "go":
            raise cannot("this robot stands at a table and does not drive")
        else:
            yield from self._each(verb, groups)

    def _each(self, verb: str, groups: Sequence[tuple[Group, ...]]) -> Calls[None]:
        """Steps that do one thing with each object."""
        role = {"open": "drawer", "close": "drawer", "reach": ""}.get(verb, "loose")
        for thing in (yield from self._all(groups[0], role)):
            self.view.it = [thing.name]
            if verb in ("open", "close"):
                yield from self._acts.slide(thing, OPEN if verb == "open" else CLOSED)
            elif verb == "push":
                zone = yield from self.view.one(groups[1][0], "zone")
                yield from self._acts.push(thing.name, zone.name)
            elif verb == "hold":
                result = yield from self._acts.pick(thing.name)
                if not result.ok:
                    raise failed(result)
            else:
                result = yield call("reach", target=thing.handle)
                if not result.ok:
                    raise failed(result)

    def _all(self, groups: Sequence[Group], role: str) -> Calls[list[NotedObject]]:
        found: list[NotedObject] = []
        for group in groups:
            found += yield from self.view.group(group, role)
        return found

    # ---------------------------------------------------------------- placing

    def _put(self, rest: str, groups: Sequence[tuple[Group, ...]]) -> Calls[None]:
        """`put G <where> G`, and as many as there are of others."""
        where = rest.removeprefix("G ").removesuffix(" as many as G").removesuffix(" G")
        counted = len(groups) == 3
        items = yield from (self._as_many(groups) if counted else self._all(groups[0], "loose"))
        where = SIDES.get(where, where)
        for thing in items:
            self.view.it = [thing.name]
            if where == "off":
                base = yield from self.view.one(groups[1][0], "")
                yield from self._acts.clear(thing.name, base.name)
                continue
            role = "container" if where == "in" else ""
            base = yield from self.view.one(groups[1][0], role)
            kind = base.name.split()[-1]
            if where in ("in", "on"):
                where_there = "in" if kind in (*VESSELS, "drawer") else "on"
            else:
                where_there = where
            yield from self._acts.bring(thing.name, where_there, base.name)
            self.view.it = [thing.name]

    def _as_many(self, groups: Sequence[tuple[Group, ...]]) -> Calls[list[NotedObject]]:
        number = len((yield from self._found(groups[2])))
        (group,) = groups[0]
        if number == 0:
            return []
        return (yield from self.view.group(group._replace(quantity=str(number)), "loose"))

    def _press(self, rest: str, step: Step) -> Calls[None]:
        times = step.number or 1
        if rest == "G as often as G":
            times = len((yield from self._found(step.groups[1])))
        for button in (yield from self._all(step.groups[0], "button")):
            self.view.it = [button.name]
            yield from self._acts.press(button, times)

    def _found(self, groups: Sequence[Group], role: str = "") -> Calls[list[NotedObject]]:
        """Everything that groups fit, which may be nothing."""
        found: list[NotedObject] = []
        for group in groups:
            for thing in (yield from self.view.fitting(group.noun, role)):
                if thing not in found:
                    found.append(thing)
            for noun in group.but:
                left_out = yield from self.view.fitting(noun, role)
                found = [thing for thing in found if thing not in left_out]
        return found

    def _counts(self, groups: Sequence[Sequence[Group]]) -> Calls[list[int]]:
        """How many there are of each; "things" are those that can be taken."""
        counts = []
        for several in groups:
            role = "loose" if any(generic(group.noun) for group in several) else ""
            counts.append(len((yield from self._found(several, role))))
        return counts

    def _holds(self, form: str, step: Step) -> Calls[bool]:
        """Whether a condition is so."""
        groups = step.groups
        if form == "open G":
            drawer = yield from self.view.one(groups[0][0], "drawer")
            return self.view.states.get(drawer.name, CLOSED) != CLOSED
        if form == "same colour G and G":
            first = yield from self.view.one(groups[0][0], "")
            second = yield from self.view.one(groups[1][0], "")
            return colour_of(first.name) == colour_of(second.name)
        counts = yield from self._counts(groups)
        if form == "there is G":
            return counts[0] > 0
        if form == "more than N G":
            return counts[0] > step.number
        return counts[0] > counts[1] if form == "more G than G" else counts[0] == counts[1]

    def _told(self, form: str, step: Step) -> Calls[str]:
        groups = step.groups
        if form.startswith("whether "):
            holds = yield from self._holds(form.removeprefix("whether "), step)
            told = "yes" if holds else "no"
            return f"{told}, it is {'open' if holds else 'closed'}" if "open" in form else told
        if form == "count G":
            return str(len((yield from self._found(groups[0]))))
        if form == "more G or G":
            counts = yield from self._counts(groups)
            if counts[0] == counts[1]:
                return "there are as many of both"
            noun = groups[0 if counts[0] > counts[1] else 1][0].noun
            return PLURAL.get(noun, f"{noun}s")
        if form == "excess G over G":
            counts = yield from self._counts(groups)
            return str(counts[0] - counts[1])
        if form in ("colour G", "kind G"):
            thing = yield from self.view.one(groups[0][0], "")
            return colour_of(thing.name) if form == "colour G" else thing.name.split()[-1]
        if form == "where G":
            thing = yield from self.view.one(groups[0][0], "")
            seat = self.view.seat(thing.name)
            return f"{seat.how} the {seat.base}" if seat else "on the table"
        raise cannot(f"that cannot be told at a table: {form}")

    # ---------------------------------------------------------------- before anything moves

    def _foresee(self, intent: Intent) -> Calls[None]:
        """End where something cannot be done, before anything is.

        What is in a drawer, is asked about, or stands behind a decision shows later.
        """
        for step in intent:
            verb = step.form.split()[0]
            if verb in ("if", "tell", "repeat", "go"):
                continue
            for block in step.blocks:
                yield from self._foresee(block)
                yield from self._check_together(block)
            for number, several in enumerate(step.groups):
                for group in several:
                    yield from self._check_group(group, moved=verb == "put" and number == 0)

    def _check_group(self, group: Group, *, moved: bool) -> Calls[None]:
        noun = group.noun
        if noun == IT or COLOURED_LIKE in noun or WITHIN.match(noun):
            return
        found = yield from self.view.fitting(noun, "loose" if moved else "")
        if not found:
            self.view.moved()  # a second look
            found = yield from self.view.fitting(noun, "loose" if moved else "")
        if not found:
            raise cannot(f"there is no {noun} in view")
        if moved and found[0].name.split()[-1] in VESSELS:
            raise cannot(f"the hand cannot take hold of the {found[0].name}")
        if group.quantity.isdecimal() and int(group.quantity) > len(found):
            raise cannot(f"there are {len(found)} of {noun}, not {group.quantity}")

    def _check_together(self, intent: Intent) -> Calls[None]:
        """End where not all of it can hold at one time."""
        places: dict[str, str] = {}
        ways: dict[str, str] = {}
        for step in intent:
            verb = step.form.split()[0]
            if verb == "put" and step.form != "put G off G":
                base = (yield from self.view.one(step.groups[1][0], "")).name
                for thing in (yield from self._all(step.groups[0], "loose")):
                    if places.setdefault(thing.name, base) != base:
                        raise cannot(f"the {thing.name} cannot be in two places at once")
            elif verb in ("open", "close"):
                for drawer in (yield from self._all(step.groups[0], "drawer")):
                    if ways.setdefault(drawer.name, verb) != verb:
                        raise cannot(f"the {drawer.name} cannot be open and closed at once")
        for name in places:
            below, passed = places.get(name), {name}
            while below is not None and below not in passed:
                passed.add(below)
                below = places.get(below)
            if below is not None:
                raise cannot(f"the {name} cannot be on something that is to be on it")
