"""Rooms are told by all looks at them, and by each other."""

import numpy as np
import pytest

from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.room_labels import _assigned, settle_rooms
from tests.envs.route_home import HOME
from tests.perception.drawn_map import drawn_map, on_map

START = BasePose(6.0, 1.5, 0.3)
NAMES = [room.kind for room in HOME.rooms]


def drawn(shares: dict[str, dict[str, float]]) -> FloorMap:
    """Every room looks like itself, but those in `shares` like others too."""
    floor = drawn_map(HOME, START, NAMES)
    cells = np.argwhere(floor.scored)
    scores = floor.scores[tuple(cells.T)]
    for name, looks in shares.items():
        inside = scores[:, NAMES.index(name)] == 1
        scores[inside] = [looks.get(other, 0.0) for other in NAMES]
    floor.set_scores(cells, scores)
    return floor


def told(floor: FloorMap) -> dict[str, str]:
    """The room that the map tells in the middle of each."""
    found = {}
    for room in HOME.rooms:
        x0, y0, x1, y1 = room.floor
        odds = floor.scores_near(*on_map(START, (x0 + x1) / 2, (y0 + y1) / 2), 0.3)
        found[room.kind] = NAMES[int(odds.argmax())] if odds.any() else ""
    return found


@pytest.mark.slow
def test_a_room_that_looks_like_another_is_told_by_that_one_being_there() -> None:
    floor = drawn({"kitchen": {"hallway": 0.5, "kitchen": 0.3}})
    assert told(floor)["kitchen"] == "hallway"
    assert settle_rooms(floor, len(NAMES))
    assert told(floor) == {name: name for name in NAMES}
    assert np.isin(floor.scores[floor.scored], (0.0, 1.0)).mean() > 0.98  # doors belong to none


@pytest.mark.slow
def test_further_channels_stay_as_they_are() -> None:
    floor = drawn({})
    first = floor.scores
    assert settle_rooms(floor, len(NAMES) - 1)
    assert (floor.scores[..., -1] == first[..., -1]).all()


def test_two_pieces_that_surely_look_alike_are_one_room() -> None:
    means = np.array([[0.98, 0.02], [0.97, 0.03]], np.float32)
    assert _assigned(means, np.array([12.0, 12.0])).tolist() == [0, 0]
    doubtful = np.array([[0.6, 0.4], [0.5, 0.3]], np.float32)
    assert sorted(_assigned(doubtful, np.array([12.0, 12.0])).tolist()) == [0, 1]


@pytest.mark.parametrize("channels", [0, 2])
def test_a_map_of_nothing_stays_as_it_is(channels: int) -> None:
    assert not settle_rooms(FloorMap(channels=channels), channels)
