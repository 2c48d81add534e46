"""Apartments as data: what fits together, what does not, and where the walls are."""

import json
from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import DOOR_M, WALL_M, Door, Edge, Rect, Room, shared_edge

KITCHEN = Room("kitchen", Rect(0.0, 0.0, 3.0, 3.0))
STUDY = Room("study", Rect(3.0, 0.0, 6.0, 3.0))
BEDROOM = Room("bedroom", Rect(0.0, 3.0, 6.0, 6.0))
DOORS = (Door((0, 1), (3.0, 1.5)), Door((0, 2), (1.5, 3.0)))
SOFA = Furniture("sofa", "sofa", "blue", 2, (3.0, 5.4), 3)


def apartment(**changes: object) -> Apartment:
    return replace(Apartment((KITCHEN, STUDY, BEDROOM), DOORS, (SOFA,)), **changes)


def covered(walls: list[Rect], x: float, y: float) -> bool:
    return any(wall.contains(x, y) for wall in walls)


def test_rooms_are_found_by_their_floor() -> None:
    here = apartment()
    assert [here.room_at(*spot) for spot in ((1, 1), (5, 1), (3, 5), (9, 9))] == [0, 1, 2, -1]
    assert here.bounds == Rect(0, 0, 6, 6)


def test_rooms_share_the_wall_between_them_only() -> None:
    assert shared_edge(KITCHEN.floor, STUDY.floor) == Edge(0, 3.0, 0.0, 3.0)
    assert shared_edge(KITCHEN.floor, BEDROOM.floor) == Edge(1, 3.0, 0.0, 3.0)
    apart = Rect(7.0, 0.0, 9.0, 2.0)
    assert shared_edge(KITCHEN.floor, apart) is None
    corner = Rect(3.0, 3.0, 4.0, 4.0)
    assert shared_edge(KITCHEN.floor, corner) is None


def test_walls_stand_on_every_edge_but_not_in_doorways() -> None:
    walls = apartment().walls()
    for spot in ((0, 1), (6, 1), (3, 0.5), (3, 2.5), (5, 3), (0, 0), (6, 6)):
        assert covered(walls, *spot), spot
    for spot in ((3, 1.5), (3, 1.5 + DOOR_M / 2 - 0.01), (1.5, 3), (1, 1), (3, 5)):
        assert not covered(walls, *spot), spot
    assert covered(walls, 3, 1.5 + DOOR_M / 2 + 0.01)
    assert all(min(w.x1 - w.x0, w.y1 - w.y0) == pytest.approx(WALL_M) for w in walls)


def test_furniture_covers_what_its_turn_says() -> None:
    lying = SOFA.footprint
    assert (lying.x1 - lying.x0, lying.y1 - lying.y0) == pytest.approx((1.8, 0.85))
    standing = replace(SOFA, quarter_turns=0).footprint
    assert (standing.x1 - standing.x0, standing.y1 - standing.y0) == pytest.approx((0.85, 1.8))


def test_written_and_read_it_is_the_same() -> None:
    here = apartment()
    assert Apartment.from_dict(json.loads(json.dumps(here.to_dict()))) == here


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rooms": ()}, "at least one room"),
        ({"rooms": (KITCHEN, STUDY, Room("bedroom", Rect(0, 2.5, 6, 6)))}, "overlap"),
        ({"rooms": (KITCHEN, Room("kitchen", STUDY.floor), BEDROOM)}, "two rooms are a kitchen"),
        ({"rooms": (Room("attic", KITCHEN.floor), STUDY, BEDROOM)}, "'attic'"),
        ({"rooms": (Room("kitchen", Rect(0, 0, np.nan, 3)), STUDY, BEDROOM)}, "no area"),
        ({"doors": (Door((0, 1), (3.0, 2.9)),)}, "no wall that kitchen and study share"),
        ({"doors": (Door((0, 7), (3.0, 1.5)),)}, r"rooms \(0, 7\); there are 0 to 2"),
        ({"doors": (Door((0, -1), (3.0, 1.5)),)}, r"rooms \(0, -1\)"),
        ({"doors": (Door((0, 1), (2.0, 1.5)),)}, "no wall that kitchen and study share"),
        ({"furniture": (replace(SOFA, kind="piano"),)}, "piano"),
        ({"furniture": (replace(SOFA, colour="beige"),)}, "beige"),
        ({"furniture": (replace(SOFA, room=7),)}, "does not exist"),
        ({"furniture": (replace(SOFA, centre_m=(3.0, 5.7)),)}, "'sofa' stands in a wall"),
        ({"furniture": (SOFA, replace(SOFA, name="b", centre_m=(3.5, 5.4)))}, "in one another"),
        ({"furniture": (SOFA, replace(SOFA, centre_m=(3.5, 4.0)))}, "names of its own"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        apartment(**changes)


def test_a_foreign_file_is_named() -> None:
    with pytest.raises(ValueError, match="not an apartment"):
        Apartment.from_dict({"rooms": [{"floor": [0, 0, 1, 1]}]})
