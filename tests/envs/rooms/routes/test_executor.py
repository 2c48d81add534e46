"""Words followed on the map: by hand, with a word changed, and with words that fit nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.rooms.apartments.floor import Door
from handeye.envs.rooms.routes.executor import follow_route, walks_that_fit
from handeye.envs.rooms.routes.language import parse_route
from tests.envs.route_home import (
    BATHROOM,
    BEDROOM,
    HALLWAY,
    HOME,
    KITCHEN,
    LIVING_ROOM,
    STUDY,
    route_map,
)


@pytest.mark.parametrize(
    ("words", "room", "place"),
    [
        (
            "turn left, take the first door on your left, stop in the middle of the room",
            BEDROOM,
            (2.0, 1.5),
        ),
        (
            "turn right, take the first door on your right, stop in the middle of the room",
            KITCHEN,
            (10.0, 1.5),
        ),
        ("turn left, take the second door, stop in the middle of the bedroom", BEDROOM, (2.0, 1.5)),
        (
            "turn left and then take the door on the right then stop in the doorway",
            LIVING_ROOM,
            (4.0, 4.6),
        ),
        (
            "go into the corridor, pass the red box on your left, stop at the door to the bathroom",
            HALLWAY,
            (9.0, 4.6),
        ),
        ("Enter the lounge, after that stop at the blue couch.", LIVING_ROOM, (1.425, 6.5)),
    ],
)
def test_words_lead_to_the_place(words: str, room: int, place: tuple[float, float]) -> None:
    walk = follow_route(route_map(), f"Go straight, leave the study, {words}")
    assert walk.here.xy == pytest.approx(place)
    assert walk.here.room == room


def test_the_walk_is_a_path_from_start_to_end() -> None:
    walk = follow_route(route_map(), "leave the study, enter the kitchen, stop in the doorway")
    assert walk.path_m[0].tolist() == [6.0, 1.5]
    assert walk.path_m[-1].tolist() == [10.0, 3.0]
    assert walk.doors == 2
    length = float(np.hypot(*np.diff(walk.path_m, axis=0).T).sum())
    assert walk.length_m == pytest.approx(length)


def test_left_and_right_exchanged_lead_elsewhere() -> None:
    words = "leave the study, turn left, take the first door on your right, stop in the doorway"
    there = follow_route(route_map(), words)
    exchanged = words.replace("left", "?").replace("right", "left").replace("?", "right")
    elsewhere = follow_route(route_map(), exchanged)
    assert there.here.room == LIVING_ROOM
    assert elsewhere.here.room == BATHROOM
    assert math.dist(there.here.xy, elsewhere.here.xy) > 4.0


def test_the_wrong_turn_fits_no_walk() -> None:
    words = "leave the study, turn right, enter the bedroom, stop in the doorway"
    with pytest.raises(ValueError, match="turn right, enter bedroom"):
        follow_route(route_map(), words)


def test_the_turn_depends_on_where_the_start_looks() -> None:
    words = "turn around, leave the study, stop in the doorway"
    with pytest.raises(ValueError, match="turn around, leave study"):
        follow_route(route_map(), words)
    assert follow_route(route_map(yaw_rad=-math.pi / 2), words).here.room == HALLWAY


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("stop at the purple piano", "'purple piano'"),
        ("leave the study, go into the playroom, stop in the doorway", "'playroom'"),
        ("leave the study, stop at the blue sofa", "stop blue_sofa"),  # in another room
        ("leave the study, pass the green plant, enter the bedroom, stop", "cannot read 'stop'"),
        ("leave the study, pass the green plant, stop at the red box", "pass green_plant"),
        (
            "leave the study, pass the red box on your right, go into the kitchen, turn left",
            "pass red_box right",
        ),
        ("stop at the red chair", "red_chair_a, red_chair_b"),
        ("stop at the first door", "stop at door door 1"),  # it is straight ahead
        ("leave the kitchen, stop in the doorway", "leave kitchen"),
        ("leave the study", "where to stop"),
        ("turn left", "where to stop"),
        ("", "where to stop"),
    ],
)
def test_what_cannot_be_followed_is_named(words: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        follow_route(route_map(), words)


def test_of_two_walks_that_fit_the_one_through_fewer_doors_is_taken() -> None:
    """ "Leave the study, enter the hallway" fits the way through the kitchen too."""
    loop = replace(HOME, doors=(*HOME.doors, Door((STUDY, KITCHEN), (8.0, 1.5))))
    home = route_map(home=loop)
    steps = parse_route(home.scene, "leave the study, enter the hallway, stop in the doorway")
    assert [walk.doors for walk in walks_that_fit(home, steps)] == [1, 2]
    assert [walk.here.xy for walk in walks_that_fit(home, steps)] == [(6.0, 3.0), (10.0, 3.0)]
