"""How a kind of instruction is written: cast the things, lay out the steps, say the words.

A kind is a function of an `InstructionBuilder`. When a scene is drawn, `new` puts things on the
table; when there is a scene already, it finds things there that can play the part, or
raises `Unfit`.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

import numpy as np

from handeye.envs.base.colours import SUITE_COLOURS
from handeye.envs.tabletop.long.goal import Clause, Condition, Layout, Relation, Start
from handeye.envs.tabletop.long.phrasing import LIST
from handeye.envs.tabletop.tasks.stack import BASES
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.palette import HELD_OUT
from handeye.envs.tabletop.world.scene import ObjectSpec, footprint_radius_m

GRASPABLE, VESSEL = shapes.GRASPABLE_KINDS, shapes.CONTAINER_KINDS
IN_DRAWER = ("block", "star", "hexagon", "triangle")
ROOM: dict[str, int] = {"bowl": 3, "plate": 1, "cup": 1, "drawer": 2, "zone": 2}  # for small things
TABLE_M2 = 0.14  # that loose things may claim together: more of them hardly ever find places
GAP_M = 0.025  # of what a thing claims, around its footprint
DRAWER_M2 = 0.045  # that a drawer claims, open
ADDED_TRIES = FURTHER_TRIES = 40
HELD_OUT_COLOUR = dict(HELD_OUT)  # of each kind, see `tasks.task`
FURTHER = ("press", "press", "put_in", "put_in", "put_on", "put_zone", "push", "slide")
Item = TypeVar("Item")


class Unfit(ValueError):
    """The things at hand cannot play a kind's parts."""


