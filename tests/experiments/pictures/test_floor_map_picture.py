"""Maps are well-formed, light, and show what is there where it is."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import Door, Rect, Room
from handeye.envs.rooms.apartments.furnishing import DENSE_PIECES_PER_M2, draw_apartment
from handeye.envs.rooms.apartments.wall_pieces import WallPiece
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.experiments.pictures.floor_map_picture import floor_map_svg

SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 40_000
HOME = Apartment(
    rooms=(Room("kitchen", Rect(0, 0, 3, 4)), Room("storage room", Rect(3, 0, 6, 4))),
    doors=(Door((0, 1), (3.0, 2.0)),),
    furniture=(Furniture("red_table_0", "table", "red", 0, (1.5, 3.0), 0),),
    wall_pieces=(WallPiece("red_sign_0", "sign", "red", 0, (2.95, 0.8, 1.6), 2, "STORAGE ROOM"),),
)
SCENE = RoomScene(HOME, BasePose(1.0, 1.0, np.pi / 2))
PATH = np.array([[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [5.0, 2.0]])
SHORTEST = np.array([[1.0, 1.0], [5.0, 2.0]])
# 0.1 m around 6 x 4 m, ten pixels of margin: 100 px to the metre.
WIDTH_PX = 640


def drawn(scene: RoomScene = SCENE, **marks: object) -> ElementTree.Element:
    given = {"path_xy": PATH, "shortest_xy": SHORTEST, "goal_xy": [(5.0, 2.0)], **marks}
    return ElementTree.fromstring(floor_map_svg(scene, width_px=WIDTH_PX, **given))  # type: ignore[arg-type]


def texts(picture: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def lines(picture: ElementTree.Element, dashed: bool) -> list[str]:
    found = list(picture.iter(f"{SVG}polyline"))
    return [one.attrib["points"] for one in found if ("stroke-dasharray" in one.attrib) == dashed]


def test_rooms_furniture_signs_and_the_legend_are_named() -> None:
    said = texts(drawn())
    named = ("kitchen", "storage room", "table", "STORAGE ROOM", "start", "path taken", "goal")
    for name in (*named, "shortest path", "1 m"):
        assert said.count(name) == 1, name
    assert "collision" not in said


def test_both_ways_are_where_they_were_gone() -> None:
    picture = drawn()
    # x = 1 m is 10 + 110 px from the left; y = 1 m is 310 px above the bottom at 10 + 420 px.
    assert lines(picture, dashed=True) == ["120.0,320.0 520.0,220.0"]
    taken = "120.0,320.0 220.0,320.0 220.0,220.0 520.0,220.0"
    assert lines(picture, dashed=False) == [taken, taken]  # the way and the white around it


def test_the_start_arrow_points_where_the_robot_looked() -> None:
    arrows = [path.get("transform") for path in drawn().iter(f"{SVG}path")]
    assert "translate(120.0 320.0)rotate(-90)" in arrows


def test_furniture_has_its_place_and_a_pale_colour() -> None:
    boxes = [box.attrib for box in drawn().iter(f"{SVG}rect")]
    (table,) = [box for box in boxes if box["width"] == "80.0" and box["height"] == "120.0"]
    assert (table["x"], table["y"]) == ("130.0", "60.0")
    red, green, blue = (int(table["fill"][i : i + 2], 16) for i in (1, 3, 5))
    assert red > 200 > green == blue > 100


def test_doors_are_open() -> None:
    walls = [box.attrib for box in drawn().iter(f"{SVG}rect") if box.attrib["width"] == "10.0"]
    inner = sorted(float(wall["y"]) for wall in walls if wall["x"] == "315.0")
    assert inner == [15.0, 270.0]  # above the door and below it, a metre apart
    (upper,) = [wall for wall in walls if (wall["x"], wall["y"]) == ("315.0", "15.0")]
    assert upper["height"] == "155.0"


def test_collisions_and_referred_things_are_marked_if_known() -> None:
    plain = drawn()
    marked = drawn(bumps_xy=[(2.0, 1.0)], referred=("red_table_0", "kitchen"))
    assert "collision" in texts(marked)
    bumps = [dot for dot in marked.iter(f"{SVG}circle") if dot.attrib.get("cx") == "220.0"]
    assert [dot.attrib["cy"] for dot in bumps] == ["320.0"]
    assert len(list(marked.iter(f"{SVG}rect"))) == len(list(plain.iter(f"{SVG}rect"))) + 1


def test_a_robot_that_never_moved_and_nothing_to_compare_with() -> None:
    picture = drawn(path_xy=PATH[:1], shortest_xy=(), goal_xy=())
    assert lines(picture, dashed=True) == lines(picture, dashed=False) == []
    assert not {"goal", "shortest path"} & set(texts(picture))


def test_text_is_escaped() -> None:
    sign = replace(HOME.wall_pieces[0], text='<script>"A & B"</script>')
    scene = replace(SCENE, apartment=replace(HOME, wall_pieces=(sign,)))
    picture = drawn(scene, dashed_is="<b>&")
    assert {sign.text, "<b>&"} <= set(texts(picture))
    assert not list(picture.iter(f"{SVG}script"))


@pytest.mark.slow
@pytest.mark.parametrize("split", ["train", "unseen"])
def test_a_crowded_apartment_and_a_long_way_stay_light(split: str) -> None:
    rng = np.random.default_rng(4)
    apartment = draw_apartment(rng, split=split, rooms=8, pieces_per_m2=DENSE_PIECES_PER_M2)
    bounds = np.array(apartment.bounds)
    wandered = np.cumsum(rng.normal(0, 0.1, (2000, 2)), axis=0) + (bounds[:2] + bounds[2:]) / 2
    wandered = wandered.clip(bounds[:2], bounds[2:])
    scraped = np.linspace(bounds[:2], bounds[2:], 2000)
    scene = RoomScene(apartment, BasePose(1, 1, 0))
    picture = floor_map_svg(scene, wandered, PATH, PATH[-1:], bumps_xy=scraped)
    assert len(picture.encode()) <= MOST_BYTES
    names = texts(ElementTree.fromstring(picture))
    assert {room.kind for room in apartment.rooms} <= set(names)
    assert not re.search(r"(?:href|src|url|<style|<script)", picture)
