"""What is said of spots is pooled over the floor between walls."""

import numpy as np
import pytest

from handeye.perception.room_belief import RoomBelief

EVEN = [1 / 3] * 3
HOLDS = np.array([[0.9], [0.05], [0.05]])  # of one kind of thing
NOTHING = np.zeros((16, 16, 1), np.float32)
SIDE_M = 3.0  # of two rooms side by side: x from 0 to 3 and from 3.1 to 6.1


def two_rooms(door: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Points (64, 64, 3) of a floor with a wall across, and in which of two rooms each lies."""
    x, y = np.meshgrid(np.linspace(0.05, 6.05, 64), np.linspace(0.05, SIDE_M - 0.05, 64))
    floor = np.stack([x, y, np.zeros_like(x)], axis=-1)
    return floor, (x > SIDE_M).astype(int)


def wall(gap: tuple[float, float] = (1.0, 2.0)) -> np.ndarray:
    """Points (64, 64, 3) high on the walls around and between both rooms, a gap in the middle."""
    along = np.linspace(0.0, SIDE_M, 400)
    along = along[(along < gap[0]) | (along > gap[1])]
    points = [(SIDE_M + 0.05, y) for y in along]
    for x in np.linspace(0.0, 6.1, 500):
        points += [(x, -0.05), (x, SIDE_M + 0.05)]
    for y in np.linspace(0.0, SIDE_M, 300):
        points += [(-0.05, y), (6.15, y)]
    found = np.full((64 * 64, 3), np.nan)
    found[: len(points), :2] = points
    found[: len(points), 2] = 2.2
    return found.reshape(64, 64, 3)


def said(rooms: np.ndarray, odds: tuple[tuple[float, ...], ...]) -> np.ndarray:
    """Log-odds (16, 16, 3) of each spot, by the room it lies in."""
    return np.log(np.array(odds, np.float32))[rooms[2::4, 2::4]]


def belief(*odds: tuple[tuple[float, ...], ...], looks: int = 8) -> np.ndarray:
    """Odds (2, 3) in the middle of both rooms after `looks` looks at everything."""
    floor, rooms = two_rooms()
    found = RoomBelief(EVEN, HOLDS)
    for _ in range(looks):
        for one in odds:
            found.see(wall(), said(rooms, ((1 / 3,) * 3,) * 2), NOTHING)
            found.see(floor, said(rooms, one), NOTHING)
    return found.odds_at(np.array([[1.5, 1.5], [4.6, 1.5]]))


def test_each_side_of_a_wall_is_a_room_of_its_own() -> None:
    odds = belief(((0.8, 0.1, 0.1), (0.1, 0.8, 0.1)))
    assert odds.argmax(1).tolist() == [0, 1]
    assert odds.sum(1) == pytest.approx([1.0, 1.0], abs=1e-4)


def test_a_room_has_one_kind_everywhere_though_spots_differ() -> None:
    floor, rooms = two_rooms()
    found, mixed = RoomBelief(EVEN, HOLDS), said(rooms, ((0.6, 0.2, 0.2), (0.1, 0.8, 0.1)))
    mixed[:4] = np.log((0.2, 0.6, 0.2))  # a quarter of it looks like the other
    for _ in range(6):
        found.see(wall(), np.zeros_like(mixed), NOTHING)
        found.see(floor, mixed, NOTHING)
    corners = np.array([[0.3, 0.3], [0.3, 2.7], [2.7, 0.3], [2.7, 2.7]])
    assert (found.odds_at(corners) == found.odds_at(corners[:1])).all()
    assert found.odds_at(corners[0]).argmax() == 0


def test_what_is_sure_of_one_room_speaks_against_it_in_another() -> None:
    alone = belief(((1 / 3, 1 / 3, 1 / 3), (0.42, 0.4, 0.18)))[1]
    beside = belief(((0.96, 0.02, 0.02), (0.42, 0.4, 0.18)))
    assert alone.argmax() == 0
    assert beside.argmax(1).tolist() == [0, 1]


def test_what_the_eyes_expect_anyway_is_not_counted_with_every_look() -> None:
    floor, rooms = two_rooms()
    shares = [0.8, 0.1, 0.1]
    leaning, even = RoomBelief(shares, HOLDS), RoomBelief(EVEN, HOLDS)
    for found in (leaning, even):
        found.see(wall(), said(rooms, (tuple(shares),) * 2), NOTHING)
        found.see(floor, said(rooms, ((0.5, 0.4, 0.1), (0.5, 0.4, 0.1))), NOTHING)
    here = np.array([1.5, 1.5])
    assert leaning.odds_at(here)[1] > even.odds_at(here)[1]


def test_where_nothing_was_seen_every_room_is_as_likely() -> None:
    found = RoomBelief(EVEN, HOLDS)
    assert found.odds_at(np.array([[1.0, 1.0], [np.nan, 0.0], [99.0, 0.0]])) == pytest.approx(1 / 3)
    found.see(
        np.full((8, 8, 3), np.nan), np.zeros((2, 2, 3), np.float32), np.zeros((2, 2, 1), np.float32)
    )
    assert found.odds_at(np.array([1.0, 1.0])) == pytest.approx(1 / 3)


def test_a_thing_that_only_one_kind_of_room_holds_tells_it() -> None:
    floor, rooms = two_rooms()
    found, unsure = RoomBelief(EVEN, HOLDS), said(rooms, ((0.3, 0.4, 0.3), (0.3, 0.4, 0.3)))
    bed = NOTHING.copy()
    bed[4:10, 1:6] = 0.9
    for _ in range(2):
        found.see(wall(), unsure, NOTHING)
        found.see(floor, unsure, bed)
    assert found.odds_at(np.array([[1.5, 1.5], [4.6, 1.5]])).argmax(1).tolist() == [0, 1]
