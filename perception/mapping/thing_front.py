"""The front of a piece of furniture on a plan: it is away from the wall at its back."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from handeye.perception.mapping.plan_from_map import EstimatedPlan

# The same as in `envs.rooms.apartments.contents`; `tests/test_twins.py` compares them.
FREE_STANDING = ("box", "chair", "lamp", "plant", "table")  # nothing tells their front
DEEPER = ("bed", "toilet")  # than they are wide
OBLONG = 1.25  # sides so different tell which way a thing stands
OUTLIERS = 0.02  # share of the cells on either side that may be wrong
BACK_M = 0.8  # a wall no farther behind what is seen of a thing is at its back
OPEN_M = 0.6  # of floor that shows before a front
SIDES = ((0, 1), (1, 1), (0, -1), (1, -1))  # axis and way of the quarter turns from +u


def place_before(
    plan: EstimatedPlan, points: NDArray[np.float64], kind: str, away_m: float
) -> tuple[float, float] | None:
    """A place on the map in front of the middle of a thing; None if its front cannot be told.

    Args:
        plan: of the map.
        points: (N, 2) of the map that show the thing, m.
        kind: of the thing.
        away_m: from its front.
    """
    if kind in FREE_STANDING:
        return None
    seen = np.array([plan.to_plan(x, y) for x, y in points.tolist()])
    low, high = np.quantile(seen, (OUTLIERS, 1 - OUTLIERS), axis=0)
    width, height = high - low
    fronts: Sequence[tuple[int, int]] = SIDES
    if max(width, height) >= OBLONG * min(width, height):
        along_u = (width > height) == (kind in DEEPER)
        fronts = SIDES[0::2] if along_u else SIDES[1::2]
    fits = {front: _openness(plan, low, high, front) for front in fronts}
    axis, way = max(fits, key=lambda front: fits[front])
    if fits[axis, way] <= 0:
        return None
    place = (low + high) / 2
    place[axis] = (high[axis] + away_m) if way > 0 else (low[axis] - away_m)
    return plan.to_map(*place.tolist())


def _openness(
    plan: EstimatedPlan, low: NDArray[np.float64], high: NDArray[np.float64], front: tuple[int, int]
) -> float:
    """Return how much speaks for a front: floor before it and a wall near its back; 0 for none."""
    axis, way = front
    middle = (low + high) / 2
    ahead, back = middle.copy(), middle.copy()
    shares = []
    for away in np.arange(plan.cell_m, OPEN_M, plan.cell_m):
        ahead[axis] = high[axis] + away if way > 0 else low[axis] - away
        shares.append(plan.is_free(*ahead.tolist()))
    for behind_m in np.arange(0.0, BACK_M, plan.cell_m):
        back[axis] = low[axis] - behind_m if way > 0 else high[axis] + behind_m
        if plan.is_wall(*back.tolist()):
            return float(np.mean(shares)) + 1.0 - behind_m / BACK_M if any(shares) else 0.0
    return 0.0
