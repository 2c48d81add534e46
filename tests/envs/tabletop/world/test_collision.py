"""Collision shapes: built from the numbers of `shapes.py`, closed where things must stay inside."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import handeye.envs
from handeye.envs.core.bodies import BodySpec, Primitive
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.collision import body_spec, prism_outline
from handeye.envs.tabletop.world.scene import CLEARANCE_M, DRAWER_DISCS
from tests.envs.builders import thing

ASSETS = Path(handeye.envs.__file__).parent / "assets"
MOVABLE = shapes.GRASPABLE_KINDS + shapes.CONTAINER_KINDS
PRISM_SIZES = [(kind, size) for kind in shapes.PRISMS for size in shapes.PRISMS[kind]]


def spec_of(kind: str, size: str = "") -> BodySpec:
    return body_spec(thing(kind, size=size) if size else thing(kind))


def turn(axis: int, angle: float) -> NDArray[np.float64]:
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return matrix


def rotation(part: Primitive) -> NDArray[np.float64]:
    roll, pitch, yaw = part.rpy_rad
    return turn(2, yaw) @ turn(1, pitch) @ turn(0, roll)


def mesh_vertices(name: str) -> NDArray[np.float64]:
    lines = (ASSETS / f"{name}.obj").read_text().splitlines()
    return np.array([[float(x) for x in line.split()[1:]] for line in lines if line[:2] == "v "])


def corners(part: Primitive) -> NDArray[np.float64]:
    """Points (N, 3) whose hull is the piece."""
    if part.mesh:
        scale = np.array([part.radius_m, part.radius_m, part.height_m])
        return mesh_vertices(part.mesh) * scale + part.position_m
    if part.half_extents_m:
        signs = np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T
        return signs * part.half_extents_m @ rotation(part).T + part.position_m
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    ring = part.radius_m * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    ends = [np.column_stack([ring, np.full(48, s * part.height_m / 2)]) for s in (-1, 1)]
    return np.concatenate(ends) + part.position_m


def all_corners(spec: BodySpec) -> NDArray[np.float64]:
    parts = spec.parts + (spec.slide.parts if spec.slide else ())
    return np.concatenate([corners(part) for part in parts])


def inside_a_box(parts: tuple[Primitive, ...], point: NDArray[np.float64]) -> bool:
    """Whether a point lies in one of the boxes among the parts."""
    return any(
        bool((np.abs(rotation(p).T @ (point - p.position_m)) <= np.array(p.half_extents_m)).all())
        for p in parts
        if p.half_extents_m
    )


def area(outline: NDArray[np.float64]) -> float:
    x, y = outline.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


# ------------------------------------------------------------------------------------ outlines


@pytest.mark.parametrize(
    ("kind", "corners_expected", "unit_area"),
    [
        ("block", 4, 4.0),
        ("triangle", 3, 3 * np.sqrt(3) / 4),
        ("hexagon", 6, 3 * np.sqrt(3) / 2),
        ("cylinder", 24, 12 * np.sin(np.pi / 12)),
        ("star", 10, 5 * 0.5 * np.sin(np.pi / 5)),
    ],
)
def test_outline_has_its_corners_and_area_counter_clockwise(
    kind: str, corners_expected: int, unit_area: float
) -> None:
    outline = prism_outline(kind, 0.03)
    assert outline.shape == (corners_expected, 2)
    assert area(outline) == pytest.approx(unit_area * 0.03**2)
    np.testing.assert_allclose(outline.mean(axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize("kind", shapes.PRISMS)
def test_outline_reaches_its_radius_and_scales_with_it(kind: str) -> None:
    outline = prism_outline(kind, 0.02)
    reach = np.linalg.norm(outline, axis=1).max()
    assert reach == pytest.approx(0.02 * (np.sqrt(2) if kind == "block" else 1.0))
    np.testing.assert_allclose(prism_outline(kind, 0.04), 2 * outline)


def test_a_star_alternates_tips_and_notches() -> None:
    radii = np.linalg.norm(prism_outline("star", 1.0), axis=1)
    np.testing.assert_allclose(radii[::2], 1.0)
    np.testing.assert_allclose(radii[1::2], shapes.STAR_INNER_RATIO)


def test_an_unknown_prism_has_no_outline() -> None:
    with pytest.raises(KeyError, match="bowl"):
        prism_outline("bowl", 0.02)


@pytest.mark.parametrize("kind", ["star", "hexagon", "triangle"])
def test_meshes_are_the_outlines_of_radius_and_height_one(kind: str) -> None:
    vertices = mesh_vertices(kind)
    assert vertices[:, 2].min() == 0.0
    assert vertices[:, 2].max() == 1.0
    for corner in prism_outline(kind, 1.0):
        for z in (0.0, 1.0):
            gap = np.linalg.norm(vertices - [*corner, z], axis=1).min()
            assert gap < 1e-5, f"{kind} has no vertex at {corner}, z = {z}"


# -------------------------------------------------------------------------------- every kind


@pytest.mark.parametrize("kind", shapes.KINDS)
def test_every_kind_has_a_body_that_stands_on_the_table(kind: str) -> None:
    spec = spec_of(kind)
    if kind == "zone":
        assert spec.parts == ()
        return
    low = all_corners(spec)[:, 2].min()
    assert -2e-3 < low < 3e-3  # a leaning wall's lower edge dips by its thickness


@pytest.mark.parametrize("kind", shapes.KINDS)
def test_fixtures_are_fixed_and_the_rest_has_mass(kind: str) -> None:
    spec = spec_of(kind)
    assert (spec.mass_kg == 0.0) == (kind in shapes.FIXTURE_KINDS)
    assert spec.friction > 0
    assert (spec.slide is not None) == thing(kind).articulated
    if spec.slide is not None:
        assert spec.slide.mass_kg > 0
        assert spec.slide.lower_m < spec.slide.upper_m
        assert np.linalg.norm(spec.slide.axis) == 1.0


@pytest.mark.parametrize(("kind", "size"), PRISM_SIZES)
def test_a_prism_is_as_tall_and_wide_as_its_object_says(kind: str, size: str) -> None:
    item = thing(kind, size=size)
    points = all_corners(body_spec(item))
    assert points[:, 2].min() == pytest.approx(0.0)
    assert points[:, 2].max() == pytest.approx(item.height_m)
    reach = np.linalg.norm(points[:, :2], axis=1).max()
    assert reach == pytest.approx(item.radius_m, rel=1e-4)


@pytest.mark.parametrize(("kind", "size"), PRISM_SIZES)
def test_collision_follows_the_outline_that_the_camera_sees(kind: str, size: str) -> None:
    radius = shapes.PRISMS[kind][size].radius_m
    points = all_corners(body_spec(thing(kind, size=size)))[:, :2]
    for corner in prism_outline(kind, radius):
        assert np.linalg.norm(points - corner, axis=1).min() < 1e-6


@pytest.mark.parametrize("kind", [*shapes.CONTAINER_KINDS, "button"])
def test_vessels_and_buttons_fill_their_object_and_no_more(kind: str) -> None:
    item = thing(kind)
    points = all_corners(body_spec(item))
    assert points[:, 2].max() == pytest.approx(item.height_m, abs=2e-3)
    reach = np.linalg.norm(points[:, :2], axis=1).max()
    # Twelve straight walls stand for a round one: their ends stick out by 1 / cos(15 degrees).
    assert reach < item.radius_m * 1.06
    assert reach > item.radius_m * 0.95


# ------------------------------------------------------------------------------------ vessels


@pytest.mark.slow
@pytest.mark.parametrize("kind", shapes.CONTAINER_KINDS)
def test_a_vessels_walls_close_the_ring(kind: str) -> None:
    size = shapes.VESSELS[kind]
    walls = spec_of(kind).parts[1:]
    assert len(walls) == shapes.VESSEL_WALLS
    for part in np.linspace(0.15, 0.85, 5):
        outer = size.base_radius_m + part * (size.rim_radius_m - size.base_radius_m)
        for angle in np.linspace(0, 2 * np.pi, 90, endpoint=False):
            ray = np.array([np.cos(angle), np.sin(angle), 0.0])
            blocked = any(
                inside_a_box(walls, r * ray + [0, 0, part * size.height_m])
                for r in np.arange(outer - 2 * size.wall_m, outer * 1.06, 1e-3)
            )
            assert blocked, f"a gap at {np.degrees(angle):.0f} degrees, {part:.2f} of the height"


@pytest.mark.parametrize("kind", shapes.CONTAINER_KINDS)
def test_a_vessel_is_hollow_and_has_a_floor(kind: str) -> None:
    size = shapes.VESSELS[kind]
    floor, *walls = spec_of(kind).parts
    assert floor.position_m[2] + floor.height_m / 2 == pytest.approx(size.floor_m)
    assert floor.radius_m == size.base_radius_m
    for angle in np.linspace(0, 2 * np.pi, 36, endpoint=False):
        for part in (0.5, 1.0):
            outer = size.base_radius_m + part * (size.rim_radius_m - size.base_radius_m)
            inner = outer - 2 * size.wall_m
            point = [inner * np.cos(angle), inner * np.sin(angle), part * size.height_m]
            assert not inside_a_box(tuple(walls), np.array(point))


def test_walls_lean_outwards() -> None:
    for wall in spec_of("bowl").parts[1:]:
        up = rotation(wall)[:, 2]
        outwards = np.array(wall.position_m[:2]) / np.linalg.norm(wall.position_m[:2])
        assert up[:2] @ outwards > 0.1
        assert up[2] > 0.8


@pytest.mark.parametrize("kind", shapes.CONTAINER_KINDS)
def test_every_graspable_fits_into_every_vessel(kind: str) -> None:
    size = shapes.VESSELS[kind]
    for prism, of_size in PRISM_SIZES:
        assert thing(prism, size=of_size).radius_m < size.base_radius_m - size.wall_m


# ---------------------------------------------------------------------------- drawer and button


def boxes_overlap(a: Primitive, b: Primitive, shift: float) -> bool:
    """Whether axis-aligned box `b`, moved by `shift` along x, cuts into box `a`."""
    gap = np.abs(np.array(b.position_m) + np.array([shift, 0, 0]) - a.position_m)
    return bool((gap < np.array(a.half_extents_m) + b.half_extents_m - 1e-9).all())


@pytest.mark.parametrize("slide_m", [0.0, 0.04, shapes.DRAWER.travel_m])
def test_the_tray_never_cuts_into_the_cabinet(slide_m: float) -> None:
    spec = spec_of("drawer")
    assert spec.slide is not None
    clashes = [
        (i, j)
        for i, fixed in enumerate(spec.parts)
        for j, moving in enumerate(spec.slide.parts)
        if boxes_overlap(fixed, moving, slide_m)
    ]
    assert not clashes


def test_a_closed_drawer_is_flush_and_only_its_fin_sticks_out() -> None:
    spec, size = spec_of("drawer"), shapes.DRAWER
    assert spec.slide is not None
    *tray, fin = spec.slide.parts
    front = max(corners(p)[:, 0].max() for p in tray)
    cabinet = np.concatenate([corners(p) for p in spec.parts])
    assert front == pytest.approx(cabinet[:, 0].max())
    assert min(corners(p)[:, 0].min() for p in tray) > cabinet[:, 0].min() + size.wall_m
    points = corners(fin)
    assert points[:, 0].min() == pytest.approx(front)
    assert np.ptp(points[:, 0]) == pytest.approx(size.fin_length_m)
    assert np.ptp(points[:, 1]) == pytest.approx(2 * size.fin_half_thickness_m)
    assert points[:, 2].min() == pytest.approx(size.fin_bottom_m)
    assert points[:, 2].max() == pytest.approx(size.fin_top_m)
    assert cabinet[:, 2].max() == pytest.approx(thing("drawer").height_m)


def test_the_drawer_slides_along_its_own_x_and_stays_in_the_cabinet() -> None:
    spec, size = spec_of("drawer"), shapes.DRAWER
    assert spec.slide is not None
    assert spec.slide.axis == (1, 0, 0)
    assert (spec.slide.lower_m, spec.slide.upper_m) == (0.0, size.travel_m)
    back = min(corners(p)[:, 0].min() for p in spec.slide.parts) + size.travel_m
    assert back < size.half_depth_m  # still held by the cabinet when fully open


def test_the_places_kept_free_for_a_drawer_cover_it_open_and_closed() -> None:
    spec = spec_of("drawer")
    assert spec.slide is not None
    parts = [(p, 0.0) for p in spec.parts]
    parts += [(p, s) for p in spec.slide.parts for s in (0.0, shapes.DRAWER.travel_m)]
    for part, slide_m in parts:
        for x, y, _ in corners(part) + np.array([slide_m, 0.0, 0.0]):
            gaps = [np.hypot(x - dx, y) - radius for dx, radius in DRAWER_DISCS]
            assert min(gaps) < CLEARANCE_M  # the clearance of every placement


def test_a_fin_fits_between_the_open_fingers() -> None:
    assert 2 * shapes.DRAWER.fin_half_thickness_m < 0.065


def test_a_button_stands_out_even_when_pressed() -> None:
    spec, size = spec_of("button"), shapes.BUTTON
    assert spec.slide is not None
    (cap,), (base,) = spec.slide.parts, spec.parts
    top = cap.position_m[2] + cap.height_m / 2
    housing = corners(base)[:, 2].max()
    assert top == pytest.approx(thing("button").height_m)
    assert cap.radius_m < size.half_width_m
    assert (spec.slide.lower_m, spec.slide.upper_m) == (-size.travel_m, 0.0)
    assert top + spec.slide.lower_m > housing
    assert spec.slide.spring_n_per_m > 0  # it comes back by itself
