from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.rasterizer import Frames, Geometry, Mesh, Part, View, rasterize
from handeye.envs.rendering.shading import Ground, Light, Shading
from handeye.envs.tabletop.world.meshes import box, lathe, tube

IDENTITY = np.array([[0.0, 0, 0, 0, 0, 0, 1]])
BACKGROUND = np.array([[0.2, 0.4, 0.6], [0.2, 0.4, 0.6]])
FULL_LIGHT = Light((0, 0, 1), ambient=1.0, diffuse=0.0, shadow=0.0)


def look(geometry: Geometry, light: Light = FULL_LIGHT, ground: Ground | None = None) -> Shading:
    paints = {"red": (1.0, 0.0, 0.0), "green": (0.0, 1.0, 0.0)}
    nowhere = ground or Ground(9, (0.0, 0.0), (0.0, 0.0))
    return Shading.pack(
        geometry.paints, paints, nowhere, light, BACKGROUND, np.zeros((4, 4), np.uint8)
    )


def camera(height_px: int = 64, width_px: int = 64, eye: tuple[float, ...] = (0, -3, 0)) -> Camera:
    return Camera.look_at(
        "c", eye, (0, 0, 0), (0.01, 0, 1), fov_y_rad=0.8, width_px=width_px, height_px=height_px
    )


def draw(
    parts: list[Part],
    poses: NDArray[np.float64] = IDENTITY,
    at: Camera | None = None,
    light: Light = FULL_LIGHT,
    ground: Ground | None = None,
) -> Frames:
    geometry = Geometry.pack(parts)
    return rasterize([View(geometry, look(geometry, light, ground), poses, at or camera())])


def ray_cast(mesh: Mesh, at: Camera) -> NDArray[np.float64]:
    """Depth (H, W) by Moeller-Trumbore for every pixel centre; 0 where nothing is hit."""
    rows, columns = np.mgrid[: at.height_px, : at.width_px]
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
    eye = at.world_from_camera[:3, 3]
    rays = at.unproject(pixels, np.ones(len(pixels))) - eye
    best = np.full(len(rays), np.inf)
    for face in mesh.faces:
        a, b, c = mesh.vertices_m[face].astype(np.float64)
        p = np.cross(rays, c - a)
        det = p @ (b - a)
        with np.errstate(divide="ignore", invalid="ignore"):
            u = (p @ (eye - a)) / det
            q = np.cross(eye - a, b - a)
            v, t = rays @ q / det, q @ (c - a) / det
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > at.near_m)
        best = np.where(hit & (t < best), t, best)
    return np.where(np.isfinite(best), best, 0.0).reshape(at.height_px, at.width_px)


@pytest.mark.parametrize("eye", [(0, -3, 0), (1.2, -1.5, 1.4), (0.3, 0.2, 2.0)])
def test_depth_and_coverage_agree_with_ray_casting(eye: tuple[float, ...]) -> None:
    bowl = lathe([(0, 0), (0.5, 0), (0.8, 0.4), (0.7, 0.4), (0.4, 0.1), (0, 0.1)], [0] * 5)
    at = camera(96, 80, eye)
    frames = draw([Part(bowl, 0, 3, ("red",))], at=at)
    truth = ray_cast(bowl, at)
    mine = frames.segmentation[0] == 3
    assert np.logical_xor(mine, truth > 0).sum() <= 2, "rounding may flip a silhouette pixel"
    both = mine & (truth > 0)
    np.testing.assert_allclose(frames.depth_m[0][both], truth[both], atol=2e-3)
    assert np.median(np.abs(frames.depth_m[0][both] - truth[both])) < 1e-5


def test_a_box_is_watertight_and_its_size_is_right() -> None:
    frames = draw([Part(box((1, 0.5, 0.5)), 0, 5, ("red",))])
    mask = frames.segmentation[0] == 5
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    focal = camera().focal_px
    assert len(columns) == pytest.approx(2 * focal / 2.5, abs=1.5)
    assert len(rows) == pytest.approx(1 * focal / 2.5, abs=1.5)
    assert mask[rows[1] : rows[-1], columns[1] : columns[-1]].all(), "no crack between triangles"
    np.testing.assert_allclose(frames.depth_m[0][mask].min(), 2.5, atol=1e-3)
    assert (frames.rgb[0][mask] == [255, 0, 0]).all()


def test_the_background_is_minus_one_and_zero_deep() -> None:
    frames = draw([Part(box((0.1, 0.1, 0.1)), 0, 0, ("red",))])
    empty = frames.segmentation[0] == -1
    assert empty.sum() > 3000
    assert (frames.depth_m[0][empty] == 0).all()
    assert (frames.rgb[0][empty] == [51, 102, 153]).all()
    assert frames.rgb.dtype == np.uint8
    assert frames.depth_m.dtype == np.float32
    assert frames.segmentation.dtype == np.int32


