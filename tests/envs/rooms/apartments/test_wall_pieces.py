"""What hangs on walls: where it may, and what is said about each near miss."""

import json
from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import Door, Edge, Rect, Room
from handeye.envs.rooms.apartments.wall_pieces import WallPiece, free_spans, outer_spans

KITCHEN = Room("kitchen", Rect(0.0, 0.0, 4.0, 4.0))
STUDY = Room("study", Rect(4.0, 0.0, 8.0, 4.0))
DOOR = Door((0, 1), (4.0, 1.5))
SOFA = Furniture("blue_sofa_0", "sofa", "blue", 1, (6.0, 3.4), 3)
WINDOW = WallPiece("red_window_0", "window", "red", 0, (2.0, 0.05, 1.5), 1)
PICTURE = WallPiece("green_picture_1", "picture", "green", 0, (0.05, 2.0, 1.6), 0)
SIGN = WallPiece("blue_sign_2", "sign", "blue", 0, (3.95, 2.4, 1.6), 2, "STUDY")
OTHER = WallPiece("pink_picture_3", "picture", "pink", 1, (7.95, 2.0, 1.6), 2)
PIECES = (WINDOW, PICTURE, SIGN, OTHER)


def home(*pieces: WallPiece) -> Apartment:
    return Apartment((KITCHEN, STUDY), (DOOR,), (SOFA,), pieces)


def test_pieces_on_every_side_fit() -> None:
    assert home(*PIECES).wall_pieces == PIECES
    assert home(replace(WINDOW, centre_m=(2.0, 3.95, 1.5), facing=3))


def test_a_piece_covers_a_stretch_of_its_wall() -> None:
    assert WINDOW.edge == pytest.approx(Edge(1, 0.05, 1.4, 2.6))
    assert PICTURE.edge == pytest.approx(Edge(0, 0.05, 1.7, 2.3))
    assert (SIGN.low_m, SIGN.high_m) == pytest.approx((1.5, 1.7))


def test_the_floor_in_front_lies_inside_the_room() -> None:
    assert WINDOW.front(0.5) == pytest.approx(Rect(1.4, 0.05, 2.6, 0.55))
    assert SIGN.front(0.5) == pytest.approx(Rect(3.45, 2.1, 3.95, 2.7))


def test_both_sides_of_a_wall_are_apart() -> None:
    behind = WallPiece("red_picture_4", "picture", "red", 1, (4.05, 2.4, 1.6), 0)
    assert home(SIGN, behind)


def test_written_and_read_it_is_the_same() -> None:
    here = home(*PIECES)
    assert Apartment.from_dict(json.loads(json.dumps(here.to_dict()))) == here


def test_data_without_wall_pieces_is_refused() -> None:
    data = home().to_dict()
    del data["wall_pieces"]
    with pytest.raises(ValueError, match="not an apartment: 'wall_pieces'"):
        Apartment.from_dict(data)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (replace(WINDOW, kind="mirror"), "'red_window_0' has the unknown kind 'mirror'"),
        (replace(WINDOW, colour="beige"), "'red_window_0' has the unknown kind .* or 'beige'"),
        (replace(WINDOW, room=2), "'red_window_0' hangs in room 2, which does not exist"),
        (replace(WINDOW, facing=5), "'red_window_0' faces 5 quarter turns"),
        (replace(WINDOW, text="KITCHEN"), "'red_window_0' is a window with the text 'KITCHEN'"),
        (replace(SIGN, text=""), "'blue_sign_2' is a sign with the text ''"),
        (replace(WINDOW, centre_m=(np.nan, 0.05, 1.5)), "'red_window_0' needs a finite"),
        (replace(WINDOW, centre_m=(2.0, 1.5)), "'red_window_0' needs a finite x, y and z"),
        (replace(WINDOW, centre_m=(2.0, 0.0, 1.5)), "'red_window_0' hangs on no wall"),
        (replace(WINDOW, centre_m=(2.0, 0.1, 1.5)), "'red_window_0' hangs on no wall"),
        (replace(WINDOW, facing=3), "'red_window_0' hangs on no wall of the kitchen"),
        (replace(WINDOW, room=1), "'red_window_0' hangs on no wall of the study"),
        (replace(WINDOW, centre_m=(0.6, 0.05, 1.5)), "'red_window_0' hangs on no wall"),
        (replace(WINDOW, centre_m=(2.0, 0.05, 1.95)), "'red_window_0' reaches into .* ceiling"),
        (replace(WINDOW, centre_m=(2.0, 0.05, 0.55)), "'red_window_0' reaches into the floor"),
        (replace(WINDOW, centre_m=(3.95, 3.2, 1.5), facing=2), "'red_window_0' is a window in an"),
        (replace(SIGN, centre_m=(3.95, 2.25, 1.6)), "'blue_sign_2' hangs in a doorway"),
        (replace(SIGN, centre_m=(3.95, 1.5, 1.6)), "'blue_sign_2' hangs in a doorway"),
    ],
)
def test_a_near_miss_is_named(wrong: WallPiece, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        home(wrong)


def test_two_on_one_spot_are_named() -> None:
    low = replace(PICTURE, name="b", centre_m=(0.05, 2.5, 1.2))
    with pytest.raises(ValueError, match="'green_picture_1' and 'b' hang in one another"):
        home(PICTURE, low)
    assert home(PICTURE, replace(low, centre_m=(0.05, 2.6, 1.6)))  # they touch
    assert home(PICTURE, replace(low, centre_m=(0.05, 2.0, 0.9)))  # one below the other


def test_names_are_shared_with_furniture() -> None:
    with pytest.raises(ValueError, match="names of its own"):
        home(replace(WINDOW, name=SOFA.name))


def test_what_is_taken_leaves_the_rest() -> None:
    wall = Edge(0, 0.0, 1.0, 5.0)
    assert free_spans(wall, []) == [(1.0, 5.0)]
    assert free_spans(wall, [(2.0, 3.0), (2.5, 4.0)]) == [(1.0, 2.0), (4.0, 5.0)]
    assert free_spans(wall, [(-2.0, 1.5), (4.5, 9.0), (9.5, 9.9)]) == [(1.5, 4.5)]
    assert free_spans(wall, [(0.0, 6.0)]) == []


def test_a_wall_is_outer_where_no_room_is_behind_it() -> None:
    small = Rect(4.0, 0.0, 6.0, 1.0)
    assert outer_spans(KITCHEN.floor, 2, [small]) == [(1.0, 3.95)]
    assert outer_spans(KITCHEN.floor, 1, [small]) == [(0.05, 3.95)]
