"""Figures about eyes from single questions: accuracies, POPE's, balanced accuracy, calibration."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from handeye.experiments.records.statistics import Rate

BINS = 10  # of the calibration error


class Trial(NamedTuple):
    """One question put to the eyes.

    Attributes:
        group: what it counts for, such as "refer" or "presence adversarial".
        truth: the right answer, or "found".
        said: what the eyes said.
        score: how sure they were.
        pointed: whether the point of a reference lay on the thing.
        held_out: whether it is about a thing whose kind training never showed in its colour.
    """

    group: str
    truth: str
    said: str
    score: float
    pointed: bool = False
    held_out: bool = False

    @property
    def right(self) -> bool:
        """Whether the eyes said what is so."""
        return self.said == self.truth


def summary(trials: Sequence[Trial]) -> dict[str, Any]:
    """Rates with intervals, and numbers that are no rates, by name."""
    rates: dict[str, Rate] = {}
    referred = [trial for trial in trials if trial.group == "refer"]
    if referred:
        rates["refer Acc@0.5"] = Rate.of([trial.right for trial in referred])
        rates["refer pointing"] = Rate.of([trial.pointed for trial in referred])
        rare = [trial.right for trial in referred if trial.held_out]
        if rare:
            rates["refer Acc@0.5, held-out pairs"] = Rate.of(rare)
    positive = [trial for trial in trials if trial.group == "presence positive"]
    numbers: dict[str, float] = {}
    for kind in ("random", "popular", "adversarial"):
        negative = [trial for trial in trials if trial.group == f"presence {kind}"]
        both = positive + negative
        if not negative or not positive:
            continue
        rates[f"presence, {kind} negatives"] = Rate.of([trial.right for trial in both])
        numbers[f"presence F1, {kind}"] = f1(both)
        numbers[f"presence yes-rate, {kind}"] = float(np.mean([t.said == "yes" for t in both]))
    for group in dict.fromkeys(trial.group for trial in trials if trial.group.startswith("vqa ")):
        own = [trial for trial in trials if trial.group == group]
        rates[group] = Rate.of([trial.right for trial in own])
        numbers[f"{group}, most frequent answer"] = most_frequent(own)
    for group in ("success", "vqa holds", "vqa state"):
        own = [trial for trial in trials if trial.group == group]
        if len({trial.truth for trial in own}) > 1:
            rates.setdefault(group, Rate.of([trial.right for trial in own]))
            numbers[f"{group}, balanced accuracy"] = balanced_accuracy(own)
    for name, several in (
        ("answers", [t for t in trials if t.group != "refer"]),
        ("refer", referred),
    ):
        if several:
            numbers[f"calibration error, {name}"] = calibration_error(several)
    return {"rates": {name: rate.to_dict() for name, rate in rates.items()}, "numbers": numbers}


def f1(trials: Sequence[Trial]) -> float:
    """Harmonic mean of precision and recall of "yes"; 0 without a right one."""
    right = sum(trial.said == trial.truth == "yes" for trial in trials)
    said = sum(trial.said == "yes" for trial in trials)
    true = sum(trial.truth == "yes" for trial in trials)
    return 2 * right / (said + true) if right else 0.0


def balanced_accuracy(trials: Sequence[Trial]) -> float:
    """Mean, over the true answers, of how often that answer is given where it is right."""
    truths = sorted({trial.truth for trial in trials})
    shares = [np.mean([t.right for t in trials if t.truth == truth]) for truth in truths]
    return float(np.mean(shares))


def most_frequent(trials: Sequence[Trial]) -> float:
    """How often the most frequent true answer is right: what guessing reaches."""
    counts = Counter(trial.truth for trial in trials)
    return counts.most_common(1)[0][1] / len(trials)


def calibration_error(trials: Sequence[Trial]) -> float:
    """Expected calibration error over `BINS` bins of equal width (Guo et al. 2017)."""
    scores = np.array([trial.score for trial in trials])
    right = np.array([trial.right for trial in trials], np.float64)
    bins = np.minimum((scores * BINS).astype(int), BINS - 1)
    gaps = [
        (bins == b).mean() * abs(right[bins == b].mean() - scores[bins == b].mean())
        for b in range(BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps))
