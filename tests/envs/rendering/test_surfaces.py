from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.lettering import text_pattern
from handeye.envs.rendering.rasterizer import Frames, Geometry, Mesh, Part, View, rasterize
from handeye.envs.rendering.shading import Ground, Light, Shading
from handeye.envs.rendering.surfaces import Surface
from handeye.envs.tabletop.world.meshes import box

IDENTITY = np.array([[0.0, 0, 0, 0, 0, 0, 1]])
FULL_LIGHT = Light((0, 0, 1), ambient=1.0, diffuse=0.0, shadow=0.0)
NOWHERE = Ground(9, (0.0, 0.0), (0.0, 0.0))
PAINTS = {"wall": (1.0, 0.0, 0.0), "other": (0.0, 1.0, 0.0)}
RED, BLUE, GREEN = [255, 0, 0], [0, 0, 255], [0, 255, 0]
CHECKER = np.array([[0, 255], [255, 0]], np.uint8)
NOISE = np.random.default_rng(3).choice([0, 255], (64, 64)).astype(np.uint8)


def wall(half_m: float = 1.0, y_m: float = 0.0) -> Mesh:
    """A square at y = y_m that faces -y."""
    corners = [(-half_m, y_m, -half_m), (half_m, y_m, -half_m), (half_m, y_m, half_m)]
    return Mesh.flat([*corners, (-half_m, y_m, half_m)], [(0, 1, 2), (0, 2, 3)])


WALL = Part(wall(), 0, 1, ("wall",))


def painted(pattern: NDArray[np.uint8] = CHECKER, **changes: Any) -> Surface:
    """`pattern` in blue from the wall's upper left corner, four cells to the metre."""
    surface = Surface((0, 0, 1), pattern, (-1, 0, 1), (1, 0, 0), (0, 0, -1), (4, 4))
    return replace(surface, **changes)


def camera(eye: tuple[float, float, float] = (0, -3, 0), far_m: float = 30.0) -> Camera:
    """64 x 64 pixels, 96 px focal length, looking at the origin: 32 px per metre from 3 m."""
    fov = 2 * np.arctan(1 / 3)
    at = Camera.look_at("c", eye, (0, 0, 0), fov_y_rad=fov, width_px=64, height_px=64)
    return replace(at, far_m=far_m)


def view(
    surfaces: Mapping[str, Surface] | None,
    parts: tuple[Part, ...] = (WALL,),
    at: Camera | None = None,
    light: Light = FULL_LIGHT,
    ground: Ground = NOWHERE,
) -> View:
    geometry = Geometry.pack(parts)
    look = Shading.pack(
        geometry.paints, PAINTS, ground, light, np.ones((2, 3)), np.zeros((4, 4), np.uint8),
        surfaces,
    )  # fmt: skip
    return View(geometry, look, IDENTITY, at or camera())


def draw(*args: Any, **options: Any) -> Frames:
    return rasterize([view(*args, **options)])


def assert_same(one: Frames, two: Frames) -> None:
    np.testing.assert_array_equal(one.rgb, two.rgb)
    np.testing.assert_array_equal(one.depth_m, two.depth_m)
    np.testing.assert_array_equal(one.segmentation, two.segmentation)


def test_a_checker_seen_head_on_has_the_right_colour_at_every_pixel() -> None:
    rgb = draw({"wall": painted()}).rgb[0]
    # Four cells to the metre and 32 px to the metre: eight pixels to the cell, from pixel 0 on.
    rows, columns = np.mgrid[:64, :64] // 8
    expected = np.where(((rows + columns) % 2 == 1)[..., None], BLUE, RED)
    np.testing.assert_array_equal(rgb, expected)
    assert rgb[0, 7].tolist() == RED
    assert rgb[0, 8].tolist() == BLUE
    assert rgb[8, 8].tolist() == RED


def test_rows_follow_v_and_columns_follow_u() -> None:
    pattern = np.zeros((8, 8), np.uint8)
    pattern[1, 5] = 255
    rgb = draw({"wall": painted(pattern)}).rgb[0]
    rows, columns = np.nonzero((rgb == BLUE).all(axis=-1))
    assert (rows.min(), rows.max()) == (8, 15)
    assert (columns.min(), columns.max()) == (40, 47)


