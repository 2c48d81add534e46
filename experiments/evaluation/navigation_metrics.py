"""How well a path led to its goal, as vision-and-language navigation measures it.

SPL is success weighted by path length (Anderson et al. 2018, arXiv:1807.06757); nDTW and SDTW
compare the path with a reference by dynamic time warping (Ilharco et al. 2019, arXiv:1907.05446).
Paths are arrays (N, 2) of x and y in m.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SUCCESS_DISTANCE_M = 1.0  # stopping this near counts, and it is nDTW's threshold


def path_length_m(path: NDArray[np.float64]) -> float:
    """Sum of the path's straight pieces; 0 for a single point."""
    return float(np.linalg.norm(np.diff(_checked(path), axis=0), axis=1).sum())


def spl(
    successes: Sequence[bool], shortest_m: Sequence[float], travelled_m: Sequence[float]
) -> float:
    """Mean over episodes of S l / max(p, l): l the geodesic shortest path, p the path taken.

    An episode that starts at its goal (l = 0) counts 1 if it succeeds without moving.
    """
    if not successes:
        return math.nan
    return float(
        np.mean(
            [
                weighted_success(success, shortest, travelled)
                for success, shortest, travelled in zip(
                    successes, shortest_m, travelled_m, strict=True
                )
            ]
        )
    )


def weighted_success(success: bool, shortest_m: float, travelled_m: float) -> float:
    """One episode's share of SPL, in [0, 1]."""
    if not (math.isfinite(shortest_m) and math.isfinite(travelled_m)):
        raise ValueError(
            f"path lengths must be finite, got {shortest_m} and {travelled_m} m; "
            "a goal without a path must be rejected when the scene is drawn"
        )
    longest = max(shortest_m, travelled_m)
    return float(success) * (shortest_m / longest if longest > 0 else 1.0)


def dynamic_time_warping_m(path: NDArray[np.float64], reference: NDArray[np.float64]) -> float:
    """Least sum of distances over all monotone alignments of two paths, m."""
    a, b = _checked(path), _checked(reference)
    distance = np.linalg.norm(a[:, None] - b[None], axis=-1)
    cost = np.full((len(a) + 1, len(b) + 1), math.inf)
    cost[0, 0] = 0.0
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            before = min(cost[i - 1, j], cost[i, j - 1], cost[i - 1, j - 1])
            cost[i, j] = distance[i - 1, j - 1] + before
    return float(cost[-1, -1])


def ndtw(
    path: NDArray[np.float64],
    reference: NDArray[np.float64],
    threshold_m: float = SUCCESS_DISTANCE_M,
) -> float:
    """exp(-DTW / (|R| d_th)), in (0, 1]: 1 where the path is the reference."""
    return math.exp(-dynamic_time_warping_m(path, reference) / (len(reference) * threshold_m))


def sdtw(success: bool, path: NDArray[np.float64], reference: NDArray[np.float64]) -> float:
    """nDTW of a success, 0 of a failure."""
    return ndtw(path, reference) if success else 0.0


def evenly_spaced(path: NDArray[np.float64], step_m: float) -> NDArray[np.float64]:
    """Points along a path every `step_m` of its length, its start and end included, (M, 2).

    Warping sums over points, so two paths are comparable only if both have theirs as densely: a
    track has one per decision, turns in place included, and a reference has one per bend.
    """
    points = _checked(path)
    along = np.concatenate([[0.0], np.linalg.norm(np.diff(points, axis=0), axis=1).cumsum()])
    wanted = np.append(np.arange(0.0, along[-1] - 1e-6, step_m), along[-1])
    return np.stack([np.interp(wanted, along, points[:, axis]) for axis in range(2)], axis=1)


def _checked(path: NDArray[np.float64]) -> NDArray[np.float64]:
    points = np.asarray(path, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"a path is an array (N >= 1, 2) of x and y in m, got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("a path must be finite; look for NaN in the odometry")
    return points
