"""How a kind of instruction is written: cast the objects, lay out the steps, say the words.

A kind is a function of an `InstructionBuilder`. When a scene is sampled, `new` puts objects on the
table; when there is a scene already, it finds objects there that can play the part, or raises
`Unfit`.
"""

from collections.abc import Sequence

import numpy as np

from handeye.envs.tabletop.long.casting import GRASPABLE, VESSEL, Casting, Unfit
from handeye.envs.tabletop.long.goal import Clause, Condition, Layout, Relation
from handeye.envs.tabletop.long.phrasing import LIST
from handeye.envs.tabletop.tasks.stack import BASES
from handeye.envs.tabletop.world.goal import Subgoal

IN_DRAWER = ("block", "star", "hexagon", "triangle")
# How many small objects a place has room for.
ROOM: dict[str, int] = {"bowl": 3, "plate": 1, "cup": 1, "drawer": 2, "zone": 2}
FILLING_TRIES = 40
FURTHER = ("press", "press", "put_in", "put_in", "put_on", "put_zone", "push", "slide")


class InstructionBuilder(Casting):
    """One instruction in the making.

    Args:
        rng: the only source of randomness.
        split: which colours objects may have, see `palette.HELD_OUT`.
        count: steps that the whole instruction should have.
        given: what is on the table; None: whatever is asked for is put there.
        feasible: of kinds that come both ways, whether it can be done; None: half of the time.

    Attributes:
        clauses, subgoals, effects, ordered, answer, infeasible, clarification: as in `LongGoal`.
        wanted: conditions, each with the turn in which it is asked for: a clause is a turn.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        split: str,
        count: int,
        given: Layout | None = None,
        feasible: bool | None = None,
    ) -> None:
        super().__init__(rng, split, given)
        self.count = count
        self._feasible = feasible
        self._load: dict[int, int] = {}  # Container -> how many objects it has taken in.
        self._presses: dict[int, int] = {}
        self.clauses: list[Clause] = []
        self.subgoals: list[Subgoal] = []
        self.effects: list[Condition | None] = []
        self.wanted: list[tuple[int, Condition]] = []
        self._turn = 0
        self.ordered = True
        self.answer = self.infeasible = self.clarification = ""

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

    def can_be_done(self) -> bool:
        """Return whether a kind that comes both ways is to be written as one that can be done."""
        return self.coin() if self._feasible is None else self._feasible

    def keep(self, steps: int) -> None:
        """Half of the time go on with others' steps first, and keep so many for a kind's own."""
        if self.coin() and self.count > steps:
            self.count -= steps
            self.fill()
            self.count += steps

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

        Steps are sampled, and those that do not fit are rejected.

        Raises:
            Unfit: the table has no room or no things for them.
        """
        for _ in range(FILLING_TRIES):
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


def several(*parts: int | str | Clause) -> Clause:
    """Told as "a, b and c"."""
    return Clause(LIST, parts)
