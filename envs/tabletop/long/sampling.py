"""Draw long instructions without physics: what is on the table, the goal, the words.

sample = sample_long_goal(np.random.default_rng(7), length="long", vagueness="vague")
sample.layout.things, sample.instruction, sample.goal.subgoals, sample.goal.conditions
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from handeye.base.names import look_up
from handeye.envs.tabletop.long.casting import Unfit
from handeye.envs.tabletop.long.goal import (
    LENGTHS,
    STEPS,
    VAGUENESSES,
    Condition,
    Layout,
    Length,
    LongGoal,
    Vagueness,
    numbering,
    vaguenesses_in,
)
from handeye.envs.tabletop.long.instruction_builder import InstructionBuilder
from handeye.envs.tabletop.long.kind import Kind
from handeye.envs.tabletop.long.phrasing import instruction
from handeye.envs.tabletop.long.registry import KINDS, kinds_in
from handeye.envs.tabletop.long.words import wording_of
from handeye.envs.tabletop.world.palette import HELD_OUT

TRIES = 200


class LongSample(NamedTuple):
    """One instruction with what it is about.

    Attributes:
        layout: what is on the table.
        goal: what is asked.
        instruction: the goal in words.
    """

    layout: Layout
    goal: LongGoal
    instruction: str


def sample_long_goal(
    rng: np.random.Generator,
    *,
    kinds: Sequence[str] = (),
    length: Length | None = None,
    vagueness: Vagueness | None = None,
    split: str = "seen",
) -> LongSample:
    """Draw a table, a goal and its words; about a millisecond, no physics.

    Args:
        rng: the only source of randomness.
        kinds: one of which it is; none: any that the split has.
        length: of the solution; None: any.
        vagueness: of the words; None: any.
        split: of `tasks.SPLITS`.

    Raises:
        UnknownName: there is no such kind, length or vagueness.
        Unfit: no such kind takes so few steps, or none came about.
    """
    layout, goal = draw_goal(rng, kinds=kinds, length=length, vagueness=vagueness, split=split)
    words = instruction(goal, layout.things, rng, wording_of(split))
    return LongSample(layout, goal, words)


def draw_goal(
    rng: np.random.Generator,
    *,
    kinds: Sequence[str] = (),
    length: Length | None = None,
    vagueness: Vagueness | None = None,
    split: str = "seen",
) -> tuple[Layout, LongGoal]:
    """`sample_long_goal` without the words."""
    fitting = [look_up("kind", name, KINDS) for name in kinds or kinds_in(split)]
    if length is not None:
        look_up("length", length, dict.fromkeys(LENGTHS))
        fitting = [kind for kind in fitting if max(STEPS[length]) >= kind.least]
        if not fitting:
            raise Unfit(f"{', '.join(kinds)}: takes more steps than a {length} instruction has")
    if vagueness is not None:
        look_up("vagueness", vagueness, dict.fromkeys(VAGUENESSES))
    ways = vaguenesses_in(split)
    for _ in range(TRIES):
        kind = fitting[int(rng.integers(len(fitting)))]
        choices = [x for x in LENGTHS if length in (None, x) and max(STEPS[x]) >= kind.least]
        chosen = choices[int(rng.integers(len(choices)))]
        told = vagueness or ways[int(rng.integers(len(ways)))]
        count = int(rng.choice([n for n in STEPS[chosen] if n >= kind.least]))
        try:
            layout, goal = write_goal(kind, rng, split, count, told)
        except Unfit:
            continue
        order = rng.permutation(len(layout.things)).tolist()  # the order must give nothing away
        return layout.relabelled(order), goal.relabelled(numbering(order))
    raise Unfit(f"no instruction of {', '.join(kinds) or 'any kind'} in {TRIES} draws")


def write_goal(
    kind: Kind,
    rng: np.random.Generator,
    split: str,
    count: int,
    vagueness: Vagueness,
    given: Layout | None = None,
    feasible: bool | None = None,
) -> tuple[Layout, LongGoal]:
    """One goal of a kind.

    Args:
        kind: which.
        rng: the only source of randomness.
        split: of `tasks.SPLITS`.
        count: steps.
        vagueness: of the words.
        given: what is on the table; None: a table is laid for it.
        feasible: of kinds that come both ways, whether it can be done; None: half of the time.

    Raises:
        Unfit: the dice, or what is given, do not allow it.
    """
    script = InstructionBuilder(rng, split, count, given, feasible)
    kind.write(script)
    script.count = count
    if not script.answer and not script.infeasible:
        script.fill()
    if len(script.subgoals) > count:
        raise Unfit(f"it takes more than {count} steps")
    if split == "distractors":
        script.crowd(2)
    script.add_crowd()
    layout = Layout(tuple(script.things), tuple(script.starts))
    goal = _goal(kind, script, vagueness)
    if split == "combination" and not any(
        (layout.things[i].kind, layout.things[i].colour) in HELD_OUT for i in goal.referred
    ):
        raise Unfit("it is about nothing that is held out")
    return layout, goal


def _goal(kind: Kind, script: InstructionBuilder, vagueness: Vagueness) -> LongGoal:
    count = script.count
    length = next(name for name in LENGTHS if count in STEPS[name])
    if script.infeasible:
        return LongGoal(
            kind.name, length, vagueness, tuple(script.clauses), script.ordered, (), (), (),
            infeasible=script.infeasible,
        )  # fmt: skip
    turns: dict[Condition, int] = {}
    for turn, condition in script.wanted:
        turns.setdefault(condition, turn)
    conditions = [*turns, *script.totals()]
    return LongGoal(
        kind=kind.name,
        length=length,
        vagueness=vagueness,
        clauses=tuple(script.clauses),
        ordered=script.ordered,
        subgoals=tuple(script.subgoals),
        effects=tuple(script.effects),
        conditions=tuple(conditions),
        order=_order(list(turns.values())) if script.ordered else (),
        answer=script.answer,
        clarification=script.clarification,
    )


def _order(turns: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """(earlier, later) for every two conditions of consecutive turns."""
    taken = sorted(set(turns))
    following = dict(itertools.pairwise(taken))
    return tuple(
        (i, j)
        for i, turn in enumerate(turns)
        for j, other in enumerate(turns)
        if following.get(turn) == other
    )
