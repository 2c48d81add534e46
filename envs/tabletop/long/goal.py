"""Long goals as plain data: no physics, no words yet.

A `LongGoal` says what must hold (`conditions`, some of them in an order), one way to get there
(`subgoals`, each a core skill on objects by their index) and what is said about it (`clauses`).
Everything can be drawn, counted and compared without a simulator.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from handeye.envs.base.synonyms import SYNONYM_SPLIT
from handeye.envs.tabletop.world.goal import Subgoal
from handeye.envs.tabletop.world.scene import ObjectSpec

Length = Literal["short", "medium", "long"]
Vagueness = Literal["specific", "ordinary", "vague"]
LENGTHS: tuple[Length, ...] = get_args(Length)
VAGUENESSES: tuple[Vagueness, ...] = get_args(Vagueness)
STEPS: dict[Length, tuple[int, ...]] = {"short": (2,), "medium": (3, 4), "long": (5, 6)}

Relation = Literal[
    "inside", "outside", "on", "in_zone", "off_zone", "left", "right", "front", "behind",
    "tower", "count_inside", "press", "presses", "open", "closed",
]  # fmt: skip

Beginning = Literal["inside", "on", "in_zone", "open", "closed"]
SIDES: tuple[Relation, ...] = ("left", "right", "front", "behind")


def vaguenesses_in(split: str) -> tuple[Vagueness, ...]:
    """Return how vaguely a split words: `synonym` names things, so never by what they are for."""
    return VAGUENESSES[:2] if split == SYNONYM_SPLIT else VAGUENESSES


@dataclass(frozen=True)
class Condition:
    """Something that must hold, on objects by their index.

    Attributes:
        relation: "inside" and "outside" of a vessel or drawer, "on" a base, "in_zone", "off_zone",
            a side of a reference, "tower" (the things of `among` stand on one another in any
            order), "count_inside" (exactly `number` of `among` are inside), "press" (the
            `number`-th press of a button has happened), "presses" (exactly `number` so far),
            "open" or "closed" (a drawer).
        item: what it is about; -1 where `among` says it.
        target: container, base, zone or reference; -1 if there is none.
        number: of presses or things.
        among: the things of a group.
        lasting: it must hold at the end; otherwise it must have held at some time.
    """

    relation: Relation
    item: int = -1
    target: int = -1
    number: int = 0
    among: tuple[int, ...] = ()
    lasting: bool = True

    def __str__(self) -> str:
        """Compact, unique within a goal: the name of the condition in an environment's info."""
        parts = [str(i) for i in (self.item, self.target) if i >= 0]
        parts += ["+".join(map(str, self.among))] if self.among else []
        parts += [f"x{self.number}"] if self.number else []
        return f"{self.relation}({','.join(parts)}){'' if self.lasting else ' once'}"

    def relabelled(self, new: Callable[[int], int]) -> "Condition":
        """Return the same with other numbers for the same objects."""
        among = tuple(sorted(new(i) for i in self.among))
        return replace(self, item=new(self.item), target=new(self.target), among=among)


@dataclass(frozen=True)
class Clause:
    """One thing said: a key of `words.CLAUSES` and what fills its slots.

    Attributes:
        name: the key.
        slots: an object's index, to be described, words as they are, or another clause.
    """

    name: str
    slots: "tuple[int | str | Clause, ...]"

    def objects(self) -> tuple[int, ...]:
        """Return the objects that are described, in order."""
        found: list[int] = []
        for slot in self.slots:
            if isinstance(slot, Clause):
                found += slot.objects()
            elif isinstance(slot, int):
                found.append(slot)
        return tuple(found)

    def relabelled(self, new: Callable[[int], int]) -> "Clause":
        """Return the same with other numbers for the same objects."""
        slots = (
            new(s) if isinstance(s, int) else s.relabelled(new) if isinstance(s, Clause) else s
            for s in self.slots
        )
        return Clause(self.name, tuple(slots))


@dataclass(frozen=True)
class Start:
    """The initial placement of an object that does not start loose on the table.

    Attributes:
        relation: "inside" (a plate or a drawer), "on" a base, "in_zone"; of a drawer "open" or
            "closed", which is what it is where nothing is said.
        item: index of the thing.
        target: index of what it is in or on; -1 for a drawer.
    """

    relation: Beginning
    item: int
    target: int = -1


@dataclass(frozen=True)
class Layout:
    """What is on a table before it has places."""

    things: tuple[ObjectSpec, ...]
    starts: tuple[Start, ...] = ()

    def start_of(self, item: int) -> Start | None:
        """Return how an object begins; None: loose on the table, or a closed drawer."""
        return next((s for s in self.starts if s.item == item), None)

    def relabelled(self, order: Sequence[int]) -> "Layout":
        """The things in another order: `order[k]` is the number that the new thing k has now."""
        new = numbering(order)
        starts = (replace(s, item=new(s.item), target=new(s.target)) for s in self.starts)
        return Layout(tuple(self.things[i] for i in order), tuple(starts))


def numbering(order: Sequence[int]) -> Callable[[int], int]:
    """Old number -> new number where `order[k]` is the old number of the new thing k; -1 stays."""
    places = {old: new for new, old in enumerate(order)}
    return lambda old: places.get(old, -1)


@dataclass(frozen=True)
class LongGoal:
    """A long-horizon goal.

    Attributes:
        kind: of instruction, a key of `KINDS`.
        length: short (2 subgoals), medium (3 or 4) or long (5 or 6).
        vagueness: of the wording.
        clauses: what is said, in order.
        ordered: the clauses are joined by words that demand their order.
        subgoals: one solution, each a core skill: "put" (pick and place), "push", "press",
            "slide" (a drawer), "say" (the answer); empty if the goal is infeasible.
        effects: what each subgoal achieves; a "say" achieves nothing that a state shows.
        conditions: what must hold.
        order: (earlier, later) indices into `conditions`.
        answer: what must be said at the end; "" if nothing is asked.
        infeasible: why it cannot be done; "" if it can.
        clarification: what a user who is asked back says; "" if nothing is unclear.
    """

    kind: str
    length: Length
    vagueness: Vagueness
    clauses: tuple[Clause, ...]
    ordered: bool
    subgoals: tuple[Subgoal, ...]
    effects: tuple[Condition | None, ...]
    conditions: tuple[Condition, ...]
    order: tuple[tuple[int, int], ...] = ()
    answer: str = ""
    infeasible: str = ""
    clarification: str = ""

    @property
    def feasible(self) -> bool:
        """Return whether it can be done."""
        return not self.infeasible

    @property
    def relation(self) -> str:
        """The kind: what an episode's file keeps of the goal."""
        return self.kind

    @property
    def task(self) -> str:
        """None of the core tasks."""
        return ""

    @property
    def referred(self) -> tuple[int, ...]:
        """Objects that the solution acts on or the words mention, in order, each once."""
        acted = [i for s in self.subgoals for i in (s.item, s.target)]
        said = [i for c in self.clauses for i in c.objects()]
        return tuple(dict.fromkeys(i for i in (*acted, *said) if i >= 0))

    def relabelled(self, new: Callable[[int], int]) -> "LongGoal":
        """Return the same with other numbers for the same objects."""
        return replace(
            self,
            clauses=tuple(c.relabelled(new) for c in self.clauses),
            subgoals=tuple(
                replace(s, item=new(s.item), target=new(s.target)) for s in self.subgoals
            ),
            effects=tuple(e and e.relabelled(new) for e in self.effects),
            conditions=tuple(c.relabelled(new) for c in self.conditions),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the goal as JSON-able data."""
        return asdict(self)
