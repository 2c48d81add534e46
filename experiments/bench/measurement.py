"""One measured comparison, and how times are taken so that it is fair."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from handeye.experiments.records.provenance import (
    code_fingerprint,
    commit_id,
    machine_name,
)


@dataclass(frozen=True)
class Measurement:
    """One line of `results/bench.json`.

    Attributes:
        name: what was compared; part of the command's contract.
        ours: measured here, in `unit`.
        theirs: what it is compared with, in `unit`.
        unit: of both.
        ratio: how many times better ours is (above 1) or worse (below 1).
        meaning: what ours and theirs are, in words.
        details: further numbers.
    """

    name: str
    ours: float
    theirs: float | None
    unit: str
    ratio: float | None
    meaning: str
    details: Mapping[str, float] | None = None

    @classmethod
    def of_costs(cls, name: str, ours: float, theirs: float, unit: str, meaning: str,
                 **details: float) -> "Measurement":  # fmt: skip
        """Less is better: the ratio is theirs / ours."""
        ratio = theirs / ours if ours > 0 else None  # a difference of times can vanish in noise
        return cls(name, ours, theirs, unit, ratio, meaning, details or None)

    @classmethod
    def of_rates(cls, name: str, ours: float, theirs: float, unit: str, meaning: str,
                 **details: float) -> "Measurement":  # fmt: skip
        """More is better: the ratio is ours / theirs."""
        return cls(name, ours, theirs, unit, ours / theirs, meaning, details or None)

    def to_dict(self) -> dict[str, Any]:
        """As JSON, with the commit and the machine it was measured on."""
        measured = {"machine": machine_name(), "commit": commit_id()}
        return {**asdict(self), **measured, "fingerprint": code_fingerprint()}


def interleaved_ms(
    actions: Mapping[str, Callable[[], object]], rounds: int, burst: int = 1, warm_up: int = 3
) -> dict[str, float]:
    """Median milliseconds of each action, taken in turns so that a busy moment hits all alike.

    A turn is a `burst` of repetitions: an action that follows itself, as in a rollout, finds its
    data in the caches; one that follows a rival's megabytes does not.
    """
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(warm_up + rounds):
        for name, action in actions.items():
            for _ in range(burst):
                started = time.perf_counter()
                action()
                if number >= warm_up:
                    taken[name].append(1e3 * (time.perf_counter() - started))
    return {name: float(np.median(times)) for name, times in taken.items()}