def test_a_cell_mixes_the_two_colours_and_takes_the_light() -> None:
    pattern = np.array([[51]], np.uint8)  # one fifth
    dim = Light((0, 0, 1), ambient=0.5, diffuse=0.0, shadow=0.0)
    rgb = draw({"wall": painted(pattern, colour=(1.0, 1.0, 0.5))}, light=dim).rgb[0]
    assert (abs(rgb.astype(int) - [127, 25, 12]) <= 1).all()
    full = draw({"wall": painted(pattern * 0 + 255, colour=(1.0, 1.0, 1.0))}).rgb
    assert (full == 255).all()


def test_a_tiling_pattern_goes_on_in_all_directions() -> None:
    # Cell (0, 0) begins in the middle of the picture: three quarters of it are at negative cells.
    rgb = draw({"wall": painted(NOISE[:4, :4], origin_m=(0, 0, 0))}).rgb[0]
    rows, columns = np.mgrid[:64, :64] // 8
    expected = NOISE[:4, :4][rows % 4, columns % 4] == 255
    np.testing.assert_array_equal((rgb == BLUE).all(axis=-1), expected)


def test_a_pattern_that_does_not_tile_ends_at_its_border() -> None:
    sign = painted(np.full((2, 2), 255, np.uint8), origin_m=(0, 0, 0), tiling=False)
    rgb = draw({"wall": sign}).rgb[0]
    assert (rgb[32:48, 32:48] == BLUE).all()
    rgb[32:48, 32:48] = RED
    assert (rgb == RED).all(), "left, above, right and below of it there is plain wall"


@pytest.mark.parametrize(
    ("eye", "half_m", "cells_per_m"),
    [
        ((-1.2, -0.5, 0.4), 1.0, 6.0),
        ((0.8, -1.5, -0.9), 1.0, 6.0),
        ((-3.0, -0.3, 0.2), 8.0, 6.0),  # reaches behind the camera
        ((4.0, -20.0, 9.0), 14.0, 0.7),
    ],
)
def test_a_slanting_view_shows_the_cell_that_lies_at_the_pixels_depth(
    eye: tuple[float, float, float], half_m: float, cells_per_m: float
) -> None:
    part = Part(wall(half_m), 0, 1, ("wall",))
    surface = painted(NOISE, cells_per_m=(cells_per_m, cells_per_m / 2))
    at = camera(eye)
    frames = draw({"wall": surface}, (part,), at)
    rows, columns = np.nonzero(frames.segmentation[0] == 1)
    pixels = np.stack([columns, rows], axis=1)
    points = at.unproject(pixels, frames.depth_m[0][rows, columns])
    u = np.floor(cells_per_m * (points[:, 0] + 1)).astype(int) % 64
    v = np.floor(cells_per_m / 2 * (1 - points[:, 2])).astype(int) % 64
    shown = (frames.rgb[0][rows, columns] == BLUE).all(axis=1)
    assert len(shown) > 500
    assert 0.2 < shown.mean() < 0.8
    assert (shown == (NOISE[v, u] == 255)).mean() > 0.998


def test_a_sign_reads_from_left_to_right() -> None:
    pattern = text_pattern("exit")
    sign = painted(pattern, cells_per_m=(32, 32), tiling=False)
    rgb = draw({"wall": sign}).rgb[0]
    ink = (rgb == BLUE).all(axis=-1)
    np.testing.assert_array_equal(ink, pattern == 255)  # 64 cells on 64 pixels
    assert (ink != ink[:, ::-1]).mean() > 0.05


@pytest.mark.parametrize("surfaces", [{}, {"wall": painted(np.zeros((4, 4), np.uint8))}])
def test_no_surface_and_a_blank_one_change_no_bit(surfaces: Mapping[str, Surface]) -> None:
    cube = Part(box((0.3, 0.3, 0.3), (0.4, -0.6, 0.1)), 0, 2, ("other",), box((0.3, 0.3, 0.3)))
    options: dict[str, Any] = {
        "parts": (WALL, cube),
        "at": camera((0.7, -2.5, 1.1)),
        "light": Light(),
        "ground": Ground(9, (0.0, 0.0), (1.0, 1.0), -0.5),
    }
    assert_same(draw(None, **options), draw(surfaces, **options))


def test_only_the_pixels_of_the_painted_material_change() -> None:
    cube = Part(box((0.3, 0.3, 0.3), (0.2, -0.6, 0)), 0, 2, ("other",))
    plain, with_wall = draw(None, (WALL, cube)), draw({"wall": painted()}, (WALL, cube))
    np.testing.assert_array_equal(plain.depth_m, with_wall.depth_m)
    np.testing.assert_array_equal(plain.segmentation, with_wall.segmentation)
    changed = (plain.rgb != with_wall.rgb).any(axis=-1)
    assert (with_wall.segmentation[changed] == 1).all()
    assert 0.3 < changed.mean() < 0.6
    assert (with_wall.rgb[with_wall.segmentation == 2] == GREEN).all()