def test_the_nearer_part_wins_whatever_the_order() -> None:
    near = Part(box((0.2, 0.1, 0.2), (0, -1, 0)), 0, 1, ("red",))
    far = Part(box((1, 0.1, 1), (0, 1, 0)), 0, 2, ("green",))
    one, two = draw([near, far]), draw([far, near])
    np.testing.assert_array_equal(one.segmentation, two.segmentation)
    np.testing.assert_array_equal(one.rgb, two.rgb)
    assert one.segmentation[0, 32, 32] == 1
    assert 2 in one.segmentation


def test_poses_move_parts() -> None:
    poses = np.array([[0.0, 0, 0, 0, 0, 0, 1], [0.5, 0, 0, 0, 0, np.sin(0.4), np.cos(0.4)]])
    parts = [Part(box((0.1, 0.1, 0.1)), slot, slot, ("red",)) for slot in (0, 1)]
    ids = draw(parts, poses).segmentation[0]
    centre = [np.flatnonzero((ids == body).any(axis=0)).mean() for body in (0, 1)]
    assert centre[1] - centre[0] == pytest.approx(0.5 * camera().focal_px / 3, abs=0.7)


def test_near_clipping_keeps_what_lies_in_front_of_the_camera() -> None:
    corridor = box((0.5, 5.0, 0.5))  # the camera stands inside and must see nothing of it (culled)
    floor = box((5.0, 5.0, 0.01), (0, 0, -0.5))  # reaches from behind the camera to the horizon
    at = camera(64, 64, (0, -3, 0))
    assert (draw([Part(corridor, 0, 1, ("red",))], at=at).segmentation == -1).all()
    frames = draw([Part(floor, 0, 1, ("red",))], at=at)
    assert (frames.segmentation[0, 40:] == 1).all()
    assert (frames.segmentation[0, :32] == -1).all()
    np.testing.assert_allclose(frames.depth_m[0, 63, 32], 0.49 * at.focal_px / 31.5, rtol=1e-3)


def test_a_room_around_the_camera_has_no_pinholes_and_straight_walls() -> None:
    half = np.array([10.0, 7.0, 1.3])
    shell = box(half)
    inside_out = Mesh(shell.vertices_m, -shell.normals, shell.faces[:, ::-1], shell.paint_of_face)
    rng = np.random.default_rng(4)
    for _ in range(20):
        eye = rng.uniform(-0.97, 0.97, 3) * half
        ahead = eye + rng.normal(size=3) * [1.0, 1.0, 0.3]
        at = Camera.look_at("c", eye, ahead, fov_y_rad=1.2, width_px=96, height_px=80)
        at = replace(at, far_m=30.0)
        frames = draw([Part(inside_out, 0, 1, ("red",))], at=at)
        assert (frames.segmentation == 1).all()
        rows, columns = np.mgrid[:80, :96]
        pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
        rays = at.unproject(pixels, np.ones(len(pixels))) - eye
        truth = ((np.sign(rays) * half - eye) / rays).min(axis=1)
        np.testing.assert_allclose(frames.depth_m.ravel(), truth, rtol=1e-6)


def test_parts_beyond_far_or_behind_are_not_drawn() -> None:
    behind, beyond = box((0.3, 0.3, 0.3), (0, -5, 0)), box((0.3, 0.3, 0.3), (0, 9, 0))
    parts = [Part(behind, 0, 1, ("red",)), Part(beyond, 0, 2, ("red",))]
    assert (draw(parts).segmentation == -1).all()


def test_the_ground_is_exact_and_hides_what_is_below() -> None:
    ground = Ground(7, (0.0, 0.0), (1.0, 0.5))
    at = camera(64, 64, (0, -1, 2))
    buried = Part(box((0.2, 0.2, 0.1), (0, 0, -0.2)), 0, 1, ("red",))
    standing = Part(box((0.1, 0.1, 0.1), (0.4, 0, 0.1)), 0, 2, ("green",))
    frames = draw([buried, standing], at=at, ground=ground)
    ids = frames.segmentation[0]
    assert set(np.unique(ids)) == {-1, 2, 7}
    rows, columns = np.nonzero(ids == 7)
    points = at.unproject(np.stack([columns, rows], axis=1), frames.depth_m[0][rows, columns])
    assert np.abs(points[:, 2]).max() < 1e-5
    assert np.abs(points[:, 0]).max() <= 1.0 + 1e-5
    assert np.abs(points[:, 1]).max() <= 0.5 + 1e-5


