"""A long goal in words: objects described as vaguely as the goal wants, clauses joined in order."""

from collections.abc import Callable, Sequence

import numpy as np

from handeye.envs.language import KIND_WORDS, SIZE_WORDS
from handeye.envs.long_tasks import words
from handeye.envs.long_tasks.goal import Clause, LongGoal, Vagueness
from handeye.envs.scene import ObjectSpec

LIST = "list"  # name of a clause whose slots are told as "a, b and c"
Draw = Callable[[Sequence[str]], str]


def instruction(
    goal: LongGoal, things: Sequence[ObjectSpec], rng: np.random.Generator, *, held_out: bool
) -> str:
    """The goal in words.

    Args:
        goal: about objects by their index into `things`.
        things: on the table; no two share kind and colour.
        rng: chooses among phrasings.
        held_out: phrasings and joints that training never has.
    """

    def draw(options: Sequence[str]) -> str:
        return options[int(rng.integers(len(options)))]

    said = _spoken(goal.clauses[0], goal.vagueness, things, draw, held_out)
    for k, clause in enumerate(goal.clauses[1:]):
        text = _spoken(clause, goal.vagueness, things, draw, held_out)
        joints = _joints(goal.clauses[k], goal.ordered, held_out)
        if k == 0 and joints in (words.JOINED_IN_ORDER, words.HELD_OUT_IN_ORDER):
            joints = (*joints, words.HELD_OUT_AT_FIRST if held_out else words.AT_FIRST)
        said = draw(joints).format(said, text)
    return said


def _joints(before: Clause, ordered: bool, held_out: bool) -> tuple[str, ...]:
    """How a clause may be joined to the one before."""
    if before.name in ("if", "if_only"):  # what follows is not part of the condition
        return words.AFTER_CHOICE_HELD_OUT if held_out else words.AFTER_CHOICE
    if ordered:
        return words.HELD_OUT_IN_ORDER if held_out else words.JOINED_IN_ORDER
    return words.HELD_OUT_JOINED if held_out else words.JOINED


def _spoken(
    clause: Clause,
    vagueness: Vagueness,
    things: Sequence[ObjectSpec],
    draw: Draw,
    held_out: bool,
    inner: bool = False,
) -> str:
    """One clause in words; an inner one takes no vague phrasing, which may be no order."""
    if clause.name == LIST:
        return listed([_filled(slot, vagueness, things, draw, held_out) for slot in clause.slots])
    phrasings = words.CLAUSES[clause.name]
    options = phrasings.plain
    if held_out:
        options = phrasings.held_out
    elif vagueness == "vague" and phrasings.vague and not inner:
        options = phrasings.vague
    slots = [_filled(slot, vagueness, things, draw, held_out) for slot in clause.slots]
    return draw(options).format(*slots)


def _filled(
    slot: int | str | Clause,
    vagueness: Vagueness,
    things: Sequence[ObjectSpec],
    draw: Draw,
    held_out: bool,
) -> str:
    if isinstance(slot, Clause):
        return _spoken(slot, vagueness, things, draw, held_out, inner=True)
    return described(things, slot, vagueness, draw) if isinstance(slot, int) else slot


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
            options += [f"the {noun}", *words.VAGUE_KINDS[thing.kind]]
        if sum(t.colour == thing.colour for t in things) == 1:
            options += [f"the {thing.colour} thing", f"the {thing.colour} one"]
        if options:
            return draw(options)
    return f"the {thing.colour} {noun}"


def listed(parts: Sequence[str]) -> str:
    """Such as "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
