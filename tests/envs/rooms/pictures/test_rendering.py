"""Pictures of apartments: every kind in its box, exact depth, names behind every pixel."""

import json
import math
from dataclasses import asdict, replace

import numpy as np
import pytest

from handeye.envs.base.colours import COLOURS
from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.rasterizer import BACKGROUND_BODY, Frames, View, rasterize
from handeye.envs.rooms.apartments.apartment import PIECES, Apartment, Furniture
from handeye.envs.rooms.apartments.floor import WALL_HEIGHT_M, WALL_M, Door, Rect, Room
from handeye.envs.rooms.apartments.furnishing import DENSE_PIECES_PER_M2, draw_apartment
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES, WallPiece
from handeye.envs.rooms.pictures.appearance import (
    DEFAULT_HOME_LOOK,
    ApartmentAppearance,
    sample_home_look,
)
from handeye.envs.rooms.pictures.furniture import model_of
from handeye.envs.rooms.pictures.meshes import (
    CEILING_BODY,
    FIRST_THING_BODY,
    FLOOR_BODY,
    WALL_BODY,
    home_geometry,
    thing_body,
)
from handeye.envs.rooms.pictures.rendering import (
    HOME_RENDERER_FINGERPRINT,
    HomeRenderer,
    render_homes,
)
from handeye.envs.rooms.scene.ego_camera import (
    EYE_HEIGHT_M,
    NEAR_M,
    TILT_RAD,
    ego_camera,
    seen_shares,
)
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene

PARLOUR = Room("living room", Rect(0.0, 0.0, 6.0, 5.0))
KITCHEN = Room("kitchen", Rect(6.0, 0.0, 10.0, 5.0))
DOOR = Door((0, 1), (6.0, 2.5))


def home(*furniture: Furniture, hung: tuple[WallPiece, ...] = ()) -> RoomScene:
    """Two rooms with a doorway in the middle of the wall at x = 6."""
    apartment = Apartment((PARLOUR, KITCHEN), (DOOR,), furniture, hung)
    return RoomScene(apartment, BasePose(1.0, 1.0, 0.0))


def piece(
    kind: str, x: float, y: float, turns: int = 0, colour: str = "red", room: int = 0
) -> Furniture:
    return Furniture(f"{colour}_{kind}_{x}_{y}", kind, colour, room, (x, y), turns)


def sign(text: str) -> WallPiece:
    at = (6.0 - WALL_M / 2, 3.6, 1.6)
    return WallPiece("green_sign", "sign", "green", 0, at, 2, text)


def unculled(view: View, renderer: HomeRenderer) -> View:
    """The same view with all parts of the apartment."""
    return replace(view, geometry=home_geometry(renderer.scene).geometry)


@pytest.fixture(scope="module")
def dense() -> HomeRenderer:
    rng = np.random.default_rng(0)
    apartment = draw_apartment(rng, rooms=8, pieces_per_m2=DENSE_PIECES_PER_M2)
    return HomeRenderer(RoomScene(apartment, BasePose(1.0, 1.0, 0.0)), sample_home_look(rng, 8))


def free_poses(scene: RoomScene, count: int) -> list[BasePose]:
    rng, bounds = np.random.default_rng(1), scene.apartment.bounds
    poses: list[BasePose] = []
    while len(poses) < count:
        x, y = rng.uniform(bounds[:2], bounds[2:]).tolist()
        if scene.free.is_free(x, y):
            poses.append(BasePose(x, y, float(rng.uniform(-math.pi, math.pi))))
    return poses


@pytest.mark.parametrize("kind", PIECES)
def test_furniture_fills_its_box_and_is_mostly_of_its_colour(kind: str) -> None:
    model, (depth, width, height) = model_of(kind), PIECES[kind]
    points = model.mesh.vertices_m
    assert points.min(0) == pytest.approx([-depth / 2, -width / 2, 0.0], abs=1e-6)
    assert points.max(0) == pytest.approx([depth / 2, width / 2, height], abs=1e-6)
    scene = home(piece(kind, 3.0, 2.0))
    camera = Camera.look_at(
        "test", (5.0, 3.2, 1.7), (3.0, 2.0, height / 2), fov_y_rad=1.2, width_px=96, height_px=96
    )
    frames = rasterize([HomeRenderer(scene).view_from(camera)])
    mine = frames.segmentation[0] == FIRST_THING_BODY
    assert mine.sum() > 100
    colour = frames.rgb[0][mine].astype(int)
    red = (colour[:, 0] > 2 * colour[:, 1]) & (colour[:, 0] > 2 * colour[:, 2])
    assert red.mean() > (0.3 if kind == "plant" else 0.5)


