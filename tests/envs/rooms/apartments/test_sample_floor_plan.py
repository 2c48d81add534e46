"""Drawn floor plans: varied, connected, and the same for the same seed."""

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment
from handeye.envs.rooms.apartments.sample_floor_plan import LEAST_SIDE_M, draw_floor_plan


def plan(seed: int, count: int | None = None) -> Apartment:
    return Apartment(*draw_floor_plan(np.random.default_rng(seed), count))


def reachable(apartment: Apartment) -> set[int]:
    found, new = {0}, {0}
    while new:
        pairs = [door.rooms for door in apartment.doors]
        new = {b for a, b in [*pairs, *(p[::-1] for p in pairs)] if a in found} - found
        found |= new
    return found


@pytest.mark.parametrize("seed", range(60))
def test_every_room_is_reached_and_the_parts_fit(seed: int) -> None:
    drawn = plan(seed)  # `Apartment` itself refuses what does not fit together
    assert 3 <= len(drawn.rooms) <= 8
    assert reachable(drawn) == set(range(len(drawn.rooms)))
    for room in drawn.rooms:
        x0, y0, x1, y1 = room.floor
        narrow = min(x1 - x0, y1 - y0)
        assert narrow > 1.5 if room.kind == "hallway" else narrow >= LEAST_SIDE_M
    whole, parts = drawn.bounds.area_m2, sum(room.floor.area_m2 for room in drawn.rooms)
    assert parts == pytest.approx(whole)  # no hole between the rooms


def test_a_seed_is_a_plan_and_seeds_differ() -> None:
    assert plan(3) == plan(3)
    assert len({plan(seed).rooms for seed in range(20)}) == 20


@pytest.mark.parametrize("count", range(3, 9))
def test_the_number_of_rooms_can_be_asked_for(count: int) -> None:
    assert len(plan(0, count).rooms) == count


def test_hallways_and_loops_both_occur() -> None:
    drawn = [plan(seed) for seed in range(60)]
    hallways = [any(room.kind == "hallway" for room in each.rooms) for each in drawn]
    loops = [len(each.doors) >= len(each.rooms) for each in drawn]
    assert 5 < sum(hallways) < 40
    assert 5 < sum(loops) < 55


@pytest.mark.parametrize("count", [0, 2, 9])
def test_other_numbers_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="3 to 8 rooms"):
        plan(0, count)
