"""How far stated probabilities can be trusted: Brier score and expected calibration error."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10


@dataclass(frozen=True)
class Calibration:
    """Probabilities against what came of them.

    Attributes:
        n: predictions.
        brier: mean squared error (Brier 1950), 0 is best.
        brier_of_rate: that of always stating the rate of the outcomes, for comparison.
        ece: mean gap between stated and observed in equal bins, weighted by their predictions
            (Naeini et al. 2015).
    """

    n: int
    brier: float
    brier_of_rate: float
    ece: float

    @classmethod
    def of(cls, probabilities: Sequence[float], outcomes: Sequence[bool]) -> "Calibration":
        """The calibration of a list of predictions.

        Raises:
            ValueError: there are none, their numbers differ, or one is no probability.
        """
        p, y = np.array(probabilities, np.float64), np.array(outcomes, np.float64)
        if not len(p) or len(p) != len(y) or not ((p >= 0) & (p <= 1)).all():
            raise ValueError(
                f"{len(p)} probabilities for {len(y)} outcomes: give one in [0, 1] for each"
            )
        rate = float(y.mean())
        brier = float(((p - y) ** 2).mean())
        return cls(len(p), brier, rate * (1 - rate), expected_calibration_error(p, y))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "n": self.n,
            "brier": self.brier,
            "brier_of_rate": self.brier_of_rate,
            "ece": self.ece,
        }


def expected_calibration_error(p: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Args: p (n,) in [0, 1]; y (n,) 0 or 1."""
    which = np.minimum((p * BINS).astype(int), BINS - 1)
    gaps = np.bincount(which, p - y, BINS)
    return float(np.abs(gaps).sum() / len(p))
