"""A room while it is furnished: what fits, and what would shut something off."""

import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.envs.rooms.apartments.floor import Edge, Rect
from handeye.envs.rooms.apartments.free_floor import RoomSpace, approach

FLOOR = Rect(0.0, 0.0, 4.0, 4.0)
WEST, EAST = Edge(0, 0.0, 2.5, 3.5), Edge(0, 4.0, 2.5, 3.5)


def rects(*each: tuple[float, float, float, float]) -> NDArray[np.float64]:
    return np.array(each)


@pytest.mark.parametrize(
    ("gap", "zone"),
    [
        (WEST, Rect(0.0, 2.4, 1.0, 3.6)),
        (EAST, Rect(3.0, 2.4, 4.0, 3.6)),
        (Edge(1, 0.0, 1.0, 2.0), Rect(0.9, 0.0, 2.1, 1.0)),
        (Edge(1, 4.0, 1.0, 2.0), Rect(0.9, 3.0, 2.1, 4.0)),
    ],
)
def test_the_floor_before_a_door_stays_empty(gap: Edge, zone: Rect) -> None:
    assert approach(FLOOR, gap) == pytest.approx(zone)
    x, y = zone.centre
    inside = rects((x - 0.1, y - 0.1, x + 0.1, y + 0.1))
    assert RoomSpace(FLOOR, [gap]).put(inside) is None
    assert RoomSpace(FLOOR, []).put(inside) == 0


def test_the_first_that_fits_is_taken() -> None:
    space = RoomSpace(FLOOR, [WEST])
    in_a_wall, taken, free = (0.0, 0.1, 0.4, 0.5), (1.0, 1.0, 1.5, 1.5), (2.0, 1.0, 2.5, 1.5)
    assert space.put(rects(in_a_wall, taken)) == 1
    assert space.put(rects(in_a_wall, (1.4, 1.0, 1.9, 1.5), (1.52, 1.0, 1.9, 1.5), free)) == 3
    assert space.footprints == [Rect(*taken), Rect(*free)]
    assert space.put(rects((3.0, 1.0, 3.5, 1.5)), [Rect(3.2, 0.0, 4.0, 2.0)]) is None


@pytest.mark.parametrize(("passage_m", "refused"), [(0.45, True), (0.60, False)])
def test_two_doors_are_not_shut_off_from_each_other(passage_m: float, refused: bool) -> None:
    space = RoomSpace(FLOOR, [WEST, EAST])
    assert space.put(rects((1.8, 0.07, 2.2, 2.0))) == 0
    blocks_the_rest = rects((1.8, 2.0 + passage_m, 2.2, 3.93))
    assert (space.put(blocks_the_rest) is None) == refused


def test_a_piece_is_not_walled_in() -> None:
    space = RoomSpace(FLOOR, [EAST])
    assert space.put(rects((0.07, 0.07, 0.47, 0.47))) == 0
    assert space.put(rects((0.55, 0.07, 1.6, 0.4))) == 0
    assert space.put(rects((0.07, 0.55, 1.6, 0.95))) is None
    assert space.put(rects((0.07, 0.55, 0.47, 0.75))) == 0


def test_a_piece_out_of_reach_is_not_put() -> None:
    space = RoomSpace(FLOOR, [EAST])
    assert space.put(rects((0.07, 0.9, 1.6, 1.6))) == 0
    assert space.put(rects((0.9, 0.07, 1.6, 0.8))) == 0
    assert space.put(rects((0.07, 0.07, 0.27, 0.27))) is None


def test_a_room_too_narrow_for_the_robot_is_refused() -> None:
    with pytest.raises(ValueError, match="too narrow"):
        RoomSpace(Rect(0.0, 0.0, 4.0, 0.55), [])
