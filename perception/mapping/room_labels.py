"""Name the rooms of a plan: floor between doors is one room, and each kind occurs once.

A single look tells a room's kind badly: without its furniture in view a dining room is a hallway.
What all looks say about a piece of floor, and what they say about the other pieces, tells it well.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.plan_from_map import floor_plan

LEAST_M2 = 1.0  # of scored floor in a piece that is a room
LARGE_M2 = 10.0  # from here on a piece's looks count in full
FAINTEST = 0.01  # a score is taken to be at least that
TWICE_COST = 1.5  # nats against calling one more piece the same: a room may be seen in two halves


def settle_rooms(floor: FloorMap, rooms: int) -> bool:
    """Make the scored cells of a map say what their whole room is, with a score of 1.

    False where the map shows no wall or no room, and stays as it is. Each kind of room is given to
    one piece of floor (assignment problem, Kuhn 1955), or to more at `TWICE_COST` each.

    Args:
        floor: its first channels are the odds of rooms.
        rooms: how many channels these are.
    """
    plan = floor_plan(floor)
    if plan is None:
        return False
    cells = np.argwhere(floor.scored)
    pieces, scores = plan.rooms_at(floor.points_of(cells)), floor.scores[tuple(cells.T)]
    areas_m2 = np.bincount(pieces, minlength=1) * floor.cell_m**2
    large = 1 + np.flatnonzero(areas_m2[1:] >= LEAST_M2)
    if not len(large):
        return False
    means = np.stack([scores[pieces == piece, :rooms].mean(0) for piece in large])
    room_of = np.full(len(areas_m2), -1)
    room_of[large] = _assigned(means, areas_m2[large])
    known = room_of[pieces] >= 0
    scores[known, :rooms] = np.eye(rooms, dtype=np.float32)[room_of[pieces[known]]]
    floor.set_scores(cells, scores)
    return True


def _assigned(means: NDArray[np.float32], areas_m2: NDArray[np.floating]) -> NDArray[np.int64]:
    """The room (P,) of each piece, given its mean scores (P, R)."""
    shares = means / np.maximum(means.sum(1, keepdims=True), FAINTEST)
    likes = np.log(np.maximum(shares, FAINTEST))
    weights = np.sqrt(np.minimum(areas_m2 / LARGE_M2, 1.0))[:, None]
    again = [weights * (likes - TWICE_COST * times) for times in range(len(means))]
    _, columns = linear_sum_assignment(np.concatenate(again, axis=1), maximize=True)
    return np.asarray(columns % means.shape[1], np.int64)
