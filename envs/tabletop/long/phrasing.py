"""A long goal in words: objects described as vaguely as the goal wants, clauses joined in order."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from handeye.envs.tabletop.long import words
from handeye.envs.tabletop.long.goal import Clause, LongGoal, Vagueness
from handeye.envs.tabletop.long.words import Joints, Wording
from handeye.envs.tabletop.world.language import KIND_WORDS, SIZE_WORDS
from handeye.envs.tabletop.world.scene import ObjectSpec

LIST = "list"  # name of a clause whose slots are told as "a, b and c"
Draw = Callable[[Sequence[str]], str]


def instruction(
    goal: LongGoal,
    things: Sequence[ObjectSpec],
    rng: np.random.Generator,
    wording: Wording,
    described_as: list[str] | None = None,
) -> str:
    """The goal in words.

    Args:
        goal: about objects by their index into `things`.
        things: on the table; no two share kind and colour.
        rng: chooses among phrasings.
        wording: which there are.
        described_as: gets the description of each object that the clauses name, in their order.
    """

    def draw(options: Sequence[str]) -> str:
        """Choose one of the options."""
        return options[int(rng.integers(len(options)))]

    noted = [] if described_as is None else described_as
    speech = _Speech(goal.vagueness, things, draw, wording, noted)
    said = speech.spoken(goal.clauses[0])
    for k, clause in enumerate(goal.clauses[1:]):
        text = speech.spoken(clause)
        said = draw(_joints(goal, k, wording.joints)).format(said, text)
    return said


def _joints(goal: LongGoal, number: int, joints: Joints) -> tuple[str, ...]:
    """How the clause after a number may be joined to it."""
    if goal.clauses[number].name in ("if", "if_only"):
        return joints.after_choice
    if not goal.ordered:
        return joints.free
    return joints.in_order if number else (*joints.in_order, *joints.at_first)


class _Speech(NamedTuple):
    """How one goal is spoken of."""

    vagueness: Vagueness
    things: Sequence[ObjectSpec]
    draw: Draw
    wording: Wording
    noted: list[str]

    def spoken(self, clause: Clause, *, inner: bool = False) -> str:
        """One clause in words."""
        if clause.name == LIST:
            return listed([self._filled(slot) for slot in clause.slots])
        options = self.wording.options(clause.name, self.vagueness, inner)
        slots = [self._filled(slot) for slot in clause.slots]
        return self.draw(options).format(*slots)

    def _filled(self, slot: int | str | Clause) -> str:
        if isinstance(slot, Clause):
            return self.spoken(slot, inner=True)
        if isinstance(slot, str):
            return slot
        self.noted.append(described(self.things, slot, self.vagueness, self.draw))
        return self.noted[-1]


def described(things: Sequence[ObjectSpec], index: int, vagueness: Vagueness, draw: Draw) -> str:
    """A noun phrase that fits one thing alone: "the small red block", "the red block", "the
    red thing".
    """
    thing = things[index]
    noun = KIND_WORDS[thing.kind][0] if vagueness == "specific" else draw(KIND_WORDS[thing.kind])
    if vagueness == "specific" and thing.size:
        return f"the {SIZE_WORDS[thing.size][0]} {thing.colour} {noun}"
    if vagueness == "vague":
        options: list[str] = []
        if sum(t.kind == thing.kind for t in things) == 1:
            options += [f"the {noun}", *words.VAGUE_KINDS.get(thing.kind, ())]
        if sum(t.colour == thing.colour for t in things) == 1:
            options += [f"the {thing.colour} thing", f"the {thing.colour} one"]
        if options:
            return draw(options)
    return f"the {thing.colour} {noun}"


def listed(parts: Sequence[str]) -> str:
    """Such as "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
