"""Which room is where: what the eyes say of every spot, pooled over the floor that walls enclose.

One picture rarely tells a study from a playroom, all pictures of a room together often do. Walls are
what is seen higher than any furniture, so floor can be parted into rooms without knowing doors: it
falls apart where two walls leave a gap as narrow as a door. What speaks for a kind of room is summed
over all that was seen in a part; and since a home rarely has two rooms of a kind, what is surely
found in one part speaks against it in the others.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

CELL_M = 0.1
REACH_M = 18.0  # an apartment is up to 16 m long
WALL_FROM_M, WALL_TO_M = 2.05, 2.45  # higher than furniture, below the ceiling
LEAST_HITS = 2  # of pixels that make a cell one of a wall
CORE_M = 0.62  # from walls: more than half a door's width, less than half of any room's
LEAST_CORE_M2 = 0.1
FRAME_SPOTS = 100.0  # so many spots of a part of the floor count as one look at it
MOST_LOOKS = 6.0  # further ones change the mean only: they repeat the same mistakes
EXCLUSIVE = 0.9  # how surely a second room of the kind is out of the question
EXCLUDING_M2 = 3.0  # what is smaller has no say about other parts
ROUNDS = 4


class RoomBelief:
    """Odds of every kind of room for every place, in the frame of the start pose.

    Args:
        rooms: number of kinds R.
        prior: (R,) log-odds of each kind among all spots that the eyes were trained on; taken off
            what they say, so that it is not counted anew with every look.
    """

    def __init__(self, rooms: int, prior: NDArray[np.float32] | None = None) -> None:
        side = round(2 * REACH_M / CELL_M)
        self._prior = np.zeros(rooms, np.float32) if prior is None else prior
        self._evidence = np.zeros((side, side, rooms), np.float32)
        self._looks = np.zeros((side, side), np.float32)
        self._walls = np.zeros((side, side), np.int32)
        self._labels = np.zeros((side, side), np.int32)
        self._odds = np.full((1, rooms), 1.0 / rooms, np.float32)  # by label; 0 is none

    def see(self, points: NDArray[np.float64], log_odds: NDArray[np.float32]) -> None:
        """Add one frame.

        Args:
            points: (H, W, 3) m in the start frame, NaN where nothing is within reach.
            log_odds: (h, w, R) of each spot of the frame, the spots cover it evenly.
        """
        size = len(points) // len(log_odds)
        high = (points[..., 2] > WALL_FROM_M) & (points[..., 2] < WALL_TO_M)
        np.add.at(self._walls, self._cells(points[high]), 1)
        spots = points[size // 2 :: size, size // 2 :: size]
        seen = np.isfinite(spots[..., 0]) & (spots[..., 2] < WALL_FROM_M)
        cells = self._cells(spots[seen])
        np.add.at(self._evidence, cells, (log_odds[seen] - self._prior) / FRAME_SPOTS)
        np.add.at(self._looks, cells, 1.0 / FRAME_SPOTS)
        self._part()

    def odds_at(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Odds (..., R) of the room at points (..., 2 or more), m; even where nothing is known."""
        where = np.nan_to_num(points[..., :2], nan=2 * REACH_M)
        return np.asarray(self._odds[self._labels[self._cells(where)]])

    def _cells(self, points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and column of the cell of each point (..., 2 or more); the last where it is beyond."""
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
        self._weigh(labels, self._looks[box], self._evidence[box], len(kept))

    def _weigh(
        self,
        labels: NDArray[np.int32],
        looks: NDArray[np.float32],
        evidence: NDArray[np.float32],
        count: int,
    ) -> None:
        """Odds of each part, what is found in another one taken into account."""
        flat = labels.ravel()
        total = np.bincount(flat, looks.ravel(), count + 1)[1:, None]
        sums = [np.bincount(flat, part.ravel(), count + 1)[1:] for part in np.moveaxis(evidence, 2, 0)]
        mean = np.stack(sums, 1) / np.maximum(total, 1e-6)
        logits = mean * np.minimum(total, MOST_LOOKS)
        area_m2 = np.bincount(flat, looks.ravel() > 0, count + 1)[1:, None] * CELL_M**2
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