def test_a_shadow_falls_away_from_the_light_and_only_darkens_the_ground() -> None:
    ground = Ground(7, (0.0, 0.0), (2.0, 2.0), colours=((0.8, 0.8, 0.8), (0.8, 0.8, 0.8)))
    cube = box((0.2, 0.2, 0.2), (0, 0, 0.6))
    at = Camera.look_at(
        "c", (0, 0, 4), (0, 0, 0), (0, 1, 0), fov_y_rad=0.8, width_px=65, height_px=65
    )
    slanted = (1.0, 0.0, 1.0)  # light from +x: the shadow of height 0.6 lies at x = -0.6
    bright = draw(
        [Part(cube, 0, 1, ("red",), cube)], at=at, light=Light(slanted, shadow=0.0), ground=ground
    )
    dark = draw(
        [Part(cube, 0, 1, ("red",), cube)], at=at, light=Light(slanted, shadow=0.5), ground=ground
    )
    changed = (bright.rgb[0] != dark.rgb[0]).any(axis=-1)
    np.testing.assert_array_equal(bright.segmentation, dark.segmentation)
    np.testing.assert_array_equal(bright.depth_m, dark.depth_m)
    assert (dark.segmentation[0][changed] == 7).all()
    column, row = at.project([-0.6, 0.0, 0.0])[0][0].round().astype(int)
    assert changed[row, column]
    expected = bright.rgb[0][row, column] / 2
    np.testing.assert_allclose(dark.rgb[0][row, column], expected, atol=1)


def test_smooth_normals_grade_and_flat_normals_do_not() -> None:
    light = Light((1.0, -1.0, 0.2), ambient=0.2, diffuse=0.8, shadow=0.0)
    at = camera(64, 64, (0, -3, 0.4))
    smooth = draw([Part(tube(0.5, -0.5, 0.5), 0, 1, ("red",))], at=at, light=light)
    flat = draw([Part(box((0.5, 0.5, 0.5)), 0, 1, ("red",))], at=at, light=light)
    row = smooth.rgb[0, 40, :, 0][smooth.segmentation[0, 40] == 1]
    assert len(np.unique(row)) > 8
    assert len(np.unique(flat.rgb[0][flat.segmentation[0] == 1][:, 0])) <= 3


def random_view(seed: int) -> View:
    rng = np.random.default_rng(seed)
    parts = [
        Part(tube(0.2, 0.0, 0.3), 0, 0, ("red",)),
        Part(box((0.2, 0.1, 0.1)), 1, 1, ("green",), box((0.2, 0.1, 0.1))),
    ]
    poses = rng.uniform(-0.5, 0.5, (2, 7))
    poses[:, 3:] /= np.linalg.norm(poses[:, 3:], axis=1, keepdims=True)
    geometry = Geometry.pack(parts)
    packed = look(geometry, Light(), Ground(5, (0, 0), (1, 1)))
    return View(geometry, packed, poses, camera(48, 48, (rng.uniform(-1, 1), -2, 1)))


def test_a_view_is_the_same_to_the_bit_alone_and_in_any_batch() -> None:
    views = [random_view(seed) for seed in range(6)]
    batch = rasterize(views)
    backwards = rasterize(views[::-1])
    for index, view in enumerate(views):
        alone = rasterize([view])
        for name in ("rgb", "depth_m", "segmentation"):
            frame = getattr(batch, name)[index]
            np.testing.assert_array_equal(frame, getattr(alone, name)[0])
            np.testing.assert_array_equal(frame, getattr(backwards, name)[-1 - index])


def test_frames_can_be_drawn_into_memory_of_the_caller() -> None:
    views = [random_view(seed) for seed in range(3)]
    room = Frames.empty(3, 48, 48)
    assert rasterize(views, room) is room
    fresh = rasterize(views)
    np.testing.assert_array_equal(room.rgb, fresh.rgb)
    np.testing.assert_array_equal(room[1:2].depth_m, fresh.depth_m[1:2])
    assert len(room) == 3
    with pytest.raises(ValueError, match=r"out\.rgb"):
        rasterize(views[:2], room)


def test_one_pixel_and_odd_sizes_work() -> None:
    for height, width in ((1, 1), (3, 7), (200, 31)):
        frames = draw([Part(box((0.5, 0.5, 0.5)), 0, 1, ("red",))], at=camera(height, width))
        assert frames.rgb.shape == (1, height, width, 3)
        assert frames.segmentation[0, height // 2, width // 2] == 1


def test_bad_calls_are_refused() -> None:
    view = random_view(0)
    with pytest.raises(ValueError, match="one size"):
        rasterize([])
    with pytest.raises(ValueError, match="one size"):
        rasterize([view, View(view.geometry, view.look, view.poses, camera(32, 32))])
    with pytest.raises(ValueError, match=r"needs \(2, 7\)"):
        rasterize([View(view.geometry, view.look, view.poses[:1], camera())])
    with pytest.raises(ValueError, match="above the table"):
        look(view.geometry, Light((0, 0, -1)))
    with pytest.raises(ValueError, match="brightness"):
        Light(ambient=0.8, diffuse=0.8)
    with pytest.raises(ValueError, match="power of two"):
        Shading.pack(
            view.geometry.paints, {"red": (1, 0, 0), "green": (0, 1, 0)}, Ground(0, (0, 0), (1, 1)),
            Light(), BACKGROUND, np.zeros((3, 3), np.uint8),
        )  # fmt: skip
