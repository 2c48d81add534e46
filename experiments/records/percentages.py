"""Shares and intervals as text, the same in every table."""

import math
from collections.abc import Sequence


def percent(share: float | None) -> str:
    """0.934 as "93.4 %"; nothing measured is a dash."""
    return "–" if share is None or math.isnan(share) else f"{100 * share:.1f} %"


def span(interval: Sequence[float]) -> str:
    """(0.91, 0.96) as "91.0–96.0 %"."""
    return f"{100 * interval[0]:.1f}–{100 * interval[1]:.1f} %"
