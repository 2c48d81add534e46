"""What an audit found: a question, its figures, and a verdict in plain words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from handeye.experiments.records.episode import EpisodeRecord, rate_of
from handeye.experiments.records.percentages import percent
from handeye.experiments.records.significance import barnard, holm
from handeye.experiments.records.statistics import Rate

Verdict = Literal["pass", "fail", "open"]
ALPHA = 0.05


@dataclass(frozen=True)
class Figure:
    """One line of a finding.

    Attributes:
        label: what was counted.
        rate: how often it happened.
        note: what to compare it with; "" for nothing.
    """

    label: str
    rate: Rate
    note: str = ""

    @classmethod
    def of(cls, label: str, records: Sequence[EpisodeRecord], note: str = "") -> "Figure":
        """Return the strict success of some episodes."""
        return cls(label, rate_of(records), note)


@dataclass(frozen=True)
class Finding:
    """One question of an audit.

    Attributes:
        question: what is asked.
        verdict: "pass", "fail", or "open" where too little is known.
        words: the answer.
        figures: what it rests on.
    """

    question: str
    verdict: Verdict
    words: str
    figures: tuple[Figure, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        figures = [{"label": f.label, **f.rate.to_dict(), "note": f.note} for f in self.figures]
        return {**asdict(self), "figures": figures}


def shown(rate: Rate) -> str:
    """Return a rate in words, such as "12 of 40 (30 %)"."""
    return f"{rate.k} of {rate.n} ({percent(rate.rate)})"


def differs(a: Rate, b: Rate) -> float:
    """Return the p-value of two unpaired rates being one (Barnard's exact test)."""
    return barnard(a.k, a.n, b.k, b.n)


def odd_ones(groups: dict[str, Rate]) -> dict[str, float]:
    """Return the groups whose rate is not that of all others, with p-values (Barnard, Holm)."""
    names = [name for name, rate in groups.items() if rate.n]
    total_k, total_n = (sum(getattr(groups[n], part) for n in names) for part in ("k", "n"))
    p_values = [
        barnard(groups[n].k, groups[n].n, total_k - groups[n].k, total_n - groups[n].n)
        for n in names
    ]
    adjusted = dict(zip(names, holm(p_values), strict=True))
    return {name: p for name, p in adjusted.items() if p < ALPHA}
