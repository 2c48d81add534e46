"""Which room is where: what the eyes say of every spot, pooled over floor that walls enclose.

One picture rarely tells a study from a playroom, all pictures of a room together often do. Walls
are what is seen higher than any furniture, so floor can be parted into rooms without knowing doors:
it falls apart where two walls leave a gap as narrow as a door. What speaks for a kind of room is
summed over all that was seen in a part: how it looks, and that a bed stands in it; and since no
home has two rooms of a kind, what is surely found in one part speaks against it in the others.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

CELL_M = 0.1
REACH_M = 18.0  # an apartment is up to 16 m long
WALL_FROM_M, WALL_TO_M = 2.05, 2.45  # higher than furniture, below the ceiling
LEANING = 0.5  # how far the eyes follow the shares of what they were trained on
LEAST_HITS = 2  # of pixels that make a cell one of a wall
CORE_M = 0.62  # from walls: more than half a door's width, less than half of any room's
LEAST_CORE_M2 = 0.1
FRAME_SPOTS = 800.0  # so many spots of a part of the floor count as one look at it
MOST_LOOKS = 1.0  # further ones change the mean only: they repeat the same mistakes
SURE_KIND = 0.6  # odds of a spot that count as a thing seen
LEAST_THING_SPOTS = 20  # of all pictures, that make a thing that stands there
FOUND, MISTAKEN = 0.9, 0.05  # share of what stands there that is seen, and of what does not
EXCLUSIVE = 0.9  # how surely a second room of the kind is out of the question
EXCLUDING_M2 = 3.0  # what is smaller has no say about other parts
ROUNDS = 4


class RoomBelief:
    """Odds of every kind of room for every place, in the frame of the start pose.

    Args:
        shares: of each of the R kinds among all that the eyes were trained on. They lean towards
            what they saw most, and that must not be counted anew with every look.
        holds: (R, K) share of rooms of each kind that hold each kind of thing; K may be 0.
    """

    def __init__(self, shares: Sequence[float], holds: NDArray[np.float64]) -> None:
        side, rooms = round(2 * REACH_M / CELL_M), len(shares)
        self._prior = LEANING * np.log(np.array(shares, np.float32))
        seen = FOUND * holds + MISTAKEN
        self._tells = np.log(seen / seen.mean(0))
        self._things = np.zeros((side, side, holds.shape[1]), np.float32)
        self._evidence = np.zeros((side, side, rooms), np.float32)
        self._looks = np.zeros((side, side), np.float32)
        self._walls = np.zeros((side, side), np.int32)
        self._labels = np.zeros((side, side), np.int32)
        self._odds = np.full((1, rooms), 1.0 / rooms, np.float32)  # by label; 0 is none

    def see(
        self,
        points: NDArray[np.float64],
        log_odds: NDArray[np.float32],
        kinds: NDArray[np.float32],
    ) -> None:
        """Add one frame.

        Args:
            points: (H, W, 3) m in the start frame, NaN where nothing is within reach.
            log_odds: (h, w, R) of rooms of each spot of the frame, the spots cover it evenly.
            kinds: (h, w, K) odds of each spot that it is such a thing.
        """
        size = len(points) // len(log_odds)
        high = (points[..., 2] > WALL_FROM_M) & (points[..., 2] < WALL_TO_M)
        np.add.at(self._walls, self._cells(points[high]), 1)
        spots = points[size // 2 :: size, size // 2 :: size]
        seen = np.isfinite(spots[..., 0]) & (spots[..., 2] < WALL_FROM_M)
        cells = self._cells(spots[seen])
        np.add.at(self._evidence, cells, (log_odds[seen] - self._prior) / FRAME_SPOTS)
        np.add.at(self._looks, cells, 1.0 / FRAME_SPOTS)
        np.add.at(self._things, cells, kinds[seen] > SURE_KIND)
        self._part()

    def odds_at(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Odds (..., R) of the room at points (..., 2 or more), m; even where nothing is known."""
        where = np.nan_to_num(points[..., :2], nan=2 * REACH_M)
        return np.asarray(self._odds[self._labels[self._cells(where)]])

    def _cells(self, points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and column of the cell of points (..., 2 or more); the last where that is beyond."""
        cells = np.floor((points[..., :2] + REACH_M) / CELL_M).astype(np.int64)
        cells = np.clip(cells, 0, len(self._walls) - 1)
        return cells[..., 1], cells[..., 0]

    def _part(self) -> None:
        """Part all floor seen into rooms and weigh what speaks for each."""
        rows, columns = (np.flatnonzero((self._looks > 0).any(axis)) for axis in (1, 0))
        if not len(rows):
            return
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        seen, walls = self._looks[box] > 0, self._walls[box] >= LEAST_HITS
        seen = ndimage.binary_closing(seen, iterations=2) & ~walls
        clear_m = ndimage.distance_transform_edt(np.pad(~walls, 1, constant_values=True))
        cores = seen & (clear_m[1:-1, 1:-1] * CELL_M > CORE_M)
        labels, count = ndimage.label(cores)
        sizes = np.bincount(labels.ravel(), minlength=count + 1) * CELL_M**2
        kept = np.flatnonzero(sizes[1:] >= LEAST_CORE_M2) + 1
        self._labels[:] = 0
        if not len(kept):
            return
        renamed = np.zeros(count + 1, np.int32)
        renamed[kept] = np.arange(1, len(kept) + 1)
        labels = renamed[labels]
        nearest = ndimage.distance_transform_edt(
            labels == 0, return_distances=False, return_indices=True
        )
        labels = labels[tuple(nearest)]
        self._labels[box] = labels
        self._weigh(labels, box, len(kept))

    def _weigh(self, labels: NDArray[np.int32], box: tuple[slice, slice], count: int) -> None:
        """Odds of each part, what is found in another one taken into account."""

        def summed(values: NDArray[np.float32]) -> NDArray[np.float64]:
            """Sums (count, C) of values (rows, columns, C) over the cells of each part."""
            flat = values.reshape(labels.size, -1).T
            sums = [np.bincount(labels.ravel(), one, count + 1)[1:] for one in flat]
            return np.stack(sums, axis=1) if sums else np.zeros((count, 0))

        looks = summed(self._looks[box])
        mean = summed(self._evidence[box]) / np.maximum(looks, 1e-6)
        there = summed(self._things[box]) >= LEAST_THING_SPOTS
        logits = mean * np.minimum(looks, MOST_LOOKS) + there @ self._tells.T
        area_m2 = summed((self._looks[box] > 0).astype(np.float32)) * CELL_M**2
        says = EXCLUSIVE * np.minimum(area_m2 / EXCLUDING_M2, 1.0)
        odds = _softmax(logits)
        for _ in range(ROUNDS):
            free = np.log1p(-says * odds)
            odds = _softmax(logits + free.sum(0) - free)
        self._odds = np.concatenate([self._odds[:1], odds.astype(np.float32)])


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the last axis."""
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True))