class InstructionBuilder:
    """One instruction in the making.

    Args:
        rng: the only source of randomness.
        split: which colours things may have, see `tasks.task.HELD_OUT`.
        count: steps that the whole instruction should have.
        given: what is on the table; None: whatever is asked for is put there.

    Attributes:
        things: on the table so far.
        starts: how some of them begin.
        clauses, subgoals, effects, ordered, answer, infeasible, clarification: as in `LongGoal`.
        wanted: conditions, each with the turn in which it is asked for: a clause is a turn.
    """

    def __init__(
        self, rng: np.random.Generator, split: str, count: int, given: Layout | None = None
    ) -> None:
        self.rng, self.count, self.given = rng, count, given
        self._split = split
        self.things: list[ObjectSpec] = list(given.things) if given else []
        self.starts: list[Start] = list(given.starts) if given else []
        self._cast: set[int] = set()
        self._free_m2 = TABLE_M2
        self._extras: list[Sequence[str]] = []
        self._reserved: list[Callable[[ObjectSpec], bool]] = []
        self._load: dict[int, int] = {}  # things that a container has taken in
        self._presses: dict[int, int] = {}
        self.drawer_open: dict[int, bool] = {}
        self.clauses: list[Clause] = []
        self.subgoals: list[Subgoal] = []
        self.effects: list[Condition | None] = []
        self.wanted: list[tuple[int, Condition]] = []
        self._turn = 0
        self.ordered = True
        self.answer = self.infeasible = self.clarification = ""

    # ------------------------------------------------------------------- parts

    def pick(self, options: Sequence[Item]) -> Item:
        """One of them at random.

        Raises:
            Unfit: there is none.
        """
        if not options:
            raise Unfit("nothing fits")
        return options[int(self.rng.integers(len(options)))]

    def coin(self) -> bool:
        """True half of the time."""
        return bool(self.rng.random() < 0.5)

    def some(self, options: Sequence[Item], count: int) -> list[Item]:
        """`count` of them in random order.

        Raises:
            Unfit: there are fewer.
        """
        if len(options) < count:
            raise Unfit(f"{count} are needed, there are {len(options)}")
        return [options[int(i)] for i in self.rng.permutation(len(options))[:count]]

    def colours(self, count: int, *, but: Sequence[str] = ()) -> list[str]:
        """`count` different colours, not those of `but`; of the table, if that is given."""
        known = sorted({t.colour for t in self.things}) if self.given else SUITE_COLOURS
        return self.some([colour for colour in known if colour not in but], count)

    def new(self, *kinds: str, colour: str = "", size: str = "", start: Start | None = None) -> int:
        """A thing for a part of its own.

        Args:
            kinds: one of which it is.
            colour: its colour; "": any.
            size: "small", "large" or "" (any, or none where a kind has no sizes).
            start: where it begins (its `item` is filled in); None: loose on the table.

        Raises:
            Unfit: what is given has no such thing left.
        """
        if self.given is not None:
            index = self.pick([
                i for i, t in enumerate(self.things)
                if i not in self._cast and t.kind in kinds and colour in ("", t.colour)
                and (size in ("", t.size) or not t.size) and self._begins(i, start)
            ])  # fmt: skip
        else:
            index = self._added(kinds, colour, size, start)
        self._cast.add(index)
        if self.things[index].kind == "drawer":
            self.drawer_open[index] = self._begins(index, Start("open", index))
        return index

    def _added(self, kinds: Sequence[str], colour: str, size: str, start: Start | None) -> int:
        held_out = self._split == "combination" and not self.things
        on_something = start is not None and start.target >= 0
        if not on_something:
            kinds = [k for k in kinds if _claim_m2(k, size or "small") <= self._free_m2]
        for _ in range(ADDED_TRIES if kinds else 0):
            kind = self.pick(kinds)
            chosen = colour or (HELD_OUT_COLOUR.get(kind) if held_out else None)
            chosen = chosen or self.pick(SUITE_COLOURS)
            given = size or ("small" if self.coin() else "large")
            thing = ObjectSpec(kind, chosen, given if kind in GRASPABLE else "")
            if self._may_come(thing, held_out=held_out):
                self._free_m2 -= 0.0 if on_something else _claim_m2(thing.kind, thing.size)
                self.things.append(thing)
                index = len(self.things) - 1
                if start is not None:
                    self.starts.append(Start(start.relation, index, start.target))
                return index
        raise Unfit("no other thing of that sort may come onto the table")

    def _may_come(self, thing: ObjectSpec, *, held_out: bool) -> bool:
        """Whether a thing has a kind and colour of its own, of the split, that nobody reserved."""
        if not held_out and HELD_OUT_COLOUR.get(thing.kind) == thing.colour:
            return False
        if any(t.kind == thing.kind and t.colour == thing.colour for t in self.things):
            return False
        return not any(fits(thing) for fits in self._reserved)

    def _begins(self, index: int, wanted: Start | None) -> bool:
        own = next((s for s in self.starts if s.item == index), None)
        if self.things[index].kind == "drawer":
            is_open = own is not None and own.relation == "open"
            return wanted is None or is_open == (wanted.relation == "open")
        if wanted is None or own is None:
            return own is wanted
        return (own.relation, own.target) == (wanted.relation, wanted.target)

    def crowd(self, count: int, *kinds: str) -> None:
        """Ask for `count` more things that play no part, if there is room for them in the end."""
        self._extras += [kinds or GRASPABLE] * count

    def add_crowd(self) -> None:
        """Put what `crowd` asked for on the table; a given scene has its own."""
        for kinds in () if self.given else self._extras:
            try:
                self._added(kinds, "", "", None)
            except Unfit:
                return

    def reserve(self, fits: Callable[[ObjectSpec], bool]) -> None:
        """Nothing that fits comes onto the table any more: the words say "all" of them."""
        self._reserved.append(fits)

    def group(
        self, count: int, most: int, *, kind: str = "", colour: str = "", size: str = "",
        drawn: str = "",
    ) -> list[int]:  # fmt: skip
        """All things of a kind, colour or size, which words such as "all the stars" mean.

        Args:
            count: so many are cast.
            most: so many there may be in all.
            kind: "": all graspable kinds.
            colour: "": any.
            size: that the words name; "": any.
            drawn: a size that they have though no word says so.

        Raises:
            Unfit: there are more, or the words would fit what cannot be moved.
        """
        kinds = (kind,) if kind else GRASPABLE
        for _ in range(count):
            self.new(*kinds, colour=colour, size=size or drawn)

        def named(thing: ObjectSpec) -> bool:
            """Return True where the thing has all that was said of it."""
            own = (thing.kind, thing.colour, thing.size)
            wanted = (kind, colour, size)
            return all(w in ("", o) for w, o in zip(wanted, own, strict=True))

        found = [i for i, thing in enumerate(self.things) if named(thing)]
        wrong = [
            i for i in found
            if self.things[i].kind not in GRASPABLE or not self._begins(i, None)
            or (drawn and self.things[i].size != drawn)
        ]  # fmt: skip
        if wrong or not count <= len(found) <= most:
            raise Unfit("the words would fit more than can be moved")
        self._cast.update(found)
        self.reserve(named)
        return found

    def where(self, place: int) -> str:
        """How a place is told: "in" a bowl, cup or drawer, "on" anything else."""
        return "in" if self.things[place].kind in ("bowl", "cup", "drawer") else "on"

    # ------------------------------------------------------------------- steps

    def say(self, name: str, *slots: int | str | Clause) -> None:
        """Begin a clause, and with it a turn."""
        self.clauses.append(Clause(name, slots))
        self.next_turn()

    def next_turn(self) -> None:
        """What is wanted from now on comes after what was wanted before, if the order counts."""
        self._turn += 1

    def want(self, condition: Condition) -> None:
        """Something that must hold."""
        self.wanted.append((self._turn, condition))

    def put(
        self,
        item: int,
        target: int,
        relation: Relation | None = None,
        *,
        wanted: bool = True,
        meanwhile: bool = False,
    ) -> None:
        """Step: pick something and put it in, on or beside something.

        Args:
            item: what.
            target: where; a container, base, zone or reference.
            relation: a side of the reference; None: what the target is for.
            wanted: the goal asks for what it achieves.
            meanwhile: it is moved on later, so nobody asks for it.
        """
        kind = self.things[target].kind
        if relation is None:
            relation = "on" if kind in BASES else "in_zone" if kind == "zone" else "inside"
        self._load[target] = self._load.get(target, 0) + 1
        effect = Condition(relation, item, target, lasting=not meanwhile)
        self._did("put", item, target, relation, effect, wanted and not meanwhile)

    def push(self, item: int, zone: int) -> None:
        """Step: push something onto a zone."""
        self._load[zone] = self._load.get(zone, 0) + 1
        self._did("push", item, zone, "in_zone", Condition("in_zone", item, zone), True)

    def press(self, button: int) -> None:
        """Step: press a button once."""
        count = self._presses[button] = self._presses.get(button, 0) + 1
        effect = Condition("press", button, number=count, lasting=False)
        self._did("press", button, -1, "", effect, True)

    def slide(self, drawer: int, way: str, *, lasting: bool = True, wanted: bool = True) -> None:
        """Step: "open" or "close" a drawer; what is not wanted need not last."""
        self.drawer_open[drawer] = way == "open"
        relation: Relation = "open" if way == "open" else "closed"
        effect = Condition(relation, drawer, lasting=lasting and wanted)
        self._did("slide", drawer, -1, way, effect, wanted)

    def tell(self, answer: str) -> None:
        """Last step: say something."""
        self.answer = answer
        self.subgoals.append(Subgoal("say", -1))
        self.effects.append(None)

    def _did(
        self, skill: str, item: int, target: int, relation: str, effect: Condition, wanted: bool
    ) -> None:
        self.subgoals.append(Subgoal(skill, item, target, relation))
        self.effects.append(effect)
        if wanted:
            self.want(effect)

    def cannot(self, reason: str, name: str, *slots: int | str | Clause) -> None:
        """Ask for something impossible, among steps that could be done."""
        self.infeasible = reason
        self.count -= 1
        if self.coin():
            self.say(name, *slots)
        self.fill()
        if len(self.clauses) <= self.count:
            self.say(name, *slots)

    # ------------------------------------------------- steps with their own words

    def do_put(self, item: int, target: int, relation: Relation | None = None) -> None:
        """Ask for one placement and lay it out."""
        kind = self.things[target].kind
        name = relation or (
            "put_on" if kind in BASES else "put_zone" if kind == "zone" else "put_in"
        )
        self.say(name, item, target)
        self.put(item, target, relation)

    def do_push(self, item: int, zone: int) -> None:
        """Ask for one push and lay it out."""
        self.say("push", item, zone)
        self.push(item, zone)

    def do_press(self, button: int) -> None:
        """Ask for one press and lay it out."""
        self.say("press", button)
        self.press(button)

    def do_slide(self, drawer: int, way: str, *, lasting: bool = True) -> None:
        """Ask for a drawer to be opened or closed and lay it out."""
        self.say(way, drawer)
        self.slide(drawer, way, lasting=lasting)

    def fill(self) -> None:
        """Go on with steps of any sort until there are `count`; none touches what was done.

        Raises:
            Unfit: the table has no room or no things for them.
        """
        for _ in range(FURTHER_TRIES):
            if len(self.subgoals) >= self.count:
                return
            try:
                self._further(self.pick(FURTHER))
            except Unfit:
                continue
        raise Unfit("no further step makes sense here")

    def _further(self, name: str) -> None:
        if name == "press":
            pressed = [b for b in self._presses if self.subgoals[-1].item != b]
            again = self.ordered and pressed and self.rng.random() < 0.3
            self.do_press(self.pick(pressed) if again else self.new("button"))
        elif name == "slide":
            if self.given is None and sum(t.kind == "drawer" for t in self.things) > 1:
                raise Unfit("there is no room for a third drawer")
            drawer = self.new("drawer")
            self.do_slide(drawer, "close" if self.drawer_open[drawer] else "open")
        elif name == "push":
            self.do_push(self.new(*GRASPABLE), self._place_for(("zone",)))
        else:
            kinds = {"put_in": VESSEL, "put_on": BASES, "put_zone": ("zone",)}[name]
            target = self._place_for(kinds)
            small = "small" if self._load.get(target, 0) else ""
            self.do_put(self.new(*GRASPABLE, size=small), target)

    def _place_for(self, kinds: Sequence[str]) -> int:
        """A new place of these kinds, or one that has room left."""
        if kinds == BASES:
            return self.new(*BASES, size="large")
        room = [
            i for i in self._cast
            if self.things[i].kind in kinds
            and 0 < self._load.get(i, 0) < ROOM[self.things[i].kind]
            and all(self.things[s.item].size == "small" for s in self.subgoals if s.target == i)
        ]  # fmt: skip
        return self.pick(room) if room and self.rng.random() < 0.6 else self.new(*kinds)

    def totals(self) -> list[Condition]:
        """That every button on the table has been pressed as often as was asked for, no more."""
        buttons = [i for i, thing in enumerate(self.things) if thing.kind == "button"]
        return [Condition("presses", b, number=self._presses.get(b, 0)) for b in buttons]


@cache
def _claim_m2(kind: str, size: str) -> float:
    """Area of the table that a thing needs."""
    if kind == "drawer":
        return DRAWER_M2
    return math.pi * (footprint_radius_m(kind, size) + GAP_M) ** 2


def several(*parts: int | str | Clause) -> Clause:
    """Told as "a, b and c"."""
    return Clause(LIST, parts)