@pytest.mark.parametrize(
    ("kind", "facing"),
    [(k, f) for k in WALL_PIECES for f in range(4) if (k, f) != ("window", 2)],  # an inner wall
)
def test_what_hangs_is_drawn_within_its_box(kind: str, facing: int) -> None:
    centre = [(0.05, 1.2), (1.5, 0.05), (5.95, 1.2), (1.5, 4.95)][facing]
    text = "KITCHEN" if kind == "sign" else ""
    hung = WallPiece(
        "it", kind, "blue", 0, (*centre, WALL_PIECES[kind].centre_height_m), facing, text
    )
    scene = home(hung=(hung,))
    x, y = scene.things["it"].footprint.centre
    pose = BasePose(3.0, 2.5, math.atan2(y - 2.5, x - 3.0))
    frames = HomeRenderer(scene).render([pose], (96, 96))
    row, column = np.nonzero(frames.segmentation[0] == thing_body(scene, "it"))
    assert len(row) > 20
    depth = frames.depth_m[0][row, column]
    points = ego_camera(pose, 96, 96).unproject(np.column_stack([column, row]), depth)
    thing = scene.things["it"]
    assert (points > np.array(thing.low_m) - 1e-3).all()
    assert (points < np.array(thing.high_m) + 1e-3).all()


def test_turned_furniture_is_drawn_where_its_footprint_is() -> None:
    for turns in range(4):
        scene = home(piece("sofa", 3.0, 2.5, turns))
        pose = BasePose(1.0, 1.0, math.atan2(1.5, 2.0))
        frames = HomeRenderer(scene).render([pose])
        row, column = np.nonzero(frames.segmentation[0] == FIRST_THING_BODY)
        camera = ego_camera(pose)
        points = camera.unproject(np.column_stack([column, row]), frames.depth_m[0][row, column])
        (thing,) = scene.things.values()
        assert (points > np.array(thing.low_m) - 1e-3).all()
        assert (points < np.array(thing.high_m) + 1e-3).all()
        assert np.ptp(points[:, 0]) > 0.7


def test_depth_is_the_distance_to_walls_floor_and_ceiling() -> None:
    pose = BasePose(1.0, 4.0, 0.0)  # looks along +x at the wall beside the doorway
    frames = HomeRenderer(home()).render([pose], (129, 129))
    depth, bodies = frames.depth_m[0], frames.segmentation[0]
    wall_m = 6.0 - WALL_M / 2 - 1.0
    assert bodies[100, 64] == FLOOR_BODY
    down = math.atan(36 / 64.5)
    floor_m = EYE_HEIGHT_M / math.sin(TILT_RAD + down) * math.cos(down)
    assert depth[100, 64] == pytest.approx(floor_m, rel=1e-4)
    row = 64 - round(64.5 * math.tan(TILT_RAD))  # nearly level
    up = math.atan((64 - row) / 64.5) - TILT_RAD
    assert bodies[row, 64] == WALL_BODY
    along_axis = math.cos(up + TILT_RAD) / math.cos(up)
    assert depth[row, 64] == pytest.approx(wall_m * along_axis, rel=1e-4)
    assert bodies[0, 64] == CEILING_BODY
    up = math.atan(64 / 64.5) - TILT_RAD
    ceiling_m = (WALL_HEIGHT_M - EYE_HEIGHT_M) / math.sin(up) * math.cos(up + TILT_RAD)
    assert depth[0, 64] == pytest.approx(ceiling_m, rel=1e-4)


def test_the_doorway_is_open_and_the_wall_beside_it_is_not() -> None:
    fridge = piece("fridge", 9.0, 2.5, 2, room=1)
    renderer = HomeRenderer(home(fridge))
    poses = [BasePose(3.0, 2.5, 0.0), BasePose(3.0, 4.6, 0.0)]
    through, blocked = renderer.render(poses).segmentation
    assert (through == FIRST_THING_BODY).sum() > 50
    assert not (blocked == FIRST_THING_BODY).any()


