"""Two sides against each other: test, difference, what n cannot tell; and all of it in words."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from handeye.experiments.comparison.side import Episode, Side, check_alike, shared_episodes
from handeye.experiments.records.significance import (
    Difference,
    barnard,
    episodes_needed,
    holm,
    mcnemar,
    minimum_detectable_paired,
    minimum_detectable_unpaired,
    paired_difference,
    pairs_needed,
    unpaired_difference,
)
from handeye.experiments.records.statistics import macro_mean

Outcomes = Mapping[str, Sequence[bool]]


@dataclass(frozen=True)
class Row:
    """One task, or the macro mean of all.

    Attributes:
        a: rate of side A.
        b: rate of side B.
        n: episodes of A, and of B.
        difference: b - a.
        p_value: of the test, not adjusted.
        only_a: pairs that only A solved; None of unpaired sides.
        only_b: pairs that only B solved; None of unpaired sides.
    """

    a: float
    b: float
    n: tuple[int, int]
    difference: Difference
    p_value: float
    only_a: int | None = None
    only_b: int | None = None


@dataclass(frozen=True)
class Contrast:
    """Side B against side A.

    Attributes:
        a: whom B is compared with.
        b: who is compared.
        paired: whether both ran the same episodes; then McNemar's test, else Barnard's.
        overall: of all tasks: macro means, and the test of all episodes.
        tasks: task -> its row.
        adjusted: p-value of `overall`, by Holm where several pairs are compared.
        detectable: smallest difference that as many episodes show in four of five runs.
        further: episodes more that each side needs to show a difference as large as the one found;
            None where none was found.
        only_a: pairs that only A solved.
        only_b: pairs that only B solved.
        left_out: episodes that only one side has.
        lost: episodes that a side lost.
    """

    a: Side
    b: Side
    paired: bool
    overall: Row
    tasks: Mapping[str, Row]
    adjusted: float
    detectable: float
    further: int | None
    only_a: tuple[Episode, ...] = ()
    only_b: tuple[Episode, ...] = ()
    left_out: int = 0
    lost: int = 0

    def better(self, alpha: float) -> Side | None:
        """Return the side that is better, None where that cannot be told."""
        value = self.overall.difference.value
        if self.adjusted >= alpha or value == 0:
            return None
        return self.b if value > 0 else self.a

    def verdict(self, alpha: float) -> str:
        """Return what was found in a sentence."""
        low, high = (100 * bound for bound in self.overall.difference.interval95)
        value, better = 100 * self.overall.difference.value, self.better(alpha)
        n = min(self.overall.n)
        if better is None:
            return (
                f"{self.a.name} and {self.b.name} cannot be told apart: differences under "
                f"{100 * self.detectable:.0f} points would not have shown with {n} episodes "
                f"(found: {value:+.1f} points, 95 % interval {low:.1f} to {high:.1f})."
            )
        if better is self.a:
            value, low, high = -value, -high, -low
        return (
            f"{better.name} is better by {value:.1f} points "
            f"(95 % interval {low:.1f} to {high:.1f}; p = {self.adjusted:.2g}, {n} episodes)."
        )

    def to_dict(self, alpha: float) -> dict[str, Any]:
        """As JSON."""
        return {
            "a": self.a.name,
            "b": self.b.name,
            "paired": self.paired,
            "verdict": self.verdict(alpha),
            "overall": _row_dict(self.overall),
            "p_value_holm": self.adjusted,
            "tasks": {task: _row_dict(row) for task, row in self.tasks.items()},
            "detectable": self.detectable,
            "further_episodes": self.further,
            "only_a": list(map(list, self.only_a)),
            "only_b": list(map(list, self.only_b)),
            "left_out": self.left_out,
            "lost": self.lost,
        }


def contrasts(
    sides: Sequence[Side],
    *,
    unpaired: bool = False,
    counted: Callable[[Sequence[str]], Sequence[str]] = lambda tasks: tasks,
) -> list[Contrast]:
    """Return every side against every later one, with p-values adjusted for their number.

    Args:
        sides: at least two.
        unpaired: do not pair, whatever the seeds.
        counted: which of the tasks the macro mean is over.

    Raises:
        ValueError: two sides are of different suites, or of different seeds and to be paired.
    """
    found = [_contrast(a, b, unpaired, counted) for a, b in combinations(sides, 2)]
    adjusted = holm([one.overall.p_value for one in found])
    return [replace(one, adjusted=p) for one, p in zip(found, adjusted, strict=True)]


def _contrast(
    a: Side, b: Side, unpaired: bool, counted: Callable[[Sequence[str]], Sequence[str]]
) -> Contrast:
    check_alike(a, b)
    shared = [] if unpaired else shared_episodes(a, b)
    lost = len(a.lost | b.lost)
    if not shared:
        tasks = [task for task in a.outcomes if task in b.outcomes]
        return replace(
            _unpaired(a, b, {task: a.outcomes[task] for task in tasks},
                      {task: b.outcomes[task] for task in tasks}, counted(tasks)),
            lost=lost,
        )  # fmt: skip
    one: dict[str, list[bool]] = {}
    other: dict[str, list[bool]] = {}
    for task, seed in shared:
        one.setdefault(task, []).append(a.solved[task, seed])
        other.setdefault(task, []).append(b.solved[task, seed])
    known = set(a.solved) | set(b.solved)
    return replace(
        _paired(a, b, one, other, counted(list(one))),
        only_a=tuple(each for each in shared if a.solved[each] and not b.solved[each]),
        only_b=tuple(each for each in shared if b.solved[each] and not a.solved[each]),
        left_out=len(known - set(shared) - a.lost - b.lost),
        lost=lost,
    )


def _paired(a: Side, b: Side, one: Outcomes, other: Outcomes, counted: Sequence[str]) -> Contrast:
    tasks = {task: _paired_row({task: one[task]}, {task: other[task]}) for task in one}
    overall = _paired_row(_only(one, counted), _only(other, counted))
    n, value = overall.n[0], abs(overall.difference.value)
    assert overall.only_a is not None
    assert overall.only_b is not None
    share = (overall.only_a + overall.only_b) / n
    needed = pairs_needed(value, max(share, value)) if value > 0 else math.inf
    further = max(0, math.ceil(needed) - n) if value > 0 else None
    detectable = minimum_detectable_paired(n, share)
    return Contrast(a, b, True, overall, tasks, overall.p_value, detectable, further)


def _unpaired(a: Side, b: Side, one: Outcomes, other: Outcomes, counted: Sequence[str]) -> Contrast:
    tasks = {task: _unpaired_row({task: one[task]}, {task: other[task]}) for task in one}
    overall = _unpaired_row(_only(one, counted), _only(other, counted))
    n = min(overall.n)
    apart = overall.a != overall.b
    needed = episodes_needed(overall.a, overall.b) if apart else math.inf
    further = max(0, math.ceil(needed) - n) if apart else None
    detectable = minimum_detectable_unpaired(overall.a, n)
    return Contrast(a, b, False, overall, tasks, overall.p_value, detectable, further)


def _paired_row(a: Outcomes, b: Outcomes) -> Row:
    test = mcnemar(_flat(a), _flat(b))
    rates = macro_mean(a).mean, macro_mean(b).mean
    return Row(*rates, (test.n, test.n), paired_difference(a, b), test.p_value,
               test.only_a, test.only_b)  # fmt: skip


def _unpaired_row(a: Outcomes, b: Outcomes) -> Row:
    one, other = _flat(a), _flat(b)
    p_value = barnard(sum(one), len(one), sum(other), len(other))
    rates = macro_mean(a).mean, macro_mean(b).mean
    return Row(*rates, (len(one), len(other)), unpaired_difference(a, b), p_value)


def _only(outcomes: Outcomes, tasks: Sequence[str]) -> Outcomes:
    return {task: outcomes[task] for task in tasks}


def _flat(outcomes: Outcomes) -> list[bool]:
    return [bool(success) for row in outcomes.values() for success in row]


def _row_dict(row: Row) -> dict[str, Any]:
    return {
        "a": row.a,
        "b": row.b,
        "n": list(row.n),
        "difference": row.difference.value,
        "interval95": list(row.difference.interval95),
        "p_value": row.p_value,
        "only_a": row.only_a,
        "only_b": row.only_b,
    }