def test_the_ground_hides_a_surface_below_it_and_far_ends_all() -> None:
    all_blue = {"wall": painted(np.full((1, 1), 255, np.uint8))}
    floor = Part(Mesh.flat([(-1, -1, 0), (1, -1, 0), (0, 1, 0)], [(0, 1, 2)]), 0, 1, ("wall",))
    above = Ground(9, (0.0, 0.0), (5.0, 5.0), 0.01, ((0, 1, 0), (0, 1, 0)))
    frames = draw(all_blue, (floor,), camera((0, -1, 2)), ground=above)
    assert (frames.segmentation == 9).all()
    assert (frames.rgb == GREEN).all()
    frames = draw(all_blue, at=camera(far_m=2.9))
    assert (frames.segmentation == -1).all()
    assert (frames.rgb == 255).all()


def test_a_room_can_be_drawn_up_to_thirty_metres() -> None:
    far_wall = Part(wall(12.0, 25.0), 0, 3, ("wall",))
    surface = painted(cells_per_m=(0.5, 0.5), origin_m=(0, 25, 0))
    ground = Ground(9, (0.0, 0.0), (20.0, 25.0), -1.0, ((0, 1, 0), (0, 1, 0)))
    frames = draw({"wall": surface}, (far_wall,), ground=ground)
    assert set(np.unique(frames.segmentation)) == {3, 9}
    np.testing.assert_allclose(frames.depth_m[frames.segmentation == 3], 28.0, rtol=1e-6)
    assert frames.depth_m.max() < 30.0
    half = (frames.rgb[frames.segmentation == 3] == BLUE).all(axis=-1).mean()
    assert 0.4 < half < 0.6
    # The same room with a shorter reach loses its far wall only.
    near = draw({"wall": surface}, (far_wall,), camera(far_m=20.0), ground=ground)
    assert set(np.unique(near.segmentation)) == {-1, 9}


def test_textured_views_are_the_same_to_the_bit_in_any_batch() -> None:
    views = [view({"wall": painted(NOISE)}, at=camera((x, -2.0, 0.3))) for x in (-0.8, 0.0, 1.1)]
    batch = rasterize(views)
    for index, each in enumerate(views):
        assert_same(rasterize([each]), batch[index : index + 1])


def test_every_material_of_a_paint_wears_its_surface_and_equal_patterns_are_kept_once() -> None:
    parts = (WALL, Part(wall(0.3, -0.5), 0, 2, ("other",)), Part(wall(1, 3), 0, 3, ("wall",)))
    geometry = Geometry.pack(parts)
    surfaces = {"other": painted(NOISE), "wall": painted(NOISE.copy(), tiling=False)}
    look = view(surfaces, parts).look
    assert geometry.paints == ("wall", "other", "wall")
    assert look.skin_of_material.tolist() == [1, 0, 1]
    assert look.atlas.shape == (1, 64, 64)
    other = painted(255 - NOISE)
    assert view({**surfaces, "other": other}, parts).look.atlas.shape == (2, 64, 64)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pattern": np.zeros((3, 3), np.uint8)}, "power of two"),
        ({"pattern": np.zeros((4, 8), np.uint8)}, "power of two"),
        ({"pattern": np.zeros((0, 0), np.uint8)}, "power of two"),
        ({"pattern": np.zeros((4, 4))}, "uint8"),
        ({"u_m": (2.0, 0.0, 0.0)}, "u_m must be a unit vector"),
        ({"v_m": (0.0, np.nan, 0.0)}, "v_m must be a unit vector"),
        ({"v_m": (-1.0, 0.0, 0.0)}, "parallel"),
        ({"origin_m": (0.0, 0.0)}, "origin_m"),
        ({"cells_per_m": (4.0, 0.0)}, "cells_per_m"),
        ({"cells_per_m": (4.0, np.inf)}, "cells_per_m"),
        ({"colour": (0.0, 0.0, 255.0)}, "sRGB"),
    ],
)
def test_bad_surfaces_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        painted(**changes)


def test_surfaces_that_do_not_fit_a_look_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\['wal'\].*it has \['wall'\]"):
        view({"wal": painted()})
    other = Part(wall(0.3, -0.5), 0, 2, ("other",))
    with pytest.raises(ValueError, match=r"one size, got \[2, 64\]"):
        view({"wall": painted(), "other": painted(NOISE)}, (WALL, other))