@pytest.mark.parametrize("x", [5.7, 5.94, 5.99, 6.0, 6.02, 6.3])
def test_in_the_doorway_both_rooms_are_seen(x: float) -> None:
    scene = home(piece("chair", 4.5, 1.5), piece("chair", 7.5, 1.5, room=1, colour="blue"))
    renderer = HomeRenderer(scene)
    for yaw in np.linspace(-math.pi, math.pi, 9).tolist():
        view = renderer.view(BasePose(x, 2.5, yaw), (64, 64))
        assert_same(rasterize([view]), rasterize([unculled(view, renderer)]))


@pytest.mark.slow
def test_culling_leaves_out_nothing_that_would_be_seen(dense: HomeRenderer) -> None:
    total = 0
    for pose in free_poses(dense.scene, 40):
        view = dense.view(pose, (96, 96))
        frames = rasterize([view])
        assert_same(frames, rasterize([unculled(view, dense)]))
        assert not (frames.segmentation == BACKGROUND_BODY).any()  # no pinholes either
        total += len(view.geometry.parts)
    assert total / 40 < 0.3 * len(home_geometry(dense.scene).geometry.parts)


def test_a_camera_outside_of_all_rooms_culls_by_its_frame_only() -> None:
    renderer = HomeRenderer(home(piece("chair", 9.0, 2.5, room=1)))
    view = renderer.view(BasePose(-4.0, 2.5, 0.0), (64, 64))
    assert len(view.geometry.parts) == 11  # the chair, and twice a floor and four walls


def assert_same(one: Frames, other: Frames) -> None:
    assert (one.rgb == other.rgb).all()
    assert (one.depth_m == other.depth_m).all()
    assert (one.segmentation == other.segmentation).all()


def test_a_frame_depends_on_its_own_view_only(dense: HomeRenderer) -> None:
    poses = free_poses(dense.scene, 3)
    other = HomeRenderer(home(piece("bed", 3.0, 2.0)))
    alone = [dense.render([pose], (64, 64)) for pose in poses]
    out = Frames.empty(4, 64, 64)
    mixed = render_homes([dense, other, dense, dense], [poses[0], *poses], 64, 64, out)
    assert mixed is out
    assert_same(mixed[0:1], alone[0])
    assert_same(mixed[2:3], alone[1])
    assert_same(mixed[3:4], alone[2])
    again = HomeRenderer(RoomScene.from_dict(dense.scene.to_dict()), dense.look)
    assert_same(again.render(poses, (64, 64))[1:2], alone[1])
    with pytest.raises(ValueError, match="2 renderers for 1 poses"):
        render_homes([dense, other], poses[:1])


def test_body_ids_lead_back_to_names(dense: HomeRenderer) -> None:
    names = list(dense.scene.things)
    assert [thing_body(dense.scene, name) for name in names] == [*range(3, 3 + len(names))]
    with pytest.raises(KeyError):
        thing_body(dense.scene, "no_such_thing")


def test_what_is_in_view_by_geometry_has_pixels(dense: HomeRenderer) -> None:
    """Boxes stand in for furniture there: a few far or thin things may differ."""
    expected = found = unexpected = 0
    for pose in free_poses(dense.scene, 12):
        bodies = np.bincount(
            dense.render([pose]).segmentation.ravel(), minlength=3 + len(dense.scene.things)
        )
        for index, name in enumerate(dense.scene.things):
            here = np.array([[pose.x_m, pose.y_m, pose.yaw_rad]])
            share = float(seen_shares(dense.scene, here, name)[0])
            expected += share > 0.3
            found += share > 0.3 and bodies[FIRST_THING_BODY + index] > 0
            unexpected += share == 0.0 and bodies[FIRST_THING_BODY + index] > 150
    assert expected > 60
    assert found / expected > 0.97
    assert unexpected < 0.15 * expected


def test_the_text_of_a_sign_is_seen_from_near_and_from_far() -> None:
    said = [HomeRenderer(home(hung=(sign(text),))) for text in ("KITCHEN", "BATHROOM")]
    for away in (1.5, 4.0):
        pose = BasePose(6.0 - away, 3.6, 0.0)
        kitchen, bathroom = (renderer.render([pose]) for renderer in said)
        differs = (kitchen.rgb != bathroom.rgb).any(axis=3)
        assert differs.sum() > 10
        assert (kitchen.segmentation == bathroom.segmentation).all()
        assert (kitchen.segmentation[differs] == FIRST_THING_BODY).all()


@pytest.mark.slow
def test_a_thousand_things_are_drawn() -> None:
    kinds = ("chair", "plant", "box", "lamp")
    colours = list(COLOURS)
    names = ("hallway", "living room", "kitchen", "bedroom")
    rooms, furniture = [], []
    for number, name in enumerate(names):
        x, y = 16.0 * (number % 2), 16.0 * (number // 2)
        rooms.append(Room(name, Rect(x, y, x + 16.0, y + 16.0)))
        for spot in range(256):
            at = (x + 0.5 + spot % 16, y + 0.5 + spot // 16)
            colour, kind = colours[spot % 8], kinds[(spot + spot // 16) % 4]
            item = Furniture(f"{number}_{spot}", kind, colour, number, at, spot % 4)
            furniture.append(item)
    apartment = Apartment(tuple(rooms), (Door((0, 1), (16.0, 8.0)),), tuple(furniture))
    renderer = HomeRenderer(RoomScene(apartment, BasePose(1.0, 1.0, 0.8)))
    view = renderer.view(BasePose(1.0, 1.0, 0.8), (96, 96))
    frames = rasterize([view])
    assert len(renderer.scene.things) == 1024
    assert len(np.unique(frames.segmentation)) > 60
    assert_same(frames, rasterize([unculled(view, renderer)]))


def test_a_base_at_a_wall_sees_the_wall() -> None:
    bodies = HomeRenderer(home()).render([BasePose(0.24, 2.0, math.pi)]).segmentation
    assert (bodies == WALL_BODY).mean() > 0.8
    assert NEAR_M < 0.18


def test_looks_come_back_from_json_and_spread_with_strength() -> None:
    look = sample_home_look(np.random.default_rng(3), 4)
    assert ApartmentAppearance.from_dict(json.loads(json.dumps(look.to_dict()))) == look
    assert len(look.floors) == len(look.walls) == 4
    assert sample_home_look(np.random.default_rng(3), 4) == look
    assert sample_home_look(np.random.default_rng(3), 4, 0.0) == DEFAULT_HOME_LOOK
    with pytest.raises(ValueError, match="strength"):
        sample_home_look(np.random.default_rng(3), 4, 3.0)
    with pytest.raises(ValueError, match="at least one room"):
        sample_home_look(np.random.default_rng(3), 0)
    with pytest.raises(ValueError, match=r"ApartmentAppearance\.to_dict"):
        ApartmentAppearance.from_dict({"light": asdict(look.light)} | {"floor": []})
    with pytest.raises(ValueError, match="shadow"):
        replace(look, light=replace(look.light, shadow=0.2))


def test_jittered_colours_keep_their_names() -> None:
    """The nearest named colour is still its own, whatever the look."""
    named = {name: np.array(rgb) / np.linalg.norm(rgb) for name, rgb in COLOURS.items()}
    for seed in range(20):
        look = sample_home_look(np.random.default_rng(seed), 1)
        for index, (name, rgb) in enumerate(COLOURS.items()):
            drawn = np.array(look.thing_colour(index, rgb))
            drawn /= np.linalg.norm(drawn)
            assert max(named, key=lambda other: float(named[other] @ drawn)) == name


def test_looks_change_pictures_but_not_what_is_where(dense: HomeRenderer) -> None:
    pose = free_poses(dense.scene, 1)[0]
    looks = [DEFAULT_HOME_LOOK, *(sample_home_look(np.random.default_rng(n), 8) for n in (1, 2))]
    frames = [HomeRenderer(dense.scene, look).render([pose], (64, 64)) for look in looks]
    for other in frames[1:]:
        assert (other.segmentation == frames[0].segmentation).all()
        assert (other.depth_m == frames[0].depth_m).all()
        assert (other.rgb != frames[0].rgb).any(axis=3).mean() > 0.8


def test_the_fingerprint_is_sixteen_hex_digits() -> None:
    assert len(HOME_RENDERER_FINGERPRINT) == 16
    int(HOME_RENDERER_FINGERPRINT, 16)
